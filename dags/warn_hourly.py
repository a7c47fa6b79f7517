"""Hours with unusual counts become warnings for the analysts.

Twelve minutes past each hour, for the hour that ended: by then its reports are linked and classified. A person may
ask for any window of whole hours with the parameters `start` and `end`.

## When it fails

1. Open the failed task's log; its last line is the job's own message.
2. `warn_hour` fails on its data: look at the `quality` DAG of the same day; correct the cause, then clear the task.
3. `publish` cannot reach PostgreSQL: `ninelines status`, `ninelines up`, clear the task.
4. Hours were missed while Airflow was down: trigger the DAG once with `start` and `end` around all of them.
   Warnings that exist are written again, not doubled, and analysts' decisions stay.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, WINDOW, document, local
from dags.job_operator import JobOperator

with DAG("warn_hourly", schedule=local("12 * * * *"), params=WINDOW, tags=["warnings"], **DEFAULTS) as dag:
    JobOperator(job="warn_hour", period="last hour") >> JobOperator(job="publish")

document(dag, __doc__)
