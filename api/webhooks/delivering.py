"""What happens to a unit's orders goes to its webhooks: in order, at least once, by one process at a time.

A system that is away is tried again, ever more slowly, and its messages wait. A message that a working system refuses
is set aside (dead letter) after some attempts, so that the next ones arrive.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
import structlog

from api.happenings import queries
from api.happenings.models import Happening, Wanted
from api.happenings.queries import Position
from api.keys.access import Actor
from api.store import alone
from api.webhooks.sending import LONGEST_WAIT_SECONDS, Answer, message_id, message_of, number_of, open_client, send
from schemas.tables import DEAD_LETTERS, WEBHOOKS

log = structlog.get_logger()

LOCK = "ninelines webhooks"
LOOK_SECONDS = 1.0
REST_SECONDS = 10.0  # after trouble with the store, and between tries to take over from another process
PART = 50
AT_ONCE = 4  # webhooks served side by side
REFUSED_WAIT_SECONDS = (1, 5, 30, 120, 600)  # after that the message is dead
AWAY_FOR = timedelta(days=3)  # then it is stopped, until somebody resumes it


class Deliverer:
    """run() works until stop(); both may be called from any thread."""

    def __init__(self, store: sa.Engine, waits: tuple[float, ...] = REFUSED_WAIT_SECONDS) -> None:
        self._store, self._waits = store, waits
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Deliver for ever; trouble with the store only makes it wait."""
        while not self._stopped.is_set():
            try:
                self._work()
            except sa.exc.SQLAlchemyError as error:
                log.warning("webhooks_wait", error=type(error).__name__, seconds=REST_SECONDS)
            self._stopped.wait(REST_SECONDS)

    def _work(self) -> None:
        """Hold the lock and deliver. Returns at once when another process has the lock."""
        with alone(self._store, LOCK) as store:
            if store is not None:
                with open_client() as client, ThreadPoolExecutor(AT_ONCE, "webhook") as pool:
                    self._deliver_all(store, client, pool)

    def _deliver_all(self, store: sa.Connection, client: httpx.Client, pool: ThreadPoolExecutor) -> None:
        told, units = queries.now(store), None
        while not self._stopped.is_set():
            waiting = list(store.scalars(_waiting(units)))
            store.commit()
            list(pool.map(lambda webhook_id: self._serve(client, webhook_id), waiting))
            self._stopped.wait(LOOK_SECONDS)
            units, told = queries.units_told(store, told, 1_000)

    def _serve(self, client: httpx.Client, webhook_id: str) -> None:
        """Send what waits for one webhook, until nothing does or it fails."""
        while not self._stopped.is_set():
            with self._store.begin() as store:
                seen = queries.now(store)  # asked first: all that is read below this place is read
                active = sa.select(WEBHOOKS).filter_by(webhook_id=webhook_id, state="active")
                hook = store.execute(active).mappings().one_or_none()
                if hook is None:
                    return
                waiting = _news(store, hook)
            for happening in waiting:
                id_ = message_id(number_of(happening))
                answer = send(client, hook["url"], hook["secret"], id_, message_of(happening))
                if not self._book(webhook_id, happening, answer) or self._stopped.is_set():
                    return
            if len(waiting) < PART:
                return self._skip(webhook_id, seen)

    def _skip(self, webhook_id: str, seen: Position) -> None:
        """All was sent: what is not for it need not be looked through again."""
        here = sa.tuple_(WEBHOOKS.c.xact, WEBHOOKS.c.happening_id)
        is_behind = here < sa.tuple_(sa.literal(seen.xact, sa.BigInteger), sa.literal(seen.happening_id, sa.BigInteger))
        moved = sa.update(WEBHOOKS).where(WEBHOOKS.c.webhook_id == webhook_id, WEBHOOKS.c.state == "active", is_behind)
        with self._store.begin() as store:
            store.execute(moved.values(xact=seen.xact, happening_id=seen.happening_id, attempts=0))

    def _book(self, webhook_id: str, happening: Happening, answer: Answer) -> bool:
        """Keep what came of it; whether the next message may go."""
        now = datetime.now(UTC)
        with self._store.begin() as store:
            held = sa.select(WEBHOOKS).filter_by(webhook_id=webhook_id).with_for_update()
            hook = store.execute(held).mappings().one_or_none()
            if hook is None:
                return False
            changes = _after(dict(hook), happening, answer, now, self._waits)
            if is_dead := answer.outcome == "refused" and changes["attempts"] == 0:
                store.execute(sa.insert(DEAD_LETTERS).values(_dead(dict(hook), happening, answer, now)))
            store.execute(sa.update(WEBHOOKS).filter_by(webhook_id=webhook_id).values(changes))
        if answer.outcome != "taken":
            log.warning(
                "webhook_failed", webhook=webhook_id, unit=hook["unit_code"], outcome=answer.outcome, told=answer.told
            )
        return answer.outcome == "taken" or is_dead


def _waiting(units: set[str] | None) -> sa.Select[Any]:
    """Webhooks that may have something to send: of these units (None: all), or with a message that failed."""
    c = WEBHOOKS.c
    has_news = sa.true() if units is None else c.unit_code.in_(units)
    return sa.select(c.webhook_id).where(c.state == "active", c.next_at <= sa.func.now(), has_news | (c.attempts > 0))


def _news(store: sa.Connection, hook: sa.RowMapping) -> list[Happening]:
    told = Position(hook["xact"], hook["happening_id"])
    wanted = Wanted(events=hook["events"] or None)
    rows = queries.after(store, Actor("", "department", hook["unit_code"]), wanted, told, PART)
    return [Happening(**row) for row in rows]


def _after(
    hook: dict[str, Any], happening: Happening, answer: Answer, now: datetime, waits: tuple[float, ...]
) -> dict[str, Any]:
    """What the webhook is after an answer."""
    position, attempts = Position.of(happening.id), hook["attempts"] + 1
    told = {"xact": position.xact, "happening_id": position.happening_id, "attempts": 0, "next_at": now}
    failing = {"attempts": attempts, "last_error": answer.told, "failing_since": hook["failing_since"] or now}
    if answer.outcome == "taken":
        return told | {"failing_since": None, "last_error": None, "delivered_at": now}
    if answer.outcome == "refused":
        if attempts > len(waits):
            return told | {"failing_since": None, "last_error": answer.told}
        return failing | {"next_at": now + timedelta(seconds=waits[attempts - 1])}
    wait = answer.wait_seconds or min(2.0 ** min(attempts, 20), LONGEST_WAIT_SECONDS)
    is_over = answer.outcome == "gone" or now - failing["failing_since"] > AWAY_FOR
    return failing | {"next_at": now + timedelta(seconds=wait), "state": "stopped" if is_over else hook["state"]}


def _dead(hook: dict[str, Any], happening: Happening, answer: Answer, now: datetime) -> dict[str, Any]:
    return {
        "webhook_id": hook["webhook_id"],
        "happening_id": number_of(happening),
        "message": message_of(happening),
        "attempts": hook["attempts"] + 1,
        "last_error": answer.told,
        "died_at": now,
    }
