"""Each unit's duty tier (值守等级) is counted from the orders of a year, on the first of each month.

At 04:10 local time; the new tiers hold from the next day on. A unit near a border keeps what it has
(`duty_tiers.toml`).

## When it fails

1. Open the failed task's log; its last line is the job's own message. Tiers stay as they are until it works.
2. It names a rule: correct the dated file in `schemas/rules/`, clear the task.
3. It is skipped: the orders do not go back a year yet, and the volumes of `units.toml` hold.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

with DAG("duty_tiers", schedule=local("10 4 1 * *"), tags=["decisions"], **DEFAULTS) as dag:
    JobOperator(job="duty_tiers")

document(dag, __doc__)
