"""The express lane: an urgent report has its order and its notice within two seconds, without the lake.

It reads Kafka beside `land`, judges each message by the same contract, and decides what is urgent by the same rules and
the same classifier. What it writes the way through the lake finds later and confirms; whoever comes first dispatches.
It keeps no state: started again it reads the last two hours once more, and what is there already stays as it is. So
losing it loses time and nothing else.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import polars as pl
import sqlalchemy as sa
import structlog
from deltalake.exceptions import DeltaError

from jobs.context import Context, DataError, NothingToDoError, Result
from jobs.io.caller_key import caller_keys
from jobs.io.dispatching import links_since, tell_urgent
from jobs.io.kafka import require_broker
from jobs.io.model_files import classifier_folder, live_urgency, load
from jobs.io.newest_messages import NewestMessages
from jobs.io.router_files import live_router
from jobs.io.rules import rules_in_use
from jobs.io.stopping import stops_waited_for
from jobs.io.store import NoStoreError, engine
from jobs.settings import Settings
from jobs.transforms.caller_tokens import CallerKeys
from jobs.transforms.cleaning import clean, split
from jobs.transforms.express import Decider, Known, Urgent, hurry
from schemas.areas import County, load_county
from schemas.regulation import Regulation, RuleError, load_regulation

LOOK_BACK = timedelta(hours=2)  # two reports of one emergency are at most so far apart
RELOAD_SECONDS = 60.0  # how long a new classifier or caller key may go unseen
RETRY_SECONDS = 1.0  # while the store does not answer
log = structlog.get_logger()
Answer = TypeVar("Answer")


def run(context: Context) -> Result:
    """Tell what is urgent: of the last two hours, or as a service until told to stop.

    Raises NoBrokerError, DataError without a usable classifier or rules, NothingToDoError where nothing was urgent.
    """
    settings = context.settings
    require_broker(settings.kafka)
    lane = _Lane(settings)
    with closing(NewestMessages(settings.kafka, LOOK_BACK)) as messages, stops_waited_for() as stop:
        lane.remember(stop)
        while not stop.is_set():
            raw = messages.poll()
            if raw.height:
                lane.take(raw, stop)
            elif not context.is_continuous and messages.is_at_end():
                break
    if not lane.noticed:
        raise NothingToDoError("express: nothing urgent that was not told")
    return {"messages": lane.messages, "notices": lane.noticed}


class _Lane:
    """What is known and loaded, and how much was done."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = engine(settings)
        self.known = Known()
        self.messages = self.noticed = 0
        self._fault = ""
        self._reload()

    def take(self, raw: pl.DataFrame, stop: threading.Event) -> None:
        """Judge these messages and tell what is urgent in them; waits for the store until told to stop."""
        if time.monotonic() - self._loaded > RELOAD_SECONDS:
            self._renew()
        self.messages += raw.height
        for part in _judged(raw, self.keys, self.county):
            for urgent in self._hurried(part):
                self._tell(urgent, stop)

    def remember(self, stop: threading.Event) -> None:
        """What was told of the last hours: a report stays in the incident that it was told of."""
        since = datetime.now(UTC) - 2 * LOOK_BACK
        settled = self._from_store(stop, lambda: links_since(self.store, since))
        self.known = Known() if settled is None else Known(settled=settled)

    def _hurried(self, reports: pl.DataFrame) -> Iterator[Urgent]:
        """What is urgent. A report that our own rules cannot take is left to the way through the lake, and told."""
        try:
            self.known, urgent = hurry(reports, self.known, self.by, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - as in _judged
            if reports.height == 1:
                log.error("report_left_out", raw_id=reports["raw_id"][0], why=type(error).__name__)
                return
            half = reports.height // 2
            yield from self._hurried(reports.head(half))
            yield from self._hurried(reports.slice(half))
            return
        if urgent:
            yield urgent

    def _tell(self, urgent: Urgent, stop: threading.Event) -> None:
        told = self._from_store(stop, lambda: tell_urgent(self.store, urgent, datetime.now(UTC)))
        if told is not None and told.len():
            self.noticed += told.len()
            log.info("noticed", notices=told.len(), seconds=_slowest(urgent, told, datetime.now(UTC)))

    def _from_store(self, stop: threading.Event, ask: Callable[[], Answer]) -> Answer | None:
        """The store's answer, however long it is away; None when told to stop before it came."""
        while not stop.is_set():
            try:
                return ask()
            except (NoStoreError, sa.exc.OperationalError) as error:
                log.error("store_away", why=str(error)[:300])
                stop.wait(RETRY_SECONDS)
        return None

    def _renew(self) -> None:
        """Take what is new. What cannot be read is told once, and the lane decides as before until it can."""
        try:
            self._reload()
        except DataError as error:
            self._loaded = time.monotonic()
            if str(error) != self._fault:
                log.warning("decides_as_before", why=str(error), do="mend it: it is taken within a minute, no restart")
            self._fault = str(error)

    def _reload(self) -> None:
        """All of it or, where DataError is raised, nothing."""
        settings, state_dir = self.settings, self.settings.state_dir
        try:
            rules, county = _rules(settings), load_county(settings.rules_dir)
        except RuleError as error:
            raise DataError(str(error)) from error
        keys, classifier = caller_keys(settings), load(classifier_folder(state_dir))
        by = Decider(classifier, rules, live_router(state_dir), live_urgency(state_dir))
        self.keys, self.county, self.by, self._fault = keys, county, by, ""
        self._loaded = time.monotonic()


def _rules(settings: Settings) -> Regulation:
    """The rules in use; without the counted duty tiers where the lake cannot be read: nobody waits for that."""
    try:
        return rules_in_use(settings)
    except (DeltaError, OSError) as error:
        log.warning("lake_away", why=str(error)[:200], instead="duty tiers by units.toml")
        return load_regulation(settings.rules_dir)


def _judged(raw: pl.DataFrame, keys: CallerKeys, county: County) -> Iterator[pl.DataFrame]:
    """The sound reports. A message that breaks our own code is left to the way through the lake, and told."""
    try:
        yield split(clean(raw, keys, county))[0]
    except Exception as error:  # noqa: BLE001 - one message must not silence the lane for all others
        if raw.height == 1:
            log.error("message_left_out", raw_id=raw["raw_id"][0], why=type(error).__name__)
            return
        half = raw.height // 2
        yield from _judged(raw.head(half), keys, county)
        yield from _judged(raw.slice(half), keys, county)


def _slowest(urgent: Urgent, told: pl.Series, now: datetime) -> float:
    """Seconds from Kafka to the notice, of the slowest of those that were told now."""
    landed = urgent.notices.filter(pl.col("report_id").is_in(told.implode()))["landed_at"]
    return round(max((now - moment).total_seconds() for moment in landed), 2)
