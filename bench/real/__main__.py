"""`python -m bench.real DATA_DIR [--only SET,SET] [--keep]`: real data through the whole pipeline.

Sends what is not in Kafka yet, runs the jobs, and prints the account of all data sets. Exit code 0 when every record is
accounted for, 1 when one is not or a job failed, 2 when the data are not there.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from bench.real import accounting, county, hot_issues, montgomery, payloads, pingshan, pipeline
from bench.real.packets import Packet
from infra.accounts import account, show
from infra.stack.ports import StackError
from jobs.io.model_files import classifier_folder, has_live, train_and_save
from jobs.settings import Settings
from jobs.simulate.corpus import corpus
from jobs.simulate.sending import send
from schemas.areas import load_county

SETS: dict[str, Callable[[Path], Iterator[Packet]]] = {
    pingshan.NAME: pingshan.deliveries,
    hot_issues.NAME: hot_issues.deliveries,
    montgomery.NAME: montgomery.deliveries,
    payloads.NAME: payloads.deliveries,
}
NEEDED = (Path(pingshan.FOLDER) / "events.csv.gz", hot_issues.FILE, montgomery.FILE, Path("payloads") / "gb28181")
TRAINING_TEXTS = 8_000


def main() -> int:
    asked = _parse()
    if missing := [str(path) for path in NEEDED if not (asked.data / path).exists()]:
        print(f"bench.real: {asked.data} lacks {', '.join(missing)}; give the folder that holds the data sets")
        return 2
    console = Console(width=None if sys.stdout.isatty() else 120)
    settings = pipeline.own_settings(Settings())
    try:
        return _run(asked.data, asked.only, settings, console)
    except (StackError, pipeline.JobFailedError) as error:
        console.print(f"bench.real: {error}", markup=False)
        return 1
    finally:
        if not asked.keep:
            pipeline.stop(settings, console.print)


def _run(data: Path, only: list[str], settings: Settings, console: Console) -> int:
    step = _Steps(console)
    county.write_rules(settings.rules_dir, sorted({*pingshan.townships(data), *montgomery.townships(data)}))
    step("stack")
    pipeline.start(settings, console.print)
    pipeline.migrate(settings)
    step("send")
    sent = [packet for name in only for packet in SETS[name](data)]
    new = send([packet.message for packet in sent], settings.kafka)
    console.print(f"   {new:,} messages sent, {len(sent) - new:,} were there")
    step("land, clean, link")
    pipeline.run_jobs(pipeline.INTAKE, settings, console.print)
    step("classify, assign, publish, warn")
    _train_once(settings)
    pipeline.run_jobs(pipeline.DECISIONS, settings, console.print)
    pipeline.warn(settings, console.print)
    show(account(settings), console)
    same, read = pingshan.original_reads_the_same(data)
    console.print(f"Pingshan's original in GB18030: {same} of {read} rows read the same as in the whole set")
    checked = accounting.by_set(settings.lake_uri, sent)
    console.print(accounting.grid(checked))
    step.end()
    return 0 if checked["adds_up"].all() and same == read else 1


def _train_once(settings: Settings) -> None:
    """A classifier of the simulator's texts, as the demo has it: the real sets carry no labels of ours."""
    folder = classifier_folder(settings.state_dir)
    if not has_live(folder):
        texts = corpus(9, TRAINING_TEXTS, load_county())
        train_and_save(texts["text"], texts["label"], folder, "the simulator's texts: says nothing about real ones")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.real", description="Real data through the pipeline.")
    parser.add_argument("data", type=Path, help="folder of the data sets")
    parser.add_argument("--only", type=_names, default=list(SETS), help=f"some of {','.join(SETS)}")
    parser.add_argument("--keep", action="store_true", help="leave the stack running")
    return parser.parse_args()


def _names(given: str) -> list[str]:
    names = given.split(",")
    if unknown := set(names) - set(SETS):
        raise argparse.ArgumentTypeError(f"no set is called {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    return names


class _Steps:
    """Says which step begins and how long the one before took."""

    def __init__(self, console: Console) -> None:
        self.console, self.begun, self.name = console, time.monotonic(), ""

    def __call__(self, name: str) -> None:
        self.end()
        self.name, self.begun = name, time.monotonic()
        self.console.print(f"[bold]{name}[/bold]")

    def end(self) -> None:
        if self.name:
            self.console.print(f"   {self.name}: {time.monotonic() - self.begun:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
