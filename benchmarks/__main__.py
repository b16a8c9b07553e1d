"""`python -m benchmarks [--only NAME] [--rounds N] …`: run benchmarks one after the other, never two at once."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks import first_picture, ingest, ladder
from benchmarks.analytics.benchmark import DEFAULT_SIZES, TITLE, Analytics
from benchmarks.analytics.dataset import SIZES
from benchmarks.door import benchmark as door
from benchmarks.door import idle, overload, visible
from benchmarks.pages import benchmark as pages_benchmark
from benchmarks.pages.benchmark import Pages
from benchmarks.player import benchmark as player
from benchmarks.process import ROOT, BenchmarkFailed
from benchmarks.record import Figure, Readings, machine, spreads, write_record
from benchmarks.report import Tell, print_table, telling
from viewbox.errors import ViewBoxError

KEPT_SETTINGS = frozenset({"VIEWBOX_FFMPEG", "VIEWBOX_FFPROBE"})  # which tool is there is the machine's business


@dataclass(frozen=True)
class Benchmark:
    """`rounds(folder, count, tell)` measures `count` rounds in an empty folder; the first one gives all figures.

    `details`: what stands behind them, filled meanwhile.
    """

    title: str
    figures: Sequence[Figure]
    parameters: Mapping[str, Any]
    steps_per_round: int
    rounds: Callable[[Path, int, Tell], list[Readings]]
    details: Sequence[Mapping[str, Any]] = ()


def analytics(sizes: Sequence[str], folder: Path | None) -> Benchmark:
    """The tables' benchmark, by size."""
    made = Analytics(sizes, folder)
    return Benchmark(TITLE, made.figures, made.parameters, made.steps_per_round, made.rounds, made.details)


def pages(sizes: Sequence[str], folder: Path | None) -> Benchmark:
    """The dashboard's benchmark, by size; it shares its data sets with `analytics`."""
    made = Pages(sizes, folder)
    return Benchmark(made.title, made.figures, made.parameters, made.steps_per_round, made.rounds)


BENCHMARKS = {
    "ladder": Benchmark(ladder.TITLE, ladder.FIGURES, ladder.PARAMETERS, ladder.STEPS, ladder.rounds),
    "first-picture": Benchmark(
        first_picture.TITLE, first_picture.FIGURES, first_picture.PARAMETERS, first_picture.STEPS, first_picture.rounds
    ),
    "door": Benchmark(door.TITLE, door.FIGURES, door.PARAMETERS, door.STEPS, door.rounds),
    "visible": Benchmark(visible.TITLE, visible.FIGURES, visible.PARAMETERS, visible.STEPS, visible.rounds),
    "overload": Benchmark(overload.TITLE, overload.FIGURES, overload.PARAMETERS, overload.STEPS, overload.rounds),
    "idle": Benchmark(idle.TITLE, idle.FIGURES, idle.PARAMETERS, idle.STEPS, idle.rounds),
    "ingest": Benchmark(ingest.TITLE, ingest.FIGURES, ingest.PARAMETERS, ingest.STEPS, ingest.rounds),
    "player": Benchmark(player.TITLE, player.FIGURES, player.PARAMETERS, player.STEPS, player.rounds),
    "pages": pages(pages_benchmark.DEFAULT_SIZES, None),
    "analytics": analytics(DEFAULT_SIZES, None),
}


def main(
    *,
    only: Annotated[list[str] | None, typer.Option(help=f"{', '.join(BENCHMARKS)}; repeatable")] = None,
    rounds: Annotated[int, typer.Option(min=1, max=50, help="how often each is repeated")] = 3,
    size: Annotated[
        list[str] | None,
        typer.Option(
            help=f"analytics and pages: events, {', '.join(SIZES)}; repeatable; 1M (analytics: and 10M) if not given"
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="analytics and pages: where data sets are kept for the next run; a temporary folder if not given"
        ),
    ] = None,
) -> None:
    """Measure what ViewBox costs, as ratios against a peer or a bare tool in the same run."""
    unknown = sorted(set(only or ()) - set(BENCHMARKS))
    if unknown:
        raise typer.BadParameter(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    wrong = sorted(set(size or ()) - set(SIZES))
    if wrong:
        raise typer.BadParameter(f"no size is called {', '.join(wrong)}; there are {', '.join(SIZES)}")
    kept = folder and folder.absolute()
    benchmarks = {
        **BENCHMARKS,
        "pages": pages(size or pages_benchmark.DEFAULT_SIZES, kept),
        "analytics": analytics(size or DEFAULT_SIZES, kept),
    }
    for name in [name for name in os.environ if name.startswith("VIEWBOX_") and name not in KEPT_SETTINGS]:
        del os.environ[name]  # the defaults are measured, whatever this shell is set to
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # blocks end: servers are stopped, folders removed
    failed = False
    for name in only or BENCHMARKS:
        try:
            _measure(name, benchmarks[name], rounds)
        except (BenchmarkFailed, ViewBoxError) as error:
            failed = True
            print(f"benchmarks: {name}: {error}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


def _measure(name: str, benchmark: Benchmark, rounds: int) -> None:
    where = machine()
    with (
        tempfile.TemporaryDirectory(prefix=f"viewbox-bench-{name}-") as folder,
        telling(name, benchmark.steps_per_round * rounds) as tell,
    ):
        readings = benchmark.rounds(Path(folder), rounds, tell)
    found = spreads(benchmark.figures, readings)
    record = write_record(name, where, {**benchmark.parameters, "rounds": rounds}, found, benchmark.details)
    print_table(f"{name}: {benchmark.title}", where, found, record.relative_to(ROOT))


if __name__ == "__main__":
    typer.run(main)
