"""Sample entries: which codec they name (RFC 6381), and what their configuration says of picture and sound."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from transcoder.lint.media.boxes import Damaged, children, walk
from transcoder.lint.media.parameters import read_avc_parameters

VISUAL, SOUND = 78, 28  # bytes of a sample entry's fixed fields before its own boxes
TRANSFERS = {1: "SDR", 6: "SDR", 13: "SDR", 14: "SDR", 15: "SDR", 16: "PQ", 18: "HLG"}  # of CICP, as 4.4.6.2 maps them
PLAIN_SOUND = {b"ac-3": "ac-3", b"ec-3": "ec-3", b"fLaC": "fLaC", b"Opus": "opus", b"alac": "alac", b"apac": "apac"}
TEXTS = {b"wvtt": "wvtt", b"stpp": "stpp.ttml.im1t"}


@dataclass(frozen=True, slots=True)
class Entry:
    kind: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    channels: int = 0
    nal_length: int = 0
    interlaced: bool = False
    transfer: str = ""


def read_entry(data: bytes, table: tuple[int, int] | None) -> Entry:
    """The first sample entry of an stsd box. Raises Damaged."""
    if table is None:
        raise Damaged("a sample table without stsd")
    name, start, end = next(walk(data, table[0] + 8, table[1]))
    if name in {b"encv", b"enca"}:
        name = _original(data, start + (VISUAL if name == b"encv" else SOUND), end) or name
    if name in TEXTS:
        return Entry("text", TEXTS[name])
    if name in {b"mp4a", *PLAIN_SOUND, b"enca"}:
        return _sound(data, name, start, end)
    return _picture(data, name, start, end)


def _original(data: bytes, start: int, end: int) -> bytes | None:
    """What an encrypted sample entry was before encryption."""
    protection = children(data, start, end).get(b"sinf")
    if protection is None:
        return None
    form = children(data, *protection).get(b"frma")
    return data[form[0] : form[0] + 4] if form else None


def _sound(data: bytes, name: bytes, start: int, end: int) -> Entry:
    channels = struct.unpack_from(">H", data, start + 16)[0]
    if name != b"mp4a":
        return Entry("audio", PLAIN_SOUND.get(name, name.decode("latin-1")), channels=channels)
    boxes = children(data, start + SOUND, end)
    if b"esds" not in boxes:
        return Entry("audio", "mp4a", channels=channels)
    codec, declared = read_esds(data[slice(*boxes[b"esds"])])
    return Entry("audio", codec, channels=declared or channels)


def read_esds(esds: bytes) -> tuple[str, int]:
    """Codec string and channels (0: not said) of an esds box."""
    position, object_type = 4, 0
    for tag, fixed in ((0x03, 3), (0x04, 13), (0x05, 0)):
        if position >= len(esds) or esds[position] != tag:
            return (f"mp4a.{object_type:02x}" if object_type else "mp4a"), 0
        position += 1
        while esds[position] & 0x80:
            position += 1
        position += 1
        if tag == 0x03 and esds[position + 2] & 0x80:
            position += 2  # a dependency
        if tag == 0x04:
            object_type = esds[position]
        position += fixed
    kind = esds[position] >> 3
    if kind == 31:
        kind = 32 + ((esds[position] & 7) << 3 | esds[position + 1] >> 5)
    bits = int.from_bytes(esds[position : position + 2], "big")
    configured = bits >> 3 & 0xF if kind < 31 and bits >> 7 & 0xF != 15 else 0
    channels = {7: 8}.get(configured, configured)
    return (f"mp4a.40.{kind}" if object_type == 0x40 else f"mp4a.{object_type:02x}"), channels


def _picture(data: bytes, name: bytes, start: int, end: int) -> Entry:
    width, height = struct.unpack_from(">HH", data, start + 24)
    boxes = children(data, start + VISUAL, end)
    transfer = ""
    if b"colr" in boxes and data[boxes[b"colr"][0] : boxes[b"colr"][0] + 4] in {b"nclx", b"nclc"}:
        transfer = TRANSFERS.get(struct.unpack_from(">H", data, boxes[b"colr"][0] + 6)[0], "")
    if b"avcC" in boxes:
        config = data[slice(*boxes[b"avcC"])]
        profile, compatibility, level = config[1:4]
        parameters = read_avc_parameters(config[8 : 8 + int.from_bytes(config[6:8], "big")]) if config[5] & 31 else None
        return Entry(
            "video", f"{name.decode('latin-1')}.{profile:02x}{compatibility:02x}{level:02x}", width, height,
            nal_length=(config[4] & 3) + 1,
            interlaced=bool(parameters and parameters.interlaced),
            transfer=transfer or TRANSFERS.get(parameters.transfer if parameters else 0, ""),
        )  # fmt: skip
    if b"hvcC" in boxes:
        config = data[slice(*boxes[b"hvcC"])]
        codec = f"{name.decode('latin-1')}.{hevc_profile(config)}"
        return Entry("video", codec, width, height, nal_length=(config[21] & 3) + 1, transfer=transfer)
    if b"av1C" in boxes:
        config = data[slice(*boxes[b"av1C"])]
        tier, depth = "H" if config[2] & 0x80 else "M", 10 if config[2] & 0x40 else 8
        codec = f"av01.{config[1] >> 5}.{config[1] & 31:02d}{tier}.{depth:02d}"
        return Entry("video", codec, width, height, transfer=transfer)
    return Entry("", name.decode("latin-1"), width, height, transfer=transfer)


def hevc_profile(config: bytes) -> str:
    """The part behind the dot of an HEVC codec string, from a decoder configuration record."""
    space, tier, profile = config[1] >> 6, config[1] >> 5 & 1, config[1] & 31
    flags = int(f"{int.from_bytes(config[2:6], 'big'):032b}"[::-1], 2)
    constraints = config[6:12].rstrip(b"\0")
    parts = [f"{'ABC'[space - 1] if space else ''}{profile}", f"{flags:X}", f"{'H' if tier else 'L'}{config[12]}"]
    return ".".join(parts + [f"{byte:X}" for byte in constraints])
