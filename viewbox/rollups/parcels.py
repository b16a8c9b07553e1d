"""Tables on their way between processes: small ones travel as they are, large ones lie in a scratch file."""

from __future__ import annotations

from uuid import uuid4

import msgspec
import pyarrow as pa
from pyarrow import feather

TRAVELS_BYTES = 256 * 1024  # more is quicker through a file, which also crosses machines that share a disk


class Parcel(msgspec.Struct, frozen=True):
    """Rows, here or at a path."""

    rows: pa.Table | None = None
    path: str | None = None


def pack(rows: pa.Table, scratch: str | None) -> Parcel:
    """`scratch`: a folder that both ends reach; null: sender and receiver are one process."""
    if scratch is None or rows.nbytes <= TRAVELS_BYTES:
        return Parcel(rows=rows)
    path = f"{scratch}/{uuid4()}.arrow"
    feather.write_feather(rows, path, compression="lz4")
    return Parcel(path=path)


def unpack(parcel: Parcel) -> pa.Table:
    return feather.read_table(parcel.path) if parcel.rows is None else parcel.rows
