"""The arithmetic of the benchmark `analytics`, its figures, and how it counts memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.analytics import benchmark, dataset, memory, peers
from benchmarks.analytics.equality import by_key
from benchmarks.analytics.query_set import Asked, Measured
from benchmarks.analytics.questions import Question
from benchmarks.analytics.slices import Slices
from benchmarks.analytics.timing import percentile, repeated_ms
from benchmarks.record import Figure, spreads
from tests.support import until
from viewbox.metrics import Selection

MEBIBYTE = 1024**2


def asked(ours: list[float], theirs: list[float]) -> Asked:
    question = Question(name="views", metric="views", selection=Selection(by="all"))
    return Asked(question, "", times_ms={"ViewBox": ours, "DuckDB": theirs})


def test_the_set_is_summed_by_medians_and_its_percentile_is_over_all_answers() -> None:
    measured = Measured([asked([1, 2, 9], [30, 10, 20]), asked([8, 8, 8], [20, 20, 20])], unique_viewers=0)

    assert measured.total_ms("ViewBox") == 10
    assert measured.faster("DuckDB") == 4
    assert measured.least_faster("DuckDB") == 2.5
    assert measured.percentile_ms(0.5) == 8


def test_a_percentile_lies_on_the_line_between_its_neighbours() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.5
    assert percentile(list(range(101)), 0.95) == 95
    assert percentile([7.0], 0.95) == 7.0


def test_a_call_is_repeated_as_often_as_asked() -> None:
    calls: list[int] = []

    assert len(repeated_ms(lambda: calls.append(1), 3)) == len(calls) == 3


def test_slices_of_clips_and_of_ten_hours() -> None:
    assert Slices.of(5.28).count == 5
    assert Slices.of(5.6).count == 6
    assert Slices.of(0.8).middle_s == 0.4
    assert Slices.of(36_000.0).half_width == 180


def test_what_only_the_first_round_measured_is_told_of_that_round() -> None:
    found = spreads([Figure("always", "s"), Figure("once", "s")], [{"always": 1.0, "once": 5.0}, {"always": 3.0}])

    assert (found[0].median, found[0].rounds) == (2.0, [1.0, 3.0])
    assert (found[1].median, found[1].rounds) == (5.0, [5.0])


def test_figures_of_several_sizes_end_with_the_largest_against_the_smallest() -> None:
    made = benchmark.Analytics(("100M", "1M"), None)
    names = [figure.name for figure in made.figures]

    assert names[-2:] == ["p95, 100M ÷ 1M", "refresh, 100M ÷ 1M"]
    assert "1M: pandas ÷ ViewBox, query set" in names
    assert "100M: pandas ÷ ViewBox, query set" not in names
    assert len(set(names)) == len(names)


def test_pandas_ends_at_ten_million() -> None:
    assert peers.names("10M") == ["DuckDB", "chDB", "pandas"]
    assert peers.names("100M") == ["DuckDB", "chDB"]


def test_memory_is_that_of_all_processes_of_a_session() -> None:
    """A program that holds 64 MiB starts another that does; each says when it has touched its pages."""
    hold = "b = bytearray(64 * 1024 * 1024); b[::4096] = b'x' * len(b[::4096]); print('held', flush=True); input()"
    starts_another = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}"
    with subprocess.Popen(
        [sys.executable, "-c", starts_another], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as program:
        assert program.stdout is not None
        assert program.stdin is not None
        assert [program.stdout.readline() for _ in range(2)] == [b"held\n", b"held\n"]
        peak = memory.Peak()
        with peak.of(program.pid):
            until(lambda: peak.bytes > 0)
        program.stdin.write(b"\n\n")
        program.stdin.close()
    assert 128 * MEBIBYTE < peak.bytes < 400 * MEBIBYTE


def test_a_copy_to_write_to_leaves_the_data_set_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "events-1M"
    (home / "data").mkdir(parents=True)
    (home / "data" / "index.sqlite").write_bytes(b"before")
    (home / "data" / "part.parquet").write_bytes(b"rows")

    with dataset.cloned(dataset.DataSet("1M", 1, home)) as copy:
        (copy.data_dir / "index.sqlite").write_bytes(b"after")
        assert (copy.data_dir / "part.parquet").samefile(home / "data" / "part.parquet")

    assert (home / "data" / "index.sqlite").read_bytes() == b"before"
    assert not copy.folder.exists()


@pytest.mark.parametrize("unknown", [None, "", float("nan")])
def test_the_unknown_is_one_key_however_an_engine_writes_it(unknown: object) -> None:
    question = Question(name="x", metric="views", selection=Selection(by="country"))

    class Frame:
        def to_dict(self, orient: str) -> list[dict[str, object]]:
            assert orient == "records"
            return [{"country": unknown, "views": 3}]

    assert by_key(question, Frame()) == {(None,): {"views": 3}}
