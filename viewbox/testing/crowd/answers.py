"""The numbers that ViewBox must come to, from what really happened: exactly where nothing was lost."""

from __future__ import annotations

from typing import Any

from viewbox.testing.crowd.plan import Crowd
from viewbox.testing.crowd.truth import LOST, Truth


def answers(crowd: Crowd, truth: Truth) -> dict[str, Any]:
    """Each bears the name of its metric or column. Over valid views, where nothing else is said.

    `lost_…` is what happened and never arrived: the tables show that much less.
    """
    total = {name: float(values.sum()) for name, values in truth.totals.items()}
    count = {name: int(value) for name, value in total.items() if name != "coverage"}
    views, watched_ms = count["views"], count["played_watch_ms"]
    library = crowd.library
    return {
        "video_id": library.ids[0],
        "videos": len(library.ids),
        "sent": count["sent"],  # all views
        "events": count["events"],  # of all views
        "attempts": count["attempts"],
        "views": views,
        "unique_viewers": len(truth.viewers),
        "total_watch_time": total["watch_ms"] / 1000,
        "average_watch_time": total["watch_ms"] / 1000 / views if views else None,
        "playing_s": total["playing_ms"] / 1000,
        "media_s": total["media_ms"] / 1000,
        "average_percentage_viewed": total["coverage"] / views if views else None,
        "completed": count["completed"],
        "completion_rate": count["completed"] / views if views else None,
        "pauses": count["pauses"],
        "seeks_forward": count["seeks_forward"],
        "seeks_back": count["seeks_back"],
        "stalls": count["stalls"],  # of played views
        "stall_ms": count["stall_ms"],  # of played views
        "rebuffer_ratio": count["stall_ms"] / watched_ms if watched_ms else None,  # of played views
        "exits_before_start": count["exits_before_start"],
        "failed": count["failed"],
        "startup_failed": count["startup_failed"],
        **{f"lost_{name}": truth.lost[name] for name in LOST},
    }
