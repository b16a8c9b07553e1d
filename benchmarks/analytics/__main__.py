"""`python -m benchmarks.analytics --folder PATH [--size 10M] [--peer DuckDB …] [--only TEXT]`: where does time go?

For a person who tunes: the questions of the query set at one size, the slowest first, with the table that answered.
Nothing is recorded. Answers of peers are compared as in the benchmark.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.analytics import peers
from benchmarks.analytics.dataset import SIZES, prepared, with_fresh_tables
from benchmarks.analytics.ours import ViewBox
from benchmarks.analytics.query_set import Measured, measure
from benchmarks.process import BenchmarkFailed
from benchmarks.report import shown, telling

WIDTH = 140  # of a log


def main(
    *,
    size: Annotated[str, typer.Option(help=f"events: {', '.join(SIZES)}")] = "1M",
    folder: Annotated[
        Path | None, typer.Option(help="where data sets are kept for the next run; a temporary folder if not given")
    ] = None,
    peer: Annotated[
        list[str] | None, typer.Option(help=f"beside ViewBox: {', '.join(peers.PEERS)}; repeatable")
    ] = None,
    only: Annotated[str, typer.Option(help="questions whose name holds this text")] = "",
    repeats: Annotated[int, typer.Option(min=1, help="how often each question is asked")] = 5,
) -> None:
    """Print the slowest questions of the dashboard's query set."""
    unknown = sorted(set(peer or ()) - set(peers.PEERS)) + sorted({size} - set(SIZES))
    if unknown:
        raise typer.BadParameter(f"there is no {', '.join(unknown)}")
    temporary = None if folder else tempfile.mkdtemp(prefix="viewbox-bench-analytics-")
    home = (folder or Path(str(temporary))).absolute()
    home.mkdir(parents=True, exist_ok=True)
    try:
        with telling("analytics", 0) as tell:
            tell("the audience")
            dataset = with_fresh_tables(prepared(home, size))
            wanted = [name for name in peers.names(size, peer or ()) if name in (peer or ())]
            measured = measure(dataset, wanted, tell, repeats=repeats, only=only)
        print_questions(measured, [ViewBox.name, *wanted], f"{dataset.events:,} events, slowest first")
    except BenchmarkFailed as error:
        raise typer.BadParameter(str(error)) from error
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)


def print_questions(measured: Measured, engines: list[str], title: str) -> None:
    """Medians in milliseconds, then the whole set."""
    table = Table(title=title, title_justify="left")
    table.add_column("question")
    for engine in engines:
        table.add_column(f"{engine}, ms", justify="right")
    table.add_column("answered by")
    for one in sorted(measured.asked, key=lambda one: one.median_ms(ViewBox.name), reverse=True):
        table.add_row(one.question.name, *(shown(one.median_ms(engine)) for engine in engines), one.answered_by)
    table.add_section()
    table.add_row("all of them", *(shown(measured.total_ms(engine)) for engine in engines), "")
    table.add_row("p50", shown(measured.percentile_ms(0.5)), *("" for _ in engines))
    table.add_row("p95", shown(measured.percentile_ms(0.95)), *("" for _ in engines))
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


if __name__ == "__main__":
    typer.run(main)
