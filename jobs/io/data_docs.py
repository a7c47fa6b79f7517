"""Great Expectations with its files in one folder: ask a table's suite, and publish Data Docs (HTML) for people.

Importing the library takes ten seconds, so import this module only where there is something to check.
"""

import os
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
import pandas as pd
from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)

from jobs.transforms.expectations import expectations, merged
from schemas.lake import Table

# Counts only: what a row says never reaches the results.
COUNTS_ONLY = {"result_format": "BASIC", "exclude_unexpected_values": True}
SOURCE = "lake"


class DataDocs:
    """The library's house in a folder. Keeps the newest result of each table and scope; history is in `ops.quality`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._files = folder / "gx" / "uncommitted"
        self._house = gx.get_context(mode="file", project_root_dir=folder)
        self._house.variables.progress_bars = {"globally": False}
        self._source = self._house.data_sources.add_or_update_pandas(SOURCE)
        self._new: list[ValidationResultIdentifier] = []

    def verdict(
        self, table: Table, parts: Iterable[pd.DataFrame], scope: str, now: datetime
    ) -> ExpectationSuiteValidationResult:
        """What the table's suite says of these rows, all parts together; it becomes a page with `publish`."""
        suite = gx.ExpectationSuite(name=table.name, expectations=expectations(table.record))
        suite = self._house.suites.add_or_update(suite)
        asset = self._source.add_dataframe_asset(table.name)
        whole = asset.add_batch_definition_whole_dataframe(scope)
        found = merged(
            [whole.get_batch({"dataframe": part}).validate(suite, result_format=COUNTS_ONLY) for part in parts]
        )
        self._keep(table.name, scope, found, now)
        return found

    def publish(self) -> None:
        """Write the pages of this check, all at once: most of the time of a page is the index."""
        self._house.build_data_docs(resource_identifiers=self._new)

    def _keep(self, name: str, scope: str, found: ExpectationSuiteValidationResult, now: datetime) -> None:
        for kept in (self._files / "validations", self._files / "data_docs" / "local_site" / "validations"):
            shutil.rmtree(kept.joinpath(*name.split("."), scope), ignore_errors=True)
        run = gx.RunIdentifier(run_name=scope, run_time=now)
        key = ValidationResultIdentifier(ExpectationSuiteIdentifier(name), run, SOURCE)
        self._house.validation_results_store.set(key, found)
        self._new += [key, ExpectationSuiteIdentifier(name)]
