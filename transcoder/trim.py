"""Cutting samples off the end of a segment without encoding again: every AAC frame stands by itself."""

from __future__ import annotations

import struct

from transcoder.boxes import (
    TRUN_CTS,
    TRUN_DURATION,
    TRUN_FIRST_FLAGS,
    TRUN_FLAGS,
    TRUN_OFFSET,
    TRUN_SIZE,
    Fragment,
    corrupt,
    find,
    read_fragment,
    walk,
)


def trimmed(data: bytes, ticks: int) -> bytes:
    """One segment of our own with no more samples than cover `ticks`, but one at least.

    Its index box goes: it describes the longer segment, and players of single segments need none. Raises EncodeFailed.
    """
    fragment = read_fragment(data)
    trun, _end = find(data, b"moof", b"traf", b"trun")
    flags = int.from_bytes(data[trun + 1 : trun + 4], "big")
    fields = [field for field in (TRUN_DURATION, TRUN_SIZE, TRUN_FLAGS, TRUN_CTS) if flags & field]
    if TRUN_SIZE not in fields or not flags & TRUN_OFFSET:
        raise corrupt("the track run does not say where its samples lie")
    at = trun + 8 + 4 + (4 if flags & TRUN_FIRST_FLAGS else 0)
    rows = [struct.unpack_from(f">{len(fields)}I", data, at + 4 * len(fields) * i) for i in range(fragment.samples)]
    keep = _samples_within(rows, fields, fragment, ticks)
    cut = 4 * len(fields) * (fragment.samples - keep)
    payload = sum(row[fields.index(TRUN_SIZE)] for row in rows[:keep])
    parts = []
    for name, start, stop in walk(data):
        if name == b"moof":
            parts.append(_smaller_moof(data, start - 8, stop, cut, keep))
        elif name == b"mdat":
            parts.append(struct.pack(">I4s", payload + 8, b"mdat") + data[start : start + payload])
        elif name != b"sidx":
            parts.append(data[start - 8 : stop])
    return b"".join(parts)


def _samples_within(rows: list[tuple[int, ...]], fields: list[int], fragment: Fragment, ticks: int) -> int:
    """How many samples begin before `ticks` have passed."""
    usual = fragment.duration // fragment.samples
    passed = keep = 0
    for row in rows:
        if passed >= ticks and keep:
            break
        passed += row[fields.index(TRUN_DURATION)] if TRUN_DURATION in fields else usual
        keep += 1
    return keep


def _smaller_moof(data: bytes, start: int, end: int, cut: int, keep: int) -> bytes:
    """The moof box without the last `cut` bytes of its track run, which ends it."""
    traf, traf_end = find(data, b"moof", b"traf")
    trun, trun_end = find(data, b"moof", b"traf", b"trun")
    if not trun_end == traf_end == end:
        raise corrupt("the track run is not the last box of its fragment")
    box = bytearray(data[start : end - cut])
    for at in (0, traf - 8 - start, trun - 8 - start):
        struct.pack_into(">I", box, at, struct.unpack_from(">I", box, at)[0] - cut)
    struct.pack_into(">I", box, trun + 4 - start, keep)
    offset = struct.unpack_from(">i", box, trun + 8 - start)[0]
    struct.pack_into(">i", box, trun + 8 - start, offset - cut)
    return bytes(box)
