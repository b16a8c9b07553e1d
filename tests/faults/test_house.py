"""The quick form of the fault suite: a few lives of a house, and each planted defect. `make faults` is the long one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faults.defects import DEFECTS
from tests.faults.life import Death, judged, live, live_with
from tests.faults.points import AT_LABELS, BY_LABEL, POINTS

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]
LIVES = {
    "killed": [
        Death("spool.written"), Death("drain.events_committed"), Death(), Death("rollup.days"), Death("spool.removed"),
    ],
    "cut off": [
        Death("door.stored", "all"), Death("lake.half_synced", "chance"), Death("drain.indexed", "all"),
        Death("compaction.merged", "chance"), Death(None, "chance"), Death("rollup.synced", "all"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("life", LIVES)
def test_acked_events_outlive_the_house_and_are_stored_once(tmp_path: Path, life: str):
    deaths = LIVES[life]
    report = live(tmp_path / "house", deaths, seed=life, doors=2 if life == "killed" else 1)

    assert report.verdict.is_clean, report.verdict
    assert report.missed == []
    assert set(report.hits) == {death.label for death in deaths if death.label is not None}
    assert report.verdict.acked == report.verdict.stored > 100


@pytest.mark.parametrize("name", DEFECTS)
def test_the_suite_sees_each_planted_defect(tmp_path: Path, name: str):
    report = live_with(tmp_path / "house", name, seed="planted", most=4)

    assert getattr(report.verdict, DEFECTS[name].finds), report


@pytest.mark.parametrize("name", [name for name, defect in DEFECTS.items() if defect.disk or defect.doors > 1])
def test_without_the_defect_the_same_deaths_cost_nothing(tmp_path: Path, name: str):
    report = live_with(tmp_path / "house", name, seed="sound", planted=False)

    assert report.verdict.is_clean, report.verdict


def test_every_label_that_the_product_says_is_in_the_registry():
    said = {
        label
        for path in (ROOT / "viewbox").rglob("*.py")
        for label in re.findall(r"""_at\(["'](\w+)["']\)""", path.read_text("utf-8"))
    }

    assert said == set(AT_LABELS)
    assert len(BY_LABEL) == len(POINTS)


def test_the_page_about_durability_names_every_planted_defect():
    page = (ROOT / "docs/explanation/durability.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and line.count("|") == 4]

    assert {defect.takes_away for defect in DEFECTS.values()} <= {row.split("|")[2].strip() for row in rows}


def test_the_judge_tells_lost_from_doubled():
    verdict = judged(acked=[("a", 0), ("a", 1), ("b", 0)], stored=[("a", 0), ("a", 0), ("b", 0), ("c", 5)])

    assert verdict.lost == [("a", 1)]
    assert verdict.doubled == [("a", 0)]
    assert verdict.faults == ["1 stored events that nobody sent"]
