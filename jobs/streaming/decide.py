"""Every new incident to an order at once: classify, assign and publish, round after round.

The same three jobs that Airflow runs one by one; as a service they take seconds from a new incident to its order.
There is no checkpoint: each job finds by itself what it has not done yet.
"""

from collections import Counter
from datetime import UTC, datetime

import structlog

from jobs.batch import assign, classify, publish
from jobs.context import Context, NothingToDoError, Result
from jobs.io.stopping import stops_waited_for

PAUSE_SECONDS = 2.0  # between two rounds
STEPS = {"classify": classify.run, "assign": assign.run, "publish": publish.run}
log = structlog.get_logger()


def run(context: Context) -> Result:
    """Decide what is new: one round, or as a service until told to stop. Raises NothingToDoError when nothing is."""
    if context.is_continuous:
        return _serve(context)
    done = decided(context)
    if not done:
        raise NothingToDoError("decide: nothing new")
    return done


def decided(context: Context) -> Result:
    """One round: the counts of each step, by the step's name; empty where no step found anything new."""
    done: Result = {}
    for name, step in STEPS.items():
        try:
            done[name] = step(context)
        except NothingToDoError:
            continue
    return done


def _serve(context: Context) -> Result:
    """Round after round. A step that fails ends the service: what it did is kept, the rest is found again."""
    rounds: Counter[str] = Counter()
    with stops_waited_for() as stop:
        while not stop.is_set():
            if done := decided(context.at(datetime.now(UTC))):
                log.info("round_done", **done)
                rounds.update(done.keys())
            stop.wait(PAUSE_SECONDS)
    return dict(rounds)
