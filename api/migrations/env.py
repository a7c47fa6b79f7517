"""Alembic's entry point; `api.migrate` hands it the connection."""

from alembic import context

from schemas.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
