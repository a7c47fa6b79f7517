"""A second look at the lake: does every row of every table keep its contract?

`quality` looks every hour at what was written since the last check that succeeded, `quality_nightly` at 02:10 local
time at every row. Great Expectations asks suites made from the contracts. Results are rows of `ops.quality` and Data
Docs (HTML), which `ninelines status` and the API (`/v1/quality`) point to; they hold counts, never what a row says.

## When it fails

1. The task's last line names each table with its broken expectations and the number of rows. It is not retried: rows
   do not mend themselves. Until a later check succeeds, `publish` leaves out what is made of these tables, and these
   only: `ninelines status` names them. Departments get no new orders while `gold.assignments` or `gold.incidents` is
   among them: begin at once.
2. Open Data Docs for the column, then find the rows in the table by that rule; `raw_id` or `report_id` leads back to
   the message they came from.
3. A wrong feed mapping: correct `schemas/feeds/`, delete the bad rows, replay their messages. A contract that
   became stricter: rewrite the old rows, or date the rule.
4. `ninelines run quality scope=full table=gold.incidents` looks at the mended table and frees it; or wait for the
   night. What the hourly check found, the next hourly check frees as well.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

# At two o'clock the nightly check does the hourly one's work.
with DAG("quality", schedule=local("25 0-1,3-23 * * *"), tags=["care"], **DEFAULTS) as hourly:
    JobOperator(job="quality")

with DAG("quality_nightly", schedule=local("10 2 * * *"), tags=["care"], **DEFAULTS) as nightly:
    JobOperator(job="quality", words=("scope=full",))

document(hourly, __doc__)
document(nightly, __doc__)
