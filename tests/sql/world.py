"""A ViewBox of a test's own: real door, real spool, real maintainer, real engine; only the clock is a fake."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from tests.sql.stories import T0_MS, Story
from viewbox.catalog import Catalog
from viewbox.client import ClientFacts
from viewbox.database import open_database
from viewbox.engine import open_engine
from viewbox.intake import Acked, Intake
from viewbox.maintainer import Maintainer
from viewbox.settings import Settings
from viewbox.spool import Spool
from viewbox.testing.clock import FakeClock

DAY_MS = 86_400_000


class World:
    """One data directory. `tell` sends stories through the door, `settle` takes them all the way to the tables."""

    def __init__(self, folder: Path, *, now_ms: int = T0_MS + DAY_MS) -> None:
        self.settings = Settings(data_dir=folder, executor="inline", sample=False)
        self.clock = FakeClock(now_ms)
        self.catalog = Catalog(open_database(self.settings.database), self.clock)
        self.spool = Spool(self.settings.spool_dir)
        self.maintainer = Maintainer(self.settings, clock=self.clock)
        self.engine = open_engine(self.settings)

    def close(self) -> None:
        self.engine.close()
        self.maintainer.close()
        self.spool.close()

    def video(self, video_id: str, duration_s: float, *, revision: int = 1) -> None:
        """A video of the catalog, published."""
        if self.catalog.find(video_id) is None:
            self.catalog.add(title=video_id, source_kind="url", video_id=video_id)
        self.catalog.publish(video_id, revision=revision, duration_s=duration_s, assets={}, ready=True)

    def tell(self, *stories: Story, size: int = 200) -> None:
        self.send(message for story in stories for message in story.messages(size))

    def send(self, messages: Iterable[dict[str, Any]], *, late_ms: int = 0, facts: ClientFacts | None = None) -> None:
        """Messages arrive `late_ms` after they were sent. Every one must be taken whole."""
        intake = Intake(self.settings, self.catalog, self.spool, clock=self.clock)
        for message in messages:
            raw = msgspec.json.encode(message)
            received_at_ms = message["sent_at_ms"] + late_ms
            (answer,) = intake.accept([raw], received_at_ms=received_at_ms, facts=facts or ClientFacts())
            assert isinstance(answer, Acked), answer
            assert not answer.rejected, answer

    def ingest(self, stories: Iterable[Story], **fields: str) -> None:
        """Stories of a file: each message was received when it was sent. Much quicker than `tell` for many.

        `fields` are those that only a line of a file may carry: `user_agent`, `country`.
        """
        intake = Intake(self.settings, self.catalog, self.spool, source="file", clock=self.clock)
        raw = [msgspec.json.encode(message | fields) for story in stories for message in story.messages()]
        assert not [answer for answer in intake.accept(raw) if not isinstance(answer, Acked) or answer.rejected]

    def settle(self) -> None:
        """Everything sent is in all tables; views that are silent by now are closed."""
        self.clock.advance(s=6)  # past the maintainer's period for looking at silent views
        self.maintainer.run_until_drained()

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        table = self.engine.query(sql, params)
        return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
