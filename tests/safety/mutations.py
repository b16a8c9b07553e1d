"""Damage to real clips, repeatable by its number: cut off, bits turned, stretches moved, sizes changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from tests import media, subtitles

KINDS = ("cut", "bits", "head bits", "zeros", "twice", "swapped", "sizes", "noise")


def seeds(folder: Path) -> list[Path]:
    """A second each of what people upload: MP4 with mov_text, Matroska with three kinds of text, TS, AVI, WebM."""
    (folder / "a.srt").write_text(subtitles.srt(((0.1, 0.5, "One"), (0.6, 0.9, "Two"))), encoding="utf-8")
    (folder / "b.ass").write_text(subtitles.ass(((0.1, 0.5, "Eins"),)), encoding="utf-8")
    (folder / "c.vtt").write_text(subtitles.vtt(((0.1, 0.5, "Un"),)), encoding="utf-8")
    small = ["-vf", "scale=96:54", "-r", "12", "-c:a", "aac", "-ac", "1"]
    mp4 = media.remade(media.BUNNY, folder / "plain.mp4", [*small, "-movflags", "+faststart"], seconds=1)
    texts = [(folder / name, "eng", "t", "0") for name in ("a.srt", "b.ass", "c.vtt")]
    phone = subtitles.muxed(mp4, folder / "phone.mp4", texts[:1], codec="mov_text")
    film = subtitles.muxed(mp4, folder / "film.mkv", texts)
    found = [mp4, phone, film]
    for name, codecs in (
        ("stream.ts", ("-c", "copy")), ("old.avi", ("-c:v", "mpeg4", "-c:a", "mp3")),
        ("page.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus")),
    ):  # fmt: skip
        media.ffmpeg("-i", mp4, *codecs, folder / name)
        found.append(folder / name)
    return found


def damaged(content: bytes, kind: str, chance: random.Random) -> bytes:
    """One kind of damage. Pure but for `chance`."""
    data = bytearray(content)
    size = len(data)
    at, length = chance.randrange(size), chance.randrange(1, max(2, size // 8))
    match kind:
        case "cut":
            return bytes(data[: chance.randrange(1, size)])
        case "bits" | "head bits":
            reach = size if kind == "bits" else min(size, 2048)
            for _ in range(chance.choice((1, 4, 32))):
                data[chance.randrange(reach)] ^= 1 << chance.randrange(8)
        case "zeros":
            data[at : at + length] = bytes(len(data[at : at + length]))
        case "twice":
            data[at:at] = data[at : at + length]
        case "swapped":
            other = chance.randrange(size)
            data[at : at + 64], data[other : other + 64] = data[other : other + 64], data[at : at + 64]
        case "sizes":
            for _ in range(chance.choice((1, 3))):
                place = chance.randrange(max(1, size - 4))
                data[place : place + 4] = chance.choice(
                    (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\1")
                )
        case _:
            data[at : at + length] = chance.randbytes(len(data[at : at + length]))
    return bytes(data)


def mutations(clips: list[Path], count: int, seed: str) -> list[tuple[str, Callable[[], bytes]]]:
    """(name, content) of `count` damaged files: every kind on every clip in turn."""

    def one(number: int) -> tuple[str, Callable[[], bytes]]:
        clip, kind = clips[number % len(clips)], KINDS[number // len(clips) % len(KINDS)]
        name = f"{number:04d} {kind} {clip.name}"
        return name, lambda: damaged(clip.read_bytes(), kind, random.Random(f"{seed} {number}"))

    return [one(number) for number in range(count)]
