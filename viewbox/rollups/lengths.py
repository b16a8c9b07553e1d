"""How long a revision is, and in how many one-second slices it is counted.

A catalog duration beats a reported one. Where the catalog has none, the duration that most of the video's views
report stands (ties: the longest); where nobody reports one, slices follow the furthest valid view.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from viewbox.catalog import Catalog, Video
from viewbox.rollups.ledger import Ledger, Length, Revision


def slices(extent_s: float) -> int:
    """The contract’s n: slice k is [k, k+1), the last one reaches the end."""
    return max(1, math.ceil(extent_s - 0.5))


class Lengths:
    """Settles lengths from catalog and ledger. Writes the ledger inside the caller's transaction."""

    def __init__(self, ledger: Ledger, catalog: Catalog) -> None:
        self._ledger = ledger
        self._catalog = catalog

    def of(self, revisions: Iterable[Revision]) -> dict[Revision, Length]:
        """As settled."""
        known = self._ledger.lengths()
        return {revision: known[revision] for revision in revisions if revision in known}

    def settle(self, revisions: Collection[Revision]) -> set[Revision]:
        """Work lengths out again; returns the revisions whose length is another one now."""
        before = self._ledger.lengths()
        published = self._catalog.revision_durations()
        changed: dict[Revision, Length] = {}
        videos = self._catalog.several({video_id for video_id, _number in revisions})
        for revision in revisions:
            length = self._settled(revision, videos.get(revision[0]), published)
            if before.get(revision) != length:
                changed[revision] = length
        self._ledger.put_lengths(changed)
        return set(changed)

    def changed_in_catalog(self) -> set[Revision]:
        """Revisions whose catalog duration is not what their views were computed with."""
        published = self._catalog.revision_durations()
        return {
            revision
            for revision, length in self._ledger.lengths().items()
            if published.get(revision) != length.duration_s
        }

    def tell_catalog(self, revisions: Collection[Revision]) -> None:
        """List external videos with the duration that was settled for them."""
        videos = self._catalog.several({video_id for video_id, _number in revisions})
        for (video_id, number), length in self.of(revisions).items():
            video = videos.get(video_id)
            if video is None or video.source_kind != "external" or video.revision != number:
                continue
            if video.duration_s != length.duration_s:
                self._catalog.set_external_duration(video_id, length.duration_s)

    def _settled(self, revision: Revision, video: Video | None, published: Mapping[Revision, float | None]) -> Length:
        own = video is not None and video.source_kind != "external"
        duration_s = published.get(revision) if own else None
        if duration_s is None:
            duration_s = self._ledger.reported_duration(revision)
        extent_s = self._ledger.furthest_position(revision) if duration_s is None else duration_s
        return Length(duration_s, slices(extent_s))
