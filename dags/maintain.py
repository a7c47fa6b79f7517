"""The lake stays right, small and quick.

At 03:20 local time, when least is going on: reports are linked anew, so that links do not depend on the order in which
they came (a `link` that runs as a service does that itself); tables are compacted and vacuumed; raw bytes past their
retention are deleted.

## When it fails

1. Open the failed task's log; its last line is the job's own message. The lake stays readable and correct meanwhile.
2. A table was written at the same moment: the retry succeeds by itself.
3. The disk is full: free space first (`ninelines status` shows the state folder), then clear the task.
4. It failed for a week: tell the person who answers for data protection, raw bytes live longer than promised.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

with DAG("maintain", schedule=local("20 3 * * *"), tags=["care"], **DEFAULTS) as dag:
    JobOperator(job="relink") >> JobOperator(job="maintain")

document(dag, __doc__)
