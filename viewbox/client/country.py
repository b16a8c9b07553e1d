"""Country of a viewer: what a trusted proxy says, else the country of the player's time zone.

time_zones.json is the IANA time zone database's own table (zone.tab with the links of tzdata.zi, 2026f): country →
zones. Zones that span countries, such as UTC, name none.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources

_CODE = re.compile(r"[A-Z]{2}\Z")
_UNKNOWN = frozenset({"XX", "ZZ", "T1"})  # what proxies say when they do not know, or see Tor


def country_of(header: str | None, time_zone: str | None) -> str | None:
    """ISO 3166-1 alpha-2 code, or null.

    >>> country_of(None, "Europe/Berlin")
    'DE'
    """
    code = header.strip().upper() if header else ""
    if _CODE.match(code) and code not in _UNKNOWN:
        return code
    return _countries().get(time_zone) if time_zone else None


@cache
def _countries() -> dict[str, str]:
    text = (resources.files("viewbox.client") / "time_zones.json").read_text(encoding="utf-8")
    return {zone: country for country, zones in json.loads(text).items() for zone in zones}
