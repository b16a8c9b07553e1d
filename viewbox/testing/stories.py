"""What viewers do, as effects that compose: each one changes the plan of a share of the visits.

An audience without effects watches everything through. `parse_effect("skip=0.4,0,13")` reads the command line's
form: the name, then the effect's fields in the order in which the class declares them.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar

from viewbox.errors import InvalidInput


@dataclass
class Plan:
    """What one viewer is going to do. Positions in seconds of the video, waits in ms of wall time."""

    duration_s: float
    startup_ms: int = 400
    blocked_ms: int | None = None  # autoplay is refused; the click comes this much later
    gives_up_ms: int | None = None  # leaves after waiting this long for a first frame
    resume_s: float | None = None
    rate: float = 1.0
    skips: list[tuple[float, float]] = field(default_factory=list)  # from, to
    replays: list[tuple[float, float]] = field(default_factory=list)  # from, to: at `to` jumps back to `from`, once
    pauses: list[tuple[float, int]] = field(default_factory=list)  # at, ms
    stalls: list[tuple[float, int]] = field(default_factory=list)  # at, ms
    leave_s: float | None = None
    fatal: tuple[float, str] | None = None  # at, code; at 0 before the first frame
    experiment: dict[str, str] = field(default_factory=dict)


@dataclass
class Visit:
    """Who comes, when, with what, and what for. `chance` is this visit's own."""

    plan: Plan
    chance: Random
    days_ago: int  # in UTC dates before the audience's last day
    device: str


@dataclass(frozen=True)
class Effect(ABC):
    """Changes the plan of a share of all visits. `name` is its word on the command line."""

    name: ClassVar[str]
    share: float

    @abstractmethod
    def strike(self, visit: Visit) -> None:
        """Change the plan of a visit that this effect has chosen."""


@dataclass(frozen=True)
class SkipIntro(Effect):
    """Jump from one position to another."""

    name = "skip"
    from_s: float = 0.0
    to_s: float = 13.0

    def strike(self, visit: Visit) -> None:
        visit.plan.skips.append((self.from_s, self.to_s))


@dataclass(frozen=True)
class Replay(Effect):
    """Watch a highlight twice."""

    name = "replay"
    from_s: float
    to_s: float

    def strike(self, visit: Visit) -> None:
        visit.plan.replays.append((self.from_s, self.to_s))


@dataclass(frozen=True)
class LeaveAt(Effect):
    """Leave at a position."""

    name = "leave"
    position_s: float

    def strike(self, visit: Visit) -> None:
        visit.plan.leave_s = self.position_s


@dataclass(frozen=True)
class DropOff(Effect):
    """Leave early, most often at the beginning: positions fall off exponentially with mean `mean_s`."""

    name = "dropoff"
    mean_s: float = 30.0

    def strike(self, visit: Visit) -> None:
        visit.plan.leave_s = min(
            round(1.5 + visit.chance.expovariate(1 / self.mean_s), 3), visit.plan.duration_s * 0.98
        )


@dataclass(frozen=True)
class Speed(Effect):
    """Watch at another speed."""

    name = "speed"
    rate: float

    def strike(self, visit: Visit) -> None:
        visit.plan.rate = self.rate


@dataclass(frozen=True)
class Pause(Effect):
    """Pause somewhere in the first nine tenths, about `mean_ms` long."""

    name = "pause"
    mean_ms: int = 12_000

    def strike(self, visit: Visit) -> None:
        at_s = round(visit.chance.uniform(0.05, 0.9) * visit.plan.duration_s, 3)
        visit.plan.pauses.append((at_s, 500 + round(visit.chance.expovariate(1 / self.mean_ms))))


@dataclass(frozen=True)
class Stalls(Effect):
    """Playing starves once at a position."""

    name = "stall"
    at_s: float
    wait_ms: int

    def strike(self, visit: Visit) -> None:
        visit.plan.stalls.append((self.at_s, self.wait_ms))


@dataclass(frozen=True)
class Incident(Effect):
    """A bad day: visits of one day stall again and again, and start slowly."""

    name = "incident"
    days_ago: int
    stalls: int = 3
    wait_ms: int = 2500
    device: str = "any"

    def strike(self, visit: Visit) -> None:
        if visit.days_ago != self.days_ago or self.device not in {"any", visit.device}:
            return
        visit.plan.startup_ms += self.wait_ms
        for number in range(self.stalls):
            at_s = visit.plan.duration_s * (number + 1) / (self.stalls + 1)
            visit.plan.stalls.append((round(at_s, 3), round(self.wait_ms * visit.chance.uniform(0.5, 1.5))))


@dataclass(frozen=True)
class StartUp(Effect):
    """Start-up times scatter around a median, with a long tail."""

    name = "startup"
    median_ms: int = 450

    def strike(self, visit: Visit) -> None:
        visit.plan.startup_ms = round(visit.chance.lognormvariate(math.log(self.median_ms), 0.5))


@dataclass(frozen=True)
class AutoplayBlocked(Effect):
    """The browser refuses to start; a click comes later."""

    name = "blocked"
    click_after_ms: int = 5000

    def strike(self, visit: Visit) -> None:
        visit.plan.blocked_ms = self.click_after_ms


@dataclass(frozen=True)
class ExitBeforeStart(Effect):
    """Give up before the first frame."""

    name = "exit"
    wait_ms: int = 4000

    def strike(self, visit: Visit) -> None:
        visit.plan.gives_up_ms = self.wait_ms


@dataclass(frozen=True)
class FatalError(Effect):
    """Playing fails for good; at position 0, before it starts."""

    name = "error"
    code: str = "media_decode"
    at_s: float = 0.0

    def strike(self, visit: Visit) -> None:
        visit.plan.fatal = (self.at_s, self.code)


@dataclass(frozen=True)
class Resume(Effect):
    """Come back to where an earlier visit ended."""

    name = "resume"
    position_s: float

    def strike(self, visit: Visit) -> None:
        visit.plan.resume_s = self.position_s


@dataclass(frozen=True)
class Experiment(Effect):
    """Put a share into a variant; the rest is in `a`."""

    name = "experiment"
    key: str = "intro"
    variant: str = "b"

    def strike(self, visit: Visit) -> None:
        visit.plan.experiment[self.key] = self.variant


EFFECTS: dict[str, type[Effect]] = {
    effect.name: effect
    for effect in (
        SkipIntro, Replay, LeaveAt, DropOff, Speed, Pause, Stalls, Incident, StartUp, AutoplayBlocked,
        ExitBeforeStart, FatalError, Resume, Experiment,
    )
}  # fmt: skip


def everyday(duration_s: float) -> tuple[Effect, ...]:
    """What an ordinary audience does: some leave, some pause, some hurry, a few fail."""
    return (
        StartUp(1.0), DropOff(0.45, duration_s * 0.4), Pause(0.3), Pause(0.08, 60_000), Speed(0.12, 1.5),
        Speed(0.06, 2.0), Speed(0.03, 0.75), Stalls(0.05, round(duration_s * 0.3, 3), 1200),
        AutoplayBlocked(0.05, 6000), ExitBeforeStart(0.02, 4200), FatalError(0.012, "media_decode", duration_s / 2),
        FatalError(0.008, "manifest_load_timeout"),
    )  # fmt: skip


def sample_story(duration_s: float) -> tuple[Effect, ...]:
    """The sample's audience: an intro that many skip, a highlight that many replay, one bad day."""
    return (*everyday(duration_s), SkipIntro(0.4, 0.0, 13.0), Replay(0.25, 48.0, 58.0), Incident(1.0, 9, 3, 2600),
            Experiment(0.5, "intro", "b"))  # fmt: skip


def decide(effects: Sequence[Effect], visit: Visit) -> Plan:
    """The visit's plan after every effect that strikes it. Each effect draws from a source of its own."""
    chance = visit.chance
    for effect in effects:
        strikes = chance.random() < effect.share
        visit.chance = Random(chance.getrandbits(64))  # noqa: S311  # repeatable by design, protects nothing
        if strikes:
            effect.strike(visit)
    visit.chance = chance
    return visit.plan


def parse_effect(text: str) -> Effect:
    """`name=share,…` as an effect: `skip=0.4,0,13`. Raises InvalidInput that lists what there is."""
    name, equals, values = text.partition("=")
    make = EFFECTS.get(name.strip())
    if make is None or not equals:
        raise InvalidInput(f"no story effect {text!r}", code="unknown_effect", hint=f"one of: {_usage()}")
    casts = {"float": float, "int": int, "str": str}
    try:
        types = [casts[str(item.type)] for item in dataclasses.fields(make)]
        given = [value.strip() for value in values.split(",")]
        effect = make(*(cast(value) for cast, value in zip(types, given, strict=False)), *given[len(types) :])
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{text!r}: {error}", code="bad_effect", hint=f"one of: {_usage()}") from error
    if not 0 <= effect.share <= 1:
        raise InvalidInput(f"{text!r}: the share lies between 0 and 1", code="bad_effect", hint="0.4 is 40 %")
    return effect


def _usage() -> str:
    """`skip=SHARE,FROM_S,TO_S replay=…`."""
    return " ".join(
        f"{name}={','.join(item.name.upper() for item in dataclasses.fields(make))}" for name, make in EFFECTS.items()
    )
