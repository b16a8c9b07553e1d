"""How far a page's numbers can be trusted, as every chart says it: quality mark, freshness, counting rule. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard import sentences

MARKS = {"good": ":green[●]", "fair": ":orange[●]"}


@dataclass(frozen=True, slots=True)
class Trust:
    """`verdict` and `details` of the data's quality, and the clock of the snapshot that the numbers are of."""

    verdict: str
    details: str
    as_of: str

    @property
    def mark(self) -> str:
        """`as of 14:03:22 · ● good`, in Markdown."""
        return f"as of {self.as_of} · {MARKS[self.verdict]} {self.verdict}"

    @property
    def words(self) -> str:
        """`as of 14:03:22 · data quality good`, plain."""
        return f"as of {self.as_of} · data quality {self.verdict}"

    @property
    def help(self) -> str:
        """What the mark means, where the pointer rests."""
        return f"Data quality {self.verdict}: {self.details}. The page follows the data by itself."


def trust(quality: Mapping[str, Any], as_of_ms: int, timezone: str) -> Trust:
    """From the quality facts beside an answer and the moment of its snapshot."""
    verdict, details = sentences.quality(quality)
    moment = datetime.fromtimestamp(as_of_ms / 1000, UTC).astimezone(ZoneInfo(timezone))
    return Trust(verdict, details, f"{moment:%H:%M:%S}")
