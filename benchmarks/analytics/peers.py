"""Who answers beside ViewBox, and up to which size."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from benchmarks.analytics.dataset import SIZES, DataSet
from benchmarks.analytics.questions import Question
from benchmarks.process import BenchmarkFailed

PANDAS_UP_TO = SIZES["10M"]  # beyond, its frame fills the memory of an ordinary machine
PEERS = {"DuckDB": "duckdb_raw.DuckDB", "chDB": "chdb_raw.ClickHouse", "pandas": "pandas_raw.Pandas"}


class Peer(Protocol):
    """Answers questions from the raw events of a data set, as an Arrow table or a pandas frame."""

    name: str

    def answer(self, question: Question) -> Any: ...

    def close(self) -> None: ...


def names(size: str, wanted: Sequence[str] = ()) -> list[str]:
    """Peers that are measured at a size."""
    return [
        name for name in PEERS if (not wanted or name in wanted) and (name != "pandas" or SIZES[size] <= PANDAS_UP_TO)
    ]


@contextmanager
def opened(dataset: DataSet, durations: Mapping[str, float], wanted: Sequence[str]) -> Iterator[list[Peer]]:
    """These peers over a data set, with as many threads as DuckDB takes for ViewBox: all cores.

    Raises BenchmarkFailed when a package is not installed.
    """
    with ExitStack() as stack:
        found: list[Peer] = []
        for name in wanted:
            module, _, kind = PEERS[name].partition(".")
            try:
                make = getattr(importlib.import_module(f"benchmarks.analytics.{module}"), kind)
            except ModuleNotFoundError as error:
                raise BenchmarkFailed(
                    f"{error.name} is not installed: `make bench` does it, or `pip install 'viewbox[bench]'`"
                ) from None
            found.append(stack.enter_context(closing(make(dataset.raw_glob, durations, cores(), _scratch(dataset)))))
        yield found


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _scratch(dataset: DataSet) -> Path:
    folder = dataset.folder / "scratch"
    folder.mkdir(exist_ok=True)
    return folder
