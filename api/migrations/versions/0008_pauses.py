"""Orders whose clock can be paused; due times name what gave them."""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

STATES = ('dispatched', 'signed', 'handling', 'returned', 'closed', 'called_back')
EVENTS = (
    'dispatch', 'sign', 'handle', 'extend', 'send_back', 'close', 'call_back', 'reopen', 'revise', 'urge', 'remind',
    'supervise', 'report',
)
STEPS = ('pause', 'resume')
CAUSES = ('waiting_for_caller', 'weather', 'court', 'expert_finding', 'other_authority')
# What an order's reasons name, as `deadlines/three_days@2000-01-01`.
NAMED = "SELECT substring(reason FROM '^{0}_due_at: ([^:]+):') FROM unnest(reasons) reason WHERE reason LIKE '{0}_due_at: %' LIMIT 1"


def upgrade() -> None:
    for name in ('sign_rule', 'finish_rule'):
        op.add_column('orders', sa.Column(name, sa.Text(), nullable=True))
        op.execute(f"UPDATE orders SET {name} = ({NAMED.format(name.removesuffix('_rule'))})")
    op.add_column('orders', sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('order_events', sa.Column('finish_rule', sa.Text(), nullable=True))
    op.add_column('order_events', sa.Column('pause_cause', sa.Text(), nullable=True))
    op.create_check_constraint(op.f('order_events_pause_cause_check'), 'order_events', f'pause_cause IN ({_listed(CAUSES)})')
    _check((*STATES, 'paused'), (*EVENTS, *STEPS))


def downgrade() -> None:
    """What is paused goes on, with the limit it had; the steps have no place in the older table, and go."""
    op.execute("UPDATE orders SET state = 'handling' WHERE state = 'paused'")
    op.execute(f"DELETE FROM order_events WHERE event IN ({_listed(STEPS)}) OR 'paused' IN (from_state, to_state)")
    op.drop_constraint(op.f('order_events_pause_cause_check'), 'order_events')
    for name in ('finish_rule', 'pause_cause'):
        op.drop_column('order_events', name)
    for name in ('sign_rule', 'finish_rule', 'paused_at'):
        op.drop_column('orders', name)
    _check(STATES, EVENTS)


def _check(states: tuple[str, ...], events: tuple[str, ...]) -> None:
    for table, column, codes in (
        ('orders', 'state', states), ('order_events', 'from_state', states), ('order_events', 'to_state', states),
        ('order_events', 'event', events),
    ):
        name = op.f(f'{table}_{column}_check')
        op.drop_constraint(name, table)
        op.create_check_constraint(name, table, f'{column} IN ({_listed(codes)})')


def _listed(codes: tuple[str, ...]) -> str:
    return ', '.join(f"'{code}'" for code in codes)
