"""EXT-X-KEY, EXT-X-SESSION-KEY and what they protect (4.4.4.4, 4.4.6.5, 5, 6.2.3; Apple 13)."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.playlist import Playlist, Tag
from transcoder.lint.rulebook import MUST, rule
from transcoder.lint.stream import Stream

FAIRPLAY = "com.apple.streamingkeydelivery"
KEY_BYTES = {"AES-128": 16, "AES-256-GCM": 32}
IV_DIGITS = 32
BLOCK_BYTES = 16
SAME_KEY = ("METHOD", "URI", "IV", "KEYFORMAT", "KEYFORMATVERSIONS")


def _keys(stream: Stream) -> Iterator[tuple[Playlist, Tag]]:
    for playlist in stream.playlists():
        for tag in (*playlist.all("EXT-X-KEY"), *playlist.all("EXT-X-SESSION-KEY")):
            yield playlist, tag


@rule(
    "key-without-uri", MUST, "RFC 4.4.4.4", "RFC 6.2.3",
    says="A key has a URI unless METHOD is NONE.",
    fix="Add URI.",
)  # fmt: skip
def key_without_uri(stream: Stream) -> Iterator[Spot]:
    for playlist, tag in _keys(stream):
        if tag.get("METHOD") != "NONE" and "URI" not in tag.attributes:
            yield Spot(playlist.name, f"METHOD={tag.get('METHOD')} without URI", tag.line)


@rule(
    "key-none-with-more", MUST, "RFC 4.4.4.4",
    says="METHOD=NONE stands alone.",
    fix="Remove the other attributes.",
)  # fmt: skip
def key_none_with_more(stream: Stream) -> Iterator[Spot]:
    for playlist, tag in _keys(stream):
        if tag.get("METHOD") == "NONE" and len(tag.attributes) > 1 and tag.name == "#EXT-X-KEY":
            more = ", ".join(name for name in tag.attributes if name != "METHOD")
            yield Spot(playlist.name, f"METHOD=NONE with {more}", tag.line)


@rule(
    "key-iv", MUST, "RFC 4.4.4.4", "RFC 5.2",
    says="An initialization vector has 128 bits; AES-256-GCM and SAMPLE-AES-CTR have none in the playlist.",
    fix="Write IV=0x and 32 hexadecimal digits, or leave it out.",
)  # fmt: skip
def key_iv(stream: Stream) -> Iterator[Spot]:
    for playlist, tag in _keys(stream):
        vector = tag.get("IV")
        if vector is None:
            continue
        if tag.get("METHOD") in {"AES-256-GCM", "SAMPLE-AES-CTR"}:
            yield Spot(playlist.name, f"METHOD={tag.get('METHOD')} with IV", tag.line)
        elif len(vector) - 2 != IV_DIGITS:
            yield Spot(playlist.name, f"IV has {len(vector) - 2} digits", tag.line)


@rule(
    "key-map-without-iv", MUST, "RFC 4.4.4.5",
    says="A media initialization section encrypted with AES-128 has an IV in its key: it has no sequence number.",
    fix="Add IV to the EXT-X-KEY, or put EXT-X-MAP above it and leave the section unencrypted.",
)  # fmt: skip
def key_map_without_iv(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        seen = set()
        for segment in media.playlist.segments:
            section = segment.section
            if section is None or section.line in seen:
                continue
            seen.add(section.line)
            for key in section.keys:
                if key.get("METHOD") == "AES-128" and "IV" not in key.attributes:
                    yield Spot(media.name, "the key that applies to this EXT-X-MAP has no IV", section.line)


@rule(
    "key-size", MUST, "RFC 5.1",
    says="A key file holds the key alone: 16 bytes, 32 for AES-256-GCM.",
    fix="Serve the key as bytes, without encoding or line end.",
)  # fmt: skip
def key_size(stream: Stream) -> Iterator[Spot]:
    for playlist, tag in _keys(stream):
        size, wanted = stream.keys.get(tag.get("URI") or ""), KEY_BYTES.get(tag.get("METHOD") or "", 16)
        if size is not None and size != wanted:
            yield Spot(playlist.name, f"{tag.get('URI')} has {size} bytes, not {wanted}", tag.line)


@rule(
    "encrypted-size", MUST, "RFC 4.4.4.4", "RFC 6.2.3",
    says="A segment encrypted with AES-128 is padded to blocks of 16 bytes.",
    fix="Encrypt each segment by itself, with PKCS7 padding.",
)  # fmt: skip
def encrypted_size(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if media.playlist.iframes_only:
            continue  # there the whole file is encrypted, not its ranges
        for segment, size in zip(media.playlist.segments, media.sizes, strict=True):
            blocks = any(key.get("METHOD") == "AES-128" for key in segment.keys)
            if blocks and size is not None and size % BLOCK_BYTES:
                yield Spot(media.name, f"{size} bytes are no whole blocks", segment.line, segment.uri)


@rule(
    "fairplay", MUST, "Apple 13.2", "Apple 13.3",
    says="FairPlay keys come with METHOD=SAMPLE-AES, and skd: URIs with FairPlay's KEYFORMAT.",
    fix=f'Write METHOD=SAMPLE-AES,KEYFORMAT="{FAIRPLAY}".',
)  # fmt: skip
def fairplay(stream: Stream) -> Iterator[Spot]:
    for playlist, tag in _keys(stream):
        form = tag.get("KEYFORMAT")
        if form == FAIRPLAY and tag.get("METHOD") != "SAMPLE-AES":
            yield Spot(playlist.name, f"METHOD={tag.get('METHOD')}", tag.line)
        elif form != FAIRPLAY and (tag.get("URI") or "").startswith("skd:"):
            yield Spot(playlist.name, f"KEYFORMAT is {form or 'absent'}", tag.line)


@rule(
    "sample-aes-ctr", MUST, "Apple 13.11",
    says="SAMPLE-AES-CTR is not used on Apple devices.",
    fix="Encrypt with SAMPLE-AES (cbcs).",
)  # fmt: skip
def sample_aes_ctr(stream: Stream) -> Iterator[Spot]:
    for playlist, tag in _keys(stream):
        if tag.get("METHOD") == "SAMPLE-AES-CTR":
            yield Spot(playlist.name, "METHOD=SAMPLE-AES-CTR", tag.line)


@rule(
    "session-key", MUST, "RFC 4.4.6.5",
    says="A session key names a key, once, and as the media playlists do.",
    fix="Write the attributes of the EXT-X-KEY; METHOD=NONE has no place there.",
)  # fmt: skip
def session_key(stream: Stream) -> Iterator[Spot]:
    if stream.root is None:
        return
    seen: set[tuple[str | None, ...]] = set()
    used = {tag.get("URI"): tag for media in stream.media for tag in media.playlist.all("EXT-X-KEY")}
    for tag in stream.root.all("EXT-X-SESSION-KEY"):
        identity = tuple(tag.get(name) for name in SAME_KEY)
        if tag.get("METHOD") == "NONE":
            yield Spot(stream.root.name, "METHOD=NONE", tag.line)
        elif identity in seen:
            yield Spot(stream.root.name, "the same key stands twice", tag.line)
        seen.add(identity)
        other = used.get(tag.get("URI"))
        if other and any(other.get(name) != tag.get(name) for name in ("METHOD", "KEYFORMAT", "KEYFORMATVERSIONS")):
            yield Spot(stream.root.name, f"a media playlist describes the key {tag.get('URI')} otherwise", tag.line)
