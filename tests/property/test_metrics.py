"""Every metric's answer is the oracle's, whatever is asked: any period, filter, grouping and grain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.property import oracle_tables as oracle
from tests.property.lake import CATALOG, lake
from tests.property.oracle_curves import CURVES, OF_ALL_REVISIONS
from tests.property.oracle_metrics import SCALARS
from tests.property.oracle_selection import Group, Question
from tests.property.oracle_views import Row
from tests.property.seeds import by_seed
from tests.property.streams import NOW, audience, rows
from tests.sql.world import World
from viewbox.metrics import metrics, parse_selection, run

VIEWS = 600
QUESTIONS = 50  # of one world; each to some metrics
BERLIN = ZoneInfo("Europe/Berlin")
FILTERS = {
    "browser": ["Firefox", "Chrome", ""], "country": ["DE", "FR", ""], "custom.plan": ["pro", "free", ""],
    "custom.seat": ["7"], "experiment.intro": ["a", "b", ""], "viewer_kind": ["known", "stored", "page"],
    "source": ["player", "synthetic", "external"], "autoplay": ["true", "false"], "language": ["en"],
}  # fmt: skip
PARAMS = {
    "per": ["view", "viewer"],
    "points": ["0", "100", "7"],
    "revision": ["1", "2"],
    "completed_at": ["0.5", "0.9"],
}
# Made of chance or of other metrics; their golden cases and simulations prove them.
ELSEWHERE = {"compare", "key_moments", "relative_retention", "arrivals", "segment_stalls", "slow_starts"}
VIDEO_CHOICES = [None, "60", "60", "60", "remade", "5.6", "0.4", "10h", "reported", "silent-1"]
CURRENT_REVISION = {"remade": 2}


@by_seed(2)
def test_every_metric_is_what_the_contract_says(seed: int) -> None:
    chance = Random(seed)
    with lake(rows(audience(seed, VIEWS))) as world:
        everything = oracle.views(world.engine.tables()["events"].to_pylist(), CATALOG, NOW)
        for _ in range(QUESTIONS):
            name = chance.choice([*SCALARS, *CURVES, *CURVES])
            question = ask(chance, name)
            wanted = answer(name, question, everything)
            check(world, name, question, wanted)


def test_a_metric_without_an_oracle_is_known_by_name() -> None:
    assert set(metrics()) - set(SCALARS) - set(CURVES) == ELSEWHERE


def ask(chance: Random, name: str) -> Question:
    moments = [
        *(datetime(2026, 11, day, tzinfo=UTC) for day in (21, 22, 23, 24)),
        *(datetime(2026, 11, day, tzinfo=BERLIN) for day in (22, 23)),
        datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 11, 22, 23, tzinfo=UTC),
        NOW - timedelta(minutes=10, milliseconds=chance.randrange(400_000)),
    ]  # fmt: skip
    since, until = sorted(chance.sample(moments, 2))
    filters = {
        dimension: tuple(chance.sample(values, chance.choice([1, 1, min(2, len(values))])))
        for dimension, values in chance.sample(
            sorted(FILTERS.items()), chance.choice([0, 0, 0, 1] if name in CURVES else [0, 0, 1, 2])
        )
    }
    known = metrics()[name].params.keys()
    return Question(
        video_id=chance.choice(VIDEO_CHOICES),
        since=chance.choice([None, None, since]),
        until=chance.choice([None, None, until]),
        filters=filters,
        by="video" if name in CURVES else chance.choice(["video", "video", "all", "browser", "custom.plan", "country"]),
        grain=chance.choice([None, None, None, None, "hour", "day", "week", "month"]),
        timezone=chance.choice(["UTC", "Europe/Berlin"]),
        params={one: chance.choice(PARAMS[one]) for one in sorted(known & PARAMS.keys()) if chance.random() < 0.5},
    )  # fmt: skip


def answer(name: str, question: Question, everything: Sequence[oracle.View]) -> dict[Group, list[Row]]:
    """Rows by group."""
    found = {}
    for group, chosen in question.groups(everything).items():
        if name in SCALARS:
            row = SCALARS[name](chosen, question, everything)
            rows = [] if row is None else [row]
        else:
            video = str(group[0])
            revision = int(question.params.get("revision", CURRENT_REVISION.get(video, 1)))
            shown = [view for view in chosen if view.row["is_valid"]]
            if name not in OF_ALL_REVISIONS:
                shown = [view for view in shown if view.row["revision"] == revision]
            rows = CURVES[name](shown, question) if shown else []
        if rows:
            found[group] = rows
    return found


def check(world: World, name: str, question: Question, wanted: dict[Group, list[Row]]) -> None:
    result = run(world.engine, name, parse_selection(question.pairs(), question.timezone))
    got: dict[Group, list[Row]] = {}
    label = {"video": "video_id", "all": None}.get(question.by, question.by)
    for row in result.table.to_pylist():
        got.setdefault((label and row[label], row.get("period")), []).append(row)
    asked_for = question.video_id if question.by == "video" else None
    if not wanted and (question.by == "all" or asked_for) and question.grain is None and metrics()[name].is_scalar:
        empty = {"null": None}.get(metrics()[name].empty, metrics()[name].empty)
        (row,) = got.pop((asked_for, None))
        assert (row[name], row["n"]) == (empty if empty is None else float(empty), 0), (name, question)
    assert got.keys() == wanted.keys(), (name, question)
    for group, expected in wanted.items():
        assert len(got[group]) == len(expected), (name, question, group)
        for mine, theirs in zip(got[group], expected, strict=True):
            for column, value in theirs.items():
                assert alike(mine[column], value), (name, question, group, column, mine, theirs)


def alike(left: Any, right: Any) -> bool:
    """Numbers to a billionth."""
    if isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    if isinstance(right, dict):
        return all(alike(left[name], value) for name, value in right.items())
    if left is None or right is None or isinstance(right, str | datetime):
        return bool(left == right)
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
