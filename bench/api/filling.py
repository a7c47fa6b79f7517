"""A store as it is after years: orders with their histories, written by PostgreSQL itself from the simulator's words.

Of a hundred orders ninety-four are finished; they spread over the units by the volume of each, over two years, evenly
over the townships. Every order has its incident, a report or two, its events; the finished ones have call-backs.
"""

from datetime import UTC, datetime

import psycopg
from psycopg import sql

from jobs.settings import Settings
from jobs.simulate.corpus import corpus
from schemas.areas import load_county
from schemas.regulation import load_regulation

TEXTS = 20_000
# Names with what they are; of the order number g. o: the order just made.
ORDER = {
    "order_id": "'filled-' || g", "incident_id": "'incident-' || g", "kind": "'complaint'", "category": "said.category",
    "is_urgent": "g % 50 = 0", "event_grade": "(4 - (g % 50 = 0)::int)::text", "handling_level": "'village'",
    "unit_code": "doer.unit_code", "unit_duty_tier": "'tier_2'",
    "co_unit_codes": "CASE WHEN g % 10 = 0 THEN ARRAY['command_centre'] ELSE '{}'::text[] END",
    "text": "said.text || '（第' || g || '号来件）'", "place": "said.place",
    "township_code": "(SELECT towns[1 + g % cardinality(towns)] FROM county)",
    "lat": "33.3 + (g % 2000) / 10000.0", "lon": "118.0 + (g % 2600) / 10000.0",
    "reasons": "ARRAY['finish_due_at: deadlines/three_days@2000-01-01: 3 working days', 'unit: ' || doer.unit_code]",
    "refused_by": "'{}'", "urged_count": "0", "accepted_at": "at", "sign_due_at": "at + interval '1 hour'",
    "finish_due_at": "at + interval '3 days'", "finish_rule": "'deadlines/three_days@2000-01-01'",
    "dispatched_at": "at + interval '5 minutes'",
    "state": """CASE WHEN g % 100 < 85 THEN 'archived' WHEN g % 100 < 90 THEN 'called_back' WHEN g % 100 < 94
        THEN 'closed' WHEN g % 100 < 96 THEN 'handling' WHEN g % 100 < 98 THEN 'signed' ELSE 'dispatched' END""",
    "outcome": "CASE WHEN g % 100 < 94 THEN 'solved' END",
    "signed_at": "CASE WHEN g % 100 < 98 THEN at + interval '30 minutes' END",
    "closed_at": "CASE WHEN g % 100 < 94 THEN at + interval '2 days' END",
    "updated_at": "at + interval '2 days'",
    "version": """CASE WHEN g % 100 < 85 THEN 6 WHEN g % 100 < 90 THEN 5 WHEN g % 100 < 94 THEN 4
        WHEN g % 100 < 96 THEN 3 WHEN g % 100 < 98 THEN 2 ELSE 1 END""",
}  # fmt: skip
MADE = """generate_series(%(first)s::bigint, %(last)s::bigint) AS g
    CROSS JOIN LATERAL (SELECT (hashint8(g) & 2147483647) AS dice) AS thrown
    CROSS JOIN LATERAL (SELECT now() - g %% 730 * interval '1 day' - dice %% 86400 * interval '1 second' AS at) AS clock
    JOIN said ON said.number = dice %% %(texts)s
    JOIN doer ON doer.number = dice %% (SELECT count(*) FROM doer)"""
EVENTS = ("dispatch", "sign", "handle", "close", "call_back", "archive")
STATES = ("dispatched", "signed", "handling", "closed", "called_back", "archived")
EVENT = {
    "event_id": "order_id || '.' || step", "order_id": "order_id", "version": "step",
    "event": f"('{{{','.join(EVENTS)}}}'::text[])[step]", "to_state": f"('{{{','.join(STATES)}}}'::text[])[step]",
    "from_state": f"('{{{','.join(STATES)}}}'::text[])[step - 1]", "unit_code": "unit_code",
    "role": "CASE WHEN step = 1 THEN 'system' WHEN step >= 5 THEN 'dispatcher' ELSE 'department' END",
    "reason": "CASE WHEN step = 3 THEN '已派员前往' END", "outcome": "CASE WHEN step >= 4 THEN outcome END",
    "finish_due_at": "finish_due_at", "finish_rule": "finish_rule", "category": "category",
    "occurred_at": "dispatched_at + (step - 1) * interval '6 hours'",
}  # fmt: skip
OF_NEW = "orders WHERE order_id LIKE 'filled-%%' AND substr(order_id, 8)::bigint BETWEEN %(first)s AND %(last)s"
INCIDENT = {
    "incident_id": "incident_id", "first_report_id": "'report-' || substr(order_id, 8)", "kind": "kind",
    "category": "category", "text": "text", "place": "place", "county_code": "left(township_code, 6)",
    "township_code": "township_code", "lat": "lat", "lon": "lon", "first_received_at": "accepted_at",
    "last_received_at": "accepted_at", "report_count": "1", "feeds": "ARRAY['12345']", "day": "accepted_at::date",
}  # fmt: skip
REPORT = {
    "report_id": "'report-' || substr(order_id, 8)", "incident_id": "incident_id", "score": "1",
    "reasons": "ARRAY['first_report']", "linker_version": "'1'", "linked_at": "accepted_at", "feed": "'12345'",
    "kind": "kind", "category": "category", "text": "text", "place": "place", "received_at": "accepted_at",
}  # fmt: skip
RATING = {
    "order_id": "order_id", "attempt": "1", "unit_code": "unit_code", "was_reached": "true", "was_contacted": "true",
    "was_solved": "true", "satisfaction": "'satisfied'", "accepted_at": "accepted_at",
    "called_back_at": "closed_at + interval '1 day'",
}  # fmt: skip
SENT = {
    "key": "order_id",
    "message": """jsonb_build_object('type', 'order_event', 'data', jsonb_build_object('event_id', order_id || '.'
        || version, 'order_id', order_id, 'version', version, 'to_state', state, 'unit_code', unit_code))""",
    "published_at": "updated_at",
}
TABLES: dict[str, tuple[dict[str, str], str]] = {
    "orders": (ORDER, MADE),
    "order_events": (EVENT, OF_NEW.replace("WHERE", "CROSS JOIN generate_series(1, version) AS step WHERE")),
    "incidents": (INCIDENT, OF_NEW),
    "incident_reports": (REPORT, OF_NEW),
    "ratings": (RATING, f"{OF_NEW} AND state IN ('called_back', 'archived')"),
    "outbox": (SENT, OF_NEW),
}  # fmt: skip


def fill(settings: Settings, first: int, last: int) -> None:
    """Write the orders of these numbers, both included, and what belongs to them; statistics are fresh at the end."""
    with psycopg.connect(_dsn(settings), autocommit=True) as store:
        store.execute("SET synchronous_commit = off")
        store.execute("SET maintenance_work_mem = '1GB'")
        _words(store, settings)
        _written(store, first, last)
        store.execute("VACUUM (ANALYZE)")
        store.execute("CHECKPOINT")


def _words(store: psycopg.Connection, settings: Settings) -> None:
    """Temporary tables: said (what callers said), doer (each unit as often as its volume says), county."""
    county = load_county(settings.rules_dir)
    texts = corpus(1, TEXTS, county)
    places = [town.name for town in county.townships]
    store.execute("CREATE TEMP TABLE said (number bigint, category text, text text, place text)")
    with store.cursor().copy("COPY said FROM STDIN") as rows:
        for number, (text, category) in enumerate(texts.select("text", "label").iter_rows()):
            rows.write_row((number, category, text, places[number % len(places)]))
    store.execute("CREATE TEMP TABLE doer (number bigint, unit_code text)")
    with store.cursor().copy("COPY doer FROM STDIN") as rows:
        for number, code in enumerate(by_volume(settings)):
            rows.write_row((number, code))
    store.execute("CREATE TEMP TABLE county (towns text[])")
    store.execute("INSERT INTO county VALUES (%s)", [[town.code for town in county.townships]])
    store.execute("ANALYZE said, doer")


def by_volume(settings: Settings) -> list[str]:
    """The units' codes, each once for every thousand orders it takes in a year, at least once."""
    units = load_regulation(settings.rules_dir).on(datetime.now(UTC).date()).units.values()
    return [unit.code for unit in units for _ in range(max(1, round(unit.yearly_volume / 1000)))]


def _written(store: psycopg.Connection, first: int, last: int) -> None:
    """Indices are made once at the end, which takes a third of keeping them row by row."""
    names = list(TABLES)
    query = """SELECT indexdef, indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"""
    indices = store.execute(query, [names]).fetchall()
    for _, name in indices:
        store.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    for name, (columns, source) in TABLES.items():
        _insert(store, name, columns, source, first=first, last=last)
    for definition, _ in indices:
        store.execute(definition)


def _insert(store: psycopg.Connection, table: str, columns: dict[str, str], source: str, **numbers: int) -> None:
    values = ", ".join(columns.values()).replace("%", "%%")
    command = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {source}"
    store.execute(command, {"texts": TEXTS, **numbers})


def _dsn(settings: Settings) -> str:
    return settings.store_url.replace("+psycopg", "")
