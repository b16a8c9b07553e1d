"""Damaged segments are refused, by box arithmetic alone."""

import struct

import pytest

from transcoder.boxes import Fragment, read_fragment, without_edits
from viewbox.errors import EncodeFailed


def box(name: bytes, *parts: bytes) -> bytes:
    payload = b"".join(parts)
    return struct.pack(">I4s", 8 + len(payload), name) + payload


def segment(
    *, sizes: tuple[int, ...] = (5, 3), mdat: int = 8, first_flags: int = 0x02000000, decode_time: int = 1000
) -> bytes:
    """Samples of 40 ticks each; the run carries sizes and the first sample's flags."""
    run = struct.pack(">II", 0x000205, len(sizes)) + struct.pack(">iI", 0, first_flags)
    run += b"".join(struct.pack(">I", size) for size in sizes)
    fragment = box(
        b"traf",
        box(b"tfhd", struct.pack(">III", 0x020008, 1, 40)),
        box(b"tfdt", struct.pack(">IQ", 0x01000000, decode_time)),
        box(b"trun", run),
    )
    return box(b"styp", b"msdh") + box(b"moof", box(b"mfhd", bytes(8)), fragment) + box(b"mdat", bytes(mdat))


def test_a_whole_segment_is_measured():
    data = segment()
    assert read_fragment(data) == Fragment(
        decode_time=1000, duration=80, presentation_offset=0, samples=2, starts_with_sync=True,
        first_sample_end=len(data) - 3, size_bytes=len(data),
    )  # fmt: skip


def test_a_segment_that_starts_between_keyframes_is_seen():
    assert not read_fragment(segment(first_flags=0x01010000)).starts_with_sync


@pytest.mark.parametrize(
    "data",
    [
        segment()[:-1],  # cut off
        segment() + b"\x00\x00\x00",  # something after the end
        segment(mdat=9),  # more bytes than samples
        segment(sizes=()),
        segment().replace(b"trun", b"free"),
        segment() + segment(),  # two fragments in one file
        b"",
    ],
)
def test_damage_is_refused(data):
    with pytest.raises(EncodeFailed) as caught:
        read_fragment(data)
    assert caught.value.code == "bad_segment"


def test_a_header_loses_its_edit_list_and_nothing_else():
    kept = box(b"mdia", b"what is in it")
    track = box(b"trak", box(b"tkhd", bytes(8)), box(b"edts", box(b"elst", bytes(20))), kept)
    header = box(b"ftyp", b"iso6") + box(b"moov", box(b"mvhd", bytes(4)), track)
    expected = box(b"moov", box(b"mvhd", bytes(4)), box(b"trak", box(b"tkhd", bytes(8)), kept))
    assert without_edits(header) == box(b"ftyp", b"iso6") + expected
    assert without_edits(without_edits(header)) == without_edits(header)
