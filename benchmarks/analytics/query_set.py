"""The query set at one size: every answer compared with every peer's, then timed, turn by turn, in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmarks.analytics import peers, world
from benchmarks.analytics.dataset import SIZES, DataSet
from benchmarks.analytics.equality import by_key, check_equal
from benchmarks.analytics.ours import ViewBox
from benchmarks.analytics.questions import Question, query_set
from benchmarks.analytics.timing import percentile, repeated_ms
from benchmarks.report import Tell
from viewbox.engine import open_engine

OUR_REPEATS = 5
UNIQUE_VIEWERS = "overview: unique_viewers"


@dataclass
class Asked:
    """One question: where ViewBox found the answer, how much of it was compared, and milliseconds by engine."""

    question: Question
    answered_by: str
    compared: dict[str, int] = field(default_factory=dict)
    times_ms: dict[str, list[float]] = field(default_factory=dict)

    def median_ms(self, engine: str) -> float:
        return statistics.median(self.times_ms[engine])

    def as_json(self) -> dict[str, Any]:
        return {
            "question": self.question.name, "answered_by": self.answered_by, "values_compared": self.compared,
            "ms": {name: [round(time, 3) for time in times] for name, times in self.times_ms.items()},
        }  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """The whole set at one size."""

    asked: list[Asked]
    unique_viewers: int  # of the range, equal to every peer's count of distinct ids

    def total_ms(self, engine: str) -> float:
        """All questions once, each at its median."""
        return sum(one.median_ms(engine) for one in self.asked)

    def percentile_ms(self, share: float) -> float:
        """Over every single answer of ViewBox; each question was asked equally often."""
        return percentile([time for one in self.asked for time in one.times_ms[ViewBox.name]], share)

    def faster(self, peer: str) -> float:
        """How many times longer the peer takes for the whole set."""
        return self.total_ms(peer) / self.total_ms(ViewBox.name)

    def least_faster(self, peer: str) -> float:
        """The same for the question with the smallest lead."""
        return min(one.median_ms(peer) / one.median_ms(ViewBox.name) for one in self.asked)


def peer_repeats(size: str) -> int:
    """Beyond the answer that is compared. At 100 M that one is the time: minutes, not caches, are what it measures."""
    if SIZES[size] <= SIZES["1M"]:
        return 3
    return 1 if SIZES[size] <= SIZES["10M"] else 0


def measure(
    dataset: DataSet, wanted: Sequence[str], tell: Tell, *, repeats: int = OUR_REPEATS, only: str = ""
) -> Measured:
    """Ask every question whose name holds `only`. Raises BenchmarkFailed at the first answer that differs."""
    asked: list[Asked] = []
    viewers = 0
    with closing(ViewBox(open_engine(dataset.settings))) as ours, closing(open_engine(dataset.settings)) as engine:
        found = world.look(engine)
        with peers.opened(dataset, world.durations(engine), wanted) as others:
            for question in query_set(found):
                if only not in question.name:
                    continue
                tell(question.name)
                asked.append(Asked(question, ours.answered_by(question)))
                answer = ours.answer(question)
                for peer in others:
                    _compare(asked[-1], answer, peer, peer_repeats(dataset.size))
                if question.name == UNIQUE_VIEWERS:
                    viewers = int(next(iter(by_key(question, answer).values()))["unique_viewers"])
        _time_ours(ours, asked, repeats)
    return Measured(asked, viewers)


def _time_ours(ours: ViewBox, asked: Sequence[Asked], passes: int) -> None:
    """The whole set, pass by pass: what questions share they share within a pass, as on a page, not between passes."""
    for one in asked:
        one.times_ms[ViewBox.name] = []
    for _ in range(passes):
        ours.forget()
        for one in asked:
            one.times_ms[ViewBox.name] += repeated_ms(partial(ours.answer, one.question), 1)


def _compare(asked: Asked, answer: Any, peer: peers.Peer, repeats: int) -> None:
    """The peer's answer is the same; then how long it takes."""
    began = time.perf_counter()
    theirs = peer.answer(asked.question)
    first_ms = (time.perf_counter() - began) * 1000
    asked.compared[peer.name] = check_equal(asked.question, answer, theirs, peer.name)
    asked.times_ms[peer.name] = repeated_ms(partial(peer.answer, asked.question), repeats) or [first_ms]
