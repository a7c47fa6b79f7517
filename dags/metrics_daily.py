"""The day's figures, the daily report 《每日工作情况》 for the leaders, and the scorecards of models and rules.

At 17:30 local time for the day so far, and at 00:50 once more for the same day, now whole: both runs write the same
rows and the same report, so the second replaces the first, and each local day has one set of figures. A person may
ask for any day with the parameters `start` (its 00:00) and `end` (the next 00:00).

## When it fails

1. Open the failed task's log; its last line is the job's own message. The report of the last good run stays.
2. `collect_order_events`: Kafka is down; see the DAG `order_events`. Figures would lack the departments' latest
   steps, so nothing is computed before it works.
3. `metrics` or `daily_report` says what is wrong with the data: correct it, clear the task and those after it.
4. The report is wanted now: trigger the DAG without parameters, the day so far is computed at once.
"""

from airflow.sdk import DAG, MultipleCronTriggerTimetable

from dags.dag_defaults import DEFAULTS, WINDOW, document
from dags.job_operator import JobOperator
from jobs.catalog import TIME_ZONE

SCHEDULE = MultipleCronTriggerTimetable("30 17 * * *", "50 0 * * *", timezone=TIME_ZONE)

with DAG("metrics_daily", schedule=SCHEDULE, params=WINDOW, tags=["figures"], **DEFAULTS) as dag:
    metrics = JobOperator(job="metrics", period="day so far")
    report = JobOperator(job="daily_report", period="day so far")
    (
        JobOperator(job="collect_order_events")
        >> metrics
        >> report
        >> JobOperator(job="scorecards")
        >> JobOperator(job="publish")
    )

document(dag, __doc__)
