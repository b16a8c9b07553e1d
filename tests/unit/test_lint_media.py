"""Media playlists and segments broken: durations, ranges, keys, parts, date ranges, containers, clocks."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from tests import streams
from tests.breaking import (
    IFRAMES,
    MASTER,
    SMALL,
    VIDEO,
    Break,
    Edit,
    both,
    broken,
    check,
    copy,
    data,
    drop,
    each,
    match,
    put,
    report,
)
from tests.streams import LISTS, Files

SEGMENT = "r1/90p/00002.m4s"
INIT = "r1/90p/init.mp4"
TEXT = "r1/text/2.vtt"
HIGH = "high/video2.ts"
RANGE = 'ID="ad",CLASS="com.example",START-DATE="2026-11-25T10:00:06.000Z",DURATION=6.0'
KEY = 'METHOD=AES-128,URI="../key.bin",IV=0x0123456789ABCDEF0123456789ABCDEF'
ALL = (*LISTS, *streams.IFRAMES)


def swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return change


def field(box: bytes, offset: int, value: int, size: str = "I") -> Callable[[bytes], bytes]:
    """A number at `offset` behind a box's name."""

    def change(content: bytes) -> bytes:
        changed = bytearray(content)
        struct.pack_into(f">{size}", changed, content.index(box) + 4 + offset, value)
        return bytes(changed)

    return change


def later(box: bytes, offset: int, by: int) -> Callable[[bytes], bytes]:
    """Add to a 64-bit number."""

    def change(content: bytes) -> bytes:
        at = content.index(box) + 4 + offset
        changed = bytearray(content)
        struct.pack_into(">Q", changed, at, struct.unpack_from(">Q", content, at)[0] + by)
        return bytes(changed)

    return change


def dateranges(text: str) -> Edit:
    """The same date range in both video playlists."""
    return each((VIDEO, SMALL), RANGE, text)


def unmarked(segment: bytes) -> bytes:
    """The first picture is a slice that refers to others: NAL unit type 1 in the place of 5."""
    payload = segment.index(b"mdat") + 4
    changed, at = bytearray(segment), payload
    while changed[at + 4] & 31 != 5:
        at += 4 + int.from_bytes(changed[at : at + 4], "big")
    changed[at + 4] = changed[at + 4] & 0xE0 | 1
    return bytes(changed)


def packets(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        return b"".join(change([content[i : i + 188] for i in range(0, len(content), 188)]))

    return edit


def pid(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def second_program(packet: bytes) -> bytes:
    """A PAT with two programmes; nobody checks its CRC."""
    if pid(packet):
        return packet
    changed = bytearray(packet)
    at = 5 + changed[4]
    changed[at + 2] += 4
    changed[at + 12 : at + 16] = bytes([0, 2, 0xF0, 0x00])
    return bytes(changed)


def as_hevc(packet: bytes) -> bytes:
    """A PMT that calls the picture HEVC."""
    return packet.replace(b"\x1b\xe1\x00", b"\x24\xe1\x00") if pid(packet) == 0x1000 else packet


PLAYLISTS = (
    broken("target-missing", put(VIDEO, "#EXT-X-TARGETDURATION:6\n", ""), streams.own, "targets-differ"),
    broken("target-missing", put(IFRAMES, "TARGETDURATION:6", "TARGETDURATION:0")),
    broken("target-exceeded", each(LISTS, "TARGETDURATION:6", "TARGETDURATION:5")),
    broken(
        "extinf-missing",
        put(VIDEO, "#EXTINF:6.000000,\n00002", "00002"),
        streams.own,
        "durations-differ",
        "timestamps-differ",
        "extinf-inaccurate",
        "bandwidth-understated",
        "average-bandwidth-wrong",
    ),
    broken("byterange-unanchored", match(VIDEO, r"(BYTERANGE:\d+)@\d+\nall", r"\1\nall"), streams.single_files),
    broken(
        "sequence-late",
        both(
            put(VIDEO, "#EXT-X-MEDIA-SEQUENCE:0\n", ""), put(VIDEO, "00000.m4s", "00000.m4s\n#EXT-X-MEDIA-SEQUENCE:0")
        ),
    ),
    broken("sequence-late", put(VIDEO, "00003.m4s", "00003.m4s\n#EXT-X-DISCONTINUITY-SEQUENCE:0")),
    broken("playlist-type-missing", each(ALL, "#EXT-X-PLAYLIST-TYPE:VOD\n", "")),
    broken("vod-without-end", each(ALL, "#EXT-X-ENDLIST\n", "")),
    broken("bitrate-wrong", put(VIDEO, "#EXTINF", "#EXT-X-BITRATE:900\n#EXTINF")),
    broken(
        "dates-ambiguous",
        put(
            VIDEO, "#EXTINF:6.000000,\n00003", "#EXT-X-PROGRAM-DATE-TIME:2026-11-25T09:00:00Z\n#EXTINF:6.000000,\n00003"
        ),
        streams.dated,
    ),
    broken("start-outside", put(MASTER, "#EXT-X-STREAM-INF", "#EXT-X-START:TIME-OFFSET=900\n#EXT-X-STREAM-INF")),
    broken(
        "segment-length",
        put(VIDEO, "#EXTINF:6.000000", "#EXTINF:4.000000", 0),
        streams.own,
        "durations-differ",
        "timestamps-differ",
        "extinf-inaccurate",
        "bandwidth-understated",
        "average-bandwidth-wrong",
    ),
    broken("file-missing", drop(SEGMENT), streams.own),
    broken("file-missing", drop(INIT)),
    broken("file-missing", match(IFRAMES, r"BYTERANGE:\d+@0", "BYTERANGE:99999999@0"), streams.own),
)

LIVE = (
    broken("live-window-short", each(LISTS, "TARGETDURATION:6", "TARGETDURATION:14"), streams.live, "targets-differ"),
    broken(
        "live-without-dates",
        each(ALL, "#EXT-X-PROGRAM-DATE-TIME:2026-11-25T10:00:00.000Z\n", ""),
        streams.live,
        "daterange-without-dates",
    ),
    broken("live-discontinuity-sequence", each(ALL, "00003.m4s", "00003.m4s\n#EXT-X-DISCONTINUITY"), streams.live),
    broken("part-target-missing", match(VIDEO, r"#EXT-X-PART-INF.*\n", ""), streams.low_latency),
    broken(
        "part-duration",
        put(VIDEO, 'PART:DURATION=2.0,URI="00005.m4s.1"', 'PART:DURATION=2.5,URI="00005.m4s.1"'),
        streams.low_latency,
    ),
    broken(
        "part-duration",
        put(VIDEO, 'PART:DURATION=2.0,URI="00005.m4s.1"', 'PART:DURATION=1.5,URI="00005.m4s.1"'),
        streams.low_latency,
    ),
    broken("part-hold-back", each(ALL, "PART-HOLD-BACK=6.0", "PART-HOLD-BACK=5.0"), streams.low_latency),
    broken("part-hold-back", each(ALL, ",PART-HOLD-BACK=6.0", ""), streams.low_latency),
    broken("hold-back-short", each(ALL, "CAN-SKIP-UNTIL=36.0", "CAN-SKIP-UNTIL=24.0"), streams.low_latency),
    broken("hold-back-short", each(ALL, "CAN-SKIP-UNTIL=36.0", "CAN-SKIP-DATERANGES=YES"), streams.low_latency),
    broken(
        "hint-after-end", each(LISTS, "#EXT-X-PRELOAD-HINT", "#EXT-X-ENDLIST\n#EXT-X-PRELOAD-HINT"), streams.low_latency
    ),
    broken(
        "report-uri-absolute", put(VIDEO, 'REPORT:URI="../', 'REPORT:URI="https://example.com/'), streams.low_latency
    ),
    broken("low-latency-profile", match(VIDEO, r"#EXT-X-PRELOAD-HINT.*\n", ""), streams.low_latency),
    broken("low-latency-profile", match(VIDEO, r"#EXT-X-RENDITION-REPORT.*\n", ""), streams.low_latency),
    broken(
        "tag-after-part",
        put(
            VIDEO,
            '#EXT-X-PART:DURATION=2.0,URI="00005.m4s.2"',
            '#EXT-X-PROGRAM-DATE-TIME:2026-11-25T10:00:30Z\n#EXT-X-PART:DURATION=2.0,URI="00005.m4s.2"',
        ),
        streams.low_latency,
    ),
)

RANGES = (
    broken(
        "daterange-without-dates", each(ALL, "#EXT-X-PROGRAM-DATE-TIME:2026-11-25T10:00:00.000Z\n", ""), streams.dated
    ),
    broken("daterange-times", dateranges(RANGE + ',END-DATE="2026-11-25T10:00:05.000Z"'), streams.dated),
    broken("daterange-times", dateranges(RANGE + ',END-DATE="2026-11-25T10:00:13.000Z"'), streams.dated),
    broken("daterange-times", dateranges('ID="ad",DURATION=6.0'), streams.dated),
    broken("daterange-end-on-next", dateranges(RANGE + ",END-ON-NEXT=YES"), streams.dated),
    broken("daterange-cue", dateranges(RANGE + ',CUE="PRE,POST"'), streams.dated),
    broken("daterange-contradiction", dateranges(f'{RANGE}\n#EXT-X-DATERANGE:ID="ad",DURATION=7.0'), streams.dated),
    broken("interstitial-asset", dateranges(RANGE.replace("com.example", "com.apple.hls.interstitial")), streams.dated),
    broken(
        "interstitial-asset",
        dateranges(RANGE.replace("com.example", "com.apple.hls.interstitial") + ',X-ASSET-URI="ad.m3u8"'),
        streams.dated,
    ),
    broken("preload-range", dateranges(RANGE.replace("com.example", "com.apple.hls.preload")), streams.dated),
)

KEYS = (
    broken("key-without-uri", put(VIDEO, 'URI="../key.bin",', ""), streams.encrypted),
    broken(
        "key-none-with-more",
        put(VIDEO, "#EXT-X-ENDLIST", '#EXT-X-KEY:METHOD=NONE,URI="../key.bin"\n#EXT-X-ENDLIST'),
        streams.encrypted,
    ),
    broken("key-iv", put(VIDEO, "IV=0x0123456789ABCDEF0123456789ABCDEF", "IV=0x0123"), streams.encrypted),
    broken("key-iv", put(VIDEO, "METHOD=AES-128", "METHOD=AES-256-GCM"), streams.encrypted, "key-size"),
    broken("key-map-without-iv", put(VIDEO, ",IV=0x0123456789ABCDEF0123456789ABCDEF", ""), streams.encrypted),
    broken("key-size", data("r1/key.bin", lambda key: key + b"\n"), streams.encrypted),
    broken("encrypted-size", data(SEGMENT, lambda segment: segment + b"\0"), streams.encrypted),
    broken("fairplay", put(VIDEO, KEY, f'{KEY},KEYFORMAT="com.apple.streamingkeydelivery"'), streams.encrypted),
    broken("fairplay", put(VIDEO, '"../key.bin"', '"skd://key"'), streams.encrypted),
    broken(
        "sample-aes-ctr",
        put(
            VIDEO, "#EXT-X-MAP", '#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="data:,key",KEYFORMAT="com.example"\n#EXT-X-MAP'
        ),
    ),
    broken("session-key", put(MASTER, "#EXT-X-STREAM-INF", "#EXT-X-SESSION-KEY:METHOD=NONE\n#EXT-X-STREAM-INF")),
    broken(
        "session-key",
        put(MASTER, "#EXT-X-STREAM-INF", f"#EXT-X-SESSION-KEY:{KEY}\n" * 2 + "#EXT-X-STREAM-INF"),
        streams.encrypted,
    ),
    broken(
        "session-key",
        put(
            MASTER,
            "#EXT-X-STREAM-INF",
            "#EXT-X-SESSION-KEY:" + KEY.replace("AES-128", "SAMPLE-AES") + "\n#EXT-X-STREAM-INF",
        ),
        streams.encrypted,
    ),
)

FRAGMENTS = (
    broken(
        "format-unknown",
        data(SEGMENT, lambda segment: b"RIFF" + bytes(len(segment) - 4)),
        streams.own,
        "iframe-without-header",
    ),
    broken("map-missing", put(VIDEO, '#EXT-X-MAP:URI="init.mp4"\n', "")),
    broken("section-malformed", data(INIT, swap(b"mvex", b"free"))),
    broken(
        "section-malformed", data(INIT, lambda section: section.replace(b"iso6", b"iso2").replace(b"cmfc", b"iso2"))
    ),
    broken("section-malformed", data(INIT, field(b"tkhd", 20, 40))),
    broken("section-malformed", data(INIT, lambda section: section[:200]), streams.own),
    broken("section-with-samples", data(INIT, lambda section: section + struct.pack(">I4s", 12, b"mdat") + b"data")),
    broken("fragment-malformed", data(SEGMENT, swap(b"tfdt", b"free"))),
    broken("fragment-malformed", data(SEGMENT, field(b"tfhd", 4, 9))),
    broken("fragment-malformed", data(SEGMENT, lambda segment: segment[:-100]), streams.own),
    broken("not-intra", data(SEGMENT, unmarked), streams.own, "iframe-not-intra"),
    broken("decode-time", data(SEGMENT, later(b"tfdt", 4, 5000)), streams.own, "timestamps-differ"),
    broken(
        "decode-time",
        put(VIDEO, "00002.m4s\n#EXTINF:6.000000,\n00003.m4s", "00003.m4s\n#EXTINF:6.000000,\n00002.m4s"),
        streams.own,
        "timestamps-differ",
    ),
    broken("extinf-inaccurate", put(VIDEO, "#EXTINF:6.000000,\n00002", "#EXTINF:6.100000,\n00002")),
    broken(
        "change-unmarked",
        both(
            copy("r1/44p/00006.m4s", "r1/90p/00006.m4s"),
            copy("r1/44p/init.mp4", "r1/90p/small.mp4"),
            match(VIDEO, r"(#EXTINF:.*\n00006)", r'#EXT-X-MAP:URI="small.mp4"\n\1'),
        ),
    ),
    broken(
        "iframes-unmarked", put(IFRAMES, "#EXT-X-I-FRAMES-ONLY\n", ""), streams.own, "version-low", "fragment-malformed"
    ),
    broken("iframe-without-header", match(IFRAMES, r"BYTERANGE:(\d+)@0", r"BYTERANGE:\1@1500"), streams.own),
    broken("iframe-not-intra", data("r1/90p/00000.m4s", unmarked), streams.own, "not-intra"),
    broken("iframe-with-section", match(IFRAMES, r"BYTERANGE:(\d+)@\d+", r"BYTERANGE:\1@0"), streams.single_files),
    broken(
        "codec-level",
        data(INIT, lambda section: section.replace(b"avcC\x01\x64\x00\x0b", b"avcC\x01\x64\x00\x3c")),
        streams.own,
        "codecs-incomplete",
    ),
    broken(
        "codec-unsupported",
        both(*(data(path, swap(b"avc1", b"vp09")) for path in (INIT, "r1/44p/init.mp4"))),
        streams.own,
        "codecs-incomplete",
    ),
    broken("parameters-in-samples", data(INIT, swap(b"avc1", b"avc3")), streams.own, "codecs-incomplete"),
    broken(
        "stereo-missing",
        both(*(data(f"r1/{name}/init.mp4", swap(b"mp4a", b"ec-3")) for name in ("audio", "audio1"))),
        streams.own,
        "codecs-incomplete",
    ),
)


TRANSPORT = (
    broken("transport-malformed", data(HIGH, packets(lambda packs: [*packs[:20], *packs[23:]])), streams.transport),
    broken("transport-malformed", data(HIGH, lambda content: content[:-7]), streams.transport, "decode-time"),
    broken(
        "transport-tables", data(HIGH, packets(lambda packs: [one for one in packs if pid(one)])), streams.transport
    ),
    broken(
        "transport-programs",
        data(HIGH, packets(lambda packs: [second_program(one) for one in packs])),
        streams.transport,
    ),
    broken(
        "decode-time",
        match("high/video.m3u8", r"video2.ts\n(.*)\nvideo3.ts", r"video3.ts\n\1\nvideo2.ts"),
        streams.transport,
        "timestamps-differ",
        "extinf-inaccurate",
    ),
    broken(
        "codec-container",
        data(HIGH, packets(lambda packs: [as_hevc(one) for one in packs])),
        streams.transport,
        "change-unmarked",
        "codecs-incomplete",
        "not-intra",
        "iframe-not-intra",
    ),
    broken("packed-timestamp", data("r1/audio/2.aac", lambda content: content[73:]), streams.packed),
    broken("packed-timestamp", data("r1/audio/2.aac", swap(b"Timestamp\0\0", b"Timestamp\0\1")), streams.packed),
)


SUBTITLES = (
    broken("webvtt-header", data(TEXT, swap(b"MPEGTS:0\n\n", b"MPEGTS:0\n")), streams.subtitled),
    broken("webvtt-map", data(TEXT, swap(b"X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n", b"")), streams.subtitled),
    broken("webvtt-map", data(TEXT, swap(b"MPEGTS:0", b"MPEGTS=0")), streams.subtitled),
    broken("webvtt-cue", data(TEXT, swap(b"00:00:13.000 -->", b"00:00:13,000 -->")), streams.subtitled),
    broken("format-unknown", data(TEXT, lambda text: b"1\n00:00:13,000 --> 00:00:14,000\nSRT\n"), streams.subtitled),
    broken(
        "subtitle-format",
        both(
            put("r1/text/text.m3u8", "#EXTINF", '#EXT-X-MAP:URI="../audio/init.mp4"\n#EXTINF'),
            put("r1/text/text.m3u8", "VERSION:3", "VERSION:6"),
            *(copy(f"r1/audio/0000{i}.m4s", f"r1/text/{i}.vtt") for i in range(7)),
        ),
        streams.subtitled,
        "bandwidth-understated",
        "average-bandwidth-wrong",
    ),
)


@pytest.mark.parametrize(
    "case",
    [*PLAYLISTS, *LIVE, *RANGES, *KEYS, *FRAGMENTS, *TRANSPORT, *SUBTITLES],
    ids=lambda case: case.rule,
)
def test_a_fault_in_media_is_found(case: Break):
    check(case)


def test_a_gap_needs_no_file():
    files: Files = streams.own()
    drop(SEGMENT)(files)
    for path in (VIDEO, IFRAMES):
        put(path, "00002.m4s", "#EXT-X-GAP\n00002.m4s")(files)
    assert report(files).conforms
