"""Facts as values. No address of a person is among them."""

from __future__ import annotations

import msgspec


class ClientFacts(msgspec.Struct, frozen=True):
    """What came with a connection: its User-Agent, and the country that a trusted proxy named."""

    user_agent: str | None = None
    country: str | None = None


class Device(msgspec.Struct, frozen=True):
    """What a User-Agent gives away; all null and no bot when there is none."""

    browser: str | None = None
    os: str | None = None
    device_type: str | None = None  # desktop, mobile, tablet, tv
    is_bot: bool = False
