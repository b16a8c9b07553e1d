"""Playlists from measured segments: every number here can be worked out on paper."""

from fractions import Fraction

from transcoder.playlists import (
    Segment,
    Track,
    iframe_playlist,
    master_playlist,
    media_playlist,
    peak_bps,
    target_duration,
)
from viewbox.languages import language_tag


def segments(*given: tuple[float, int]) -> tuple[Segment, ...]:
    """(seconds, bytes) of each; every first frame ends at byte 100."""
    return tuple(
        Segment(f"{i:05d}.m4s", Fraction(seconds).limit_denominator(1000), size, 100)
        for i, (seconds, size) in enumerate(given)
    )


def video(height: int, *given: tuple[float, int], fps: Fraction = Fraction(25)) -> Track:
    return Track(f"{height}p", "avc1.64001f", segments(*given), height * 16 // 9, height, fps)


def test_bandwidth_is_the_rate_of_the_worst_segment():
    assert peak_bps(segments((6, 600_000), (6, 900_000), (6, 300_000)), 6) == 1_200_000  # 900,000 × 8 / 6


def test_a_short_last_segment_counts_with_the_one_before_it():
    # Alone it lasts 1 s < 3 s and is no run; with its neighbour: (600,000 + 400,000) × 8 / 7 s
    assert peak_bps(segments((6, 600_000), (1, 400_000)), 6) == 1_142_858


def test_a_video_shorter_than_half_a_target_is_one_run():
    assert peak_bps(segments((2, 250_000)), 6) == 1_000_000


def test_runs_longer_than_nine_seconds_do_not_count():
    # Four segments of 4 s: single ones and pairs (8 s) count, three (12 s) do not.
    assert peak_bps(segments((4, 100), (4, 900), (4, 900), (4, 100)), 6) == 1_800


def test_target_duration_rounds_like_the_rfc_and_is_never_below_six():
    assert target_duration([video(360, (6.006, 1), (2, 1))]) == 6
    assert target_duration([video(360, (6.6, 1))]) == 7
    assert target_duration([video(360, (1.2, 1))]) == 6


def test_media_playlist():
    assert media_playlist(video(360, (6.006, 10), (1.5, 10)), 6).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        "#EXT-X-TARGETDURATION:6",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        '#EXT-X-MAP:URI="init.mp4"',
        "#EXTINF:6.006000,",
        "00000.m4s",
        "#EXTINF:1.500000,",
        "00001.m4s",
        "#EXT-X-ENDLIST",
    ]


def test_iframe_playlist_points_at_header_and_first_frame():
    lines = iframe_playlist(video(360, (6, 5_000)), 6).splitlines()
    assert lines[5] == "#EXT-X-I-FRAMES-ONLY"
    assert lines[7:10] == ["#EXTINF:6.000000,", "#EXT-X-BYTERANGE:100@0", "00000.m4s"]


def test_master_adds_sound_to_peak_and_average():
    sound = Track("audio", "mp4a.40.2", segments((6, 96_000), (6, 48_000)), channels=2, language="eng")
    tall = video(720, (6, 2_250_000), (6, 1_500_000))  # peak 3,000,000, average 2,500,000
    small = video(360, (6, 375_000), (6, 300_000), fps=Fraction(30000, 1001))  # peak 500,000, average 450,000
    lines = master_playlist([tall, small], [sound], "r3").splitlines()
    assert lines[:3] == ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS"]
    assert lines[3] == (
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,'
        'CHANNELS="2",URI="r3/audio/audio.m3u8"'
    )
    assert lines[4:8] == [  # sound: peak 128,000, average 96,000; 720p is the one closest to 2 Mbit/s
        '#EXT-X-STREAM-INF:BANDWIDTH=3128000,AVERAGE-BANDWIDTH=2596000,CODECS="avc1.64001f,mp4a.40.2",'
        'RESOLUTION=1280x720,FRAME-RATE=25.000,AUDIO="audio"',
        "r3/720p/video.m3u8",
        '#EXT-X-STREAM-INF:BANDWIDTH=628000,AVERAGE-BANDWIDTH=546000,CODECS="avc1.64001f,mp4a.40.2",'
        'RESOLUTION=640x360,FRAME-RATE=29.970,AUDIO="audio"',
        "r3/360p/video.m3u8",
    ]
    assert lines[8].startswith("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=134,")  # 100 bytes in 6 s, rounded up


def test_without_sound_there_is_no_audio_group():
    assert "AUDIO" not in master_playlist([video(360, (6, 1000))], [], "r1")


def test_several_sound_tracks_have_different_names_and_one_default():
    sounds = [
        Track(f"audio{i or ''}", "mp4a.40.2", segments((6, 1000)), channels=2, language=language)
        for i, language in enumerate(["eng", "eng", "und"])
    ]
    text = master_playlist([video(360, (6, 1000))], sounds, "r1")
    assert [line.split("NAME=")[1].split(",")[0] for line in text.splitlines() if "NAME=" in line] == [
        '"English"',
        '"English (2)"',
        '"Audio"',
    ]
    assert text.count("DEFAULT=YES") == 1


def test_a_quote_in_a_track_title_cannot_end_its_attribute():
    sound = Track("audio", "mp4a.40.2", segments((6, 1000)), channels=2, title='Director",URI="http://evil')
    assert 'NAME="Director,URI=http://evil"' in master_playlist([video(360, (6, 1000))], [sound], "r1")


def test_languages_are_as_short_as_rfc_5646_wants():
    assert [language_tag(code) for code in ("eng", "ger", "und", "gsw", "fr")] == ["en", "de", "und", "gsw", "fr"]
