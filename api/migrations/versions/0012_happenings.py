"""What is new of orders, for those who listen: happenings written by triggers, webhooks, dead letters; what is old goes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

NOW = sa.text('now()')
MADE = (
    """CREATE FUNCTION steps_happen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO happenings (xact, order_id, event_id, unit_codes)
    SELECT pg_current_xact_id()::text::bigint, step.order_id, step.event_id,
        CASE step.to_state WHEN 'to_dispatch' THEN '{}'
        ELSE ARRAY[step.unit_code] || coalesce(o.co_unit_codes, '{}') END
    FROM told AS step LEFT JOIN orders AS o USING (order_id) ORDER BY step.order_id, step.version;
    RETURN NULL;
END $$""",
    """CREATE FUNCTION notices_happen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO happenings (xact, order_id, report_id, unit_codes)
    SELECT pg_current_xact_id()::text::bigint, notice.order_id, notice.report_id, ARRAY[notice.unit_code]
    FROM told AS notice;
    RETURN NULL;
END $$""",
    """CREATE FUNCTION notices_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO happenings (xact, order_id, report_id, unit_codes)
    SELECT pg_current_xact_id()::text::bigint, notice.order_id, notice.report_id, ARRAY[notice.unit_code]
    FROM told AS notice JOIN before USING (report_id) WHERE notice.unit_code <> before.unit_code;
    RETURN NULL;
END $$""",
    'CREATE TRIGGER steps_happen AFTER INSERT ON order_events REFERENCING NEW TABLE AS told '
    'FOR EACH STATEMENT EXECUTE FUNCTION steps_happen()',
    'CREATE TRIGGER notices_happen AFTER INSERT ON notices REFERENCING NEW TABLE AS told '
    'FOR EACH STATEMENT EXECUTE FUNCTION notices_happen()',
    'CREATE TRIGGER notices_move AFTER UPDATE ON notices REFERENCING OLD TABLE AS before NEW TABLE AS told '
    'FOR EACH STATEMENT EXECUTE FUNCTION notices_move()',
)


def upgrade() -> None:
    op.create_table(
        'happenings',
        sa.Column('happening_id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column('xact', sa.BigInteger(), nullable=False, comment='the transaction: rows become visible in its order'),
        sa.Column('order_id', sa.Text(), nullable=False),
        sa.Column('event_id', sa.Text(), nullable=True, comment='of a step: its row in order_events'),
        sa.Column('report_id', sa.Text(), nullable=True, comment='of a notice: its row in notices'),
        sa.Column('unit_codes', postgresql.ARRAY(sa.Text()), nullable=False, comment='who is told; none before dispatch'),
        sa.Column('happened_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint('(event_id IS NULL) <> (report_id IS NULL)', name=op.f('happenings_what_check')),
        sa.PrimaryKeyConstraint('happening_id', name=op.f('happenings_pkey')),
    )
    op.create_index('happenings_read_idx', 'happenings', ['xact', 'happening_id'])
    op.create_table(
        'webhooks',
        sa.Column('webhook_id', sa.Text(), nullable=False),
        sa.Column('unit_code', sa.Text(), nullable=False, comment='whose orders it tells'),
        sa.Column('url', sa.Text(), nullable=False),
        sa.Column('secret', sa.Text(), nullable=False, comment='signs what is sent (Standard Webhooks)'),
        sa.Column('events', postgresql.ARRAY(sa.Text()), nullable=False, comment='which are told; empty: all'),
        sa.Column('state', sa.Text(), nullable=False),
        sa.Column('xact', sa.BigInteger(), nullable=False, comment='with happening_id: told up to here'),
        sa.Column('happening_id', sa.BigInteger(), nullable=False),
        sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False, comment='of the message that waits'),
        sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
        sa.Column('last_error', sa.Text(), nullable=True),
        sa.Column('next_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('created_at', sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("state IN ('active', 'stopped')", name=op.f('webhooks_state_check')),
        sa.PrimaryKeyConstraint('webhook_id', name=op.f('webhooks_pkey')),
    )
    op.create_index('webhooks_unit_idx', 'webhooks', ['unit_code'])
    op.create_table(
        'dead_letters',
        sa.Column('webhook_id', sa.Text(), nullable=False),
        sa.Column('happening_id', sa.BigInteger(), nullable=False),
        sa.Column('message', postgresql.JSONB(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('last_error', sa.Text(), nullable=False),
        sa.Column('died_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['webhook_id'], ['webhooks.webhook_id'], name=op.f('dead_letters_webhook_id_fkey'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('webhook_id', 'happening_id', name=op.f('dead_letters_pkey')),
    )
    for made in MADE:
        op.execute(made)


def downgrade() -> None:
    op.execute('DROP TRIGGER steps_happen ON order_events')
    op.execute('DROP TRIGGER notices_happen ON notices')
    op.execute('DROP TRIGGER notices_move ON notices')
    for name in ('steps_happen', 'notices_happen', 'notices_move'):
        op.execute(f'DROP FUNCTION {name}')
    op.drop_table('dead_letters')
    op.drop_table('webhooks')
    op.drop_table('happenings')
