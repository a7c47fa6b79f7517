"""Who asked the API for what: a chain of hashes that nobody changes."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'access_log',
        sa.Column('entry', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('role', sa.Text(), nullable=False),
        sa.Column('unit_code', sa.Text(), nullable=True),
        sa.Column('key_id', sa.Text(), nullable=False, comment="first 12 signs of the key's hash"),
        sa.Column('method', sa.Text(), nullable=False),
        sa.Column('route', sa.Text(), nullable=False),
        sa.Column('order_id', sa.Text(), nullable=True),
        sa.Column('status', sa.Integer(), nullable=False),
        sa.Column('ms', sa.Integer(), nullable=False),
        sa.Column('previous', sa.Text(), nullable=False),
        sa.Column('hash', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('entry', name=op.f('access_log_pkey')),
    )
    op.create_index('access_log_order_idx', 'access_log', ['order_id'], postgresql_where=sa.text('order_id IS NOT NULL'))
    op.execute("""CREATE FUNCTION access_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'entries of the access log are never changed or removed';
END $$""")
    op.execute('CREATE TRIGGER access_log_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log '
               'FOR EACH STATEMENT EXECUTE FUNCTION access_log_stays()')


def downgrade() -> None:
    """The record goes with its table: export it before."""
    op.drop_table('access_log')
    op.execute('DROP FUNCTION access_log_stays')
