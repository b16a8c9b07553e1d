"""The long form of the fault suite, `make faults`: every labelled point many times over, and random kills between.

`python -m tests.faults [--hits 20] [--jobs 2] [--seed TEXT]`. Prints label × hits; ends with 1 when an acked event was
lost or stored twice, when tables differ from a rebuild, when a point was hit too seldom, or when a planted defect goes
unnoticed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.faults.defects import DEFECTS, Cut
from tests.faults.life import Death, Report, live, live_with
from tests.faults.points import POINTS, Kind

DEATHS_OF_A_LIFE = 14
LEAST_KILLS = 1_000
CUTS: tuple[Cut, ...] = ("no", "no", "all", "chance")
DISKS: tuple[tuple[str, Kind, str], ...] = (
    ("eio", "door", "/spool/"),
    ("eio", "maintainer", "/lake/"),
    ("full", "door", "/spool/"),
)
EXTRA_LIVES = 3  # of labels that were missed: a busy machine may not get there in time
MEMORY_DISK = Path("/dev/shm")  # what a power cut leaves is worked out, not tried: no real disk is needed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.partition("\n")[0])
    parser.add_argument("--hits", type=int, default=20, help="of each labelled point")
    parser.add_argument("--jobs", type=int, default=2, help="lives at the same time")
    parser.add_argument("--seed", default=str(time.time_ns()), help="repeats the plan, not the timing")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None))
    print(f"seed {arguments.seed}, {folder}", flush=True)
    suite = Suite(folder, arguments.seed, arguments.jobs)
    began = time.monotonic()
    suite.run(plan(arguments.hits, random.Random(arguments.seed)))
    for _ in range(EXTRA_LIVES):
        rare = [point.label for point in POINTS for _ in range(arguments.hits - suite.hits[point.label])]
        if rare:
            suite.run([Death(label) for label in rare])
    suite.plant()
    print(suite.table(arguments.hits))
    print(f"{(time.monotonic() - began) / 60:.1f} min")
    wrong = suite.wrong(arguments.hits)
    for line in wrong:
        print(f"WRONG: {line}")
    if not wrong:
        shutil.rmtree(folder)
    return 1 if wrong else 0


def plan(hits: int, chance: random.Random) -> list[Death]:
    """Each label so many times, random kills up to the least number, and disks that fail; in any order."""
    deaths = [Death(point.label, chance.choice(CUTS)) for point in POINTS for _ in range(hits)]
    random_kills = max(hits, LEAST_KILLS * hits // 20 - len(deaths))
    deaths += [Death(None, chance.choice(CUTS)) for _ in range(random_kills)]
    deaths += [Death(None, chance.choice(CUTS), disk) for disk in DISKS for _ in range(hits)]
    chance.shuffle(deaths)
    return deaths


class Suite:
    """Lives side by side, and what came of them."""

    def __init__(self, folder: Path, seed: str, jobs: int) -> None:
        self._folder = folder
        self._seed = seed
        self._jobs = jobs
        self._lives = 0
        self.hits: Counter[str] = Counter()
        self._kills = self._cuts = self._disks = self._acked = self._stored = 0
        self._wrong: list[str] = []
        self._seen: dict[str, str] = {}

    def run(self, deaths: list[Death]) -> None:
        """Live through these deaths, some in each life; every other house has two doors."""
        lives = [deaths[start : start + DEATHS_OF_A_LIFE] for start in range(0, len(deaths), DEATHS_OF_A_LIFE)]
        with self._pool() as pool:
            running = {}
            for some in lives:
                name = f"life-{self._lives:03d}"
                running[
                    pool.submit(one_life, self._folder / name, some, f"{self._seed}-{name}", self._lives % 2 + 1)
                ] = name
                self._lives += 1
            for number, done in enumerate(as_completed(running), 1):
                name = running[done]
                if error := done.exception():
                    self._wrong.append(f"{name}: {error!r}"[:2000])
                    continue
                self._add(name, done.result())
                kept = "" if done.result().verdict.is_clean else "  RED"
                print(f"{number}/{len(lives)} lives, {self._kills} kills{kept}", flush=True)

    def plant(self) -> None:
        """Each planted defect, until it has cost something."""
        with self._pool() as pool:
            running = {pool.submit(one_defect, self._folder / f"defect-{n}", name, self._seed): name
                       for n, name in enumerate(DEFECTS)}  # fmt: skip
            for done in as_completed(running):
                name = running[done]
                verdict = done.result().verdict
                lost, doubled = len(verdict.lost), len(verdict.doubled)
                self._seen[name] = f"{lost} lost, {doubled} doubled"
                print(f"{len(self._seen)}/{len(DEFECTS)} planted defects, {name}: {self._seen[name]}", flush=True)
                if not getattr(verdict, DEFECTS[name].finds):
                    self._wrong.append(f"the planted defect {name!r} was not noticed")

    def wrong(self, hits: int) -> list[str]:
        """Every broken promise, of the product or of the suite."""
        seldom = [
            f"{point.label} was hit {self.hits[point.label]} times" for point in POINTS if self.hits[point.label] < hits
        ]
        kills = [f"only {self._kills} kills"] if hits >= 20 and self._kills < LEAST_KILLS else []
        return [*self._wrong, *seldom, *kills]

    def table(self, hits: int) -> str:
        rows = [f"{'label':30} {'hits':>5}  what a crash there leaves"]
        rows += [f"{point.label:30} {self.hits[point.label]:>5}  {point.leaves}" for point in POINTS]
        rows += ["", f"{'planted defect':40} noticed"]
        rows += [f"{name:40} {self._seen.get(name, 'NOT RUN')}" for name in DEFECTS]
        rows += [
            "",
            f"{self._lives} houses, {self._kills} kills ({len(POINTS)} labels, each at least {hits} times; the rest at "
            f"random), {self._cuts} power cuts, {self._disks} disk failures",
            f"{self._acked} acked events, {self._stored} rows in the lake: {self._stored / max(1, self._acked):.6f}",
        ]
        return "\n".join(rows)

    def _add(self, name: str, report: Report) -> None:
        self.hits += report.hits
        self._kills += report.kills
        self._cuts += report.cuts
        self._disks += report.disks
        self._acked += report.verdict.acked
        self._stored += report.verdict.stored
        if not report.verdict.is_clean:
            verdict = report.verdict
            self._wrong.append(
                f"{name}: {len(verdict.lost)} lost, {len(verdict.doubled)} doubled; {'; '.join(verdict.faults)}"
            )

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._jobs, mp_context=multiprocessing.get_context("spawn"))


def one_life(folder: Path, deaths: list[Death], seed: str, doors: int) -> Report:
    report = live(folder, deaths, seed=seed, doors=doors)
    if report.verdict.is_clean:
        shutil.rmtree(folder)
    return report


def one_defect(folder: Path, name: str, seed: str) -> Report:
    report = live_with(folder, name, seed=seed, most=6)
    shutil.rmtree(folder)
    return report
