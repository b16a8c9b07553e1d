"""How a server sends the files; only for streams read by URL (Apple 8.18, 10, 11)."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.rulebook import MUST, SHOULD, rule
from transcoder.lint.stream import Stream

TYPES = {
    ".m3u8": {"application/vnd.apple.mpegurl"},
    ".m3u": {"audio/mpegurl"},
    ".ts": {"video/mp2t"},
    ".m4s": {"video/iso.segment", "video/mp4", "audio/mp4"},
    ".mp4": {"video/mp4", "audio/mp4", "application/mp4"},
    ".aac": {"audio/aac"},
    ".mp3": {"audio/mpeg"},
    ".ac3": {"audio/ac3"},
    ".ec3": {"audio/eac3"},
    ".vtt": {"text/vtt", "text/plain"},
}


@rule(
    "not-gzipped", MUST, "Apple 10.1", "RFC 6.2.1",
    says="Playlists are delivered with gzip encoding.",
    fix="Switch gzip on for application/vnd.apple.mpegurl.",
)  # fmt: skip
def not_gzipped(stream: Stream) -> Iterator[Spot]:
    for label, kind, delivery in stream.deliveries:
        if kind == "playlist" and delivery.content_encoding != "gzip":
            yield Spot(label, f"Content-Encoding is {delivery.content_encoding or 'absent'}")


@rule(
    "redirected", MUST, "Apple 8.18",
    says="Media are requested without redirects.",
    fix="Write the final URL into the playlist.",
)  # fmt: skip
def redirected(stream: Stream) -> Iterator[Spot]:
    for label, kind, delivery in stream.deliveries:
        if kind == "segment" and delivery.redirected:
            yield Spot(label, "the server redirects")


@rule(
    "media-type", SHOULD, "Apple 10.4",
    says="Files have the recommended MIME types.",
    fix="Set the type of the suffix.",
)  # fmt: skip
def media_type(stream: Stream) -> Iterator[Spot]:
    seen = set()
    for label, _, delivery in stream.deliveries:
        suffix = "." + label.rsplit(".", 1)[-1].lower()
        given = delivery.content_type.split(";")[0].strip().lower()
        if suffix in TYPES and given not in TYPES[suffix] and (suffix, given) not in seen:
            seen.add((suffix, given))
            yield Spot(label, f"{suffix} is sent as {given or 'nothing'}")


@rule(
    "not-secure", SHOULD, "Apple 11.1", "Apple 11.2", "Apple 11.3",
    says="Playlists and media are delivered over TLS.",
    fix="Serve them by https.",
)  # fmt: skip
def not_secure(stream: Stream) -> Iterator[Spot]:
    if stream.secure is False:
        yield Spot(stream.source, "it came over http")
