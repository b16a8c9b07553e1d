"""The numbers that ViewBox must show for an audience, added up from the true books of its views."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from viewbox.testing.audience import SyntheticView


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Each field bears the name of its metric or column. Over valid views, where nothing else is said."""

    sent: int  # all views
    events: int  # of all views
    attempts: int
    views: int
    unique_viewers: int
    total_watch_time: float  # s
    average_watch_time: float | None  # s
    playing_s: float
    media_s: float
    average_percentage_viewed: float | None
    completed: int
    completion_rate: float | None
    pauses: int
    seeks_forward: int
    seeks_back: int
    stalls: int  # of played views
    stall_ms: int  # of played views
    rebuffer_ratio: float | None  # of played views
    exits_before_start: int
    failed: int
    startup_failed: int


def known_answers(views: Iterable[SyntheticView]) -> Answers:
    everybody = list(views)
    truths = [view.truth for view in everybody]
    valid = [truth for truth in truths if truth.is_valid]
    played = [truth for truth in truths if truth.played]
    watch_s = sum(truth.watch_ms for truth in valid) / 1000
    completed = sum(truth.completed is True for truth in valid)
    played_ms = sum(truth.watch_ms for truth in played)
    return Answers(
        sent=len(truths),
        events=sum(truth.events for truth in truths),
        attempts=sum(truth.attempted for truth in truths),
        views=len(valid),
        unique_viewers=len({view.viewer_id for view in everybody if view.truth.is_valid}),
        total_watch_time=watch_s,
        average_watch_time=watch_s / len(valid) if valid else None,
        playing_s=sum(truth.playing_ms for truth in valid) / 1000,
        media_s=sum(truth.media_s for truth in valid),
        average_percentage_viewed=sum(truth.coverage or 0.0 for truth in valid) / len(valid) if valid else None,
        completed=completed,
        completion_rate=completed / len(valid) if valid else None,
        pauses=sum(truth.pauses for truth in valid),
        seeks_forward=sum(truth.seeks_forward for truth in valid),
        seeks_back=sum(truth.seeks_back for truth in valid),
        stalls=sum(truth.stalls for truth in played),
        stall_ms=sum(truth.stall_ms for truth in played),
        rebuffer_ratio=sum(truth.stall_ms for truth in played) / played_ms if played_ms else None,
        exits_before_start=sum(truth.exit_before_start for truth in truths),
        failed=sum(truth.failed for truth in truths),
        startup_failed=sum(truth.startup_failed for truth in truths),
    )
