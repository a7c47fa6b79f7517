"""Every new incident is classified, assigned to a unit with its due times, and published to the departments.

Starts when `gold.incidents` has changed. Events that come while a run is at work become one next run; that loses
nothing, because each job takes everything new and not what an event names. Streams that run as services send no
events: for them it also starts every ten minutes, and is skipped when nothing is new.

## When it fails

1. Open the failed task's log; its last line is the job's own message. Departments keep the orders they have and
   get no new ones until this works: begin at once.
2. `classify` finds no model, or one that does not load: `ninelines train classifier`, then clear the task.
3. `assign` names a rule: correct the dated file in `schemas/rules/`, clear the task. Orders already published keep
   their old rule.
4. `publish` cannot reach PostgreSQL: `ninelines status`, `ninelines up`, clear the task.
5. Later runs do the same work: a run that failed need not be repeated once a later one is green.
"""

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

SCHEDULE = AssetOrTimeSchedule(assets=[Asset("gold.incidents")], timetable=local("7-59/10 * * * *"))

with DAG("decide", schedule=SCHEDULE, tags=["decisions"], **DEFAULTS) as dag:
    JobOperator(job="classify") >> JobOperator(job="assign") >> JobOperator(job="publish")

document(dag, __doc__)
