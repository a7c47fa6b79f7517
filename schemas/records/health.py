"""What the pipeline says of itself: whether tables keep their contracts, and whether feeds send as they should."""

import dataframely as dy
import polars as pl

from schemas.records.columns import code, feed, instant
from schemas.vocabulary import CHECK_SCOPES, FEED_STATES, HISTORIES, MODELS, TRIALS


class TableCheck(dy.Schema):
    """One check of one table: how many of its contract's promises the rows that were looked at broke."""

    table = dy.String(primary_key=True, description="`zone.table`")
    run = dy.String(primary_key=True, description="of the check; tables checked together share it")
    scope = code(CHECK_SCOPES)
    since_version = dy.Int64(nullable=True, min=0, description="what this Delta version held was not looked at")
    until_version = dy.Int64(min=0, description="the Delta version that was looked at")
    rows = dy.Int64(min=0)
    expectations = dy.Int32(min=1)
    failed = dy.Int32(min=0, description="expectations that do not hold")
    failures = dy.List(dy.String(), description="what is broken, and in how many rows; never what a row says")
    is_blocked = dy.Bool(description="publish leaves out what is made of the table, until a later check says otherwise")
    checked_at = instant()

    @dy.rule()
    def each_failure_is_told(cls) -> pl.Expr:
        return pl.col("failures").list.len() == pl.col("failed")

    @dy.rule()
    def a_failure_blocks(cls) -> pl.Expr:
        return (pl.col("failed") == 0) | pl.col("is_blocked")


class Relinking(dy.Schema):
    """One time that reports were linked anew, whatever order they came in."""

    relinked_at = instant(primary_key=True)
    until_version = dy.Int64(min=0, description="the Delta version of silver.reports that was looked at")
    first_day = dy.Date(description="the first local day that was linked anew, Asia/Shanghai")
    reports = dy.Int64(min=0, description="linked anew")
    changed = dy.Int64(min=0, description="of them, those that belong elsewhere now, or for other reasons")
    merged = dy.Int64(min=0, description="incidents that were left without a report")


class Reconciliation(dy.Schema):
    """One time that what people did was compared, as PostgreSQL has it and as the lake has it."""

    history = code(HISTORIES, primary_key=True)
    reconciled_at = instant(primary_key=True)
    until = instant(description="what happened before it was compared")
    store_rows = dy.Int64(min=0)
    lake_rows = dy.Int64(min=0)
    waiting = dy.Int64(min=0, description="messages that the relay had not sent yet")
    missing = dy.Int64(min=0, description="rows that the lake lacks")
    unknown = dy.Int64(min=0, description="rows that the store does not know")
    different = dy.Int64(min=0, description="rows that both tell otherwise")
    examples = dy.List(dy.String(), description="keys of such rows, at most twenty")
    sent_again = dy.Int64(min=0, description="of the missing rows, those that were put into the outbox once more")


class Relearning(dy.Schema):
    """One time that a challenger was held against the model in use, on labels that neither had learned from."""

    model = code(MODELS, primary_key=True)
    relearned_at = instant(primary_key=True)
    kind = code(TRIALS)
    champion = dy.String(description="the version in use until then")
    challenger = dy.String()
    labels_hash = dy.String(description="SHA-256 of all labels that were there, held-out ones too")
    held_out_from = instant(description="when the first label that it was judged by became known")
    held_out_until = instant()
    labels_learnt = dy.Int64(min=0, description="that the challenger was fitted on")
    labels_judged = dy.Int64(min=1)
    corrected = dy.Int64(min=0, description="of the held-out labels, those by which people corrected the pipeline")
    figures = dy.List(dy.String(), min_length=1, description="`name champion -> challenger (95 % interval): verdict`")
    is_promoted = dy.Bool()
    why = dy.String(description="why it was promoted, or not")


class FeedHealth(dy.Schema):
    """How one feed did at one look, against its contract's rhythm. Counts and times of messages; nothing they say."""

    feed = feed(primary_key=True)
    checked_at = instant(primary_key=True)
    state = code(FEED_STATES)
    last_message_at = instant(nullable=True, description="newest message in Kafka or bronze; null: never one")
    alarm_at = instant(nullable=True, description="when it is called silent, unless a message comes before")
    usual_gap_minutes = dy.Float64(nullable=True, min=0, description="after the last message; exceeded once a month")
    messages_a_day = dy.Int64(min=0, description="landed in the last 24 hours, redeliveries and broken ones too")
    expected_a_day = dy.Int64(min=0, description="by the contract")
    waiting = dy.Int64(min=0, description="messages in Kafka that have not landed")
    waiting_since = instant(nullable=True, description="time of the oldest of them")
    detail = dy.String(description="for the engineer: what is wrong and where to look; empty when nothing is")
