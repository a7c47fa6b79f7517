"""The outbox also takes reports that the command centre notes by hand, for the topic of their feed."""

import sqlalchemy as sa
from alembic import op


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('outbox', sa.Column('topic', sa.Text(), nullable=True, comment='null: the topic of order events'))
    op.alter_column('outbox', 'message', comment="`schemas.messages`, or what a feed's contract reads")


def downgrade() -> None:
    """A report that has not left cannot stay: the older relay would send it as an order event."""
    op.execute("DELETE FROM outbox WHERE topic IS NOT NULL AND published_at IS NULL")
    op.drop_column('outbox', 'topic')
    op.alter_column('outbox', 'message', comment='`schemas.messages`')
