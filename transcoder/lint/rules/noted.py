"""What the readers of media noted while they read, as findings."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.stream import Stream


def noted(rule_id: str, stream: Stream) -> Iterator[Spot]:
    """Every breach of a rule that the reader of a segment's container came upon."""
    for media in stream.media:
        for segment, facts in media.pairs():
            for given, found in facts.faults:
                if given == rule_id:
                    yield Spot(media.name, found, segment.line, segment.uri)
