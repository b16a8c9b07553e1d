"""One writer for every surface: the exact bytes."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from viewbox.export import json_rows, to_bytes, type_name


def table(sql: str) -> pa.Table:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.sql(sql).to_arrow_table()


CELLS: dict[str, tuple[str, str, Any]] = {
    "an integer": ("1", "1", 1),
    "a sum of integers": ("(SELECT sum(range) FROM range(4))", "6", 6),
    "a sum beyond 64 bits": ("170141183460469231731687303715884105727", "170141183460469231731687303715884105727",
                             170141183460469231731687303715884105727),
    "a float": ("0.1::DOUBLE + 0.2::DOUBLE", "0.30000000000000004", 0.30000000000000004),
    "a whole float": ("60::DOUBLE", "60.0", 60.0),
    "a 32-bit float": ("0.1::FLOAT", "0.1", 0.10000000149011612),
    "a decimal": ("1.50::DECIMAL(10, 2)", "1.50", 1.5),
    "not a number": ("'nan'::DOUBLE", "NaN", None),
    "NULL": ("NULL::INTEGER", "", None),
    "an empty text": ("''", '""', ""),
    "a comma": ("'a,b'", '"a,b"', "a,b"),
    "a quote": ("'say \"hi\"'", '"say ""hi"""', 'say "hi"'),
    "a line break": ("E'a\\nb'", '"a\nb"', "a\nb"),
    "true": ("true", "true", True),
    "an instant": ("TIMESTAMPTZ '2026-11-23 02:02:03.5+01'", "2026-11-23T01:02:03.500Z", "2026-11-23T01:02:03.500Z"),
    "a local time": ("TIMESTAMP '2026-11-23 01:02:03'", "2026-11-23T01:02:03.000", "2026-11-23T01:02:03.000"),
    "a date": ("DATE '2026-11-23'", "2026-11-23", "2026-11-23"),
    "JSON": ("'{\"a\": 1}'::JSON", '"{""a"": 1}"', '{"a": 1}'),
    "a list": ("[1, NULL]", '"[1,null]"', [1, None]),
    "a struct": ("{'at': TIMESTAMPTZ '2026-11-23 01:02:03Z'}", '"{""at"":""2026-11-23T01:02:03.000Z""}"',
                 {"at": "2026-11-23T01:02:03.000Z"}),
    "binary": ("'\\xAB'::BLOB", "ab", "ab"),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "in_csv", "in_json"), CELLS.values(), ids=CELLS.keys())
def test_a_cell(sql: str, in_csv: str, in_json: object) -> None:
    rows = table(f"SELECT {sql} AS x, 1 AS y")
    assert to_bytes(rows, "csv").decode() == f"x,y\r\n{in_csv},1\r\n"
    assert json.loads(to_bytes(rows, "json")) == [{"x": in_json, "y": 1}]
    assert json_rows(rows) == [{"x": in_json, "y": 1}]


def test_no_rows() -> None:
    nothing = table("SELECT 1 AS x, 'a' AS y WHERE false")
    assert to_bytes(nothing, "csv") == b"x,y\r\n"
    assert json.loads(to_bytes(nothing, "json")) == []
    assert to_bytes(nothing, "table").decode().splitlines()[0].split() == ["x", "y"]


def test_a_table_for_people_lines_up() -> None:
    lines = to_bytes(table("SELECT * FROM (VALUES ('long name', 1.5::DOUBLE), (NULL, 10)) AS t(name, n)"), "table")
    assert lines.decode() == "name          n\n─────────  ────\nlong name   1.5\n           10.0\n"


def test_parquet_and_arrow_keep_types_and_have_plain_integers() -> None:
    rows = table("SELECT sum(range) AS s, TIMESTAMPTZ '2026-11-23 01:02:03Z' AS at FROM range(4)")
    expected = [{"s": 6, "at": datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)}]
    in_parquet = pq.read_table(io.BytesIO(to_bytes(rows, "parquet")))
    in_arrow = pa.ipc.open_stream(to_bytes(rows, "arrow")).read_all()
    assert in_parquet.to_pylist() == in_arrow.to_pylist() == expected
    assert in_parquet.schema.field("s").type == in_arrow.schema.field("s").type == pa.int64()


def test_an_interval_of_time_is_text_in_parquet() -> None:
    rows = pq.read_table(io.BytesIO(to_bytes(table("SELECT INTERVAL 90 MINUTE AS x"), "parquet")))
    assert rows.to_pylist() == [{"x": "0 months 0 days 5400 s"}]


@pytest.mark.parametrize(
    "sql_type",
    ["BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "HUGEINT",
     "DECIMAL(10,2)", "INTEGER[]", "MAP(VARCHAR, INTEGER)", "BLOB", "INTERVAL", "TIME", "FLOAT", "UBIGINT"],
)  # fmt: skip
def test_types_have_duckdbs_names(sql_type: str) -> None:
    assert type_name(table(f"SELECT NULL::{sql_type} AS x").schema.field("x").type) == sql_type


def test_decimals_in_lists_become_numbers() -> None:
    assert json_rows(pa.table({"x": [[Decimal("1.5"), Decimal("2.0")]]})) == [{"x": [1.5, 2]}]
