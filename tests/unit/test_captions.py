"""Caption files of strangers: what is read, what becomes of their text, and how a master playlist names them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import subtitles
from transcoder.lint.media.webvtt import read_webvtt
from viewbox.captions.cues import Cue, read_captions
from viewbox.captions.markup import clean_settings, clean_text
from viewbox.captions.playlists import TextRendition, with_captions, without_captions
from viewbox.captions.store import CaptionTrack, shown
from viewbox.captions.webvtt import webvtt_of
from viewbox.errors import InvalidInput
from viewbox.languages import checked_tag

TIMES = [(500, 1500), (2000, 3250), (4000, 4800)]
MASTER = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",LANGUAGE="und",DEFAULT=YES,AUTOSELECT=YES,URI="r1/audio/audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,AVERAGE-BANDWIDTH=900,CODECS="avc1.64001f",AUDIO="audio"
r1/360p/video.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100,AVERAGE-BANDWIDTH=90,URI="r1/360p/iframes.m3u8"
"""


def rendition(**fields) -> TextRendition:
    facts = {"language": "en", "label": "", "is_default": False, "is_forced": False, "hearing_impaired": False}
    return TextRendition(**{"uri": "captions/a.m3u8", "size_bytes": 250, **facts, **fields})


@pytest.mark.parametrize("text", [subtitles.srt(), subtitles.vtt(), subtitles.srt().replace("\n", "\r\n")])
def test_srt_and_webvtt_give_the_same_cues(text):
    read = read_captions(text.encode())
    assert [(cue.start_ms, cue.end_ms) for cue in read.cues] == TIMES
    assert [cue.text for cue in read.cues] == ["One", "Two", "Three"]
    assert read.left_out == {}


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("windows-1252", "windows-1252"),
    ],
)  # fmt: skip
def test_encodings_are_told_apart(encoding, told):
    read = read_captions(subtitles.srt(((1.0, 2.0, "Grüße – größer"),)).encode(encoding))
    assert (read.cues[0].text, read.encoding) == ("Grüße – größer", told)


def test_big_endian_needs_its_mark():
    text = "\ufeff" + subtitles.srt(((1.0, 2.0, "Où"),))
    assert read_captions(text.encode("utf-16-be")).cues[0].text == "Où"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_captions"), (b"\x89PNG\r\n\0\0 --> \0", "not_captions"), (b"Dear all,\n\nhello\n", "not_captions"),
        (subtitles.ass().encode(), "not_captions"), (b"WEBVTT\n", "no_cues"),
        (b"1\n00:00:02,000 --> 00:00:01,000\nBackwards\n", "no_cues"),
        (b"a" * (2 * 1024 * 1024 + 1), "captions_too_large"),
        (b"00:01 --> 00:02\nx\n\n00:00:01.000 --> 00:00:02.000\n\n", "no_cues"),
        (b"00:00:01.000 --> 00:01:00.000\na\n\n" * 50_001, "too_many_cues"),
    ],
)  # fmt: skip
def test_what_is_no_caption_file_is_refused_with_a_hint(data, code):
    with pytest.raises(InvalidInput) as refused:
        read_captions(data)
    assert refused.value.code == code
    assert refused.value.hint


def test_what_cannot_be_shown_is_left_out_and_counted():
    text = (
        "WEBVTT - a film\nKind: captions\n\nSTYLE\n::cue { background: url(https://evil.example/x) }\n\nNOTE by me\n\n"
        "REGION\nid:r\n\nintro\n00:01.000 --> 00:02.000 region:r line:10%\nHello\n\n"
        "00:03.000 --> 00:02.500\nBackwards\n\n"
        "00:04.000 --> 00:05.000\n<c.x></c>\n"
    )
    read = read_captions(text.encode())
    assert read.cues == (Cue(1000, 2000, "Hello", "line:10%"),)
    assert read.left_out == {
        "no timing": 1, "STYLE block": 1, "NOTE block": 1, "REGION block": 1, "ends before it starts": 1, "no text": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given_text", "clean"),
    [
        ("<i>Leise</i>", "<i>Leise</i>"),
        ("<I>half", "<i>half</i>"),
        ("</b>late<b><i>x</b>", "late<b><i>x</i></b>"),
        ('<font color="red">Red</font>', "Red"),
        ('<img src=x onerror="alert(1)">', ""),
        ("<script>alert(1)</script>", "alert(1)"),
        ("1 < 2 && 3 > 2", "1 &lt; 2 &amp;&amp; 3 &gt; 2"),
        ("00:00 --> 99:99", "00:00 --&gt; 99:99"),
        ("{\\an8}Above{\\i1}", "Above"),
        ("<00:00:01.000>Sing", "Sing"),
        ("<v.loud Mary & Co>Hi</v>", "<v Mary &amp; Co>Hi</v>"),
        ("a\n\n b \n", "a\nb"),
        ("bell\x07\x1b[31m", "bell[31m"),
    ],
)
def test_text_of_strangers_becomes_harmless(given_text, clean):
    assert clean_text(given_text, entities=False) == clean


def test_entities_of_webvtt_are_not_escaped_twice():
    assert clean_text("Q&amp;A &lt;b&gt;", entities=True) == "Q&amp;A &lt;b&gt;"


def test_ass_overrides_put_a_cue_at_the_top():
    assert read_captions(subtitles.srt(((1.0, 2.0, "Sign"),), prefix="{\\an8}").encode()).cues[0].settings == "line:0"


@given(st.text(alphabet="<>/biv &;{}\\\n-.:0123456789aà\u200f", max_size=80), st.booleans())
def test_whatever_stands_in_a_cue_the_file_holds_its_cues_and_nothing_else(text, is_webvtt):
    write = subtitles.vtt if is_webvtt else subtitles.srt
    data = write(((1.0, 2.0, "x"), (3.0, 4.0, f"y{text}"))).encode()
    made = webvtt_of(read_captions(data).cues)
    facts = read_webvtt(made.encode(), has_section=False)
    assert facts.faults == ()
    again = read_captions(made.encode())
    assert webvtt_of(again.cues) == made
    body = made.split("\n\n", 1)[1]
    assert body.count("-->") == len(again.cues)


@pytest.mark.parametrize("piece", ["<", "<a", "{\\", "<a ", "00:00:01,000 --> ", "\u00a0"])
def test_a_long_line_costs_its_length(piece):
    data = b"1\n00:00:01,000 --> 00:00:02,000\n" + (piece * (1_500_000 // len(piece.encode()))).encode() + b"\n"
    began = time.process_time()
    try:
        cues = read_captions(data).cues
    except InvalidInput:
        cues = ()
    assert time.process_time() - began < 10  # a quadratic pattern takes hours
    assert all(len(cue.text) <= 10_000 for cue in cues)


def test_settings_are_those_that_webvtt_knows():
    assert clean_settings("line:-1 align:middle size:50% vertical:rl position:10%,line-left") == (
        "line:-1 size:50% vertical:rl position:10%,line-left"
    )


@pytest.mark.parametrize(
    ("text", "tag"),
    [("en", "en"), ("EN-us", "en-US"), ("zh_hant_tw", "zh-Hant-TW"), ("ger", "de"), ("es-419", "es-419"),
     ("sl-rozaj-biske", "sl-rozaj-biske"), ("de-x-easy", "de-x-easy")],
)  # fmt: skip
def test_language_tags(text, tag):
    assert checked_tag(text) == tag


@pytest.mark.parametrize("text", ["", "e", "english", "en-", "en us", "en/../x", "x" * 40, "ｅｎ"])
def test_what_is_no_language_tag(text):
    with pytest.raises(InvalidInput, match="language tag"):
        checked_tag(text)


def test_a_master_counts_the_largest_text_and_gives_it_back():
    texts = [rendition(), rendition(uri="captions/b.m3u8", language="de", size_bytes=500, is_default=True)]
    dressed = with_captions(MASTER, texts, 40.0)
    assert "BANDWIDTH=1100,AVERAGE-BANDWIDTH=1000," in dressed  # 500 bytes in 40 s: 100 bit/s
    assert 'AUDIO="audio",SUBTITLES="captions"\n' in dressed
    assert "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100,AVERAGE-BANDWIDTH=90," in dressed
    assert dressed.count("TYPE=SUBTITLES") == 2
    assert 'NAME="Deutsch",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="captions/b.m3u8"' in dressed
    assert without_captions(dressed) == MASTER
    assert with_captions(dressed, texts[:1], 40.0) == with_captions(MASTER, texts[:1], 40.0)


def test_tracks_alike_are_chosen_by_hand():
    texts = [rendition(), rendition(uri="captions/b.m3u8"), rendition(uri="captions/c.m3u8", hearing_impaired=True)]
    lines = [line for line in with_captions(MASTER, texts, 40.0).splitlines() if "SUBTITLES," in line]
    assert ["AUTOSELECT=YES" in line for line in lines] == [True, False, True]
    assert ['NAME="English"' in line for line in lines] == [True, False, False]
    assert 'NAME="English (2)"' in lines[1]


def test_a_label_cannot_leave_its_quotes():
    (line,) = [
        line
        for line in with_captions(MASTER, [rendition(label='x",URI="http://evil\n#EXT')], 40.0).splitlines()
        if "SUBTITLES," in line
    ]
    assert 'NAME="x,URI=http://evil#EXT"' in line


def track(origin, language="en", **fields) -> CaptionTrack:
    return CaptionTrack(
        **{"track": f"{origin} {language}", "origin": origin, "language": language, "webvtt": "W", **fields}
    )


def test_an_upload_takes_the_place_of_the_sources_own_and_both_of_a_machines():
    forced = track("source", track="stream 3", is_forced=True)
    texts = [track("upload"), track("source"), forced, track("source", "de"), track("speech"), track("speech", "fr")]
    assert [(each.origin, each.language, each.is_forced) for each in shown(texts)] == [
        ("upload", "en", False), ("source", "en", True), ("source", "de", False), ("speech", "fr", False),
    ]  # fmt: skip


def test_at_most_one_begins_by_itself():
    texts = [track("upload", is_default=True), track("source", "de", is_default=True), track("source", "fr", webvtt="")]
    assert [(each.language, each.is_default) for each in shown(texts)] == [("en", True), ("de", False)]
