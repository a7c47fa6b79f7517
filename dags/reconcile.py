"""Does the lake hold what people did? Every hour.

PostgreSQL owns the steps in the lives of orders; the outbox brings them to Kafka, and `collect_order_events` into
`gold.order_events` and `gold.ratings`; `orders_daily` counts them into `gold.orders_daily`. This compares all of them,
day by day, for all that happened more than a quarter of an hour ago (days that are over, of `gold.orders_daily`), and
each order with its own events. Results are rows of `ops.reconciliations`; `ninelines status` shows the last.

## When it fails

1. The task's last line tells which rows differ. Nothing is lost: PostgreSQL has them all.
2. `the lake lacks`: is `waiting` in `ops.reconciliations` above 0? Then the relay does not reach Kafka: look at the
   API's log and at `/ready`. If not, look at the DAG `order_events`: does `collect_order_events` run? When both are
   well and rows still lack, `ninelines run reconcile mend=yes` sends them once more; what is there already is not
   doubled.
3. `the store does not know`: was the store restored from an older copy? Then the lake knows what it has lost: keep
   both, and ask whoever restored it.
4. `both tell otherwise`: rows of events never change. Somebody wrote into a table by hand; find out who before you
   mend.
5. `orders that do not stand where their events say`: the same, of `orders`. Read the order's events with `GET
   /v1/orders/{id}/events`; the last one is right.
6. `gold.orders_daily counts other steps`, and nothing else: `ninelines run orders_daily` counts anew from the events.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

with DAG("reconcile", schedule=local("40 * * * *"), tags=["care"], **DEFAULTS) as dag:
    JobOperator(job="orders_daily") >> JobOperator(job="reconcile")

document(dag, __doc__)
