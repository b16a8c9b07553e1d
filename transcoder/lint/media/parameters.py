"""The sequence parameter set of H.264: size, scan and transfer characteristics."""

from __future__ import annotations

from dataclasses import dataclass

HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}


@dataclass(frozen=True, slots=True)
class Parameters:
    width: int
    height: int
    interlaced: bool  # pictures may be fields
    transfer: int  # code point of CICP; 2 when it is not said


class _Bits:
    def __init__(self, data: bytes) -> None:
        self.value = int.from_bytes(data, "big")
        self.left = len(data) * 8

    def take(self, count: int) -> int:
        self.left -= count
        if self.left < 0:
            raise ValueError("the parameter set ends early")
        return self.value >> self.left & (1 << count) - 1

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        code = self.golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def read_avc_parameters(unit: bytes) -> Parameters | None:
    """Understand an SPS NAL unit (with its header byte); None when it is damaged."""
    try:
        return _read(_Bits(unit.replace(b"\0\0\3", b"\0\0")))
    except ValueError:
        return None


def _read(bits: _Bits) -> Parameters:
    bits.take(8)
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    chroma, separate = 1, 0
    if profile in HIGH_PROFILES:
        chroma = bits.golomb()
        if chroma == 3:
            separate = bits.take(1)
        bits.golomb()
        bits.golomb()
        bits.take(1)
        if bits.take(1):
            _skip_scaling(bits, 8 if chroma != 3 else 12)
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(bits.golomb()):
            bits.signed()
    bits.golomb()
    bits.take(1)
    width, units = (bits.golomb() + 1) * 16, bits.golomb() + 1
    frames_only = bits.take(1)
    height = units * 16 * (2 - frames_only)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        across = 1 if chroma in {0, 3} or separate else 2
        down = (2 if chroma == 1 and not separate else 1) * (2 - frames_only)
        width -= (left + right) * across
        height -= (top + bottom) * down
    return Parameters(width, height, not frames_only, _transfer(bits))


def _skip_scaling(bits: _Bits, lists: int) -> None:
    for i in range(lists):
        if not bits.take(1):
            continue
        last = following = 8
        for _ in range(16 if i < 6 else 64):
            if following:
                following = (last + bits.signed()) % 256
            last = following or last


def _transfer(bits: _Bits) -> int:
    """Of the video usability information; 2 when nothing is said."""
    if not bits.take(1):
        return 2
    if bits.take(1) and bits.take(8) == 255:
        bits.take(32)
    if bits.take(1):
        bits.take(1)
    if bits.take(1):
        bits.take(4)
        if bits.take(1):
            bits.take(8)
            return bits.take(8)
    return 2
