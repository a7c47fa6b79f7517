"""Classifier and router learn from what departments and dispatchers corrected, in the night to Monday.

At 02:30 local time. What was handled and closed, sent to a better unit or corrected by a dispatcher is a label
(`gold.order_events`, `gold.assignments`, `gold.incidents`, `gold.links`, `gold.classifications`, `silver.reports`). A
challenger learns those known before the last four weeks and is held against the model in use on these weeks; the trial
is booked in `ops.relearnings`, the version saved in `file.models`, and it goes live only when nothing is worse.

## When it fails

1. Open the failed task's log; its last line is the job's own message. The version in use stays until it works.
2. It names a model that is damaged: `ninelines models list` shows the versions, `ninelines models rollback classifier`
   (or `router`) puts the one before into use; clear the task.
3. It is skipped: there are too few new labels yet, or nobody trained a first model; the message has the numbers.
4. A version that went live does worse than it promised: `ninelines models rollback classifier`; it does not come back
   with the same labels.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

with DAG("relearn", schedule=local("30 2 * * 1"), tags=["decisions"], **DEFAULTS) as dag:
    JobOperator(job="relearn")

document(dag, __doc__)
