"""The ladder of escalation among the events of orders."""

from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

BEFORE = ('dispatch', 'sign', 'handle', 'extend', 'send_back', 'close', 'call_back', 'reopen', 'revise', 'urge')
LADDER = ('remind', 'supervise', 'report')


def upgrade() -> None:
    _check((*BEFORE, *LADDER))


def downgrade() -> None:
    """Steps of the ladder have no place in the older table, and go."""
    op.execute(f"DELETE FROM order_events WHERE event IN ({_listed(LADDER)})")
    _check(BEFORE)


def _check(codes: tuple[str, ...]) -> None:
    name = op.f('order_events_event_check')
    op.drop_constraint(name, 'order_events')
    op.create_check_constraint(name, 'order_events', f'event IN ({_listed(codes)})')


def _listed(codes: tuple[str, ...]) -> str:
    return ', '.join(f"'{code}'" for code in codes)
