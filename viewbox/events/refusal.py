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
ID_RULE = "letters, digits and . _ : -, 1 to 64 of them"
_ABOUT_TEXT = re.compile(r"Expected `str` (of length|matching regex)")
_INVALID = re.compile(r"Invalid value (.*)", re.DOTALL)
_PHRASES = (
    (re.compile(r"Expected `(?:int|float)` >= (.*?)(?:\.0)?"), "must be at least {}"),
    (re.compile(r"Expected `(?:int|float)` <= (.*?)(?:\.0)?"), "must be at most {}"),
    (re.compile(r"Expected `str` of length <= (\d+)"), "must have at most {} characters"),
    (re.compile(r"Expected `str` of length >= 1"), "must not be empty"),
    (re.compile(r"Object missing required field `(.*)`"), "{} is missing"),
    (re.compile(r"Invalid (?:enum )?value (.*)", re.DOTALL), "cannot be {}"),
    (re.compile(r"Number not finite"), "must be a finite number"),
    (re.compile(r"(?:Number|Integer) out of range"), "is out of range"),
)
_KIND = re.compile(r"Expected `(?P<expected>[^`]*)`, got `(?P<got>[^`]*)`")
_EXPECTED = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "true or false", "array": "a list",
    "object": "an object", "null": "null",
}  # fmt: skip
_FOUND = {**_EXPECTED, "float": "a fraction"}  # a float that is expected may be whole; one that is found is not
_RANGE = re.compile(r"Expected `(int|float)` [<>]=|Number out of range|Integer out of range")


def refusal(complaint: str) -> tuple[str, str]:
    """(code, hint) for what msgspec said about a value.

    >>> refusal("Expected `float` >= 0.0 - at `$.position_s`")
    ('position_out_of_range', 'position_s: must be at least 0')
    """
    match = _PATH.search(complaint)
    what = complaint[: match.start()] if match else complaint
    path = match["path"].removeprefix("$").removeprefix(".") if match else ""
    name = _LAST_NAME.search(path)
    field = name[1] if name else ""
    words = _in_words(what, field)
    return _code(what, field), (f"{path}: {words}" if path else words)[:256]


def _in_words(what: str, field: str) -> str:
    """The complaint as a person would put it; one that is not known stays as it is."""
    if field in _FIELD_CODES and _ABOUT_TEXT.match(what):
        return ID_RULE
    if field == "type" and (unknown := _INVALID.match(what)):
        return f"there is no event type {unknown[1]}"
    for pattern, words in _PHRASES:
        if match := pattern.fullmatch(what):
            return words.format(match[1] if match.groups() else "")
    if match := _KIND.fullmatch(what):
        return f"must be {_kinds(match['expected'])}, not {_FOUND.get(match['got'], match['got'])}"
    return what


def _kinds(expected: str) -> str:
    """`bool | int | float | null` -> true or false, a number or null."""
    kinds = expected.split(" | ")
    named = [_EXPECTED.get(kind, kind) for kind in kinds if not (kind == "int" and "float" in kinds)]
    return " or ".join(filter(None, (", ".join(named[:-1]), named[-1])))


def _code(what: str, field: str) -> str:
    if field in _FIELD_CODES:
        return _FIELD_CODES[field]
    if field == "type" and what.startswith("Invalid value"):
        return "unknown_event_type"
    if _RANGE.match(what):
        return _RANGE_CODES.get(field, "number_out_of_range")
    return next((code for pattern, code in _COMPLAINTS if pattern.match(what)), "bad_value")
