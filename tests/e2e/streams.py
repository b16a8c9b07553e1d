"""HLS as others make it: sound apart from the picture in two languages, subtitles in two, chapters, a storyboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.media import ffmpeg

SECONDS = 24
SEGMENT_S = 2
HEIGHTS = (180, 360, 720)
LANGUAGES = {"en": "English", "de": "Deutsch"}
PITCHES_HZ = {"en": 440, "de": 880}
_HLS = ("-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4")


def make_many_tracks(folder: Path, seconds: int = SECONDS, heights: Sequence[int] = HEIGHTS) -> Path:
    """`master.m3u8` with renditions v180, v360, v720, sounds a-en, a-de, and texts t-en, t-de; its path."""
    for height in heights:
        _playlist(
            folder / f"v{height}",
            ["-f", "lavfi", "-i", f"testsrc2=size={height * 16 // 9}x{height}:rate=25:duration={seconds}"],
            ["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "main", "-pix_fmt", "yuv420p", "-g", "50"],
        )
    for lang, pitch_hz in PITCHES_HZ.items():
        source = f"sine=frequency={pitch_hz}:duration={seconds}"
        _playlist(folder / f"a-{lang}", ["-f", "lavfi", "-i", source], ["-c:a", "aac", "-b:a", "64k", "-ac", "2"])
        _texts(folder / f"t-{lang}", LANGUAGES[lang], seconds)
    master = folder / "master.m3u8"
    master.write_text(master_of(heights), encoding="utf-8")
    return master


def _playlist(folder: Path, source: list[str], encode: list[str]) -> None:
    folder.mkdir(parents=True)
    names = ("-hls_segment_filename", str(folder / "%d.m4s"), str(folder / "index.m3u8"))
    ffmpeg(*source, *encode, *_HLS, *names)


def _texts(folder: Path, word: str, seconds: int) -> None:
    """One segment whose cue `n` says `word n` from n to n + 1 s."""
    folder.mkdir(parents=True)
    write_cues(folder / "0.vtt", [(at, at + 1, f"{word} {at}") for at in range(seconds)])
    lines = ("#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{seconds}", "#EXT-X-PLAYLIST-TYPE:VOD")
    ending = (f"#EXTINF:{seconds},", "0.vtt", "#EXT-X-ENDLIST", "")
    (folder / "index.m3u8").write_text("\n".join((*lines, *ending)), encoding="utf-8")


def master_of(heights: Sequence[int]) -> str:
    """A master playlist with some of the renditions, and all sounds and texts."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for lang, name in LANGUAGES.items():
        default = "YES" if lang == "en" else "NO"
        media = f'LANGUAGE="{lang}",NAME="{name}",AUTOSELECT=YES'
        lines.append(f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",{media},DEFAULT={default},URI="a-{lang}/index.m3u8"')
        lines.append(f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",{media},DEFAULT=NO,URI="t-{lang}/index.m3u8"')
    for height in heights:
        size = f"BANDWIDTH={height * 2000},RESOLUTION={height * 16 // 9}x{height}"
        lines.append(f'#EXT-X-STREAM-INF:{size},CODECS="avc1.4d401f,mp4a.40.2",AUDIO="sound",SUBTITLES="text"')
        lines.append(f"v{height}/index.m3u8")
    return "\n".join(lines) + "\n"


FILM_S = 66  # a minute is the least that is remembered
INTRO_END_S = 12
CHAPTERS = ((0, INTRO_END_S, "Intro"), (INTRO_END_S, 40, "The river"), (40, FILM_S, "The highlight"))
TILE_W, TILE_H, TILE_S = 160, 90, 11


def make_film(folder: Path) -> None:
    """Many tracks for a minute, with chapters.vtt, storyboard.vtt, poster.jpg: all that a player can offer."""
    make_many_tracks(folder, FILM_S, (180, 360))
    write_cues(folder / "chapters.vtt", CHAPTERS)
    columns = FILM_S // TILE_S
    picture = f"testsrc2=size={TILE_W}x{TILE_H}:rate=25:duration={FILM_S}"
    single = ("-frames:v", "1", "-update", "1")
    ffmpeg("-f", "lavfi", "-i", picture, "-vf", f"fps=1/{TILE_S},tile={columns}x1", *single, folder / "sprite.jpg")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x360:duration=1", *single, folder / "poster.jpg")
    regions = ((k, f"sprite.jpg#xywh={TILE_W * k},0,{TILE_W},{TILE_H}") for k in range(columns))
    write_cues(folder / "storyboard.vtt", [(TILE_S * k, TILE_S * (k + 1), region) for k, region in regions])


def write_cues(place: Path, cues: Iterable[tuple[int, int, str]]) -> None:
    """WebVTT with one cue per (from, to, text)."""
    blocks = [f"{_clock(from_s)} --> {_clock(to_s)}\n{text}\n" for from_s, to_s, text in cues]
    place.write_text("\n".join(["WEBVTT\n", *blocks]), encoding="utf-8")


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"
