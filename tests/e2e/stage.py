"""A house whose contents grow in three steps: nothing, one view, and everything a page may have to show."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.house import House
from tests.e2e.material import publish_clip, publish_ten_hours
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.settings import Settings
from viewbox.testing import Audience, parse_effect
from viewbox.testing.delivery import over_websocket

CLIP_TITLE = "Seven scenes and a highlight"
TEN_HOURS_TITLE = "A conference day, uncut"
FAILED_TITLE = "holiday.mp4"
OTHER_TITLES = ("Quarterly review", "Onboarding, part 1", "Onboarding, part 2")  # enough for the search to appear
DAY_MS = 86_400_000


@dataclass
class Stage:
    """What stands where. `sick` is a dashboard whose catalog cannot be read, `guarded` a site that wants a secret."""

    house: House
    sick: House
    guarded: House
    clip: Path
    level: int = 0
    ids: dict[str, str] = field(default_factory=dict)

    def furnish(self, level: int) -> None:
        """Bring the house up to a level: 1 one video with one view, 2 the rest."""
        while self.level < level:
            self.level += 1
            if self.level == 1:
                self._add_one_view()
            else:
                self._add_the_rest()

    def _add_one_view(self) -> None:
        self.ids["clip"] = publish_clip(self.house, CLIP_TITLE, self.clip)
        duration_s = self.house.api(f"/v1/videos/{self.ids['clip']}")["duration_s"]
        effects = [parse_effect("skip=1,5,18"), parse_effect("leave=1,50")]
        self._watch(Audience(2, self.ids["clip"], duration_s, 1, _now_ms(), 1, effects, synthetic=False))

    def _add_the_rest(self) -> None:
        self.ids["ten hours"] = publish_ten_hours(self.house, TEN_HOURS_TITLE)
        effects = [parse_effect("dropoff=1,1500"), parse_effect("pause=0.5"), parse_effect("stall=0.3,60,3000")]
        self._watch(Audience(4, self.ids["ten hours"], 36_000.0, 40, _now_ms() - DAY_MS, 14, effects))
        catalog = Catalog(open_database(Settings(data_dir=self.house.data_dir).database))
        for title in OTHER_TITLES:
            catalog.report(catalog.add(title=title, source_kind="upload").id, status="encoding", progress=0.42)
        failed = catalog.add(title=FAILED_TITLE, source_kind="url", source_url="https://example.org/holiday.mp4")
        catalog.report_failure(
            failed.id, code="not_a_video_file", retryable=False,
            hint="the address leads to a web page; download the video there and upload the file",
        )  # fmt: skip
        self.ids["failed"] = failed.id

    def _watch(self, audience: Audience) -> None:
        delivery = over_websocket(f"ws://127.0.0.1:{self.house.port}/v1/views", audience.views())
        assert not delivery.refused
        self.house.viewbox("rollup")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
