"""A small lake in which every question of the benchmarks' query set has an answer: clips, a long video, plans, bots."""

from __future__ import annotations

from pathlib import Path
from random import Random

from viewbox.catalog import Catalog
from viewbox.clock import SYSTEM_CLOCK
from viewbox.database import open_database
from viewbox.intake import Intake
from viewbox.maintainer import Maintainer, settle, spooled_to
from viewbox.settings import Settings
from viewbox.spool import Spool
from viewbox.testing import Audience, everyday, sample_story

TOP = "top"
LONG = "ten-hours"
LONG_S = 36_000.0
DAYS = 29.0


def make_lake(data_dir: Path, *, scale: float = 1.0) -> Settings:
    """Events of some videos in all tables; `scale` multiplies the number of views."""
    settings = Settings(_env_file=None, data_dir=data_dir)
    catalog = Catalog(open_database(settings.database))
    chance = Random(7)
    with Spool(settings.spool_dir) as spool:
        intake = Intake(settings, catalog, spool, source="file")
        for audience in _audiences(scale):
            for view in audience.views():
                view.context["custom"] = {"plan": chance.choice(("free", "free", "pro"))}
                intake.accept([line.encode() for line in view.lines(max_events=40) if chance.random() > 0.01])
    with Maintainer(settings) as maintainer:
        settle(settings, maintainer, spooled_to(settings))
    return settings


def _audiences(scale: float) -> list[Audience]:
    until_ms = SYSTEM_CLOCK.now_ms() - 60_000
    crowd = [
        (TOP, 180.0, 260), ("clip", 47.3, 60), ("short", 0.8, 20), ("song", 214.6, 60), ("talk", 1400.0, 25),
        (LONG, LONG_S, 12),
    ]  # fmt: skip
    return [
        Audience(
            number, video_id, duration_s, round(count * scale), until_ms, DAYS,
            (*sample_story(duration_s), *everyday(duration_s)) if video_id == TOP else everyday(duration_s),
        )
        for number, (video_id, duration_s, count) in enumerate(crowd)
    ]  # fmt: skip
