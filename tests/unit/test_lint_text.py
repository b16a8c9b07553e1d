"""Playlists broken as text: each edit is one fault, found by its rule and no other MUST."""

from __future__ import annotations

import pytest

from tests import streams
from tests.breaking import (
    IFRAMES,
    MASTER,
    SOUND,
    VIDEO,
    Break,
    both,
    broken,
    check,
    copy,
    data,
    drop,
    match,
    put,
    report,
)

CASES = (
    broken("extm3u-first", put(VIDEO, "#EXTM3U\n", "")),
    broken("extm3u-first", put(MASTER, "#EXTM3U", "# a list\n#EXTM3U")),
    broken("not-utf8", data(VIDEO, lambda text: text + b"# caf\xe9\n")),
    broken("byte-order-mark", data(MASTER, lambda text: b"\xef\xbb\xbf" + text)),
    broken("control-character", put(VIDEO, "#EXTINF:6.000000,", "#EXTINF:6.000000,a\x07")),
    broken("not-normalised", put(MASTER, 'NAME="English"', 'NAME="Franc\u0327ais"')),
    broken("whitespace", put(VIDEO, "00000.m4s", "00000.m4s ")),
    broken("whitespace", put(VIDEO, "#EXT-X-ENDLIST", "#EXT-X-ENDLIST ")),
    broken("attribute-syntax", put(MASTER, ",AUDIO=", ", AUDIO=")),
    broken("attribute-syntax", put(MASTER, ',AUDIO="audio"\n', ',AUDIO="audio",\n')),
    broken("attribute-repeated", put(MASTER, ',AUDIO="audio"', ',AUDIO="audio",AUDIO="audio"')),
    broken("attribute-type", put(MASTER, "DEFAULT=YES", 'DEFAULT="YES"')),
    broken("attribute-type", match(MASTER, r"BANDWIDTH=(\d+)", r"BANDWIDTH=\1.5")),
    broken("attribute-type", put(MASTER, "RESOLUTION=160x90", "RESOLUTION=160X90")),
    broken("attribute-type", put(MASTER, 'NAME="English"', 'NAME=""')),
    broken("attribute-value", put(MASTER, "DEFAULT=YES", "DEFAULT=TRUE")),
    broken("attribute-value", put(MASTER, "TYPE=AUDIO", "TYPE=SOUND"), streams.own, "rendition-attribute"),
    broken("attribute-missing", match(MASTER, r":BANDWIDTH=\d+,", ":")),
    broken("attribute-missing", put(MASTER, 'NAME="English",', "")),
    broken("attribute-missing", put(MASTER, 'GROUP-ID="audio",', ""), streams.own, "groups-differ"),
    broken(
        "tag-syntax",
        put(VIDEO, "#EXT-X-TARGETDURATION:6", "#EXT-X-TARGETDURATION:6.0"),
        streams.own,
        "target-missing",
        "targets-differ",
    ),
    broken("tag-syntax", put(VIDEO, "#EXTINF:6.000000,", "#EXTINF:6.000000")),
    broken("tag-syntax", put(VIDEO, "#EXT-X-ENDLIST", "#EXT-X-ENDLIST:1")),
    broken("tag-syntax", put(VIDEO, "TYPE:VOD", "TYPE:Vod"), streams.own, "types-differ"),
    broken("tag-repeated", put(VIDEO, "#EXT-X-VERSION:6", "#EXT-X-VERSION:6\n#EXT-X-VERSION:6")),
    broken("tag-repeated", put(VIDEO, "#EXT-X-ENDLIST", "#EXT-X-ENDLIST\n#EXT-X-ENDLIST")),
    broken("tag-misplaced", put(MASTER, "#EXT-X-VERSION", "#EXT-X-TARGETDURATION:6\n#EXT-X-VERSION")),
    broken("tag-misplaced", put(VIDEO, "#EXT-X-ENDLIST", '#EXT-X-SESSION-DATA:DATA-ID="a",VALUE="b"\n#EXT-X-ENDLIST')),
    broken("variant-without-uri", put(MASTER, "\nr1/90p/video.m3u8", ""), streams.own, "one-bit-rate"),
    broken(
        "playlist-unmarked",
        both(copy(VIDEO, "r1/90p/video.list"), drop(VIDEO), put(MASTER, "r1/90p/video.m3u8", "r1/90p/video.list")),
    ),
    broken(
        "variable-undefined", both(put(VIDEO, "VERSION:6", "VERSION:8"), put(VIDEO, "00000.m4s", "{$folder}00000.m4s"))
    ),
    broken("define-malformed", both(put(VIDEO, "VERSION:6", 'VERSION:8\n#EXT-X-DEFINE:NAME="a b",VALUE="c"'))),
    broken("define-malformed", put(VIDEO, "VERSION:6", 'VERSION:8\n#EXT-X-DEFINE:NAME="a",VALUE="c",IMPORT="d"')),
    broken("define-malformed", put(VIDEO, "VERSION:6", 'VERSION:8\n#EXT-X-DEFINE:IMPORT="folder"')),
    broken("define-malformed", put(VIDEO, "VERSION:6", 'VERSION:8\n#EXT-X-DEFINE:NAME="a"')),
    broken("date-syntax", put(VIDEO, "2026-11-25T10:00:00.000Z", "25.11.2026T10:00"), streams.dated),
    broken("removed-feature", put(VIDEO, "VERSION:6", "VERSION:6\n#EXT-X-ALLOW-CACHE:YES")),
    broken("removed-feature", put(MASTER, "#EXT-X-STREAM-INF:", "#EXT-X-STREAM-INF:PROGRAM-ID=1,")),
    broken("version-low", put(VIDEO, "VERSION:6", "VERSION:5")),
    broken("version-low", put(VIDEO, "#EXT-X-VERSION:6\n", "")),
    broken("version-low", put(IFRAMES, "VERSION:5", "VERSION:4")),
    broken("version-low", put(MASTER, "FRAME-RATE=25.000", 'FRAME-RATE=25.000,REQ-VIDEO-LAYOUT="CH-MONO"')),
    broken(
        "version-low",
        both(
            put(MASTER, "#EXT-X-INDEPENDENT", '#EXT-X-DEFINE:NAME="a",VALUE="r1"\n#EXT-X-INDEPENDENT'),
            put(MASTER, "\nr1/90p", "\n{$a}/90p"),
        ),
    ),
    broken("version-low", put(SOUND, "VERSION:6", "VERSION:1")),
    broken("version-high", put(VIDEO, "VERSION:6", "VERSION:7")),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_fault_in_the_text_is_found(case: Break):
    check(case)


def test_a_finding_names_file_and_line():
    found = check(broken("whitespace", put(VIDEO, "00002.m4s", "00002.m4s ")))
    (finding,) = [finding for finding in found.findings if finding.rule.id == "whitespace"]
    # Six lines of head, then EXTINF and URI of each segment.
    assert (finding.spot.file, finding.spot.line) == ("r1/90p/video.m3u8", 6 + 3 * 2)


def test_variables_are_replaced_before_anything_is_looked_up():
    files = streams.own()
    put(MASTER, "#EXT-X-VERSION:6", '#EXT-X-VERSION:8\n#EXT-X-DEFINE:NAME="base",VALUE="r1"')(files)
    put(MASTER, "\nr1/90p", "\n{$base}/90p")(files)
    put(VIDEO, "#EXT-X-VERSION:6", '#EXT-X-VERSION:8\n#EXT-X-DEFINE:IMPORT="base"')(files)
    put(VIDEO, "00000.m4s", "../../{$base}/90p/00000.m4s")(files)
    assert report(files).conforms
