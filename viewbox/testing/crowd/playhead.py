"""The playhead's way: what every visitor's plan comes to, as stretches of film and the waits between them.

All views are moved at once, one mark of each per round; the state is one array per fact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewbox.testing.crowd.arrays import AnyArray, Bools, Ints
from viewbox.testing.crowd.habits import ENDING, NEVER, Act, Plans

LAST_LOOK_MS = 2000
RESUMING_MS = 40  # from the click to the first frame after a pause


@dataclass
class Stretches:
    """Film that ran without a jump, in the order of views and time; then `act` happened, which took `wait_ms`.

    Positions and times in ms, `t0` and `t1` since the view's start; `rate` in percent.
    """

    view: Ints
    from_ms: Ints
    to_ms: Ints
    t0: Ints
    t1: Ints
    rate: Ints
    rendition: Ints
    muted: Ints
    mode: Ints
    visible: Ints
    act: Ints
    value: Ints
    wait_ms: Ints


@dataclass
class Play:
    """What became of the plans: `shown` views reached a first picture at `first_ms`."""

    shown: Bools
    first_ms: Ints
    stretches: Stretches


_FACTS = ("from_ms", "to_ms", "t0", "t1", "rate", "rendition", "muted", "mode", "visible", "act", "value", "wait_ms")


def perform(plans: Plans, duration_ms: Ints) -> Play:
    """Let every view run from its first picture to its end."""
    count = len(duration_ms)
    view, at, act, value, wait = _sorted_marks(plans, duration_ms)
    first = np.searchsorted(view, np.arange(count + 1, dtype=np.int64))
    shown = (plans.click_ms < NEVER) & (plans.gives_up_ms == NEVER) & ~plans.fails_at_start
    first_ms = np.where(shown, plans.click_ms + plans.startup_ms, 0)
    position, t = plans.resume_ms.copy(), first_ms.copy()
    state: dict[str, Ints] = {
        "rate": plans.rate.copy(),
        "rendition": plans.first_rendition.copy(),
        "muted": plans.muted.astype(np.int64),
        "mode": np.zeros(count, np.int64),
        "visible": np.ones(count, np.int64),
    }
    setters = {
        Act.RATE: "rate",
        Act.RENDITION: "rendition",
        Act.MUTE: "muted",
        Act.MODE: "mode",
        Act.VISIBLE: "visible",
    }
    made: dict[str, list[AnyArray]] = {name: [] for name in ("view", *_FACTS)}
    who = np.flatnonzero(shown)
    mark = first[who]
    while len(who):
        does = act[mark]
        to = at[mark]
        # Quality catches up after a jump, and who wanted to leave looks at the new place first; everything else that
        # was jumped over never happens.
        late = to < position[who]
        to = np.where(late & (does == Act.RENDITION), position[who], to)
        look = np.minimum(position[who] + LAST_LOOK_MS, duration_ms[who])
        to = np.where(late & (does == Act.LEAVE), look, to)
        meets = to >= position[who]
        meets &= ~_without_effect(does, value[mark], who, state)
        actors, place, deed = who[meets], to[meets], does[meets]
        marks = mark[meets]
        t1 = t[actors] + ((place - position[actors]) * 100 + state["rate"][actors] // 2) // state["rate"][actors]
        facts = (position[actors], place, t[actors], t1, *(state[name][actors] for name in state),
                 deed, value[marks], wait[marks])  # fmt: skip
        made["view"].append(actors)
        for name, column in zip(_FACTS, facts, strict=True):
            made[name].append(column)
        position[actors] = np.where((deed == Act.SEEK) | (deed == Act.LOOP), value[marks], place)
        t[actors] = t1 + wait[marks] + np.where(deed == Act.PAUSE, RESUMING_MS, 0)
        for setter, name in setters.items():
            sets = deed == setter
            state[name][actors[sets]] = value[marks[sets]]
        ended = np.isin(deed, ENDING)
        goes_on = np.ones(len(who), np.bool_)
        goes_on[np.flatnonzero(meets)[ended]] = False
        who, mark = who[goes_on], mark[goes_on] + 1
    return Play(shown, first_ms, _in_order(made))


def _without_effect(does: Ints, value: Ints, who: Ints, state: dict[str, Ints]) -> Bools:
    """Changes to what is so already."""
    idle = np.zeros(len(does), np.bool_)
    for act, name in ((Act.RENDITION, "rendition"), (Act.MUTE, "muted"), (Act.MODE, "mode"), (Act.VISIBLE, "visible"),
                      (Act.RATE, "rate")):  # fmt: skip
        idle |= (does == act) & (state[name][who] == value)
    return idle


def _sorted_marks(plans: Plans, duration_ms: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Marks by view and position; none lies beyond the end, where END waits for everybody."""
    marks = plans.marks
    view = np.concatenate(marks.view)
    at = np.concatenate(marks.at_ms)
    act = np.concatenate(marks.act)
    within = ((at >= 0) & (at < duration_ms[view])) | (act == Act.END) | (act == Act.LOOP)
    view, at, act = view[within], at[within], act[within]
    value, wait = np.concatenate(marks.value)[within], np.concatenate(marks.wait_ms)[within]
    value = np.where(act == Act.SEEK, np.clip(value, 0, duration_ms[view]), value)
    order = np.argsort((view << 32) | (at << 4) | act, kind="stable")
    return view[order], at[order], act[order], value[order], wait[order]


def _in_order(made: dict[str, list[AnyArray]]) -> Stretches:
    columns = {name: np.concatenate(parts) if parts else np.empty(0, np.int64) for name, parts in made.items()}
    order = np.argsort(columns["view"], kind="stable")  # rounds are in the order of time
    return Stretches(**{name: column[order] for name, column in columns.items()})
