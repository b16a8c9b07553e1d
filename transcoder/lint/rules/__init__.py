"""The rules, one room per topic. Importing this package fills the rule book."""

from __future__ import annotations

from transcoder.lint.rules import (
    alignment,
    bandwidth,
    codecs,
    dateranges,
    delivery,
    encryption,
    groups,
    live,
    low_latency,
    media_playlist,
    multivariant,
    segments,
    subtitles,
    syntax,
    trickplay,
    versions,
)

__all__ = [
    "alignment", "bandwidth", "codecs", "dateranges", "delivery", "encryption", "groups", "live", "low_latency",
    "media_playlist", "multivariant", "segments", "subtitles", "syntax", "trickplay", "versions",
]  # fmt: skip
