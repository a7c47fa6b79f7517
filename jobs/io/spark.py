"""Sessions of the one Spark driver (Spark Connect), and the queries that run in them."""

from typing import Any

from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.errors.exceptions.connect import SparkConnectGrpcException as ServerError
from pyspark.sql import SparkSession

USER = "ninelines"  # sessions are found again by user and id


class NoSparkError(Exception):
    """The Connect server does not answer."""


def open_session(remote: str, session_id: str) -> SparkSession:
    """A session of the server at `remote` (`sc://host:port`), with an id of ours. Raises NoSparkError."""
    url = f"{remote.rstrip('/')}/;user_id={USER};session_id={session_id}"
    try:
        session = SparkSession.builder.remote(url).create()
        session.conf.get("spark.sql.session.timeZone")
    except ServerError as error:
        raise NoSparkError(
            f"no Spark Connect server answers at {remote}; start it with `ninelines up spark`"
        ) from error
    return session


def close_session(session: SparkSession) -> None:
    """End what the session still runs, queries first, and give it back."""
    for query in session.streams.active:
        query.stop()
    session.interruptAll()
    session.stop()


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


def frame_of(session: SparkSession, rows: Any) -> Any:
    """Rows as a Spark frame: an Arrow table is sent to the server, a Spark frame stays what it is."""
    import pyarrow as pa

    return session.createDataFrame(rows) if isinstance(rows, pa.Table) else rows
