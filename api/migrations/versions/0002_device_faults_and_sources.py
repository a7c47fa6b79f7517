"""Device faults among the kinds, sources among the roles, and the feed that a source's key may push to."""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

OF_KIND = ('incidents', 'incident_reports', 'orders', 'order_decisions')
KINDS = ('emergency', 'help', 'enquiry', 'complaint', 'suggestion', 'device_alarm', 'device_fault', 'inspection')
ROLES = ('engineer', 'dispatcher', 'department', 'analyst', 'leader', 'auditor', 'source')


def upgrade() -> None:
    for table in OF_KIND:
        _check(table, 'kind', KINDS)
    _check('order_events', 'role', (*ROLES, 'system'))
    _check('api_keys', 'role', ROLES)
    op.add_column('api_keys', sa.Column('feed', sa.Text(), nullable=True, comment='of a source: the only feed it may push to'))
    op.add_column('api_keys', sa.Column('source', sa.Text(), nullable=True, comment="of a source: its name, the default of CloudEvents' source"))
    op.create_check_constraint(op.f('api_keys_source_check'), 'api_keys', "(role = 'source') = (feed IS NOT NULL AND source IS NOT NULL)")


def downgrade() -> None:
    """Keys of sources and decisions about device faults have no place in the older tables, and go."""
    op.drop_constraint(op.f('api_keys_source_check'), 'api_keys')
    op.execute("DELETE FROM api_keys WHERE role = 'source'")
    op.drop_column('api_keys', 'source')
    op.drop_column('api_keys', 'feed')
    _check('api_keys', 'role', tuple(role for role in ROLES if role != 'source'))
    op.execute("DELETE FROM order_events WHERE role = 'source'")
    _check('order_events', 'role', (*(role for role in ROLES if role != 'source'), 'system'))
    for table in OF_KIND:
        op.execute(f"DELETE FROM {table} WHERE kind = 'device_fault'")
        _check(table, 'kind', tuple(kind for kind in KINDS if kind != 'device_fault'))


def _check(table: str, column: str, codes: tuple[str, ...]) -> None:
    name = op.f(f'{table}_{column}_check')
    listed = ', '.join(f"'{code}'" for code in codes)
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, f'{column} IN ({listed})')
