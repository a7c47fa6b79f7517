"""A second look at the reports: does every row in the lake keep its contract?

At 02:10 local time. Great Expectations checks all days that got new rows since the last check that succeeded, with
a suite made from the contract; the parameters `start` and `end` ask for the days of a window instead. Results are
kept as Data Docs (HTML) in the folder `quality` of the state folder; they hold counts, never what a row says.

## When it fails

1. The task's last line names each broken expectation and the number of rows. It is not retried: rows do not mend
   themselves.
2. Open Data Docs (path in the log) for the column, then find the rows in `silver.reports` by that rule; `raw_id`
   leads to the message they came from.
3. A wrong feed mapping: correct `schemas/feeds/`, delete the bad rows, replay their messages. A contract that
   became stricter: rewrite the old rows, or date the rule.
4. Clear the task. Until it succeeds, each night checks the same days again, and the new ones.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, WINDOW, document, local
from dags.job_operator import JobOperator

with DAG("quality", schedule=local("10 2 * * *"), params=WINDOW, tags=["care"], **DEFAULTS) as dag:
    JobOperator(job="quality", period="everything new")

document(dag, __doc__)
