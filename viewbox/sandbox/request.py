"""What the parent hands to the child: the statement, its limits, and where the tables are. No setting, no secret."""

from __future__ import annotations

import msgspec


class LakeFiles(msgspec.Struct, frozen=True):
    """A Delta table at one version: its Arrow schema, its files, and the date of each (None: not partitioned)."""

    schema: bytes
    paths: list[str]
    dates: list[str | None]


class Request(msgspec.Struct, frozen=True):
    """`names`: the tables that a statement may read; `unlisted`: those that metrics' own SQL reads as well.

    `views`: statements that make them from tables and datasets. `watched`: someone wants to know how far it is.
    """

    sql: str
    rows: int | None
    seconds: float  # 0: no limit
    result_bytes: int | None
    memory_bytes: int
    threads: int
    names: list[str]
    unlisted: list[str]
    views: list[str]
    tables: dict[str, bytes]
    datasets: dict[str, LakeFiles]
    watched: bool = False

    def encode(self) -> bytes:
        return msgspec.msgpack.encode(self)

    @classmethod
    def decode(cls, raw: bytes) -> Request:
        return msgspec.msgpack.decode(raw, type=cls)
