"""Storyboard layout, the choice of a poster, chapters."""

from transcoder.chapters import chapters_vtt, vtt_time
from transcoder.probe import Chapter
from transcoder.storyboard import Light, Sheet, choose_poster, lay_out, read_lights, storyboard_vtt


def test_a_tile_every_two_seconds_in_rows_of_ten():
    assert lay_out(24.0, 416, 234) == Sheet(tiles=12, every=1, columns=10, rows=2, tile_width=160, tile_height=90)


def test_long_videos_get_at_most_200_tiles():
    film = lay_out(7200.0, 416, 176)  # 3,600 keyframes, every 18th
    assert (film.tiles, film.every, film.rows) == (200, 18, 20)


def test_portrait_tiles_stand_upright():
    sheet = lay_out(1.0, 234, 416)
    assert (sheet.tile_width, sheet.tile_height, sheet.tiles, sheet.columns) == (90, 160, 1, 1)


def test_storyboard_cues_name_their_place_and_end_with_the_video():
    assert storyboard_vtt(Sheet(3, 1, 2, 2, 160, 90), 5.5, "s.jpg").split("\n\n") == [
        "WEBVTT",
        "00:00:00.000 --> 00:00:02.000\ns.jpg#xywh=0,0,160,90",
        "00:00:02.000 --> 00:00:04.000\ns.jpg#xywh=160,0,160,90",
        "00:00:04.000 --> 00:00:05.500\ns.jpg#xywh=0,90,160,90\n",
    ]


def test_the_poster_is_lit_and_has_contrast():
    black, grey, lit = Light(0, 16, 16, 16), Light(2, 120, 118, 122), Light(4, 110, 20, 230)
    assert choose_poster([black, grey, lit, Light(6, 120, 20, 230), Light(20, 120, 20, 230)]) == 4


def test_among_equals_the_poster_is_the_one_nearest_to_15_percent():
    assert choose_poster([Light(second, 100, 20, 220) for second in range(0, 102, 2)]) == 14  # 16 is no nearer to 15


def test_a_flash_is_no_poster():
    assert choose_poster([Light(0, 16, 16, 16), Light(2, 230, 200, 235), Light(4, 90, 30, 180)]) == 4


def test_a_dark_film_shows_its_frame_with_most_light():
    assert choose_poster([Light(0, 16, 16, 16), Light(2, 25, 16, 160), Light(4, 20, 16, 30)]) == 2


def test_no_frames_means_the_first():
    assert choose_poster([]) == 0.0


def test_brightness_is_read_from_ffmpegs_print():
    printed = (
        "frame:0    pts:0       pts_time:0\nlavfi.signalstats.YMIN=20\nlavfi.signalstats.YLOW=30\n"
        "lavfi.signalstats.YAVG=98.5\nlavfi.signalstats.YMAX=180\n"
        "frame:1    pts:25600   pts_time:2\nlavfi.signalstats.YMIN=16\nlavfi.signalstats.YAVG=16\n"
        "lavfi.signalstats.YMAX=16\nframe:2 pts:N pts_time:4\n"
    )
    assert read_lights(printed) == [Light(0, 98.5, 20, 180), Light(2, 16, 16, 16)]


def test_chapter_titles_cannot_break_out_of_their_cue():
    text = chapters_vtt([Chapter(0, 61.5, "A <b>\n\n00:00 --> 99:99 & more")])
    assert text == "WEBVTT\n\n1\n00:00:00.000 --> 00:01:01.500\nA &lt;b&gt; 00:00 --&gt; 99:99 &amp; more\n"


def test_times_carry_into_hours():
    assert vtt_time(3_661.9996) == "01:01:02.000"
