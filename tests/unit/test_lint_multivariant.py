"""Multivariant playlists broken: variants, groups, bandwidths, and what all playlists have in common."""

from __future__ import annotations

import re

import pytest

from tests import streams
from tests.breaking import (
    IFRAMES,
    MASTER,
    SMALL,
    SOUND,
    VIDEO,
    Break,
    both,
    broken,
    check,
    match,
    put,
    report,
)

RULES_SHOWN = {"channels-missing"}
DESCRIBES = 'CHARACTERISTICS="public.accessibility.describes-video",'
SPOKEN = "public.accessibility.transcribes-spoken-dialog"
CAPTIONS = '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="English",LANGUAGE="en",INSTREAM-ID="CC1"\n'
SECOND_GROUP = (
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="other",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",'
    'URI="r1/audio/audio.m3u8"\n'
)


def insert(text: str):
    """Lines before the first variant."""
    return put(MASTER, "#EXT-X-STREAM-INF", text + "#EXT-X-STREAM-INF")


VARIANTS = (
    broken("codecs-missing", match(MASTER, r'CODECS="avc1.64000b,mp4a.40.2",', "")),
    broken("codecs-missing", put(MASTER, 'CODECS="avc1.64000b",', "")),
    broken("resolution-missing", put(MASTER, "RESOLUTION=160x90,FRAME", "FRAME")),
    broken("resolution-missing", put(MASTER, "RESOLUTION=160x90,URI", "URI")),
    broken("average-bandwidth-missing", match(MASTER, r"AVERAGE-BANDWIDTH=\d+,", "")),
    broken("frame-rate-missing", put(MASTER, ",FRAME-RATE=25.000", "")),
    broken("frame-rate-high", put(MASTER, "FRAME-RATE=25.000", "FRAME-RATE=120.000")),
    broken("one-bit-rate", match(MASTER, r"#EXT-X-STREAM-INF:.*RESOLUTION=80x44.*\n.*\n", "")),
    broken(
        "group-unknown",
        put(MASTER, 'AUDIO="audio"', 'AUDIO="audi"'),
        streams.own,
        "bandwidth-overstated",
        "average-bandwidth-wrong",
    ),
    broken("captions-none-partly", put(MASTER, 'AUDIO="audio"', 'AUDIO="audio",CLOSED-CAPTIONS=NONE')),
    broken("score-partly", put(MASTER, 'AUDIO="audio"', 'AUDIO="audio",SCORE=1.0')),
    broken(
        "video-range-wrong", put(MASTER, "FRAME-RATE=25.000", "FRAME-RATE=25.000,VIDEO-RANGE=PQ"), streams.transport
    ),
    broken(
        "sdr-missing",
        put(MASTER, "FRAME-RATE=25.000", "FRAME-RATE=25.000,VIDEO-RANGE=HLG", 0),
        streams.transport,
        "video-range-wrong",
    ),
    broken("independent-unsaid", put(MASTER, "#EXT-X-INDEPENDENT-SEGMENTS\n", "")),
    broken("independent-placed", put(VIDEO, "#EXT-X-MAP", "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP")),
    broken("session-data", insert('#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="b",URI="c.json"\n')),
    broken("session-data", insert('#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="b"\n' * 2)),
    broken("steering-pathway", insert('#EXT-X-CONTENT-STEERING:SERVER-URI="s.json",PATHWAY-ID="CDN-A"\n')),
    broken(
        "video-layout",
        both(
            put(MASTER, "VERSION:6", "VERSION:12"),
            put(MASTER, "FRAME-RATE=25.000", 'FRAME-RATE=25.000,REQ-VIDEO-LAYOUT="CH-STEREO/CH-MONO"'),
        ),
    ),
    broken("stable-id", put(MASTER, "FRAME-RATE=25.000", 'FRAME-RATE=25.000,STABLE-VARIANT-ID="a b"')),
    broken(
        "default-variant",
        match(MASTER, r"AVERAGE-BANDWIDTH=\d+", "AVERAGE-BANDWIDTH=9000000"),
        streams.own,
        "average-bandwidth-wrong",
    ),
    broken("aspect-ratio", put(MASTER, "RESOLUTION=80x44,F", "RESOLUTION=96x96,F")),
    broken("one-top-variant", put(MASTER, "RESOLUTION=160x90,F", "RESOLUTION=1280x720,F")),
    broken("resolution-differs", put(MASTER, "RESOLUTION=160x90,F", "RESOLUTION=320x180,F")),
    broken("frame-rate-differs", put(MASTER, "FRAME-RATE=25.000", "FRAME-RATE=30.000")),
    broken("codecs-incomplete", put(MASTER, "avc1.64000b,mp4a.40.2", "avc1.64000b")),
    broken("codecs-incomplete", put(MASTER, "avc1.64000b,mp4a.40.2", "avc1.4d000b,mp4a.40.2")),
    broken("codecs-idle", put(MASTER, "avc1.64000b,mp4a.40.2", "avc1.64000b,mp4a.40.2,ac-3")),
    broken("iframes-missing", match(MASTER, r"#EXT-X-I-FRAME-STREAM-INF.*\n#EXT-X-I-FRAME-STREAM-INF.*\n", "")),
    broken("iframes-one-rate", match(MASTER, r"#EXT-X-I-FRAME-STREAM-INF.*\n", "")),
    broken("file-missing", put(MASTER, "r1/44p/video.m3u8", "r1/44p/gone.m3u8")),
)

GROUPS = (
    broken("rendition-name", put(MASTER, 'NAME="Deutsch"', 'NAME="English"')),
    broken("rendition-defaults", put(MASTER, "DEFAULT=NO", "DEFAULT=YES")),
    broken("rendition-autoselect", put(MASTER, "DEFAULT=YES,AUTOSELECT=YES", "DEFAULT=YES,AUTOSELECT=NO")),
    broken("rendition-language", put(MASTER, 'LANGUAGE="de",', "")),
    broken("rendition-uri", put(MASTER, ',URI="r1/text/text.m3u8"', ""), streams.subtitled),
    broken("rendition-uri", insert(CAPTIONS.replace('"CC1"', '"CC1",URI="r1/text/text.m3u8"')), streams.subtitled),
    broken("rendition-attribute", put(MASTER, 'LANGUAGE="de",', 'LANGUAGE="de",FORCED=YES,')),
    broken("captions-channel", insert(CAPTIONS.replace("CC1", "CC5"))),
    broken("captions-channel", insert(CAPTIONS.replace(',INSTREAM-ID="CC1"', ""))),
    broken("channels-syntax", put(MASTER, 'CHANNELS="2"', 'CHANNELS="stereo"')),
    broken("channels-unsaid", put(MASTER, ',CHANNELS="2"', "")),
    broken("groups-differ", insert(SECOND_GROUP)),
    broken("described-video", put(MASTER, "AUTOSELECT=YES,CHANNELS", DESCRIBES + "CHANNELS"), streams.own),
    broken(
        "accessible-subtitles",
        put(MASTER, 'AUTOSELECT=YES,URI="r1/text', f'AUTOSELECT=YES,CHARACTERISTICS="{SPOKEN}",URI="r1/text'),
        streams.subtitled,
    ),
    broken(
        "forced-autoselect",
        put(MASTER, 'AUTOSELECT=YES,URI="r1/text', 'AUTOSELECT=NO,FORCED=YES,URI="r1/text'),
        streams.subtitled,
    ),
)

BANDWIDTHS = (
    broken("bandwidth-understated", match(MASTER, r":BANDWIDTH=\d+", ":BANDWIDTH=200000")),
    broken("bandwidth-understated", match(MASTER, r"(I-FRAME-STREAM-INF:BANDWIDTH)=\d+", r"\1=1000")),
    broken("bandwidth-overstated", match(MASTER, r":BANDWIDTH=\d+", ":BANDWIDTH=300000")),
    broken("average-bandwidth-wrong", match(MASTER, r"AVERAGE-BANDWIDTH=\d+", "AVERAGE-BANDWIDTH=150000")),
    broken(
        "average-bandwidth-wrong", match(MASTER, r"AVERAGE-BANDWIDTH=\d+", "AVERAGE-BANDWIDTH=150000"), streams.live
    ),
    broken("bandwidth-understated", match(MASTER, r":BANDWIDTH=\d+", ":BANDWIDTH=150000"), streams.live),
)

COMMON = (
    broken("targets-differ", put(SOUND, "TARGETDURATION:6", "TARGETDURATION:7")),
    broken("targets-differ", put(IFRAMES, "TARGETDURATION:6", "TARGETDURATION:7"), streams.live),
    broken("types-differ", put(SOUND, "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-PLAYLIST-TYPE:EVENT")),
    broken("dates-partly", match(SOUND, r"#EXT-X-PROGRAM-DATE-TIME.*\n", ""), streams.dated),
    broken("dates-partly", put(SOUND, "10:00:00.000Z", "10:00:09.000Z"), streams.dated),
    broken("server-control-differs", put(SOUND, "CAN-SKIP-UNTIL=36.0", "CAN-SKIP-UNTIL=48.0"), streams.low_latency),
    broken("discontinuities-differ", put(SOUND, "#EXT-X-DISCONTINUITY\n", ""), streams.joined, "decode-time"),
    broken(
        "discontinuities-differ",
        put(SMALL, "#EXTINF:6.000000,\n00003", "#EXT-X-DISCONTINUITY\n#EXTINF:6.000000,\n00003"),
    ),
    broken("durations-differ", match(SOUND, r"#EXTINF:.*\n00006.m4s\n", ""), streams.own),
    broken("durations-differ", match("r1/text/text.m3u8", r"#EXTINF:.*\n6.vtt\n", ""), streams.subtitled),
    broken(
        "starts-differ",
        match(SOUND, r"#EXTINF:.*\n00000.m4s\n", ""),
        streams.own,
        "durations-differ",
        "timestamps-differ",
    ),
    broken(
        "timestamps-differ",
        both(
            match(SMALL, r"#EXTINF:6.000000,\n00002.m4s\n", "#EXTINF:5.000000,\n00002.m4s\n"),
            match(SMALL, r"#EXTINF:6.000000,\n00003.m4s\n", "#EXTINF:6.490000,\n00003.m4s\n"),
            match(SMALL, r"#EXTINF:6.000000,\n00004.m4s\n", "#EXTINF:6.490000,\n00004.m4s\n"),
        ),
        streams.own,
        "extinf-inaccurate",
        "bandwidth-understated",
    ),
    broken(
        "boundaries-differ",
        both(
            match(SMALL, r"#EXTINF:6.000000,\n00002.m4s\n", "#EXTINF:5.800000,\n00002.m4s\n"),
            match(SMALL, r"#EXTINF:6.000000,\n00003.m4s\n", "#EXTINF:6.200000,\n00003.m4s\n"),
        ),
        streams.own,
        "extinf-inaccurate",
    ),
    broken("dateranges-differ", put(SMALL, "DURATION=6.0", "DURATION=5.0"), streams.dated),
)


@pytest.mark.parametrize("case", [*VARIANTS, *GROUPS, *BANDWIDTHS, *COMMON], ids=lambda case: case.rule)
def test_a_fault_in_the_multivariant_playlist_is_found(case: Break):
    check(case)


def test_channels_are_asked_for_where_one_name_means_stereo_and_mono():
    files = streams.own()
    mono = streams.LISTS[3].replace("audio.m3u8", "init.mp4")
    entry = files[mono].index(b"mp4a")
    esds = files[mono].index(b"esds", entry)
    config = files[mono].index(bytes([0x11, 0x90]), esds)  # AAC-LC, 48 kHz, two channels
    changed = bytearray(files[mono])
    changed[config : config + 2] = bytes([0x11, 0x88])  # one channel
    files[mono] = bytes(changed)
    put(MASTER, 'NAME="Deutsch",LANGUAGE="de"', 'NAME="English",LANGUAGE="en"')(files)
    put(MASTER, 'CHANNELS="2",', "", 0)(files)
    found = report(files)
    assert {f.rule.id for f in found.findings if f.rule.severity == "MUST"} == {"channels-missing", "rendition-name"}


def test_the_measured_rate_stands_in_the_finding():
    found = check(broken("bandwidth-overstated", match(MASTER, r":BANDWIDTH=\d+", ":BANDWIDTH=300000")))
    (finding,) = [finding for finding in found.findings if finding.rule.id == "bandwidth-overstated"]
    assert re.fullmatch(r"r1/90p/video.m3u8 peaks at 2[0-9]{5} bit/s, BANDWIDTH=300000", finding.spot.found)
    assert "Apple 1.27" in finding.rule.clauses
