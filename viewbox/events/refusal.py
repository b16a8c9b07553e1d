"""From msgspec's words to a stable code: clients and dead letters speak in codes, people read the hint."""

from __future__ import annotations

import re

_PATH = re.compile(r" - at `(?P<path>[^`]*)`$")
_LAST_NAME = re.compile(r"([A-Za-z0-9_]+)(?:\[[^\]]*\])*$")
_RANGE_CODES = {
    "position_s": "position_out_of_range", "from_s": "position_out_of_range", "to_s": "position_out_of_range",
    "buffer_s": "position_out_of_range", "duration_s": "position_out_of_range", "rate": "rate_out_of_range",
    "t_ms": "time_out_of_range", "wait_ms": "time_out_of_range", "wall_ms": "time_out_of_range",
    "started_at_ms": "time_out_of_range", "sent_at_ms": "time_out_of_range", "received_at_ms": "time_out_of_range",
}  # fmt: skip
_FIELD_CODES = {"view_id": "bad_view_id", "video_id": "bad_id", "viewer_id": "bad_id", "session_id": "bad_id"}
# What msgspec complains of begins like this; the first that fits names the code.
_COMPLAINTS = (
    (re.compile(r"Object missing required field"), "missing_field"),
    (re.compile(r"Number not finite"), "number_not_finite"),
    (re.compile(r"Expected `str` of length <="), "text_too_long"),
)
_RANGE = re.compile(r"Expected `(int|float)` [<>]=|Number out of range|Integer out of range")


def refusal(complaint: str) -> tuple[str, str]:
    """(code, hint) for what msgspec said about a value.

    >>> refusal("Expected `float` >= 0.0 - at `$.position_s`")
    ('position_out_of_range', 'position_s: Expected `float` >= 0.0')
    """
    match = _PATH.search(complaint)
    what = complaint[: match.start()] if match else complaint
    path = match["path"].removeprefix("$").removeprefix(".") if match else ""
    name = _LAST_NAME.search(path)
    return _code(what, name[1] if name else ""), (f"{path}: {what}" if path else what)[:256]


def _code(what: str, field: str) -> str:
    if field in _FIELD_CODES:
        return _FIELD_CODES[field]
    if field == "type" and what.startswith("Invalid value"):
        return "unknown_event_type"
    if _RANGE.match(what):
        return _RANGE_CODES.get(field, "number_out_of_range")
    return next((code for pattern, code in _COMPLAINTS if pattern.match(what)), "bad_value")
