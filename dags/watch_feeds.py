"""Does every feed send as its contract expects? Every five minutes.

A feed is silent after one and a half of its usual gaps: the gap that chance exceeds once a month, by the rhythm and
the daily volume in its contract; a quarter of an hour for a busy line by day, hours for a rare one by night. Whether
messages came is read from Kafka, so that a feed that stops is told from a landing that stands still. Results are rows
of `ops.feed_health`; `ninelines status` and the API (`/v1/feeds/health`) show them. Nothing waits for this DAG.

## When it fails

1. The task's last line names each feed in alarm, with its state. The DAG stays red until the feeds are well again; it
   is not retried, the next look comes in five minutes.
2. `silent`: call the owner named there. Is their platform up, does their sender log errors, did a certificate or a key
   end? Our side is not in the way: Kafka holds nothing new of that feed.
3. `landing_stands_still`: messages wait in Kafka. Look at the DAG `catch_up`, or at the service `land`; the feed is
   well and nothing is lost.
4. `low_volume`: the feed sends, but less than half of what is usual. Ask the owner whether one of their sources is
   missing. If the county has changed, correct `expected_a_day` in the feed's contract.
5. Kafka does not answer: `ninelines status`, `ninelines up kafka`. Nobody knows how the feeds are until then.
"""

from airflow.sdk import DAG

from dags.dag_defaults import DEFAULTS, document, local
from dags.job_operator import JobOperator

with DAG("watch_feeds", schedule=local("*/5 * * * *"), tags=["care"], **DEFAULTS) as dag:
    JobOperator(job="watch_feeds")

document(dag, __doc__)
