"""Arrow types by their SQL names, and the one that gets in people's way: HUGEINT, which every sum() of integers is."""

from __future__ import annotations

import pyarrow as pa

SQL_NAMES = {
    pa.string(): "VARCHAR", pa.large_string(): "VARCHAR", pa.bool_(): "BOOLEAN", pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT", pa.int32(): "INTEGER", pa.int64(): "BIGINT", pa.uint8(): "UTINYINT",
    pa.uint16(): "USMALLINT", pa.uint32(): "UINTEGER", pa.uint64(): "UBIGINT", pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE", pa.date32(): "DATE", pa.time64("us"): "TIME", pa.binary(): "BLOB",
    pa.month_day_nano_interval(): "INTERVAL", pa.null(): "NULL",
}  # fmt: skip


def type_name(kind: pa.DataType) -> str:
    """The SQL name of a column's type, as DuckDB spells it."""
    types = pa.types
    if types.is_timestamp(kind):
        name = "TIMESTAMP WITH TIME ZONE" if kind.tz else "TIMESTAMP"
    elif types.is_decimal(kind):
        name = "HUGEINT" if is_hugeint(kind) else f"DECIMAL({kind.precision},{kind.scale})"
    elif types.is_list(kind) or types.is_large_list(kind):
        name = f"{type_name(kind.value_type)}[]"
    elif types.is_map(kind):
        name = f"MAP({type_name(kind.key_type)}, {type_name(kind.item_type)})"
    elif types.is_struct(kind):
        name = "STRUCT(" + ", ".join(f"{part.name} {type_name(part.type)}" for part in kind) + ")"
    elif types.is_dictionary(kind):
        name = type_name(kind.value_type)
    else:
        name = SQL_NAMES.get(kind, str(kind).upper())
    return name


def is_hugeint(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind) and kind.scale == 0 and kind.precision == 38)


def with_plain_integers(table: pa.Table) -> pa.Table:
    """The table with every HUGEINT column as BIGINT, where its values fit; beyond 64 bits it stays an exact decimal."""
    for index, field in enumerate(table.schema):
        if is_hugeint(field.type):
            try:
                narrow = table.column(index).cast(pa.int64())
            except pa.ArrowInvalid:
                continue
            table = table.set_column(index, field.name, narrow)
    return table
