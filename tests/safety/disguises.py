"""Files that are not what their names say: each one asks FFmpeg for something outside, in one of the ways it knows."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from tests import media, subtitles

REFUSED = frozenset({"not_a_video_file", "manifest_not_supported", "no_video", "truncated_file", "too_many_pixels"})


def texts(canary: Path, port: int) -> dict[str, str]:
    """Name → content of text files that other demuxers than a video's would follow."""
    here, there, url = canary.name, str(canary), f"http://127.0.0.1:{port}/x.mp4"
    segment = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n{}\n#EXT-X-ENDLIST\n"
    adaptation = '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1" width="160" height="90">'
    return {
        "concat.mp4": f"ffconcat version 1.0\nfile '{here}'\n",
        "concat-absolute.mkv": f"ffconcat version 1.0\nfile 'file:{there}'\n",
        "concat-option.mp4": f"ffconcat version 1.0\nfile {here}\noption safe 0\n",
        "hls.mp4": segment.format(here),
        "hls-file.mov": segment.format(f"file://{there}"),
        "hls-http.mp4": segment.format(url),
        "hls-concat.mp4": segment.format(f"concat:{there}|{there}"),
        "hls-subfile.ts": segment.format(f"subfile,,start,0,end,64,,:{there}"),
        "hls-crypto.mp4": segment.format(f"crypto+file:{there}"),
        "hls-data.mp4": segment.format("data:video/mp4;base64,AAAA"),
        "hls-byte-order.mp4": "\ufeff" + segment.format(f"file://{there}"),
        "hls-key.mp4": segment.format(here).replace("#EXTINF", f'#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n#EXTINF'),
        "hls-map.mp4": segment.format(here).replace("#EXTINF", f'#EXT-X-MAP:URI="file://{there}"\n#EXTINF'),
        "hls-master.mp4": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}\n",
        "dash.mp4": (
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
            f"<Period>{adaptation}<BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>"
        ),
        "session.mp4": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n",
        "redirect.mov": (
            f'<?xml version="1.0"?><?quicktime type="application/x-quicktime-media-link"?><embed src="{url}"/>'
        ),
        "reference.asx": f'<asx version="3"><entry><ref href="{url}"/></entry></asx>',
        "playlist.avi": f"[playlist]\nNumberOfEntries=1\nFile1={url}\n",
        "script.avs": f'AviSource("{there}")\n',
        "metadata.mp4": f";FFMETADATA1\ntitle={there}\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1\n",
        "subtitles.mp4": subtitles.srt(prefix=f"file://{there} "),
        "edit-list.mp4": f"# mplayer EDL file, version 2\n< {there}\n0 10\n",
        "tee.mp4": f"[f=mpegts]{there}|[f=mpegts]{url}\n",
        "lavfi.mp4": f"movie={there}[out]\n",
    }


def names(clip: Path, canary: Path) -> dict[str, Path]:
    """A sound clip under names that look like options, patterns or protocols: name → where it lies."""
    return dict.fromkeys(
        (
            "-i.mp4", "-y", "--help", "-filter_complex movie=x.mp4", f"concat:{canary.name}|{canary.name}", "%03d.mp4",
            "a b'c\"d;$(touch pwned)`id`.mp4", "pipe:0", "-", "x.mp4?b=[0:v]&c=*", "subfile,,start,0,end,9,,:x.mp4",
            "Ünïcødé 日本 \u202egpj.4pm",
        ),
        clip,
    )  # fmt: skip


def png_bomb(folder: Path, side_px: int = 20_000) -> Path:
    """A picture of 400 million pixels in a file of half a megabyte, as the one frame of a Matroska video."""
    pack = zlib.compressobj(9)
    row = bytes(1 + side_px)
    data = b"".join(pack.compress(row) for _ in range(side_px)) + pack.flush()
    head = struct.pack(">IIBBBBB", side_px, side_px, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    picture = folder / "bomb.png"
    picture.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in chunks
        )
    )
    return _wrapped(picture, folder / "bomb.mkv")


def _wrapped(picture: Path, out: Path) -> Path:
    """A picture as a video of one frame, its bytes untouched: written by hand, since FFmpeg would decode it."""
    data = picture.read_bytes()
    width, height = struct.unpack(">II", data[16:24])

    def element(kind: str, body: bytes) -> bytes:
        return bytes.fromhex(kind) + struct.pack(">Q", 1 << 56 | len(body)) + body

    def number(kind: str, value: int) -> bytes:
        return element(kind, value.to_bytes(8, "big"))

    video = element("E0", number("B0", width) + number("BA", height))
    private = struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, b"MPNG", 0, 0, 0, 0, 0)
    track = element(
        "AE", number("D7", 1) + number("73C5", 1) + number("83", 1) + element("86", b"V_MS/VFW/FOURCC")
        + element("63A2", private) + number("23E383", 1_000_000_000) + video,
    )  # fmt: skip
    info = number("2AD7B1", 1_000_000) + element("4489", struct.pack(">d", 1000.0))
    cluster = number("E7", 0) + element("A3", b"\x81\0\0\x80" + data)
    head = number("4286", 1) + number("42F7", 1) + number("42F2", 4) + number("42F3", 8)
    head += element("4282", b"matroska") + number("4287", 2) + number("4285", 2)
    segment = element("1549A966", info) + element("1654AE6B", track) + element("1F43B675", cluster)
    out.write_bytes(element("1A45DFA3", head) + element("18538067", segment))
    return out


def nasty_titles(clip: Path, out: Path) -> Path:
    """A sound clip whose titles, languages and chapter names try to leave their places in playlists and WebVTT."""
    nasty = 'x",URI="http://evil.example/"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n-->\n<script>\u2028\u0000'.replace("\0", "")
    listing = out.with_suffix(".txt")
    escaped = nasty.replace("=", "\\=").replace("#", "\\#").replace(";", "\\;").replace("\n", "\\\n")
    listing.write_text(
        f";FFMETADATA1\ntitle={escaped}\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle={escaped}\n",
        encoding="utf-8",
    )
    text = out.with_suffix(".srt")
    text.write_text(subtitles.srt(((0.1, 0.9, "<script>\n--> x"),)), encoding="utf-8")
    facts = (
        "-metadata:s:a:0",
        f"title={nasty}",
        "-metadata:s:s:0",
        f"title={nasty}",
        "-metadata:s:s:0",
        "language=eng",
    )
    media.ffmpeg(
        "-i", clip, "-i", text, "-f", "ffmetadata", "-i", listing, "-map", "0", "-map", "1", "-map_metadata", "2",
        "-map_chapters", "2", "-c", "copy", *facts, out,
    )  # fmt: skip
    return out
