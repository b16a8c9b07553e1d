"""From bytes to lines: what section 4.1 of the HLS draft asks of a playlist as text."""

from __future__ import annotations

import re
import unicodedata

from transcoder.lint.playlist import Problem

BOM = b"\xef\xbb\xbf"
CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]")
TABS_ALLOWED = "#EXT-X-SKIP"  # 4.4.5.2 separates date ranges by tabs


def lines_of(data: bytes) -> tuple[list[str], list[Problem]]:
    """The lines without their ends, and what is wrong with them as text."""
    problems = []
    if data.startswith(BOM):
        problems.append(Problem("byte-order-mark", 1, "the file begins with the bytes EF BB BF"))
        data = data[len(BOM) :]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem("not-utf8", line, f"byte {data[error.start]:#04x} is no UTF-8"))
        text = data.decode("utf-8", errors="replace")
    lines = text.split("\n")
    lines = [line.removesuffix("\r") for line in lines]
    if CONTROL.search(text):
        problems += [
            Problem("control-character", number, f"{unicodedata.name(found[0], f'U+{ord(found[0]):04X}')} in the line")
            for number, line in enumerate(lines, 1)
            if (found := CONTROL.search(line)) and not (found[0] == "\t" and line.startswith(TABS_ALLOWED))
        ]
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        odd = next(n for n, line in enumerate(lines, 1) if not unicodedata.is_normalized("NFC", line))
        problems.append(Problem("not-normalised", odd, f"{lines[odd - 1][:80]!r} is not in normalization form C"))
    return lines, problems
