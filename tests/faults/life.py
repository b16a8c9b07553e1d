"""The life of a house: it is lived in, killed, cut off, started again, many times over; in the end it is judged."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from tests.faults.client import Client, Memory
from tests.faults.defects import DEFECTS, Cut
from tests.faults.house import DEATH_S, House
from tests.faults.points import BY_LABEL, Kind
from tests.support import until
from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.engine import open_engine
from viewbox.maintainer import Maintainer, counters
from viewbox.rollups import Rollups
from viewbox.settings import Settings

MOST_LIFE_S = 0.5  # before a random kill
SETTLING_S = 60.0
STUCK_S = 15.0  # several times as long as a maintainer takes from an ack to the trimmed spool


class Death(NamedTuple):
    """How a round ends: at a labelled point or, without a label, at a random moment; with the power cut or not.

    `disk`: what it does before that, to whom, in which files.
    """

    label: str | None = None
    cut: Cut = "no"
    disk: tuple[str, Kind, str] | None = None


class Verdict(msgspec.Struct):
    """What became of the promises. `lost` and `doubled` are (view_id, seq)."""

    lost: list[tuple[str, int]] = []
    doubled: list[tuple[str, int]] = []
    faults: list[str] = []  # any other broken promise, in words
    acked: int = 0
    stored: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.faults)


class Report(msgspec.Struct):
    """A life's end: how often somebody died at each point, kills in all, and the verdict."""

    hits: Counter[str]
    kills: int
    cuts: int
    disks: int  # failures of an fsync, and disks that were full
    missed: list[str]
    verdict: Verdict


def live(folder: Path, deaths: Sequence[Death], *, seed: str, doors: int = 1, rebuilt: bool = True) -> Report:
    """Live through these deaths; judge. `rebuilt`: whether the tables are held against a full rebuild."""
    life = Life.begin(folder, seed=seed, doors=doors)
    with life.watched():
        for death in deaths:
            life.die(death)
    return life.report(life.judge(rebuilt=rebuilt))


def live_with(folder: Path, defect_name: str, *, seed: str, planted: bool = True, most: int = 1) -> Report:
    """The deaths at which a defect costs something, with it until it has, `most` times over; or without it."""
    defect = DEFECTS[defect_name]
    for attempt in range(most):
        house = House(folder / str(attempt), doors=defect.doors, defect=defect_name if planted else None)
        life = Life(house, f"{seed}-{attempt}")
        with life.watched():
            until(life.is_lived_in, timeout_s=SETTLING_S, what="the house is lived in")
            if defect.disk is not None and defect.heals:
                life.die_of_disk(*defect.disk)
            with ExitStack() as stack:
                if defect.disk is not None and not defect.heals:
                    stack.enter_context(house.disk(*defect.disk))
                # A sound house never gets past a disk that stays broken.
                stuck = defect.disk is not None and not defect.heals and not planted
                death = Death(defect.label, defect.cut)
                life.die(death, nth=1 if defect.heals else None, within_s=STUCK_S if stuck else DEATH_S)
        report = life.report(life.judge(rebuilt=False))
        if report.verdict.lost or report.verdict.doubled:
            break
    return report


class Life:
    """A house with its clients. `with life.watched(): life.die(…)`, then `life.judge()`."""

    @classmethod
    def begin(cls, folder: Path, *, seed: str, doors: int = 1) -> Life:
        return cls(House(folder, doors=doors), seed)

    def __init__(self, house: House, seed: str) -> None:
        self.house = house
        self.memory = Memory(seed)
        self._chance = random.Random(f"life-{seed}")
        self._clients: list[Client] = []
        self._kills = self._cuts = self._disks = 0
        self._missed: list[str] = []

    @contextmanager
    def watched(self) -> Iterator[None]:
        """A client per door streams meanwhile; at the end nothing of the house runs."""
        self.house.start()
        self._clients = self._stream(new=True)
        try:
            yield
            self._settle()
        finally:
            for client in self._clients:
                client.stop()
            self.house.kill("door", "maintainer")

    @property
    def refused(self) -> int:
        """Messages that were answered with `retry_after_ms`."""
        return sum(client.refused for client in self._clients)

    def is_lived_in(self) -> bool:
        return self.memory.messages_acked > 20

    def die_of_disk(self, what: str, kind: Kind, part: str) -> None:
        """Somebody whose fsync failed ends by itself; then the disk is well again."""
        with self.house.disk(what, kind, part):
            assert self.house.await_death(), f"{kind} goes on over a disk that failed"

    def die(self, death: Death, *, nth: int | None = None, within_s: float = DEATH_S) -> None:
        """One round. `nth`: how often the point is passed until somebody dies there; else a few times, by chance.
        `within_s`: after that nobody does.
        """
        house = self.house
        house.start()
        if death.disk is not None and death.disk[0] == "eio":
            self.die_of_disk(*death.disk)
            self._disks += 1
            house.start()
        elif death.disk is not None:
            refused, acked = self.refused, self.memory.messages_acked
            until(lambda: self.memory.messages_acked > acked, timeout_s=SETTLING_S, what="the doors are open")
            with house.disk(*death.disk):
                until(lambda: self.refused > refused, timeout_s=SETTLING_S, what="a full disk is told")
            self._disks += 1
        if death.label is None:
            house.pause(self._chance.uniform(0, MOST_LIFE_S))
            kinds: Sequence[Kind] = self._chance.choice((("door",), ("maintainer",), ("door", "maintainer")))
            self._kills += house.kill(*kinds)
        else:
            if nth is None:
                nth = 1 if BY_LABEL[death.label].needs else self._chance.randint(1, 4)
            before = len(house.hits())
            with house.armed(death.label, nth):
                self._prepare(death.label)
                if len(house.hits()) == before:  # what leads there may have led there already
                    house.start()
                house.await_hit(before, within_s)
            if len(house.hits()) == before:
                self._missed.append(death.label)
            self._kills += 1
        if death.cut != "no":
            house.cut_power(self._chance if death.cut == "chance" else None)
            self._cuts += 1
        house.start()

    def _prepare(self, label: str) -> None:
        """See to it that the point will be passed."""
        point = BY_LABEL[label]
        if point.needs == "fresh start":
            self._kills += self.house.kill(point.kind)
        elif point.needs == "dead door":
            self.house.await_doors()  # one that has not begun its spool leaves none
            self._kills += self.house.kill("door")
        elif point.needs == "rebuild":
            self.house.ask_for_full()

    def _stream(self, *, new: bool) -> list[Client]:
        clients = [Client(self.memory, stage.port, new=new) for stage in self.house.stages]
        for client in clients:
            client.start()
        return clients

    def _settle(self) -> None:
        """Send again what got no ack, until all has one; then end the doors as a person would."""
        for client in self._clients:
            client.stop()
        self.house.start()
        while not self.memory.owes_nothing:
            self._clients = self._stream(new=False)
            until(lambda: self.memory.owes_nothing, timeout_s=SETTLING_S, what="an ack for every message")
            for client in self._clients:
                client.stop()
        self.house.await_doors()
        codes = self.house.stop_doors()
        assert set(codes) == {0}, f"doors ended with {codes}:\n{self.house.log()[-4000:]}"

    # --- the end -----------------------------------------------------------------------------------------------

    def judge(self, *, rebuilt: bool) -> Verdict:
        settings = self.house.settings
        try:
            with Maintainer(settings) as maintainer:
                maintainer.run_until_drained()
                maintainer.tidy()
            stored = _keys(settings)
        except (OSError, DeltaError) as error:  # what cannot be read is lost
            return Verdict(sorted(self.memory.acked), [], [repr(error)], acked=len(self.memory.acked))
        verdict = judged(self.memory.acked, stored)
        books = counters(settings)
        if books["pending"] or books["received"] != books["stored"] + books["duplicate"] + books["dead_lettered"]:
            verdict.faults.append(f"the books do not close: {books}")
        if books["stored"] != verdict.stored:
            verdict.faults.append(f"{verdict.stored} events are stored, the books say {books['stored']}")
        if rebuilt:
            verdict.faults += _differences_after_rebuild(settings)
        return verdict

    def report(self, verdict: Verdict) -> Report:
        return Report(Counter(self.house.hits()), self._kills, self._cuts, self._disks, self._missed, verdict)


def judged(acked: Iterable[tuple[str, int]], stored: Iterable[tuple[str, int]]) -> Verdict:
    """Every acked event is stored, and every stored one once."""
    found = Counter(stored)
    known = set(acked)
    verdict = Verdict(acked=len(known), stored=found.total())
    verdict.lost = sorted(known - found.keys())
    verdict.doubled = sorted(key for key, times in found.items() if times > 1)
    if strangers := found.keys() - known:
        verdict.faults.append(f"{len(strangers)} stored events that nobody sent")
    return verdict


def _keys(settings: Settings) -> list[tuple[str, int]]:
    rows = DeltaTable(f"{settings.lake}/events").to_pyarrow_table(columns=["view_id", "seq"])
    return list(zip(rows["view_id"].to_pylist(), rows["seq"].to_pylist(), strict=True))


def _differences_after_rebuild(settings: Settings) -> list[str]:
    """What a rebuild from the events alone would change in the tables: nothing."""
    now_ms = SYSTEM_CLOCK.now_ms()
    rollups = Rollups(settings, Catalog(open_database(settings.database)))
    try:
        rollups.refresh([], now_ms=now_ms)
        before = _contents(settings)
        rollups.full(now_ms=now_ms)
        after = _contents(settings)
    finally:
        rollups.close()
    return [f"a full rebuild changes {name}" for name in after if before.get(name) != after[name]]


def _contents(settings: Settings) -> dict[str, list[str]]:
    engine = open_engine(settings)
    try:
        return {name: sorted(map(str, table.to_pylist())) for name, table in engine.tables().items()}
    finally:
        engine.close()
