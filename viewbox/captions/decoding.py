"""Bytes of a caption file as text."""

from __future__ import annotations

import codecs

from viewbox.errors import InvalidInput

MAX_BYTES = 2 * 1024 * 1024  # ten hours of speech are about 1 MB
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NOT_CAPTIONS = "send an SRT or WebVTT file"


def decoded(data: bytes) -> tuple[str, str]:
    """(text, encoding): by byte order mark, else UTF-8, else Windows-1252, which reads anything and may be wrong.

    Raises InvalidInput `captions_too_large`, `not_captions`.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"the file has {len(data):,} bytes", code="captions_too_large", hint=f"at most {MAX_BYTES:,} are read"
        )
    text, encoding = _decoded(data)
    if "\0" in text:
        raise InvalidInput("the file is not text", code="not_captions", hint=NOT_CAPTIONS)
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding


def _decoded(data: bytes) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("windows-1252", "replace"), "windows-1252"
