"""Which renditions a source gets."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from transcoder.ladder import BT601, BT709, Colours, Plan, plan
from transcoder.probe import AudioStream, Probe, VideoStream

VIDEO = VideoStream(
    index=0, codec="h264", width=1920, height=1080, sample_aspect=Fraction(1), rotation=0, average_fps=Fraction(25),
    base_fps=Fraction(25), pixel_format="yuv420p", transfer="bt709", interlaced=False, start_s=0.0, duration_s=60.0,
    bitrate_bps=50_000_000,
)  # fmt: skip
SOUND = AudioStream(index=1, codec="aac", channels=2, language="und", title="", duration_s=60.0)
SOURCE = Probe("mov,mp4", 60.0, True, 10**8, VIDEO, (SOUND,), ())


def planned(**changes: Any) -> Plan:
    return plan(replace(SOURCE, video=replace(VIDEO, **changes)))


def sizes(of: Plan) -> list[tuple[int, int]]:
    return [(rung.width, rung.height) for rung in of.rungs]


def test_full_hd_gets_apples_rungs():
    assert sizes(planned()) == [(1920, 1080), (1280, 720), (960, 540), (768, 432), (640, 360), (416, 234)]
    caps = [rung.maxrate_bps for rung in planned().rungs]
    assert caps == [6_000_000, 3_000_000, 2_000_000, 1_100_000, 600_000, 200_000]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1280, 720, [(1280, 720), (960, 540), (768, 432), (640, 360), (416, 234)]),
        (640, 272, [(640, 272), (416, 176)]),  # 2.35:1 stays inside 640×360 and 416×234
        (176, 144, [(176, 144), (88, 72)]),
        (853, 480, [(852, 480), (640, 360), (416, 234)]),  # even; 768 is too close to 852
        (3840, 2160, [(1920, 1080), (1280, 720), (960, 540), (768, 432), (640, 360), (416, 234)]),
        (1080, 1920, [(1080, 1920), (720, 1280), (540, 960), (432, 768), (360, 640), (234, 416)]),
        (720, 720, [(720, 720), (540, 540), (432, 432), (360, 360), (234, 234)]),
        (641, 361, [(640, 360), (416, 234)]),
        (2, 2, [(2, 2)]),
    ],
)
def test_rungs_fit_and_never_grow(width, height, expected):
    found = sizes(planned(width=width, height=height))
    assert found == expected
    assert all(w <= width and h <= height for w, h in found)


def test_rotation_turns_the_ladder():
    assert sizes(planned(rotation=90)) == sizes(planned(width=1080, height=1920))


def test_pixel_shape_is_applied_to_the_width():
    assert sizes(planned(width=720, height=576, sample_aspect=Fraction(64, 45)))[0] == (1024, 576)


def test_no_rung_takes_more_bits_than_the_source_can_need():
    rungs = planned(bitrate_bps=1_000_000).rungs
    assert rungs[0].maxrate_bps == 1_200_000  # the source's rate and a fifth
    assert rungs[1].maxrate_bps == 653_197  # (4 / 9) ^ 0.75 = 0.54433 of it
    assert [rung.maxrate_bps for rung in rungs] == sorted((rung.maxrate_bps for rung in rungs), reverse=True)


@pytest.mark.parametrize(
    ("average", "base", "expected"),
    [
        ("25", "25", "25"),
        ("30000/1001", "30000/1001", "30000/1001"),
        ("29.97", "29.97", "30000/1001"),  # rounded by its muxer
        ("120", "120", "60"),
        ("240000/1001", "240000/1001", "60000/1001"),
        ("27.3", "90000", "30000/1001"),  # variable: the next standard rate
        ("7.5", "1000", "10"),
        ("1000", "1000", "30"),  # a clock's tick
        ("18", "18", "18"),  # odd, but constant
        ("59.2", "90000", "60000/1001"),
    ],
)
def test_frame_rates_become_constant_and_at_most_60(average, base, expected):
    assert planned(average_fps=Fraction(average), base_fps=Fraction(base)).fps == Fraction(expected)


def test_small_rungs_of_a_60_fps_source_run_at_30():
    rungs = planned(average_fps=Fraction(60), base_fps=Fraction(60)).rungs
    assert [int(rung.fps) for rung in rungs] == [60, 60, 60, 30, 30, 30]
    assert [rung.gop_frames for rung in rungs] == [120, 120, 120, 60, 60, 60]  # 2 s, whatever the rate


def test_segments_are_six_seconds_and_6_006_at_ntsc_rates():
    assert planned().segment_s == 6
    assert planned(average_fps=Fraction(30000, 1001), base_fps=Fraction(30000, 1001)).segment_s == Fraction(6006, 1000)


def test_interlaced_video_doubles_its_rate():
    thirty = Fraction(30000, 1001)
    found = planned(interlaced=True, average_fps=thirty, base_fps=thirty)
    assert found.deinterlace
    assert found.fps == 2 * thirty


def test_colours_are_those_of_the_source_or_guessed_from_its_size():
    assert planned(matrix="bt470bg", transfer="").colours == Colours("bt470bg", "smpte170m", "bt470bg")
    assert planned(matrix="unknown", transfer="unknown").colours == BT709
    assert planned(height=576, matrix="", transfer="").colours == BT601
    assert planned(height=576, matrix="bt709", transfer="").colours == BT709
    assert planned(matrix="bt2020nc", primaries="bt2020", transfer="smpte2084").colours == BT709  # tone-mapped
    deep = replace(SOURCE, video=replace(VIDEO, matrix="bt2020nc", primaries="bt2020", transfer="smpte2084"))
    assert plan(deep, can_tonemap=False).colours == Colours("bt2020", "bt709", "bt2020nc")


def test_what_the_build_cannot_do_is_not_planned():
    hdr = replace(SOURCE, video=replace(VIDEO, transfer="smpte2084", interlaced=True))
    assert plan(hdr).tonemap
    assert not plan(hdr, can_tonemap=False).tonemap
    assert not plan(hdr, can_deinterlace=False).deinterlace


def test_sound_that_outlasts_the_picture_holds_its_last_frame():
    longer = replace(SOURCE, audio=(replace(SOUND, duration_s=75.0),))
    assert plan(longer).duration_s == 75.0
    assert plan(longer).hold_last_frame_s == 15.0
    little = replace(SOURCE, audio=(replace(SOUND, duration_s=60.3),))
    assert plan(little).duration_s == 60.0
