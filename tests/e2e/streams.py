"""HLS as others make it: sound apart from the picture in two languages, and subtitles in two."""

from __future__ import annotations

from pathlib import Path

from tests.media import ffmpeg

SECONDS = 24
SEGMENT_S = 2
HEIGHTS = (180, 360, 720)
LANGUAGES = {"en": "English", "de": "Deutsch"}
PITCHES_HZ = {"en": 440, "de": 880}
_HLS = ("-f", "hls", "-hls_time", str(SEGMENT_S), "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4")


def make_many_tracks(folder: Path) -> Path:
    """`master.m3u8` with renditions v180, v360, v720, sounds a-en, a-de, and texts t-en, t-de; its path."""
    for height in HEIGHTS:
        _playlist(
            folder / f"v{height}",
            ["-f", "lavfi", "-i", f"testsrc2=size={height * 16 // 9}x{height}:rate=25:duration={SECONDS}"],
            ["-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "main", "-pix_fmt", "yuv420p", "-g", "50"],
        )
    for lang, pitch_hz in PITCHES_HZ.items():
        source = f"sine=frequency={pitch_hz}:duration={SECONDS}"
        _playlist(folder / f"a-{lang}", ["-f", "lavfi", "-i", source], ["-c:a", "aac", "-b:a", "64k", "-ac", "2"])
        _texts(folder / f"t-{lang}", LANGUAGES[lang])
    master = folder / "master.m3u8"
    master.write_text(_master(), encoding="utf-8")
    return master


def _playlist(folder: Path, source: list[str], encode: list[str]) -> None:
    folder.mkdir(parents=True)
    names = ("-hls_segment_filename", str(folder / "%d.m4s"), str(folder / "index.m3u8"))
    ffmpeg(*source, *encode, *_HLS, *names)


def _texts(folder: Path, word: str) -> None:
    """One segment whose cue `n` says `word n` from n to n + 1 s."""
    folder.mkdir(parents=True)
    cues = "\n".join(f"00:00:{at:02}.000 --> 00:00:{at + 1:02}.000\n{word} {at}\n" for at in range(SECONDS))
    (folder / "0.vtt").write_text(f"WEBVTT\n\n{cues}", encoding="utf-8")
    lines = ("#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{SECONDS}", "#EXT-X-PLAYLIST-TYPE:VOD")
    ending = (f"#EXTINF:{SECONDS},", "0.vtt", "#EXT-X-ENDLIST", "")
    (folder / "index.m3u8").write_text("\n".join((*lines, *ending)), encoding="utf-8")


def _master() -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for lang, name in LANGUAGES.items():
        default = "YES" if lang == "en" else "NO"
        media = f'LANGUAGE="{lang}",NAME="{name}",AUTOSELECT=YES'
        lines.append(f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",{media},DEFAULT={default},URI="a-{lang}/index.m3u8"')
        lines.append(f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",{media},DEFAULT=NO,URI="t-{lang}/index.m3u8"')
    for height in HEIGHTS:
        size = f"BANDWIDTH={height * 2000},RESOLUTION={height * 16 // 9}x{height}"
        lines.append(f'#EXT-X-STREAM-INF:{size},CODECS="avc1.4d401f,mp4a.40.2",AUDIO="sound",SUBTITLES="text"')
        lines.append(f"v{height}/index.m3u8")
    return "\n".join(lines) + "\n"
