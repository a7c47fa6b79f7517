"""`python -m api.migrate`: bring the store's tables to this version. Safe to run from several places at once.

`python -m api.migrate --new "what changes"` writes the next revision from the difference between the migrated
store and `schemas.tables`; read it before you keep it.
"""

import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from api.happenings.queries import settle
from jobs.settings import Settings

LOCK = "ninelines migrations"


def main() -> None:
    """Migrate; with `--new TEXT` also write the next revision."""
    engine = sa.create_engine(Settings().store_url)
    migrate(engine)
    with engine.begin() as connection:
        settle(connection)
    if sys.argv[1:2] == ["--new"]:
        with engine.begin() as connection:
            config = _config(connection)
            number = f"{len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1:04}"
            command.revision(config, message=" ".join(sys.argv[2:]), autogenerate=True, rev_id=number)


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to the newest revision; whoever comes second waits and finds nothing to do."""
    with engine.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(LOCK, 0))))
        command.upgrade(_config(connection), "head")


def is_migrated(connection: sa.Connection) -> bool:
    """Whether the tables are at the newest revision this code knows."""
    wanted = ScriptDirectory.from_config(_config(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == wanted


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


if __name__ == "__main__":
    main()
