"""Late orders are escalated, and what departments did comes back: events and call-backs go from Kafka into the lake.

Every ten minutes: units whose orders are late are reminded, supervised, reported (催办 → 督办 → 通报);
then the lake takes what is new, as far as the API's outbox has sent it. Skipped when there is nothing to do, or while
the stream runs as a service.

## When it fails

1. Open the failed task's log; its last line is the job's own message.
2. Is Kafka up (`ninelines status`)? Start it with `ninelines up`, then clear the task: it goes on from its checkpoint.
3. `escalate` names a rule: correct the dated file in `schemas/rules/`, clear the task. No step is lost: what is due is
   found again.
4. Is nothing arriving although departments work? The API's outbox sends in the API's process: look at its log and at
   `/ready`. Unsent events stay in the outbox and leave in order.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

with DAG("order_events", schedule=local("4-59/10 * * * *"), tags=["streams"], **DEFAULTS) as dag:
    JobOperator(job="escalate") >> JobOperator(job="collect_order_events")

document(dag, __doc__)
