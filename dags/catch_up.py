"""The streams catch up: what waits in Kafka becomes reports and incidents.

Every ten minutes each stream takes what is new and ends. While a stream runs as a service (`ninelines run clean
--continuous`) its task is skipped: the service has the work. Without anything new all three are skipped, and no asset
event goes out; a skipped `land` does not hold up `clean`, which may have rows left from an earlier failure.

## When it fails

1. Open the failed task's log; its last line is the job's own message.
2. `land`: is Kafka up (`ninelines status`)? Start it with `ninelines up`, then clear the task. Nothing is lost: Kafka
   keeps the messages, and the stream goes on from its checkpoint.
3. `clean` says that a contract is broken: correct the module of the named feed in `schemas/feeds/`, clear the task. Bad
   records alone never fail it: they go to `silver.quarantine`; `ninelines quarantine replay` judges them again.
4. A lock is held: the message names who holds it. Stop that job or wait for it; the lock of a dead process is free at
   once.
5. A checkpoint does not fit its table, for example after a restored backup: stop services, move the stream's folder
   under `_checkpoints` aside, clear the task. It reads everything again and doubles nothing.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

with DAG("catch_up", schedule=local("*/10 * * * *"), tags=["streams"], **DEFAULTS) as dag:
    JobOperator(job="land") >> JobOperator(job="clean") >> JobOperator(job="link")

document(dag, __doc__)
