"""What people do with a video: each habit turns chance into marks on the way of the playhead.

A mark stands at a position; when the playhead reaches it, something happens. Marks that a jump passed over do not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from viewbox.testing.crowd.arrays import Bools, Floats, Ints
from viewbox.testing.crowd.library import Library
from viewbox.testing.crowd.plan import Crowd
from viewbox.testing.crowd.stories import (
    BROWSER,
    CLIFF,
    COUNTRY,
    FAST,
    FAST_RATE,
    FEW,
    STALLED_LEAVERS,
    STALLING,
    Stories,
    section,
    share_of,
    strikes,
)
from viewbox.testing.crowd.visits import MACHINES, Visits
from viewbox.testing.devices import HOMES

NEVER = np.int64(1) << 60
RATES = (100, 125, 150, 200, 75)  # percent
RATE_SHARES = (0.80, 0.07, 0.07, 0.03, 0.03)
RENDITIONS = ((640, 360, 800_000), (1280, 720, 2_800_000), (1920, 1080, 5_200_000))
STALLING_RENDITION = 1
INTRO_SKIPPERS, HIGHLIGHT_WATCHERS = 0.22, 0.10  # shares, where a video has such a place
ERROR_CODES = ("media_decode", "network_lost", "manifest_load_timeout")


class Act(IntEnum):
    """What happens at a mark. In this order where several stand at one position."""

    RENDITION = 0  # value: of RENDITIONS
    MUTE = 1  # value: 0 or 1
    MODE = 2  # value: 0 inline, 1 fullscreen
    VISIBLE = 3  # value: 0 or 1
    RATE = 4  # value: percent
    STALL = 5  # wait
    PAUSE = 6  # wait
    SLEEP = 7  # wait: the device slept, page and picture with it
    SEEK = 8  # value: target; wait
    LOOP = 9  # value: target; wait
    FAIL = 10  # value: of ERROR_CODES
    VANISH = 11  # the device died: nothing more is sent
    LEAVE = 12
    END = 13


ENDING = (Act.FAIL, Act.VANISH, Act.LEAVE, Act.END)


@dataclass
class Marks:
    """Rows by view in no order: `view`, `at_ms` (position), `act`, `value`, `wait_ms` (of wall time)."""

    view: list[Ints] = field(default_factory=list)
    at_ms: list[Ints] = field(default_factory=list)
    act: list[Ints] = field(default_factory=list)
    value: list[Ints] = field(default_factory=list)
    wait_ms: list[Ints] = field(default_factory=list)

    def add(self, who: Ints, at_ms: Ints, act: Act, value: Ints | int = 0, wait_ms: Ints | int = 0) -> None:
        """A mark for each of the views `who`; the other arrays are as long."""
        self.view.append(who)
        self.at_ms.append(at_ms.astype(np.int64))
        self.act.append(np.full(len(who), int(act), np.int64))
        self.value.append(np.broadcast_to(np.asarray(value, np.int64), who.shape))
        self.wait_ms.append(np.broadcast_to(np.asarray(wait_ms, np.int64), who.shape))


@dataclass
class Plans:
    """What each visitor is going to do. Times in ms since the view's start; `NEVER` where it does not happen."""

    play_ms: Ints  # play is asked for, by person or page
    blocked: Bools  # that play is refused
    click_ms: Ints  # the play that counts; NEVER: nobody clicks
    gives_up_ms: Ints  # leaves so long after that play, without a picture
    startup_ms: Ints
    fails_at_start: Bools
    start_error: Ints  # of ERROR_CODES
    resume_ms: Ints  # position; 0: from the beginning
    rate: Ints
    muted: Bools
    autoplay: Bools
    first_rendition: Ints
    lingers_ms: Ints  # how long the page stays open after the end
    variant: Ints  # of an experiment: 0 = a, 1 = b, 2 = c
    marks: Marks


def everyday(visits: Visits, crowd: Crowd, chance: np.random.Generator, *, first: bool = False) -> Plans:
    """The plans of an ordinary audience, with the crowd's stories in them. `first`: these are the earliest views."""
    library, n = crowd.stories.furnish(crowd.library), visits.count
    duration = library.duration_ms[visits.video]
    marks = Marks()
    plans = _starts(visits, chance, marks)
    if first and crowd.stories["small-variant"]:
        plans.variant[:FEW] = 2
    plans.resume_ms = _resumes(visits, duration, chance)
    _leaves(visits, plans, crowd, duration, chance)
    _jumps(visits, crowd.stories, library, chance, marks)
    _pauses(n, duration, chance, marks)
    _network(visits, plans, duration, chance, marks)
    _conditions(plans, duration, chance, marks)
    _mishaps(n, duration, chance, marks, devices=crowd.loss > 0)
    _plant(crowd, visits, plans, duration, chance)
    return plans


def robotic(visits: Visits, crowd: Crowd, chance: np.random.Generator) -> Plans:
    """What bots do: start at once, look for five seconds, go; all of them alike."""
    n = visits.count
    zero = np.zeros(n, np.int64)
    marks = Marks()
    everyone = np.arange(n, dtype=np.int64)
    marks.add(everyone, 5000 + chance.integers(0, 200, n), Act.LEAVE)
    marks.add(everyone, crowd.library.duration_ms[visits.video], Act.END)
    no = np.zeros(n, np.bool_)
    return Plans(
        play_ms=zero + 20, blocked=no, click_ms=zero + 20, gives_up_ms=zero + NEVER, startup_ms=zero + 150,
        fails_at_start=no, start_error=zero, resume_ms=zero, rate=zero + 100, muted=~no, autoplay=~no,
        first_rendition=zero, lingers_ms=zero, variant=zero, marks=marks,
    )  # fmt: skip


def some(chance: np.random.Generator, share: Floats | float, count: int) -> Ints:
    """The views that a habit takes hold of."""
    return np.flatnonzero(chance.random(count) < share)


def exponential(chance: np.random.Generator, mean: Floats | float, count: int) -> Ints:
    return np.rint(chance.exponential(1.0, count) * mean).astype(np.int64)


def lognormal(chance: np.random.Generator, median: Floats | float, spread: float, count: int) -> Ints:
    return np.rint(median * np.exp(spread * chance.standard_normal(count))).astype(np.int64)


def _starts(visits: Visits, chance: np.random.Generator, marks: Marks) -> Plans:
    n = visits.count
    autoplay = chance.random(n) < 0.4
    blocked = autoplay & (chance.random(n) < 0.12)
    play = np.where(autoplay, 30 + exponential(chance, 40, n), 600 + exponential(chance, 3500, n))
    clicks_later = play + 1500 + exponential(chance, 6000, n)
    click = np.where(blocked, np.where(chance.random(n) < 0.25, NEVER, clicks_later), play)
    click = np.where(~autoplay & (chance.random(n) < 0.05), NEVER, click)  # looked at the poster and went
    startup = 60 + lognormal(chance, 260 * (1 + 1_500_000 / visits.line_bps), 0.55, n)
    slow = 1 - np.exp(-np.maximum(startup - 1500, 0) / 12_000)
    gives_up = chance.random(n) < 0.008 + slow
    first = np.where(visits.line_bps > 4_500_000, 1, 0)
    return Plans(
        play_ms=play,
        blocked=blocked,
        click_ms=click,
        gives_up_ms=np.where(gives_up, np.rint(startup * (0.4 + 0.5 * chance.random(n))), NEVER).astype(np.int64),
        startup_ms=startup,
        fails_at_start=chance.random(n) < 0.006,
        start_error=np.full(n, 2, np.int64),
        resume_ms=np.zeros(n, np.int64),
        rate=np.asarray(RATES, np.int64)[np.searchsorted(np.cumsum(RATE_SHARES)[:-1], visits.speed_draw, "right")],
        muted=blocked | (autoplay & (chance.random(n) < 0.3)),
        autoplay=autoplay,
        first_rendition=first.astype(np.int64),
        lingers_ms=exponential(chance, 8000, n),
        variant=(visits.viewer_id[0] >> np.uint64(40) & np.uint64(1)).astype(np.int64),
        marks=marks,
    )


def _resumes(visits: Visits, duration: Ints, chance: np.random.Generator) -> Ints:
    """Who comes back goes on where he was, now and then; only in videos that take their time."""
    n = visits.count
    resumes = (visits.kind > 0) & (duration > 120_000) & (chance.random(n) < 0.06)
    place = np.rint(duration * (0.1 + 0.6 * chance.random(n))).astype(np.int64)
    return np.where(resumes, place, 0)


def _leaves(visits: Visits, plans: Plans, crowd: Crowd, duration: Ints, chance: np.random.Generator) -> None:
    """Some watch to the end: patient viewers, short videos. The others leave, most of them early."""
    n = visits.count
    odds = 0.1 + 0.9 * visits.patience - 0.75 * np.log(duration / 120_000)
    lift = np.array([0.0, crowd.stories["experiment"], crowd.stories["small-variant"]])[plans.variant]
    stays = chance.random(n) < 1 / (1 + np.exp(-odds)) + lift
    scale = np.minimum(0.35 * duration, 100_000 + 0.02 * duration) * np.exp(0.3 * visits.patience)
    bounce = chance.random(n) < 0.22
    leave = plans.resume_ms + 900 + exponential(chance, np.where(bounce, 5000.0, scale), n)
    leave = np.minimum(leave, np.rint(duration * (0.93 + 0.05 * chance.random(n))).astype(np.int64))
    # Nobody watches on beyond the end of the simulated time.
    wall = crowd.until_ms - visits.start_ms - plans.play_ms - 60_000
    last = plans.resume_ms + np.maximum(wall // 3, 1000)
    leaves = ~stays | (last < duration)
    who = np.flatnonzero(leaves)
    plans.marks.add(who, np.minimum(np.where(stays, last, leave), last)[who], Act.LEAVE)
    everyone = np.arange(n, dtype=np.int64)
    looping = (duration <= 60_000) & (chance.random(n) < 0.08)
    loopers = np.flatnonzero(looping)
    rounds = np.minimum(chance.geometric(0.5, len(loopers)), 6).astype(np.int64)
    again = np.repeat(loopers, rounds)
    plans.marks.add(again, duration[again], Act.LOOP, 0, 20 + exponential(chance, 15, len(again)))
    plans.marks.add(everyone, duration, Act.END)


def _jumps(visits: Visits, stories: Stories, library: Library, chance: np.random.Generator, marks: Marks) -> None:
    """Over the intro, back to the highlight, and now and then anywhere."""
    n, duration = visits.count, library.duration_ms[visits.video]
    intro = library.intro_ms[visits.video]
    who = some(chance, np.where(intro > 0, stories["skipped-intro"] or INTRO_SKIPPERS, 0.0), n)
    at = np.rint(intro[who] * 0.3 * chance.random(len(who)) ** 3).astype(np.int64)
    to = np.maximum(at + 1000, intro[who] + np.rint(400 * chance.standard_normal(len(who))).astype(np.int64))
    marks.add(who, at, Act.SEEK, np.minimum(to, duration[who] - 500), 60 + exponential(chance, 160, len(who)))
    high = library.high_from_ms[visits.video] >= 0
    who = some(chance, np.where(high, stories["highlight"] or HIGHLIGHT_WATCHERS, 0.0), n)
    video = visits.video[who]
    end = library.high_to_ms[video] + np.rint(500 * chance.standard_normal(len(who))).astype(np.int64)
    start = library.high_from_ms[video] + np.rint(600 * chance.standard_normal(len(who))).astype(np.int64)
    start = np.maximum(0, start)
    end = np.clip(end, start + 1000, duration[who] - 200)
    marks.add(who, end, Act.SEEK, np.minimum(start, end), 40 + exponential(chance, 90, len(who)))
    who = some(chance, 0.12, n)
    at = np.rint(duration[who] * 0.8 * chance.random(len(who))).astype(np.int64)
    ahead = np.rint(duration[who] * (0.03 + 0.15 * chance.random(len(who)))).astype(np.int64)
    marks.add(who, at, Act.SEEK, at + ahead, 80 + exponential(chance, 220, len(who)))
    who = some(chance, 0.07, n)
    at = np.rint(duration[who] * (0.1 + 0.85 * chance.random(len(who)))).astype(np.int64)
    back = np.maximum(0, at - 3000 - exponential(chance, 7000, len(who)))
    marks.add(who, at, Act.SEEK, back, 40 + exponential(chance, 90, len(who)))


def _pauses(n: int, duration: Ints, chance: np.random.Generator, marks: Marks) -> None:
    counts = chance.poisson(0.3, n).astype(np.int64)
    who = np.repeat(np.arange(n, dtype=np.int64), counts)
    at = np.rint(duration[who] * chance.random(len(who)) ** 1.3 * 0.97).astype(np.int64)
    long = chance.random(len(who)) < 0.12
    marks.add(who, at, Act.PAUSE, 0, 400 + exponential(chance, np.where(long, 240_000.0, 9000.0), len(who)))


def _network(visits: Visits, plans: Plans, duration: Ints, chance: np.random.Generator, marks: Marks) -> None:
    """Quality follows the line; a line that hardly carries the picture lets it starve."""
    n = visits.count
    best = _carried(visits)
    who = np.flatnonzero(best > plans.first_rendition)
    at = plans.resume_ms[who] + 1500 + exponential(chance, 4000, len(who))
    marks.add(who, at, Act.RENDITION, best[who])
    per_minute = 0.9 * np.exp(-visits.line_bps / 1_600_000) + 0.01
    counts = np.minimum(chance.poisson(per_minute * np.minimum(duration, 1_200_000) / 60_000), 25).astype(np.int64)
    who = np.repeat(np.arange(n, dtype=np.int64), counts)
    at = np.rint(duration[who] * chance.random(len(who)) * 0.99).astype(np.int64)
    wait = 250 + lognormal(chance, 900 * (1 + 600_000 / visits.line_bps[who]), 0.8, len(who))
    marks.add(who, at, Act.STALL, 0, np.minimum(wait, 60_000))
    falls = np.flatnonzero(best[who] > 0)
    marks.add(who[falls], at[falls] + 10, Act.RENDITION, best[who[falls]] - 1)
    marks.add(who[falls], at[falls] + 15_000, Act.RENDITION, best[who[falls]])


def _carried(visits: Visits) -> Ints:
    """The rendition that a line carries, once it is known."""
    return np.digitize(visits.line_bps, [3_600_000.0, 8_000_000.0]).astype(np.int64)


def _conditions(plans: Plans, duration: Ints, chance: np.random.Generator, marks: Marks) -> None:
    """Sound, full screen, another tab; a change of speed on the way."""
    n = len(duration)
    who = np.flatnonzero(plans.muted & (chance.random(n) < 0.5))
    marks.add(who, plans.resume_ms[who] + 800 + exponential(chance, 5000, len(who)), Act.MUTE, 0)
    who = some(chance, 0.16, n)
    at = plans.resume_ms[who] + 1500 + exponential(chance, 9000, len(who))
    marks.add(who, at, Act.MODE, 1)
    back = chance.random(len(who)) < 0.6
    marks.add(who[back], at[back] + 5000 + exponential(chance, 60_000, int(back.sum())), Act.MODE, 0)
    who = some(chance, 0.08, n)
    at = np.rint(duration[who] * chance.random(len(who)) * 0.9).astype(np.int64)
    marks.add(who, at, Act.VISIBLE, 0)
    marks.add(who, at + 3000 + exponential(chance, 25_000, len(who)), Act.VISIBLE, 1)
    who = some(chance, 0.03, n)
    at = np.rint(duration[who] * chance.random(len(who)) * 0.7).astype(np.int64)
    marks.add(who, at, Act.RATE, np.asarray([125, 150, 200], np.int64)[chance.integers(0, 3, len(who))])


def _mishaps(n: int, duration: Ints, chance: np.random.Generator, marks: Marks, *, devices: bool) -> None:
    """Errors on the way; and devices that sleep or die, of which no tracker can tell the whole truth."""
    who = some(chance, 0.004, n)
    at = np.rint(duration[who] * chance.random(len(who))).astype(np.int64)
    marks.add(who, at, Act.FAIL, chance.integers(0, 2, len(who)))
    if not devices:
        return
    who = some(chance, 0.004, n)
    at = np.rint(duration[who] * chance.random(len(who))).astype(np.int64)
    marks.add(who, at, Act.SLEEP, 0, 100_000 + exponential(chance, 900_000, len(who)))
    who = some(chance, 0.01, n)
    at = np.rint(duration[who] * chance.random(len(who))).astype(np.int64)
    marks.add(who, at, Act.VANISH)


def _plant(crowd: Crowd, visits: Visits, plans: Plans, duration: Ints, chance: np.random.Generator) -> None:
    """The stories that are more than another share of what people do anyway."""
    stories, marks, n = crowd.stories, plans.marks, visits.count
    everybody = np.ones(n, np.bool_)
    low, high = section(STALLING, duration)
    who = strikes(stories["stalling-segment"], _carried(visits) == STALLING_RENDITION, chance)
    at = low[who] + np.rint((high - low)[who] * chance.random(len(who))).astype(np.int64)
    marks.add(who, at, Act.STALL, 0, 1500 + exponential(chance, 1500, len(who)))
    goes = chance.random(len(who)) < STALLED_LEAVERS
    marks.add(who[goes], at[goes] + 200 + exponential(chance, 1000, int(goes.sum())), Act.LEAVE)
    who = strikes(stories["cliff"], everybody, chance)
    at = share_of(CLIFF, duration)[who] + exponential(chance, 300, len(who))
    marks.add(who, at, Act.LEAVE)
    who = strikes(stories["fast-section"], everybody, chance)
    marks.add(who, share_of(FAST[0], duration)[who], Act.RATE, FAST_RATE)
    marks.add(who, share_of(sum(FAST), duration)[who], Act.RATE, plans.rate[who])
    in_country = visits.home == [home.country for home in HOMES].index(COUNTRY)
    plans.startup_ms += np.where(in_country, round(stories["slow-country"] * 1000), 0)
    with_browser = np.isin(visits.device, [n for n, device in enumerate(MACHINES) if device.browser == BROWSER])
    fails = strikes(stories["failing-browser"], with_browser, chance)
    plans.start_error[fails] = 0
    plans.fails_at_start[fails] = True
