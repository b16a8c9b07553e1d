"""The SQL models say what the contract says, for streams of events that nobody thought of."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.property import oracle
from tests.property.streams import STARTED_MS, as_rows, events_table, streams
from viewbox.rollups.derive import Models
from viewbox.rollups.ledger import Length, Revision

NOW_MS = STARTED_MS + 400_000  # views whose last event is older than 100 s into the view are timed out
DURATIONS = [0.4, 1.5, 5.28, 5.6, 60.0, None]
Counts = Counter[tuple[str, int, str]]  # (video_id, second, column) -> amount
Views = dict[str, Any]  # view_id -> (events, bot, video_id, duration_s)
# Many views share one run of the models, so shrinking an example would tell little and take minutes.
FIND_ONLY = (Phase.explicit, Phase.reuse, Phase.generate)
SECONDS_COLUMNS = (
    "plays", "views", "reached", "starts", "exits", "landed", "left_by_seek", "skipped", "skip_views", "paused",
    "stalled", "stall_ms", "rate_weighted",
)  # fmt: skip


@settings(max_examples=25, deadline=None, phases=FIND_ONLY, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(streams(), st.integers(0, 9).map(lambda roll: roll == 0)), min_size=12, max_size=24))
def test_views_and_seconds_are_what_the_contract_says(told: list[Any]) -> None:
    views = {
        f"view-{number:02d}": (events, bot, f"video-{number % len(DURATIONS)}", DURATIONS[number % len(DURATIONS)])
        for number, (events, bot) in enumerate(told)
    }
    rows, seconds = _by_models(views)
    expected = _lengths(views)
    wanted_seconds: Counts = Counter()
    for name, (events, bot, video_id, duration_s) in views.items():
        wanted = oracle.view(events, duration_s, NOW_MS, started_ms=STARTED_MS, bot=bot)
        got = {key: rows[name][key] for key in wanted}
        assert got == {
            key: pytest.approx(value, abs=1e-6) if isinstance(value, float) else value for key, value in wanted.items()
        }, (duration_s, sorted(events, key=lambda event: event["seq"]))
        for (k, column), amount in oracle.seconds(events, wanted, duration_s, expected[video_id, 1].slices).items():
            wanted_seconds[video_id, k, column] += amount
    assert {key: value for key, value in seconds.items() if value} == {
        key: pytest.approx(value) for key, value in wanted_seconds.items() if value
    }


@settings(max_examples=15, deadline=None, phases=FIND_ONLY, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(streams(), streams()), min_size=4, max_size=8))
def test_a_change_of_seconds_is_the_new_count_less_the_old(told: list[Any]) -> None:
    before = {f"view-{n}": (old, False, "video", 60.0) for n, (old, _) in enumerate(told)}
    after = {f"view-{n}": (new, False, "video", 60.0) for n, (_, new) in enumerate(told)}
    now, then = _state(after), _state(before)
    with Models() as models:
        change = models.seconds(_signed(now, then))
        counted = _seconds_of(models.seconds(_signed(now, now.slice(0, 0))))
        counted.subtract(_seconds_of(models.seconds(_signed(then, then.slice(0, 0)))))
    assert _seconds_of(change) == {
        key: pytest.approx(value, abs=1e-6) for key, value in counted.items() if abs(value) > 1e-6
    }
    assert all(any(row[column] for column in SECONDS_COLUMNS) for row in change.to_pylist())


def _by_models(views: Views) -> tuple[dict[str, Any], Counts]:
    views_table = _state(views)
    with Models() as models:
        seconds = models.seconds(_signed(views_table, views_table.slice(0, 0)))
    return {row["view_id"]: row for row in views_table.to_pylist()}, _seconds_of(seconds)


def _state(views: Views) -> pa.Table:
    rows = [
        row
        for name, (events, bot, video_id, _duration_s) in views.items()
        for row in as_rows(name, events, video_id=video_id, bot=bot)
    ]
    with Models(events_table(rows)) as models:
        models.draft()
        return models.views(_lengths(views), now_ms=NOW_MS, step=1)


def _lengths(views: Views) -> dict[Revision, Length]:
    extents: dict[str, float] = {}
    for events, bot, video_id, duration_s in views.values():
        valid = oracle.view(events, duration_s, NOW_MS, started_ms=STARTED_MS, bot=bot)["is_valid"]
        reached = oracle.furthest(events) if valid else 0.0
        extents[video_id] = max(extents.get(video_id, 0.0), reached) if duration_s is None else duration_s
    durations = {video_id: duration_s for _, _, video_id, duration_s in views.values()}
    return {
        (video_id, 1): Length(durations[video_id], oracle.slices(extent_s)) for video_id, extent_s in extents.items()
    }


def _signed(now: pa.Table, before: pa.Table) -> pa.Table:
    signs = pa.array([1] * now.num_rows + [-1] * before.num_rows, pa.int64())
    return pa.concat_tables([now, before]).append_column("sign", signs)


def _seconds_of(table: pa.Table) -> Counts:
    return Counter(
        {
            (row["video_id"], row["second"], column): row[column]
            for row in table.to_pylist()
            for column in SECONDS_COLUMNS
            if row[column]
        }
    )
