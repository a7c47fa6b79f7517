"""What departments and dispatchers correct, in the events of orders."""

import sqlalchemy as sa
from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

BEFORE = (
    'dispatch', 'sign', 'handle', 'extend', 'send_back', 'close', 'call_back', 'reopen', 'revise', 'urge', 'remind',
    'supervise', 'report',
)
EVENTS = (*BEFORE[:9], 'correct', *BEFORE[9:])
CATEGORIES = (
    'fire', 'rescue', 'medical', 'traffic_accident', 'traffic_order', 'public_security', 'dispute', 'fraud',
    'consumer', 'food_safety', 'legal_aid', 'work_safety', 'air_pollution', 'water_pollution', 'noise',
    'city_appearance', 'municipal_works', 'housing', 'utilities', 'labour', 'education', 'health', 'transport',
    'agriculture', 'flood', 'equipment_fault', 'other',
)


def upgrade() -> None:
    _check(EVENTS)
    op.add_column('order_events', sa.Column('better_unit_code', sa.Text(), nullable=True))
    for name in ('better_category', 'category'):
        op.add_column('order_events', sa.Column(name, sa.Text(), nullable=True))
        op.create_check_constraint(
            op.f(f'order_events_{name}_check'), 'order_events', f'{name} IN ({_listed(CATEGORIES)})'
        )


def downgrade() -> None:
    """Corrections have no place in the older table, and go."""
    for name in ('category', 'better_category', 'better_unit_code'):
        op.drop_column('order_events', name)
    op.execute("DELETE FROM order_events WHERE event = 'correct'")
    _check(BEFORE)


def _check(codes: tuple[str, ...]) -> None:
    name = op.f('order_events_event_check')
    op.drop_constraint(name, 'order_events')
    op.create_check_constraint(name, 'order_events', f'event IN ({_listed(codes)})')


def _listed(codes: tuple[str, ...]) -> str:
    return ', '.join(f"'{code}'" for code in codes)
