"""What a job is given, and the two ways it may end early."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jobs.settings import Settings

if TYPE_CHECKING:
    from jobs.io.lake import Lake

Result = dict[str, Any]  # small, JSON-ready: what the job did, in counts; Airflow shows it


class NothingToDoError(Exception):
    """There is no new input: exit code 99, Airflow marks the task as skipped."""


class DataError(Exception):
    """The data or the arguments are wrong, and trying again cannot help: exit code 2. Says what to correct."""


class NoSpaceError(Exception):
    """The lake's disk is full. What was there is as it was."""


@dataclass(frozen=True)
class Context:
    """One run of one job. start and end cut a window [start, end) of time, both with a zone; None where not given."""

    settings: Settings
    now: datetime
    start: datetime | None = None
    end: datetime | None = None
    options: tuple[str, ...] = ()  # further words of the command line, `name=value`
    is_continuous: bool = False  # streams only

    @cached_property
    def lake(self) -> "Lake":
        """The lake; a Spark session is opened only for a stream."""
        from jobs.io.lake import Lake

        return Lake(self.settings)

    def at(self, now: datetime) -> "Context":
        """The same run at a later moment, with the same lake: for a service that works in rounds."""
        later = replace(self, now=now)
        later.__dict__["lake"] = self.lake
        return later
