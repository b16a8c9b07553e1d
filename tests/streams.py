"""Sound HLS streams for tests of the linter, made once per process and held in memory.

`own` is what our pipeline publishes; the others are what foreign packagers do with the same media.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from tests import media
from tests.importing import Importer

SECONDS = 40  # seven segments, the last one short
MASTER = "master.m3u8"
LISTS = ("r1/90p/video.m3u8", "r1/44p/video.m3u8", "r1/audio/audio.m3u8", "r1/audio1/audio.m3u8")
IFRAMES = ("r1/90p/iframes.m3u8", "r1/44p/iframes.m3u8")
PACKET = 188
PROFILES = {"high": "avc1.42c00b", "low": "avc1.42c00a"}  # of x264's preset ultrafast
Files = dict[str, bytes]


@cache
def clip() -> Path:
    """A moving test card with two tones."""
    out = Path(tempfile.mkdtemp(prefix="viewbox-lint-")) / "clip.mp4"
    tones = [word for i in range(2) for word in ("-f", "lavfi", "-i", f"sine={440 + 220 * i}:r=48000")]
    maps = [word for i in range(3) for word in ("-map", str(i))]
    media.ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25", *tones, *maps, "-t", str(SECONDS), "-c:v", "libx264",
        "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-ac", "2",
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu", out,
    )  # fmt: skip
    return out


@cache
def _own() -> Files:
    shop = Importer(Path(tempfile.mkdtemp(prefix="viewbox-lint-")))
    video = shop.imported(clip())
    assert video.status == "ready", video.error_hint
    return read_tree(shop.folder(video))


def own() -> Files:
    """Two renditions, two languages, I-frame playlists: fragmented MP4 of our own pipeline."""
    return dict(_own())


@cache
def _ffmpeg(*options: str) -> Files:
    """What FFmpeg's own HLS muxer writes of the clip in `options`, below stream/."""
    folder = Path(tempfile.mkdtemp(prefix="viewbox-lint-"))
    media.ffmpeg(
        "-i", clip(), "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-keyint_min", "50",
        "-sc_threshold", "0", "-flags", "+cgop", "-bsf:v", "h264_metadata=transfer_characteristics=1",
        "-c:a", "aac", "-b:a", "64k", *options, "-f", "hls", "-hls_time", "6",
        "-hls_list_size", "0", "-hls_playlist_type", "vod", folder / "video.m3u8",
    )  # fmt: skip
    return read_tree(folder)


def transport() -> Files:
    """Transport streams with sound in them, as FFmpeg cuts them, under playlists that say all they must."""
    files: Files = {}
    variants = []
    for name, size in (("high", "160x90"), ("low", "96x54")):
        made = _ffmpeg("-map", "0:v", "-map", "0:a:0", "-s", size)
        files |= {f"{name}/{path}": data for path, data in made.items()}
        text = files[f"{name}/video.m3u8"].decode()
        names = re.findall(r"(?m)^\S+\.ts$", text)
        stills = [first_picture(files[f"{name}/{segment}"]) for segment in names]
        lengths = [float(length) for length in re.findall(r"EXTINF:([\d.]+)", text)]
        sizes = [len(files[f"{name}/{segment}"]) for segment in names]
        files[f"{name}/iframes.m3u8"] = iframes_of(names, lengths, stills).encode()
        variants.append((name, size, rates(lengths, sizes), rates(lengths, stills)))
    lines = ["#EXTM3U", "#EXT-X-VERSION:4", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for name, size, (peak, average), _ in variants:
        codecs = f"{PROFILES[name]},mp4a.40.2"
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS="{codecs}",RESOLUTION={size},'
            "FRAME-RATE=25.000",
            f"{name}/video.m3u8",
        ]
    for name, size, _, (peak, average) in variants:
        lines.append(
            f'#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS="{PROFILES[name]}",'
            f'RESOLUTION={size},URI="{name}/iframes.m3u8"'
        )
    files[MASTER] = ("\n".join(lines) + "\n").encode()
    return files


def first_picture(data: bytes) -> int:
    """Bytes of a transport stream segment up to its second picture."""
    starts = [
        i for i in range(0, len(data), PACKET)
        if data[i + 1] & 0x40 and int.from_bytes(data[i + 1 : i + 3], "big") & 0x1FFF == 0x100
    ]  # fmt: skip
    return starts[1]


def iframes_of(names: list[str], lengths: list[float], stills: list[int]) -> str:
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:4",
        "#EXT-X-TARGETDURATION:6",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-I-FRAMES-ONLY",
    ]
    for name, length, size in zip(names, lengths, stills, strict=True):
        lines += [f"#EXTINF:{length:.6f},", f"#EXT-X-BYTERANGE:{size}@0", name]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def rates(lengths: list[float], sizes: list[int]) -> tuple[int, int]:
    """Peak and average: segments of 6 s, of which one is a run, and the short last one with the one before."""
    runs = [size * 8 / length for size, length in zip(sizes, lengths, strict=True) if length >= 3]
    runs.append((sizes[-1] + sizes[-2]) * 8 / (lengths[-1] + lengths[-2]))
    return round(max(runs)) + 1, round(sum(sizes) * 8 / sum(lengths))


def single_files() -> Files:
    """One file per rendition, segments and header as byte ranges in it."""
    files = own()
    for path in (*LISTS, *IFRAMES):
        folder = path.rsplit("/", 1)[0]
        names = sorted(name for name in files if name.startswith(f"{folder}/") and name.endswith(".m4s"))
        header = files[f"{folder}/init.mp4"]
        offsets, position = {}, len(header)
        for name in names:
            offsets[name.rsplit("/", 1)[1]] = (position, len(files[name]))
            position += len(files[name])
        text = files[path].decode()
        text = text.replace('URI="init.mp4"', f'URI="all.mp4",BYTERANGE="{len(header)}@0"')
        if path in LISTS:
            for name, (start, size) in offsets.items():
                offset = f"@{start}" if name == "00000.m4s" else ""
                text = text.replace(f"\n{name}\n", f"\n#EXT-X-BYTERANGE:{size}{offset}\nall.mp4\n")
        else:
            for name, (start, _) in offsets.items():
                text = re.sub(rf"BYTERANGE:(\d+)@0\n{name}", rf"BYTERANGE:\g<1>@{start}\nall.mp4", text)
        files[path] = text.encode()
        files[f"{folder}/all.mp4"] = header + b"".join(files[name] for name in names)
    return {path: data for path, data in files.items() if not path.endswith((".m4s", "init.mp4"))}


def encrypted() -> Files:
    """AES-128 with keys beside; the bytes are not really encrypted, which nobody without the key can tell."""
    files = own()
    for path in list(files):
        if path.endswith(".m4s"):
            files[path] += bytes(16 - len(files[path]) % 16)
        if path in {*LISTS, *IFRAMES}:
            key = '#EXT-X-KEY:METHOD=AES-128,URI="../key.bin",IV=0x0123456789ABCDEF0123456789ABCDEF\n#EXT-X-MAP'
            files[path] = files[path].replace(b"#EXT-X-MAP", key.encode())
    files["r1/key.bin"] = bytes(range(16))
    return files


def subtitled() -> Files:
    """WebVTT subtitles in seven segments."""
    files = own()
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:6", "#EXT-X-VERSION:3", "#EXT-X-PLAYLIST-TYPE:VOD"]
    for i, length in enumerate([6.0] * 6 + [4.0]):
        lines += [f"#EXTINF:{length:.3f},", f"{i}.vtt"]
        cue = f"{i}\n00:00:{i * 6 + 1:02d}.000 --> 00:00:{i * 6 + 2:02d}.000\nLine {i}\n"
        files[f"r1/text/{i}.vtt"] = f"WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n{cue}".encode()
    files["r1/text/text.m3u8"] = ("\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n").encode()
    tag = (
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,'
        'URI="r1/text/text.m3u8"\n'
    )
    master = files[MASTER].decode().replace("#EXT-X-STREAM-INF", tag + "#EXT-X-STREAM-INF", 1)
    files[MASTER] = master.replace(',AUDIO="audio"', ',AUDIO="audio",SUBTITLES="text"').encode()
    return files


def dated() -> Files:
    """Dates on every playlist, and a date range on the video ones."""
    files = own()
    for path in (*LISTS, *IFRAMES):
        date = b"#EXT-X-PROGRAM-DATE-TIME:2026-11-25T10:00:00.000Z\n"
        if path in LISTS[:2]:
            date += b'#EXT-X-DATERANGE:ID="ad",CLASS="com.example",START-DATE="2026-11-25T10:00:06.000Z",DURATION=6.0\n'
        files[path] = files[path].replace(b"#EXTINF", date + b"#EXTINF", 1)
    return files


def live() -> Files:
    """The same media as a window of a live stream."""
    files = dated()
    for path in (*LISTS, *IFRAMES):
        text = files[path].decode().replace("#EXT-X-PLAYLIST-TYPE:VOD\n", "").replace("#EXT-X-ENDLIST\n", "")
        files[path] = text.replace("MEDIA-SEQUENCE:0", "MEDIA-SEQUENCE:120").encode()
    return files


def low_latency() -> Files:
    """The live window with parts of its newest segments."""
    files = live()
    for path in (*LISTS, *IFRAMES):
        others = [name for name in LISTS if name != path]
        text = files[path].decode()
        text = text.replace(
            "#EXT-X-MEDIA-SEQUENCE",
            "#EXT-X-PART-INF:PART-TARGET=2.0\n"
            "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=6.0,CAN-SKIP-UNTIL=36.0\n#EXT-X-MEDIA-SEQUENCE",
        )
        if path in IFRAMES:
            files[path] = text.replace("#EXT-X-PART-INF:PART-TARGET=2.0\n", "").encode()
            continue
        parts = "".join(
            f'#EXT-X-PART:DURATION=2.0,URI="00005.m4s.{i}"{",INDEPENDENT=YES" if not i else ""}\n' for i in range(3)
        )
        text = re.sub(r"(#EXTINF:.*\n00005.m4s)", parts + r"\1", text)
        text += '#EXT-X-PART:DURATION=2.0,INDEPENDENT=YES,URI="00007.m4s.0"\n'
        text += '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="00007.m4s.1"\n'
        text += "".join(f'#EXT-X-RENDITION-REPORT:URI="../{name[3:]}",LAST-MSN=127,LAST-PART=0\n' for name in others)
        files[path] = text.encode()
    return files


def joined() -> Files:
    """The stream twice in a row, with a discontinuity between."""
    files = own()
    for path in (*LISTS, *IFRAMES):
        head, body = files[path].decode().split("#EXT-X-MAP", 1)
        body = "#EXT-X-MAP" + body.replace("#EXT-X-ENDLIST\n", "")
        files[path] = f"{head}{body}#EXT-X-DISCONTINUITY\n{body}#EXT-X-ENDLIST\n".encode()
    return files


def packed() -> Files:
    """Sound as packed AAC behind ID3 time stamps, instead of fragmented MP4."""
    files = own()
    folder = Path(tempfile.mkdtemp(prefix="viewbox-lint-"))
    for number, path in enumerate(LISTS[2:]):
        out = folder / f"{number}.aac"
        media.ffmpeg("-i", clip(), "-map", f"0:a:{number}", "-b:a", "122k", "-f", "adts", out)
        frames = adts_frames(out.read_bytes())
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:6", "#EXT-X-PLAYLIST-TYPE:VOD"]
        per_segment = 281  # 5.995 s
        for i, start in enumerate(range(0, len(frames), per_segment)):
            part = frames[start : start + per_segment]
            name = f"{i}.aac"
            lines += [f"#EXTINF:{len(part) * 1024 / 48000:.6f},", name]
            stamp = start * 1024 * 90_000 // 48_000
            files[f"{path.rsplit('/', 1)[0]}/{name}"] = id3(stamp) + b"".join(part)
        files[path] = ("\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n").encode()
    return files


def adts_frames(data: bytes) -> list[bytes]:
    frames, at = [], 0
    while at + 7 <= len(data):
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        frames.append(data[at : at + length])
        at += length
    return frames


def id3(stamp: int) -> bytes:
    payload = b"com.apple.streaming.transportStreamTimestamp\0" + stamp.to_bytes(8, "big")
    frame = b"PRIV" + len(payload).to_bytes(4, "big") + b"\0\0" + payload
    return b"ID3\4\0\0" + bytes([0, 0, len(frame) >> 7, len(frame) & 127]) + frame


def read_tree(folder: Path, prefix: str = "") -> Files:
    return {
        f"{prefix}{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip
