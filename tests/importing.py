"""A worker at hand for tests: queue sources, let it work until the queue is empty, look at what was published."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from transcoder.worker import Worker
from viewbox.captions import Captions
from viewbox.catalog import Catalog, Video
from viewbox.database import open_database
from viewbox.jobs import Jobs
from viewbox.settings import Settings
from viewbox.storage import MediaStore


class Importer:
    """Catalog, queue and media of one test, over a directory of its own."""

    def __init__(self, data_dir: Path, *, fetch_allow: tuple[str, ...] = (), **settings: Any) -> None:
        self.settings = Settings(_env_file=None, data_dir=data_dir, fetch_allow=fetch_allow, **settings)
        engine = open_database(self.settings.database)
        self.catalog = Catalog(engine)
        self.jobs = Jobs(engine)
        self.captions = Captions(engine)
        self.media = MediaStore(self.settings.media_dir)

    def queue(self, source: str | Path) -> str:
        """Queue a URL or a file as it lies; the new video's id."""
        if isinstance(source, Path):
            video = self.catalog.add(title=source.name, source_kind="upload")
            payload = {"upload": str(source), "filename": source.name}
        else:
            video = self.catalog.add(title="t", source_kind="url", source_url=source)
            payload = {"url": source}
        self.jobs.enqueue("import", video_id=video.id, revision=video.revision, payload=payload)
        return video.id

    def work(self) -> None:
        """A worker, until nothing is queued."""
        Worker(self.settings).run(threading.Event(), until_idle=True)

    def imported(self, source: str | Path) -> Video:
        video_id = self.queue(source)
        self.work()
        return self.catalog.get(video_id)

    def folder(self, video: Video) -> Path:
        """Where a video's master playlist lies."""
        return self.media.folder(video.id)
