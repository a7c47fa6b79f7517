"""Orders whose clock can be paused; due times name what gave them."""

import re

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

STEPS = ('pause', 'resume')
CHECKED = {('orders', 'state'): ('paused',), ('order_events', 'from_state'): ('paused',),
           ('order_events', 'to_state'): ('paused',), ('order_events', 'event'): STEPS}
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
    for (table, column), codes in CHECKED.items():
        _check(table, column, [*_known(table, column), *codes])


def downgrade() -> None:
    """What is paused goes on, with the limit it had; the steps have no place in the older table, and go."""
    op.execute("UPDATE orders SET state = 'handling' WHERE state = 'paused'")
    op.execute(f"DELETE FROM order_events WHERE event IN ({_listed(STEPS)}) OR 'paused' IN (from_state, to_state)")
    op.drop_constraint(op.f('order_events_pause_cause_check'), 'order_events')
    for name in ('finish_rule', 'pause_cause'):
        op.drop_column('order_events', name)
    for name in ('sign_rule', 'finish_rule', 'paused_at'):
        op.drop_column('orders', name)
    for (table, column), codes in CHECKED.items():
        _check(table, column, [code for code in _known(table, column) if code not in codes])


def _known(table: str, column: str) -> list[str]:
    """The codes that the column may hold now."""
    found = sa.text('SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name')
    return re.findall(r"'(\w+)'", op.get_bind().execute(found, {'name': f'{table}_{column}_check'}).scalar_one())


def _check(table: str, column: str, codes: list[str]) -> None:
    name = op.f(f'{table}_{column}_check')
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, f'{column} IN ({_listed(codes)})')


def _listed(codes: list[str] | tuple[str, ...]) -> str:
    return ', '.join(f"'{code}'" for code in codes)
