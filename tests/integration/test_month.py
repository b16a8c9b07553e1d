"""A month of steady traffic on a simulated clock: few live files in every table, and no reader notices upkeep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.messages import START_MS, catalog_of, interval, play, settings_in, view_id, wire
from viewbox.intake import Intake
from viewbox.lake import compaction
from viewbox.maintainer import Maintainer, Refresher
from viewbox.rollups import Rollups
from viewbox.settings import Settings
from viewbox.spool import Spool
from viewbox.testing import FakeClock

DAY_MS = 86_400_000
TABLES = ("events", "dead_letters", "views", "intervals", "days", "seconds")
MOST_FILES = 100  # of a table, at any moment of a month
VIEWS = 4  # that begin in a step


def month(
    settings: Settings, *, days: int, steps_a_day: int, rollups: Callable[..., Refresher] = Rollups
) -> Iterator[dict[str, int]]:
    """Traffic all day long; after each step the number of live files of each table that there is.

    In a step new views begin, those of the step before go on, one goes on that began two days ago, and one message is
    refused. A reader holds the snapshot of a step until the next one has passed.
    """
    clock = FakeClock(START_MS)
    began: list[tuple[int, int]] = []  # number, time
    step_ms = DAY_MS // steps_a_day
    with (
        Spool(settings.spool_dir) as spool,
        Maintainer(settings, clock=clock, rollups=lambda its, catalog: rollups(its, catalog, clock)) as maintainer,
    ):
        intake = Intake(settings, catalog_of(settings), spool, clock=clock)
        held: tuple[DeltaTable, int] | None = None
        for step in range(days * steps_a_day):
            clock.advance(ms=step_ms)
            now_ms = clock.now_ms()
            new = [(step * VIEWS + number, now_ms) for number in range(VIEWS)]
            lines = [told(number, at_ms, play(0), interval(1)) for number, at_ms in new]
            lines += [told(number, at_ms, interval(2)) for number, at_ms in began[-VIEWS:]]
            lines += [told(number, at_ms, interval(3)) for number, at_ms in began[-VIEWS * 2 * steps_a_day :][:1]]
            began += new
            intake.accept([*lines, b"{"], received_at_ms=now_ms)
            maintainer.step()
            if held is not None:
                table, rows = held
                assert table.to_pyarrow_table(columns=["seq"]).num_rows == rows, "a reader's snapshot changed"
            table = DeltaTable(f"{settings.lake}/events")
            held = table, sum(table.get_add_actions(flatten=True)["num_records"].to_pylist())
            yield {path.name: len(DeltaTable(str(path)).file_uris()) for path in Path(settings.lake).iterdir()}
        keys = DeltaTable(f"{settings.lake}/events").to_pyarrow_table(columns=["view_id", "seq"]).to_pylist()
        assert max(Counter((key["view_id"], key["seq"]) for key in keys).values()) == 1
        assert len(keys) >= days * steps_a_day * VIEWS * 2


def told(number: int, at_ms: int, *events: dict[str, object]) -> bytes:
    times = {"view_id": view_id(number, at_ms=at_ms), "started_at_ms": at_ms, "sent_at_ms": at_ms + 60_000}
    return wire(*events, number=number, video_id=f"video-{number % 5}", **times)


def most_of(counts: Iterator[dict[str, int]]) -> dict[str, int]:
    """The largest number of files that each table ever had."""
    most = dict.fromkeys(TABLES, 0)
    for files in counts:
        most |= {name: max(most[name], count) for name, count in files.items()}
    return most


def test_a_tenth_of_a_month_at_a_tenth_of_the_bounds_leaves_few_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compaction, "OPEN_FILES", compaction.OPEN_FILES // 10)
    monkeypatch.setattr(compaction, "SPARE_FILES", compaction.SPARE_FILES // 10)
    settings = settings_in(tmp_path, executor="inline")
    most = most_of(month(settings, days=5, steps_a_day=4))

    assert max(most.values()) <= MOST_FILES // 10 + 2, most  # two more days than a tenth of a month
    assert min(most.values()) >= 2, most
