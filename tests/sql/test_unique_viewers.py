"""A million viewers are counted one by one: the number by which `views` knows a viewer tells all of them apart."""

from __future__ import annotations

import re

import duckdb
import pytest

from viewbox.engine.views import model
from viewbox.metrics.compose import compose
from viewbox.metrics.files import find_metric
from viewbox.metrics.selection import Selection

VIEWERS = 1_000_000
KEY = re.search(r"cast\(md5_number_lower\(viewer_id\).*? AS BIGINT\)", model("views.sql"))
FORMS = {
    "random": "uuid()::VARCHAR",
    "one after the other": "'viewer-' || number",
    "one character apart": "chr((97 + number % 26)::INT) || md5((number // 26)::VARCHAR)",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_million_viewers_are_counted_exactly(form: str) -> None:
    assert KEY, "views.sql says how a viewer's number is made"
    statement = compose(find_metric("unique_viewers"), Selection(by="all"))
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE people AS SELECT {FORMS[form]} AS viewer_id FROM range({VIEWERS}) AS all_of_them(number)"
        )
        row_of_view = f"'v' AS video_id, true AS is_valid, 'visitor' AS viewer_kind, viewer_id, {KEY[0]} AS viewer_key"
        connection.execute(
            f"CREATE TABLE counted_views AS SELECT {row_of_view} FROM people "
            f"UNION ALL SELECT {row_of_view} FROM people USING SAMPLE 10000 ROWS"
        )
        (row,) = connection.sql(statement.sql, params=dict(statement.values) or None).to_arrow_table().to_pylist()
    assert (row["unique_viewers"], row["n"]) == (VIEWERS, VIEWERS + 10_000)
