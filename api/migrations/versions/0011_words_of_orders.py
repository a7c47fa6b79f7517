"""Orders are found by words of their text or place: an index of pairs of neighbouring signs; the centre's pool; what units have open."""

import sqlalchemy as sa
from alembic import op


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

PAIRS = """CREATE FUNCTION pairs_of_signs(said text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lower(said), place, 2)), '{}')
    FROM generate_series(1, length(said) - 1) AS place
$$"""
OPEN = "state NOT IN ('closed', 'called_back', 'archived', 'transferred', 'merged')"
POOL = "state IN ('to_dispatch', 'returned')"
SAID = "(text || ' '::text) || COALESCE(place, ''::text)"


def upgrade() -> None:
    op.execute(PAIRS)
    op.create_index('orders_pool_idx', 'orders', ['dispatched_at', 'order_id'], postgresql_where=sa.text(POOL))
    op.create_index('orders_unit_open_idx', 'orders', ['unit_code', 'dispatched_at', 'order_id'], postgresql_where=sa.text(OPEN))
    op.create_index('orders_co_units_open_idx', 'orders', ['co_unit_codes'], postgresql_using='gin', postgresql_where=sa.text(OPEN))
    op.create_index('orders_words_idx', 'orders', [sa.text(f'pairs_of_signs({SAID})')], postgresql_using='gin')


def downgrade() -> None:
    op.drop_index('orders_pool_idx', 'orders')
    op.drop_index('orders_unit_open_idx', 'orders')
    op.drop_index('orders_co_units_open_idx', 'orders')
    op.drop_index('orders_words_idx', 'orders')
    op.execute('DROP FUNCTION pairs_of_signs')
