"""Room on the disk: asked for before work begins that would end in the middle."""

from __future__ import annotations

import shutil
from pathlib import Path

from transcoder.command import AUDIO_BPS
from transcoder.ladder import Plan
from viewbox.errors import FetchFailed

SPARE_BYTES = 256 * 1024 * 1024  # stays free: the database and the spool write to the same disk
USED_SHARE = 0.4  # of the bounds of all renditions: what ordinary footage takes; simple pictures take less


def expected_bytes(plan: Plan) -> int:
    """What the renditions and sound tracks of a plan take, roughly. Pure."""
    pictures_bps = sum(rung.maxrate_bps for rung in plan.rungs) * USED_SHARE
    return int((pictures_bps + AUDIO_BPS * len(plan.audio)) * plan.duration_s / 8)


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise FetchFailed `disk_full` unless so many bytes fit on the disk of `folder` beside what stays free."""
    free_bytes = shutil.disk_usage(folder).free - SPARE_BYTES
    if needed_bytes > free_bytes:
        raise FetchFailed(
            f"{needed_bytes:,} bytes are needed, {max(0, free_bytes):,} are free",
            code="disk_full", hint="free space in VIEWBOX_DATA_DIR, then retry",
        )  # fmt: skip
