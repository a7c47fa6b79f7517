"""What departments did comes back: events of orders and call-backs go from Kafka into the lake.

Every ten minutes, as far as the API's outbox has sent them. Skipped when there is nothing new, or while the stream runs
as a service.

## When it fails

1. Open the failed task's log; its last line is the job's own message.
2. Is Kafka up (`ninelines status`)? Start it with `ninelines up`, then clear the task: it goes on from its checkpoint.
3. Is nothing arriving although departments work? The API's outbox sends in the API's process: look at its log and at
   `/ready`. Unsent events stay in the outbox and leave in order.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

with DAG("order_events", schedule=local("4-59/10 * * * *"), tags=["streams"], **DEFAULTS) as dag:
    JobOperator(job="collect_order_events")

document(dag, __doc__)
