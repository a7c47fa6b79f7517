"""The whole life of an order: extensions asked for, transfers, merges, sub-orders, archive, orders noted by hand."""

import sqlalchemy as sa
from alembic import op


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

STATES = ('to_dispatch', 'extension_asked', 'archived', 'transferred', 'merged')
STEPS = ('register', 'ask_extension', 'grant_extension', 'refuse_extension', 'delegate', 'archive', 'transfer', 'take_back', 'merge')
LINES = ('110', '119', '120', '122', '12315', '12345', '12348', '12350', '12369', 'court', 'other_authority')
STATES_NOW = (
    'to_dispatch', 'dispatched', 'signed', 'handling', 'extension_asked', 'paused', 'returned', 'closed',
    'called_back', 'archived', 'transferred', 'merged',
)
STEPS_NOW = (
    'register', 'dispatch', 'sign', 'handle', 'ask_extension', 'grant_extension', 'refuse_extension',
    'extend', 'send_back', 'delegate', 'close', 'call_back', 'reopen', 'archive', 'transfer', 'take_back',
    'merge', 'revise', 'correct', 'urge', 'remind', 'supervise', 'report', 'pause', 'resume',
)
CHECKED = {('orders', 'state'): STATES_NOW, ('order_events', 'from_state'): STATES_NOW,
           ('order_events', 'to_state'): STATES_NOW, ('order_events', 'event'): STEPS_NOW}
OPEN = "state NOT IN ('closed', 'called_back', 'archived', 'transferred', 'merged')"
OPEN_BEFORE = "state NOT IN ('closed', 'called_back')"
# What an older table knows of these states.
BEFORE = {'to_dispatch': 'returned', 'extension_asked': 'handling', 'archived': 'called_back', 'transferred': 'closed', 'merged': 'closed'}


def upgrade() -> None:
    for name in ('parent_id', 'merged_into', 'transferred_to'):
        op.add_column('orders', sa.Column(name, sa.Text(), nullable=True))
    op.add_column('orders', sa.Column('refused_by', sa.ARRAY(sa.Text()), nullable=False, server_default='{}'))
    op.execute("""UPDATE orders SET refused_by = units FROM (
        SELECT sent_back.order_id, array_agg(before.unit_code ORDER BY sent_back.version) AS units
        FROM order_events sent_back JOIN order_events before ON before.order_id = sent_back.order_id
        AND before.version = sent_back.version - 1 WHERE sent_back.event = 'send_back' GROUP BY sent_back.order_id
    ) found WHERE found.order_id = orders.order_id""")
    op.alter_column('orders', 'refused_by', server_default=None)
    op.add_column('order_events', sa.Column('asked_due_at', sa.DateTime(timezone=True), nullable=True))
    for name in ('other_order_id', 'transferred_to'):
        op.add_column('order_events', sa.Column(name, sa.Text(), nullable=True))
    for table in ('orders', 'order_events'):
        op.create_check_constraint(op.f(f'{table}_transferred_to_check'), table, f'transferred_to IN ({_listed(LINES)})')
    for (table, column), codes in CHECKED.items():
        _check(table, column, codes)
    op.create_index('orders_parent_idx', 'orders', ['parent_id'], postgresql_where=sa.text('parent_id IS NOT NULL'))
    _open_index(OPEN)


def downgrade() -> None:
    """What the older table has no word for is told as what is nearest; the steps have no place in it, and go."""
    for state, before in BEFORE.items():
        op.execute(f"UPDATE orders SET state = '{before}' WHERE state = '{state}'")
    op.execute(f"DELETE FROM order_events WHERE event IN ({_listed(STEPS)}) OR from_state IN ({_listed(STATES)}) OR to_state IN ({_listed(STATES)})")
    op.drop_index('orders_parent_idx', 'orders')
    for table in ('orders', 'order_events'):
        op.drop_constraint(op.f(f'{table}_transferred_to_check'), table)
    for name in ('asked_due_at', 'other_order_id', 'transferred_to'):
        op.drop_column('order_events', name)
    for name in ('parent_id', 'merged_into', 'transferred_to', 'refused_by'):
        op.drop_column('orders', name)
    for (table, column), codes in CHECKED.items():
        _check(table, column, [code for code in codes if code not in (*STATES, *STEPS)])
    _open_index(OPEN_BEFORE)


def _open_index(which: str) -> None:
    op.drop_index('orders_open_idx', 'orders')
    op.create_index('orders_open_idx', 'orders', ['finish_due_at'], postgresql_where=sa.text(which))


def _check(table: str, column: str, codes: tuple[str, ...] | list[str]) -> None:
    name = op.f(f'{table}_{column}_check')
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, f'{column} IN ({_listed(codes)})')


def _listed(codes: tuple[str, ...] | list[str]) -> str:
    return ', '.join(f"'{code}'" for code in codes)
