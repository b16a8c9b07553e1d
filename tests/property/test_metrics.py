"""Every metric's answer is the oracle's, whatever is asked: any period, filter, grouping and grain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from tests.property import oracle_tables as oracle
from tests.property.lake import CATALOG, lake
from tests.property.oracle_curves import CURVES as PLAIN_CURVES
from tests.property.oracle_curves import OF_ALL_REVISIONS
from tests.property.oracle_intervals import SAMPLES, difference, interval
from tests.property.oracle_metrics import SCALARS
from tests.property.oracle_moments import key_moments, relative_retention
from tests.property.oracle_selection import Group, Question
from tests.property.oracle_views import Row
from tests.property.seeds import by_seed
from tests.property.streams import NOW, audience, rows
from tests.sql.world import World
from viewbox.metrics import metrics, parse_selection, run

VIEWS = 600  # of one world
WORLDS = 4  # 2,400 streams
QUESTIONS = 50  # to one world; each to some metric
COMPARISONS = 15  # in one world
CURVES = PLAIN_CURVES | {"key_moments": key_moments}
OFTEN = ["key_moments"] * 4  # what hides most
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
LABELS = ["video", "video", "all", "browser", "custom.plan", "country"]
LIBRARY = {"relative_retention"}
# The counts behind stories, beyond the contract's metrics: golden cases and planted audiences prove them.
ELSEWHERE = {"arrivals", "segment_stalls", "slow_starts"}
ENDS = ("ci_low", "ci_high")
VIDEO_CHOICES = [None, "60", "60", "60", "remade", "5.6", "0.4", "10h", "reported", "silent-1"]
CURRENT_REVISION = {"remade": 2}


@by_seed(WORLDS)
def test_every_metric_is_what_the_contract_says(seed: int) -> None:
    chance = Random(seed)
    with lake(rows(audience(seed, VIEWS))) as world:
        everything = oracle.views(world.engine.tables()["events"].to_pylist(), CATALOG, NOW)
        for _ in range(QUESTIONS):
            name = chance.choice([*SCALARS, *CURVES, *CURVES, *LIBRARY, *OFTEN])
            question = ask(chance, name)
            wanted = answer(name, question, everything)
            check(world, name, question, wanted)
        for _ in range(COMPARISONS):
            compare_two(world, chance, everything)


def test_every_metric_has_an_oracle() -> None:
    assert {*SCALARS, *CURVES, *LIBRARY, *ELSEWHERE, "compare"} == set(metrics())
    assert {name for name, metric in metrics().items() if metric.interval} - ELSEWHERE == set(SAMPLES)


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
            sorted(FILTERS.items()), chance.choice([0, 0, 0, 1] if name not in SCALARS else [0, 0, 1, 2])
        )
    }
    known = metrics()[name].params.keys()
    return Question(
        video_id=chance.choice(VIDEO_CHOICES),
        since=chance.choice([None, None, since]),
        until=chance.choice([None, None, until]),
        filters=filters,
        by=chance.choice(LABELS) if name in SCALARS else "video",
        grain=chance.choice([None, None, None, None, "hour", "day", "week", "month"]),
        timezone=chance.choice(["UTC", "Europe/Berlin"]),
        params={
            one: chance.choice(PARAMS[one][name in LIBRARY :])  # which has no answer for single slices
            for one in sorted(known & PARAMS.keys()) if chance.random() < 0.5
        },
    )  # fmt: skip


def answer(name: str, question: Question, everything: Sequence[oracle.View]) -> dict[Group, list[Row]]:
    """Rows by group."""
    if name in LIBRARY:
        return library_answer(question, everything)
    found = {}
    for group, chosen in question.groups(everything).items():
        if name in SCALARS:
            row = SCALARS[name](chosen, question, everything)
            if row is not None and name in SAMPLES:
                row |= dict(zip(ENDS, interval(name, chosen, question), strict=True))
            rows = [] if row is None else [row]
        else:
            shown = shown_views(name, str(group[0]), chosen, question)
            rows = CURVES[name](shown, question) if shown else []
        if rows:
            found[group] = rows
    return found


def library_answer(question: Question, everything: Sequence[oracle.View]) -> dict[Group, list[Row]]:
    """Every video is looked at, and those that were asked for are answered."""
    periods: dict[Any, dict[str, list[oracle.View]]] = {}
    for (video, period), chosen in replace(question, video_id=None).groups(everything).items():
        periods.setdefault(period, {})[str(video)] = shown_views("", str(video), chosen, question)
    return {
        (video, period): rows
        for period, shown in periods.items()
        for video, rows in relative_retention(shown, question).items()
        if question.video_id in {None, video}
    }


def shown_views(name: str, video: str, chosen: Sequence[oracle.View], question: Question) -> list[oracle.View]:
    """Valid ones, and for most curves of one revision: the newest unless told."""
    revision = int(question.params.get("revision", CURRENT_REVISION.get(video, 1)))
    valid = [view for view in chosen if view.row["is_valid"]]
    return valid if name in OF_ALL_REVISIONS else [view for view in valid if view.row["revision"] == revision]


def compare_two(world: World, chance: Random, everything: Sequence[oracle.View]) -> None:
    """Ask for one metric of two cohorts; each leaves something open that the whole question says."""
    name = chance.choice([*SAMPLES, *SAMPLES, *SCALARS, *(curve for curve in CURVES if curve != "viewer_timeline")])
    whole, *own = (ask(chance, name) for _ in range(3))
    if name in CURVES and whole.video_id is None:
        own = [replace(cohort, video_id=cohort.video_id or "60") for cohort in own]
    whole, *own = (replace(one, by="video", grain=None, timezone="UTC") for one in (whole, *own))
    whole = replace(whole, params={})
    asked = [
        replace(
            cohort, video_id=cohort.video_id or whole.video_id, since=cohort.since or whole.since,
            until=cohort.until or whole.until, filters=whole.filters | cohort.filters,
            by="all" if name in SCALARS else "video",
        )
        for cohort in own
    ]  # fmt: skip
    if any(one.since and one.until and one.since >= one.until for one in asked):
        return
    params = {"metric": name} | {label: urlencode(open_pairs(cohort)) for label, cohort in zip("ab", own, strict=True)}
    selection = parse_selection(replace(whole, params=params).pairs(), "UTC")
    result = run(world.engine, "compare", selection).table.to_pylist()
    keys = [column for column in metrics()[name].grain if column != "video_id"]
    sides = [by_keys(name, keys, answer(name, one, everything)) for one in asked]
    ends: tuple[float | None, float | None] = (None, None)
    if name in SAMPLES:
        chosen = [[view for views in one.groups(everything).values() for view in views] for one in asked]
        ends = difference(name, chosen, asked)
    assert len(result) == len(sides[0].keys() | sides[1].keys()), (name, whole, own)
    for mine in result:
        key = tuple(mine[column] for column in keys)
        (a, n_a), (b, n_b) = (side.get(key, (None, 0)) for side in sides)
        apart = None if a is None or b is None else b - a
        theirs = {
            "a": a, "b": b, "n_a": n_a, "n_b": n_b, "n": n_a + n_b, "compare": apart, "difference": apart,
            "relative": None if apart is None or not a else apart / a, "ci_low": ends[0], "ci_high": ends[1],
        }  # fmt: skip
        for column, value in theirs.items():
            assert alike(mine[column], value, column), (name, whole, own, column, mine, theirs)


def open_pairs(cohort: Question) -> list[tuple[str, str]]:
    return [(name, value) for name, value in cohort.pairs() if name not in {"by", "grain"}]


def by_keys(name: str, keys: Sequence[str], found: dict[Group, list[Row]]) -> dict[tuple[Any, ...], tuple[Any, int]]:
    """Value and n of each row."""
    if name in SCALARS and not found:
        empty = {"null": None}.get(metrics()[name].empty, metrics()[name].empty)
        return {(): (empty if empty is None else float(empty), 0)}
    return {tuple(row[key] for key in keys): (row[name], row["n"]) for rows in found.values() for row in rows}


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
                assert alike(mine[column], value, column), (name, question, group, column, mine, theirs)


def alike(left: Any, right: Any, column: str = "") -> bool:
    """Numbers to a billionth; ends of intervals, which divide by differences of nearly equal sums, to a millionth."""
    if isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    if isinstance(right, dict):
        return all(alike(left[name], value) for name, value in right.items())
    if left is None or right is None or isinstance(right, str | datetime):
        return bool(left == right)
    return math.isclose(left, right, rel_tol=1e-6 if column in ENDS else 1e-9, abs_tol=1e-9)
