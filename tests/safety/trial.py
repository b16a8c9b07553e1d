"""Hostile files through the whole import, and what became of each."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from tests.importing import Importer
from tests.safety.witness import Witness, left_behind
from transcoder import runner
from transcoder.lint import Severity, lint, load, open_folder
from viewbox import jobs
from viewbox.catalog import Video

OURS = frozenset({"internal_error", "worker_lost"})  # codes that say: ViewBox broke, not the file


@dataclass
class Outcome:
    """What happened to a batch. `wrong` is empty when nothing got anywhere."""

    verdicts: Counter[str] = field(default_factory=Counter)
    signals: Counter[int] = field(default_factory=Counter)  # of FFmpeg and ffprobe; each cost its own process alone
    wrong: list[str] = field(default_factory=list)
    by_name: dict[str, Video] = field(default_factory=dict)

    def merge(self, other: Outcome) -> None:
        self.verdicts += other.verdicts
        self.signals += other.signals
        self.wrong += other.wrong


def run_through(shop: Importer, files: Iterable[tuple[str, Path]], witness: Witness) -> Outcome:
    """Import every (name, file) with one worker; then ask the witness, and look at what was published."""
    outcome = Outcome()
    queued = {shop.queue(path): name for name, path in files}
    with Deaths(outcome.signals), patch.object(jobs, "RETRY_AFTER_MS", (10,)):  # what comes of it, not when
        shop.work()
    for video_id, name in queued.items():
        video = shop.catalog.get(video_id)
        outcome.by_name[name] = video
        outcome.verdicts[video.error_code or video.status] += 1
        outcome.wrong += [f"{name}: {fault}" for fault in _faults(shop, video)]
    outcome.wrong += [f"a canary was opened: {name}" for name in witness.opened()]
    outcome.wrong += ["a connection to a forbidden address"] * witness.called()
    outcome.wrong += [f"left behind: {words}" for words in left_behind(shop.settings.data_dir)]
    building = [path.name for path in (shop.media.root / ".building").glob("*")]
    outcome.wrong += [f"left behind: {name}" for name in building]
    return outcome


def _faults(shop: Importer, video: Video) -> list[str]:
    if video.status == "failed":
        if not video.error_code or not video.error_hint:
            return ["failed without a code or a hint"]
        if video.error_code in OURS:
            return [f"{video.error_code}: {video.error_hint}"]
        if shop.media.folder(video.id).exists():
            return ["failed, and its media stayed"]
        return []
    if video.status != "ready":
        return [f"is still {video.status}"]
    report = lint(load(open_folder(shop.folder(video))))
    return [f"{f.rule.id}: {f.spot}" for f in report.findings if f.rule.severity is Severity.MUST][:3]


class Deaths:
    """Deaths by signal of the programs that are run meanwhile."""

    def __init__(self, signals: Counter[int]) -> None:
        self._signals = signals
        self._real = runner._reap
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        def reap(process, watch, flags):
            ended = process.returncode is None and self._real(process, watch, flags)
            if ended and process.returncode < 0:
                with self._lock:
                    self._signals[-process.returncode] += 1
            return ended or process.returncode is not None

        runner._reap = reap

    def __exit__(self, *_: object) -> None:
        runner._reap = self._real
