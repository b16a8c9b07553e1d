"""Words that several stories share."""

from __future__ import annotations

import re
from datetime import date

from viewbox import wording

MARKS = re.compile(r"[\\`*_{}\[\]()<>#+.!|~:$-]")
COUNTRIES = {
    "AU": "Australia", "AT": "Austria", "BE": "Belgium", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland",
    "CN": "China", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "ES": "Spain", "FI": "Finland", "FR": "France",
    "GB": "the United Kingdom", "GR": "Greece", "ID": "Indonesia", "IE": "Ireland", "IL": "Israel", "IN": "India",
    "IT": "Italy", "JP": "Japan", "KR": "South Korea", "MX": "Mexico", "NL": "the Netherlands", "NO": "Norway",
    "PH": "the Philippines", "PL": "Poland", "PT": "Portugal", "SE": "Sweden", "SG": "Singapore", "TR": "Türkiye",
    "UA": "Ukraine", "US": "the United States", "ZA": "South Africa",
}  # fmt: skip


def surely(low: float, high: float, behind: str) -> str:
    """`(95 %: 38–44 %, 1,204 views)`."""
    return f"(95{wording.THIN}%: {between(low, high)}, {behind})"


def between(low: float, high: float) -> str:
    """A range of shares: `38–44 %`."""
    whole = high - low >= 0.01
    ends = [f"{100 * end:.0f}" if whole else f"{100 * end:.1f}" for end in (low, high)]
    return f"{ends[0]}–{ends[1]}{wording.THIN}%"


def points(difference: float) -> str:
    """A difference of shares: `+8 points`, `+0.4 points`."""
    value = 100 * difference
    said = f"{abs(value):.0f}" if abs(value) >= 1 else f"{abs(value):.1f}"
    return f"{'+' if value >= 0 else '−'}{said}"


def day_of(day: date) -> str:
    """`14 Nov`."""
    return f"{day.day} {day:%b}"


def place(dimension: str, value: str) -> str:
    """A value as people call it; a stranger's text shows its marks as they are."""
    return COUNTRIES.get(value, plain(value)) if dimension == "country" else plain(value)


def plain(text: str) -> str:
    """A stranger's text inside Markdown: its marks shown as they are."""
    return MARKS.sub(r"\\\g<0>", text)
