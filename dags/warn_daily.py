"""Days with unusual counts become warnings for the analysts.

At 00:40 local time, for the day that ended. A person may ask for any window of whole days with the parameters
`start` and `end`.

## When it fails

1. Open the failed task's log; its last line is the job's own message.
2. `warn_day` fails on its data: look at the `quality` DAG of the same day; correct the cause, then clear the task.
3. `publish` cannot reach PostgreSQL: `ninelines status`, `ninelines up`, clear the task.
4. Days were missed while Airflow was down: trigger the DAG once with `start` and `end` around all of them. Warnings
   that exist are written again, not doubled, and analysts' decisions stay.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, WINDOW, document, local
from dags.job_operator import JobOperator

with DAG("warn_daily", schedule=local("40 0 * * *"), params=WINDOW, tags=["warnings"], **DEFAULTS) as dag:
    JobOperator(job="warn_day", period="last day") >> JobOperator(job="publish")

document(dag, __doc__)
