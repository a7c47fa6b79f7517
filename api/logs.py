"""Logs as JSON lines on standard error: one event name, named fields, no values of requests."""

import sys

import structlog


def configure() -> None:
    """Tracebacks without local variables: those hold what callers said."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
