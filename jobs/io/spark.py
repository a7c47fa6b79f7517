"""Sessions of the one Spark driver (Spark Connect), and the queries that run in them."""

import socket
from urllib.parse import urlsplit

from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql import SparkSession

USER = "ninelines"  # sessions are found again by user and id
# Collected as garbage, a session closes its client once more, and with it the thread pool that all sessions share: a
# deadlock where another session is starting a thread at that moment. So what was closed is kept until the end.
_CLOSED: list[SparkSession] = []


class NoSparkError(Exception):
    """The Connect server does not answer."""


def open_session(remote: str, session_id: str) -> SparkSession:
    """A session of the server at `remote` (`sc://host:port`), with an id of ours. Raises NoSparkError."""
    _require_answer(remote)
    url = f"{remote.rstrip('/')}/;user_id={USER};session_id={session_id}"
    session: SparkSession = SparkSession.builder.remote(url).create()
    return session


def _require_answer(remote: str) -> None:
    """Spark's own client would go on knocking for ten minutes."""
    address = urlsplit(remote)
    try:
        socket.create_connection((address.hostname or "", address.port or 15002), timeout=5).close()
    except OSError as error:
        raise NoSparkError(f"no Spark answers at {remote} ({error}); start it with `ninelines up spark`") from error


def close_session(session: SparkSession) -> None:
    """End what the session still runs, queries first, and give it back."""
    for query in session.streams.active:
        query.stop()
    session.interruptAll()
    session.stop()
    _CLOSED.append(session)


def end_left_session(remote: str, session_id: str) -> list[str]:
    """End what a killed client left running in the server; names of the queries that were still alive.

    Nothing is left where the server was restarted since, or gave the session up by itself.
    """
    try:
        session = open_session(remote, session_id)
        alive = [str(query.name) for query in session.streams.active]
        close_session(session)
    except (SparkConnectException, NoSparkError):
        return []
    return alive
