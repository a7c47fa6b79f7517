"""warn_hour: hours in which a township reported unusually much of one category."""

from jobs.batch._warning_window import warn
from jobs.context import Context, Result


def run(context: Context) -> Result:
    """Warnings of the window's whole hours, Asia/Shanghai."""
    return warn(context, "hour")
