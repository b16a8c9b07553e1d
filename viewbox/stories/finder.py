"""Which stories a page's data tell: every detector looks, and only what chance does not explain is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from viewbox.stories.chance import holm
from viewbox.stories.detectors import (
    bots,
    cliffs,
    experiments,
    failures,
    fast,
    outages,
    rebuffering,
    replays,
    skips,
    slow_starts,
    stalls,
)
from viewbox.stories.finding import Ask, Candidate, Finding, Look

ALPHA = 0.001  # chance of a false story of one kind in one audience, over everything that was looked at
ALPHA_EXPERIMENT = 0.01  # somebody set it up to be read: a 99 % interval of the difference leaves zero out
MOST_OF_A_KIND = 3
MOST_EXPERIMENTS = 3  # keys that are looked at
LEAST_VIEWS = 10  # below it nothing is told
LANDING_S = 4  # who jumps looks at the new place so long before leaving

BY_BROWSER = Ask("playback_failures", failures.DIMENSION)
BY_COUNTRY = Ask("startup_time", slow_starts.DIMENSION, intervals=False)
BY_HOUR = Ask("data_quality", "all", "hour")
BY_DEVICE_AND_DAY = Ask("rebuffer_ratio", rebuffering.DIMENSION, "day", intervals=False)
ALL_VIEWERS = Ask("unique_viewers", "all")
ALL_STARTS = Ask("startup_time", "all", intervals=False)
SKIPS, SECONDS = Ask("skipped_sections"), Ask("by_second")
SPEED_BY_SECOND, SPEED = Ask("speed_by_second"), Ask("playback_speed")

Found = tuple[list[Candidate], int]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page is about. `points`: at so many stretches its curves are asked for, 0 for every second.

    `experiments` are dimensions (`experiment.intro`) whose variants may be compared.
    """

    timezone: str
    of_one_video: bool = False
    points: int = 0
    experiments: tuple[str, ...] = ()

    @property
    def curve(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the curves."""
        return (("points", str(self.points)),)


def asks(scope: Scope) -> tuple[Ask, ...]:
    """What `findings` looks at in any case: to be answered together. What it asks beyond follows from the answers."""
    everywhere = (
        ALL_VIEWERS, ALL_STARTS, BY_BROWSER, BY_COUNTRY, BY_HOUR, BY_DEVICE_AND_DAY,
        *(_by_variant(dimension) for dimension in scope.experiments[:MOST_EXPERIMENTS]),
    )  # fmt: skip
    if not scope.of_one_video:
        return everywhere
    curves = (Ask("audience_retention", params=scope.curve), Ask("most_replayed", params=scope.curve))
    return (*everywhere, SKIPS, SECONDS, SPEED_BY_SECOND, SPEED, *curves)


def findings(look: Look, scope: Scope) -> tuple[Finding, ...]:
    """The stories of an audience: what is broken first, then what viewers do. `look` gives the rows of a metric."""
    viewers = next(iter(look(ALL_VIEWERS)), {})
    views = viewers.get("n") or 0
    once = viewers["unique_viewers"] / views if views else 1.0
    told: list[Iterable[Finding]] = [
        _surest(lambda: outages.find(look(BY_HOUR), look, scope.timezone)),
        _surest(lambda: failures.find(look(BY_BROWSER))),
        _stalls(look, once) if scope.of_one_video and views >= LEAST_VIEWS else (),
        _surest(lambda: rebuffering.find(look(BY_DEVICE_AND_DAY), look, scope.timezone)),
        _slow_starts(look),
        _surest(lambda: bots.find(look(BY_HOUR), scope.timezone)),
    ]
    if views >= LEAST_VIEWS:
        told += _of_positions(look, scope, viewers["unique_viewers"], once) if scope.of_one_video else []
        told.append(_experiments(look, scope))
    return tuple(_without_echoes([finding for kind in told for finding in kind]))


def _by_variant(dimension: str) -> Ask:
    return Ask(experiments.METRIC, dimension)


def _of_positions(look: Look, scope: Scope, viewers: int, once: float) -> list[Iterable[Finding]]:
    replayed, retention = (look(Ask(name, params=scope.curve)) for name in ("most_replayed", "audience_retention"))
    seconds = look(SECONDS)
    return [
        _surest(lambda: skips.find(look(SKIPS), seconds, once)),
        _surest(lambda: replays.find(replayed, retention, viewers)),
        _surest(lambda: cliffs.find(seconds, once)),
        _surest(lambda: fast.find(look(SPEED_BY_SECOND), next(iter(look(SPEED)), {}), once)),
    ]


def _stalls(look: Look, once: float) -> list[Finding]:
    found = _surest(lambda: stalls.find(look(SECONDS), once))
    return [stalls.explained(finding, look, once) for finding in found]


def _slow_starts(look: Look) -> list[Finding]:
    """Slower than half of all starts: the bar is the median of all, so in a country like the others half are."""
    everywhere = next(iter(look(ALL_STARTS)), {}).get("startup_time")
    medians = look(BY_COUNTRY)
    if not everywhere or len(medians) < 2:
        return []
    slow = look(Ask("slow_starts", slow_starts.DIMENSION, params=(("over_s", f"{everywhere:.3f}"),)))
    found = _surest(lambda: slow_starts.find(medians, slow))
    return [slow_starts.confirmed(finding, medians, look) for finding in found]


def _experiments(look: Look, scope: Scope) -> list[Finding]:
    by_key = {dimension: look(_by_variant(dimension)) for dimension in scope.experiments[:MOST_EXPERIMENTS]}
    found = _surest(lambda: experiments.find(by_key), ALPHA_EXPERIMENT)
    confirmed = [experiments.confirmed(finding, look) for finding in found]
    return [finding for finding in confirmed if finding is not None]


def _surest(find: Callable[[], Found], alpha: float = ALPHA) -> list[Finding]:
    """The candidates of one kind that hold over all that were looked at, the strongest first."""
    candidates, looked = find()
    kept = holm([one.chance for one in candidates], alpha, looked)
    sure = [one.finding for one, holds in zip(candidates, kept, strict=True) if holds]
    return sorted(sure, key=lambda finding: -abs(finding.effect))[:MOST_OF_A_KIND]


def _without_echoes(found: list[Finding]) -> list[Finding]:
    """Who leaves where it stalls, or on landing behind a part that is skipped, is told with that, not as a cliff."""
    stalling = [finding.span for finding in found if finding.kind == "stall" and finding.span]
    skipped = [finding.span for finding in found if finding.kind == "skip" and finding.span]
    told = [(low - stalls.WINDOW_S, high + stalls.WINDOW_S) for low, high in stalling]
    told += [(high - LANDING_S, high + LANDING_S) for _low, high in skipped]
    return [
        finding
        for finding in found
        if finding.kind != "cliff" or finding.span is None or not any(_meet(finding.span, span) for span in told)
    ]


def _meet(span: tuple[float, float], other: tuple[float, float]) -> bool:
    return span[0] < other[1] and span[1] > other[0]
