"""merged incidents."""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('incidents', sa.Column('merged_into', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('incidents', 'merged_into')
