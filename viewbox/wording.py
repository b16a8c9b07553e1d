"""Numbers for people: one way to write each kind of quantity, on every page."""

from __future__ import annotations

import math
from typing import TypeGuard

THIN = "\u202f"  # between a number and its unit
NONE = "–"  # no value: never 0, which is a value
MIN_VIEWS = 10  # below it a rate says more about chance than about the video
THOUSANDS_FROM = 10_000
MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


def clock(seconds: float | None) -> str:
    """A position or duration: `1:05`, `1:02:10`; whole seconds that are over, as the player's own clock counts."""
    if not _is_number(seconds):
        return NONE
    minutes, rest_s = divmod(_whole(abs(seconds)), MINUTE_S)
    hours, minutes = divmod(minutes, 60)
    sign = "−" if seconds < 0 and (hours, minutes, rest_s) != (0, 0, 0) else ""
    return f"{sign}{hours}:{minutes:02}:{rest_s:02}" if hours else f"{sign}{minutes}:{rest_s:02}"


def span(from_s: float, to_s: float) -> str:
    """A half-open range of positions: `0:00–0:13`."""
    return f"{clock(from_s)}–{clock(to_s)}"


def percent(ratio: float | None, decimals: int | None = None) -> str:
    """`42 %`; one decimal below 1 %, where a whole number would say nothing, or as asked; never 0 for a little."""
    if not _is_number(ratio):
        return NONE
    value = 100 * ratio
    if value == 0 or 0 < value < 0.05:
        return f"{'< 0.1' if value else '0'}{THIN}%"
    if decimals is None:
        decimals = 1 if 0 < abs(value) < 1 else 0
    return f"{value:.{decimals}f}{THIN}%".replace("-", "−")


def percent_with_margin(ratio: float | None, low: float | None, high: float | None, decimals: int | None = None) -> str:
    """`38 % ± 4`: half the interval's width, in points; none where it would be ± 0.0."""
    said = percent(ratio, decimals)
    if not (_is_number(ratio) and _is_number(low) and _is_number(high)):
        return said
    half = 50 * (high - low)
    if half < 0.05:  # as written it would be ± 0.0
        return said
    return f"{said} ± {half:.1f}" if half < 1 or decimals else f"{said} ± {_round(half)}"


def count(number: float | None) -> str:
    """`1,234`; from 10,000 on `12.3k`, from a million on `4.5M`."""
    if not _is_number(number):
        return NONE
    if abs(number) >= 999_950:
        return f"{number / 1e6:.1f}M"
    if abs(number) >= THOUSANDS_FROM:
        return f"{number / 1e3:.1f}k"
    return f"{_round(number):,}"


def number_of(number: float, singular: str, plural: str | None = None) -> str:
    """`1 view`, `1,204 views`."""
    return f"{count(number)} {singular if number == 1 else plural or singular + 's'}"


def seconds(value: float | None) -> str:
    """A wait: `0.42 s` below one second, `2.4 s` below ten, then `15 s`; a minute and more as `1:05`."""
    if not _is_number(value):
        return NONE
    if value >= MINUTE_S - 0.5:
        return clock(max(MINUTE_S, value))
    decimals = 2 if abs(value) < 1 else 1 if abs(value) < 9.95 else 0
    return f"{value:.{decimals}f}{THIN}s"


def decimal(value: float | None, unit: str = "") -> str:
    """One decimal, as in `3.2` pauses per hour; two below one, where one would say little."""
    if not _is_number(value):
        return NONE
    return f"{value:,.{2 if 0 < abs(value) < 1 else 1}f}{unit}"


def speed(rate: float | None) -> str:
    """`1.25×`, `2×`."""
    return f"{rate:.2f}".rstrip("0").rstrip(".") + "×" if _is_number(rate) else NONE


def watched(watch_s: float | None, playing_s: float | None) -> str:
    """`3:40 watched = 3:31 playing + 0:09 waiting`; the parts always add up to the whole as written."""
    if not (_is_number(watch_s) and _is_number(playing_s)):
        return NONE
    return f"{clock(watch_s)} watched {split(watch_s, playing_s)}"


def split(watch_s: float | None, playing_s: float | None) -> str:
    """`= 3:31 playing + 0:09 waiting`: what stands beside every watch time."""
    if not (_is_number(watch_s) and _is_number(playing_s)):
        return ""
    whole = _whole(watch_s)
    playing = min(_whole(playing_s), whole)
    return f"= {long_time(playing)} playing + {long_time(whole - playing)} waiting"


def long_time(value: float | None) -> str:
    """A sum of watching: `3:40`, from a hundred hours on `1,204 h`."""
    if _is_number(value) and value >= 100 * HOUR_S:
        return f"{_round(value / HOUR_S):,}{THIN}h"
    return clock(value)


def ago(age_s: float) -> str:
    """`3 s ago`, `5 min ago`, `2 h ago`, `4 d ago`."""
    age_s = max(0.0, age_s)
    for unit_s, unit in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if age_s >= unit_s:
            return f"{int(age_s // unit_s)}{THIN}{unit} ago"
    return f"{int(age_s)}{THIN}s ago"


def sentence(text: str) -> str:
    """A message or hint of the code as a sentence of its own: capital letter, full stop."""
    text = text.strip()
    said = text[:1].upper() + text[1:]
    return said if not said or said.endswith((".", "!", "?", "…")) else f"{said}."


def too_few(views: int) -> str:
    """What stands where a rate would mislead."""
    return f"too few views ({views})"


def rate_or_too_few(text: str, views: int) -> str:
    """The text when enough views stand behind it, else how few there are."""
    return text if views >= MIN_VIEWS else too_few(views)


def _round(value: float) -> int:
    """Half up, as people do; Python's own rounding goes to the even neighbour."""
    return math.floor(value + 0.5)


def _whole(value: float) -> int:
    """Whole seconds that are over; half a millisecond forgives arithmetic, which makes 12.9999999 of 13."""
    return math.floor(value + 0.0005)


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)
