"""The store's tables, made from the records: PostgreSQL, used by `jobs.io.store` and by `api`.

Codes are text with a check, so a new code is a small migration and every client can read them.
"""

from collections.abc import Iterable
from datetime import datetime

import dataframely as dy
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from schemas import records as r
from schemas.order_life import AT_THE_CENTRE, ENDED
from schemas.vocabulary import ROLES

METADATA = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    }
)

Columns = dict[str, dy.Column]


def _table(name: str, columns: Columns, *parts: sa.schema.SchemaItem) -> sa.Table:
    found = [_column(key, column) for key, column in columns.items()]
    return sa.Table(name, METADATA, *found, *_checks(columns), *parts)


def _column(name: str, column: dy.Column) -> sa.Column:
    """The column as dataframely derives it, except that text has no length: codes may grow."""
    found = column.sqlalchemy_column(name, postgresql.dialect())
    if isinstance(column, dy.List):
        found.type = postgresql.ARRAY(sa.Text())
    elif isinstance(found.type, sa.String):
        found.type = sa.Text()
    return found


def _checks(columns: Columns) -> Iterable[sa.CheckConstraint]:
    for name, column in columns.items():
        if isinstance(column, dy.Enum):
            yield _is_one_of(name, column.categories)
        elif isinstance(column, dy.List) and isinstance(column.inner, dy.Enum):
            codes = ", ".join(f"'{code}'" for code in column.inner.categories)
            yield sa.CheckConstraint(f"{name} <@ ARRAY[{codes}]::text[]", name=name)


def _is_one_of(name: str, codes: Iterable[str]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=name)


def _only(record: type[dy.Schema], *names: str) -> Columns:
    return {name: record.columns()[name] for name in names}


# What the pipeline decides about an order and may revise; the rest of an order is people's.
DECIDED = (
    "incident_id", "kind", "category", "is_urgent", "event_grade", "handling_level", "unit_code", "unit_duty_tier",
    "co_unit_codes", "text", "place", "township_code", "grid_code", "lat", "lon", "reasons", "urged_count",
    "accepted_at", "sign_due_at", "finish_due_at",
)  # fmt: skip

_pool = ", ".join(f"'{state}'" for state in AT_THE_CENTRE)
_is_open = f"state NOT IN ({', '.join(repr(state) for state in ENDED)})"

# Pairs of neighbouring signs, as Chinese has no blanks between words; what has any pair of a word may hold the word.
PAIRS = """CREATE FUNCTION pairs_of_signs(said text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lower(said), place, 2)), '{}')
    FROM generate_series(1, length(said) - 1) AS place
$$"""
SAID = "(text || ' '::text) || COALESCE(place, ''::text)"

ORDERS = _table(
    "orders",
    r.Order.columns(),
    sa.Index("orders_page_idx", "dispatched_at", "order_id"),
    sa.Index("orders_unit_page_idx", "unit_code", "dispatched_at", "order_id"),
    sa.Index("orders_co_units_idx", "co_unit_codes", postgresql_using="gin"),
    sa.Index("orders_unit_open_idx", "unit_code", "dispatched_at", "order_id", postgresql_where=sa.text(_is_open)),
    sa.Index("orders_co_units_open_idx", "co_unit_codes", postgresql_using="gin", postgresql_where=sa.text(_is_open)),
    sa.Index("orders_incident_idx", "incident_id"),
    sa.Index("orders_parent_idx", "parent_id", postgresql_where=sa.text("parent_id IS NOT NULL")),
    sa.Index("orders_pool_idx", "dispatched_at", "order_id", postgresql_where=sa.text(f"state IN ({_pool})")),
    sa.Index("orders_words_idx", sa.text(f"pairs_of_signs({SAID})"), postgresql_using="gin"),
    sa.Index("orders_open_idx", "finish_due_at", postgresql_where=sa.text(_is_open)),
)

sa.event.listen(ORDERS, "before_create", sa.DDL(PAIRS.replace("%", "%%")))

ORDER_EVENTS = _table("order_events", r.OrderEvent.columns(), sa.UniqueConstraint("order_id", "version"))

RATINGS = _table("ratings", r.Rating.columns())

# The pipeline's last word on each order, to tell what it changed since from what people changed.
ORDER_DECISIONS = _table("order_decisions", _only(r.Order, "order_id", *DECIDED) | _only(r.Assignment, "decided_at"))

INCIDENTS = _table(
    "incidents", r.Incident.columns(), sa.Index("incidents_page_idx", "first_received_at", "incident_id")
)

REPORT_SAID = ("feed", "kind", "category", "text", "place", "received_at")

# Why each report belongs to its incident, with what was said; never the caller.
INCIDENT_REPORTS = _table(
    "incident_reports",
    r.Link.columns() | _only(r.Report, *REPORT_SAID),
    sa.Index("incident_reports_incident_idx", "incident_id", "received_at"),
)

# What the express lane and `publish` tell at once.
NOTICES = _table(
    "notices",
    r.Notice.columns(),
    sa.Index("notices_page_idx", "noticed_at", "report_id"),
    sa.Index("notices_unit_page_idx", "unit_code", "noticed_at", "report_id"),
    sa.Index("notices_order_idx", "order_id"),
)


def notices_follow(now: datetime) -> sa.Update:
    """Notices go with their order to the unit that leads it now, and are new to that unit. Narrow it by `where`."""
    notice, order = NOTICES.c, ORDERS.c
    moved = (notice.order_id == order.order_id) & (notice.unit_code != order.unit_code)
    return sa.update(NOTICES).where(moved).values(unit_code=order.unit_code, noticed_at=now)


WARNINGS = _table(
    "warnings",
    r.Warning.columns() | _only(r.WarningReview, "state", "reason", "reviewed_at", "version"),
    sa.Index("warnings_page_idx", "period_at", "warning_id"),
)

METRICS = _table("metrics", r.Metric.columns(), sa.Index("metrics_page_idx", "window_start", "metric", "scope"))

ATTACHMENTS = _table(
    "attachments",
    r.Attachment.columns(),
    sa.Index("attachments_order_idx", "order_id", "uploaded_at"),
    sa.Index("attachments_expiry_idx", "expires_at"),
)

_now = sa.text("now()")

API_KEYS = sa.Table(
    "api_keys",
    METADATA,
    sa.Column("key_hash", sa.Text, primary_key=True, comment="SHA-256 of the key, hexadecimal; the key is not kept"),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("unit_code", sa.Text, comment="of a department"),
    sa.Column("feed", sa.Text, comment="of a source: the only feed it may push to"),
    sa.Column("source", sa.Text, comment="of a source: its name, the default of CloudEvents' source"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_now),
    sa.Column("revoked_at", sa.DateTime(timezone=True)),
    _is_one_of("role", [role for role in ROLES if role != "system"]),
    sa.CheckConstraint("(role = 'department') = (unit_code IS NOT NULL)", name="unit"),
    sa.CheckConstraint("(role = 'source') = (feed IS NOT NULL AND source IS NOT NULL)", name="source"),
)

OUTBOX = sa.Table(
    "outbox",
    METADATA,
    sa.Column("outbox_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("key", sa.Text, nullable=False, comment="Kafka key: messages of one key keep their order"),
    sa.Column(
        "message", postgresql.JSONB, nullable=False, comment="`schemas.messages`, or what a feed's contract reads"
    ),
    sa.Column("topic", sa.Text, comment="null: the topic of order events"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_now),
    sa.Column("published_at", sa.DateTime(timezone=True)),
    sa.Index("outbox_waiting_idx", "outbox_id", postgresql_where=sa.text("published_at IS NULL")),
)

# What is new of orders, for those who listen (server-sent events, webhooks): a trigger writes it, whoever changes them.
HAPPENINGS = sa.Table(
    "happenings",
    METADATA,
    sa.Column("happening_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("xact", sa.BigInteger, nullable=False, comment="the transaction: rows become visible in its order"),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, comment="of a step: its row in order_events"),
    sa.Column("report_id", sa.Text, comment="of a notice: its row in notices"),
    sa.Column("unit_codes", postgresql.ARRAY(sa.Text), nullable=False, comment="who is told; none before dispatch"),
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False, server_default=_now),
    sa.Index("happenings_read_idx", "xact", "happening_id"),
    sa.CheckConstraint("(event_id IS NULL) <> (report_id IS NULL)", name="what"),
)

_STEPS_HAPPEN = """CREATE FUNCTION steps_happen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO happenings (xact, order_id, event_id, unit_codes)
    SELECT pg_current_xact_id()::text::bigint, step.order_id, step.event_id,
        CASE step.to_state WHEN 'to_dispatch' THEN '{}'
        ELSE ARRAY[step.unit_code] || coalesce(o.co_unit_codes, '{}') END
    FROM told AS step LEFT JOIN orders AS o USING (order_id) ORDER BY step.order_id, step.version;
    RETURN NULL;
END $$"""
_NOTICES_HAPPEN = """CREATE FUNCTION notices_happen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO happenings (xact, order_id, report_id, unit_codes)
    SELECT pg_current_xact_id()::text::bigint, notice.order_id, notice.report_id, ARRAY[notice.unit_code]
    FROM told AS notice;
    RETURN NULL;
END $$"""
_NOTICES_MOVE = """CREATE FUNCTION notices_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO happenings (xact, order_id, report_id, unit_codes)
    SELECT pg_current_xact_id()::text::bigint, notice.order_id, notice.report_id, ARRAY[notice.unit_code]
    FROM told AS notice JOIN before USING (report_id) WHERE notice.unit_code <> before.unit_code;
    RETURN NULL;
END $$"""
HAPPENING = (  # functions and triggers, in this order
    _STEPS_HAPPEN,
    _NOTICES_HAPPEN,
    _NOTICES_MOVE,
    "CREATE TRIGGER steps_happen AFTER INSERT ON order_events REFERENCING NEW TABLE AS told "
    "FOR EACH STATEMENT EXECUTE FUNCTION steps_happen()",
    "CREATE TRIGGER notices_happen AFTER INSERT ON notices REFERENCING NEW TABLE AS told "
    "FOR EACH STATEMENT EXECUTE FUNCTION notices_happen()",
    "CREATE TRIGGER notices_move AFTER UPDATE ON notices REFERENCING OLD TABLE AS before NEW TABLE AS told "
    "FOR EACH STATEMENT EXECUTE FUNCTION notices_move()",
)
for _made in HAPPENING:
    sa.event.listen(METADATA, "after_create", sa.DDL(_made.replace("%", "%%")))

WEBHOOKS = sa.Table(
    "webhooks",
    METADATA,
    sa.Column("webhook_id", sa.Text, primary_key=True),
    sa.Column("unit_code", sa.Text, nullable=False, comment="whose orders it tells"),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False, comment="signs what is sent (Standard Webhooks)"),
    sa.Column("events", postgresql.ARRAY(sa.Text), nullable=False, comment="which are told; empty: all"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("xact", sa.BigInteger, nullable=False, comment="with happening_id: told up to here"),
    sa.Column("happening_id", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, comment="of the message that waits", server_default=sa.text("0")),
    sa.Column("failing_since", sa.DateTime(timezone=True)),
    sa.Column("last_error", sa.Text),
    sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default=_now),
    sa.Column("delivered_at", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_now),
    _is_one_of("state", ("active", "stopped")),
    sa.Index("webhooks_unit_idx", "unit_code"),
)

DEAD_LETTERS = sa.Table(
    "dead_letters",
    METADATA,
    sa.Column("webhook_id", sa.Text, sa.ForeignKey("webhooks.webhook_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("happening_id", sa.BigInteger, primary_key=True),
    sa.Column("message", postgresql.JSONB, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("died_at", sa.DateTime(timezone=True), nullable=False),
)

# Who asked for what: a chain of hashes (`api.audit.chain`). No words of callers: the route as declared, and the order.
ACCESS_LOG = sa.Table(
    "access_log",
    METADATA,
    sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("unit_code", sa.Text),
    sa.Column("key_id", sa.Text, nullable=False, comment="first 12 signs of the key's hash"),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("order_id", sa.Text),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("ms", sa.Integer, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("access_log_order_idx", "order_id", postgresql_where=sa.text("order_id IS NOT NULL")),
)

STAYS = (
    """CREATE FUNCTION access_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'entries of the access log are never changed or removed';
END $$""",
    "CREATE TRIGGER access_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION access_log_stays()",
)
for _made in STAYS:
    sa.event.listen(METADATA, "after_create", sa.DDL(_made))

IDEMPOTENCY_KEYS = sa.Table(
    "idempotency_keys",
    METADATA,
    sa.Column("caller", sa.Text, primary_key=True, comment="hash of the API key that sent it"),
    sa.Column("key", sa.Text, primary_key=True, comment="the Idempotency-Key header"),
    sa.Column("request_hash", sa.Text, nullable=False, comment="SHA-256 of method, path and body"),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("headers", postgresql.JSONB, nullable=False),
    sa.Column("body", postgresql.JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_now),
)
