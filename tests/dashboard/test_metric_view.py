"""What the Metrics page decides without Streamlit: pictures, units, small samples, the question elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from dashboard import elsewhere, metric_charts, metric_view
from dashboard.queries import Ask
from dashboard.question import Question
from viewbox.metrics import Metric, parse_selection
from viewbox.metrics.files import parse_metric


def metric(grain: str = "video_id", unit: str = "ratio", empty: str = "null", interval: str = "") -> Metric:
    text = f"""\
-- title: M
-- unit: {unit}   grain: {grain}   empty: {empty}   version: 1
-- rule: R
-- source: S
{interval}
SELECT 1 AS m"""
    return parse_metric("m", text.replace("\n\n", "\n"))


RATE, SUM = metric(), metric(unit="count", empty="0")
CURVE = metric("video_id, second", empty="no rows")


@pytest.mark.parametrize(
    ("asked", "rows", "by", "grain", "one_video", "kind"),
    [
        (RATE, [{"m": 0.5, "n": 20}], "all", None, False, "number"),
        (RATE, [{"m": 0.5, "n": 20}], "video", None, True, "number"),
        (RATE, [{"m": 0.5, "n": 20}], "video", None, False, "groups"),
        (RATE, [{"m": 0.5, "n": 20}], "browser", None, True, "groups"),
        (RATE, [{"m": 0.5, "n": 20}], "all", "day", False, "periods"),
        (CURVE, [{"second": 0, "m": 1.0}], "video", None, True, "curve"),
        (CURVE, [{"second": 0, "m": 1.0}], "video", None, False, "rows"),
        (CURVE, [], "video", None, True, "rows"),
        (metric("video_id, slice"), [{"m": 1, "from_s": 0, "to_s": 2}, {"m": 1, "from_s": 2, "to_s": 4}], "video", None,
         True, "curve"),
        (metric("video_id, section"), [{"m": 1, "from_s": 0, "to_s": 2}, {"m": 1, "from_s": 5, "to_s": 9}], "video",
         None, True, "stretches"),
        (metric("video_id, rank"), [{"m": 1, "from_s": 9, "to_s": 2}, {"m": 1, "from_s": 5, "to_s": 9}], "video", None,
         True, "rows"),
        (metric("video_id, minute_at"), [{"m": 1, "minute_at": datetime(2026, 1, 1, tzinfo=UTC)}], "video", None, True,
         "moments"),
        (metric("as the metric"), [{"m": 0.1, "n": 40}], "video", None, True, "rows"),
        (metric("video_id, view_id"), [{"m": "0112", "view_id": "v"}], "video", None, True, "rows"),
    ],
)  # fmt: skip
def test_the_picture_follows_from_header_and_rows(asked, rows, by, grain, one_video, kind):
    assert metric_view.kind(asked, rows, by=by, grain=grain, one_video=one_video) == kind


@pytest.mark.parametrize(
    ("unit", "number", "said"),
    [
        ("ratio", 0.426, "43\u202f%"), ("seconds", 2.44, "2.4\u202fs"), ("s", 220, "3:40"), ("s", -70, "−1:10"),
        ("count", 12_345, "12.3k"), ("per hour", 3.21, "3.2"), ("media seconds per second", 1.25, "1.25×"),
        ("0 to 100", 87.16, "87.2"), ("bits per second", 2_400_000, "2.4\u202fMbit/s"), ("ratio", None, "–"),
        ("text", "0112", "0112"), ("count", True, "True"),
    ],
)  # fmt: skip
def test_a_value_is_written_in_its_unit(unit, number, said):
    assert metric_view.value(unit, number) == said


def test_an_interval_is_written_as_half_its_width():
    assert metric_view.value_with_margin("ratio", {"m": 0.38, "ci_low": 0.34, "ci_high": 0.42}, "m") == "38\u202f% ± 4"
    assert metric_view.value_with_margin("s", {"m": 220, "ci_low": 208, "ci_high": 232}, "m") == "3:40 ± 12\u202fs"
    assert metric_view.value_with_margin("s", {"m": 60, "ci_low": 60, "ci_high": 60}, "m") == "1:00"
    assert metric_view.value_with_margin("ratio", {"m": 1.0, "ci_low": 1.0, "ci_high": 1.0}, "m") == "100\u202f%"
    assert (
        metric_view.value_with_margin("ratio", {"m": 0.015, "ci_low": 0.013, "ci_high": 0.017}, "m")
        == "1.5\u202f% ± 0.2"
    )
    assert metric_view.value_with_margin("ratio", {"m": None, "ci_low": None, "ci_high": None}, "m") == "–"
    row = {"ci_low": 0.34, "ci_high": 0.42}
    assert metric_view.interval("ratio", row) == "95\u202f% interval 34\u202f%–42\u202f%"
    assert metric_view.interval("ratio", {}) == ""


def test_rates_of_few_views_are_blank_in_the_table_and_sums_are_not():
    answer = pa.table({"browser": ["a", "b"], "m": [0.5, 0.25], "other": [3, 4], "n": [9, 10]})
    assert metric_view.table(RATE, answer, "browser", {})["m"].to_pylist() == [None, 0.25]
    assert metric_view.table(RATE, answer, "browser", {})["other"].to_pylist() == [3, 4]  # a count
    assert metric_view.table(SUM, answer, "browser", {})["m"].to_pylist() == [0.5, 0.25]
    by_video = pa.table({"video_id": ["v1", "v2"], "m": [1.0, 1.0], "n": [10, 10]})
    assert metric_view.table(SUM, by_video, "video", {"v1": "Tour"})["video_id"].to_pylist() == ["Tour", "v2"]
    assert metric_view.table(SUM, by_video, "video", {}, one_video=True).column_names == ["m", "n"]


def test_what_is_left_out_is_counted():
    rows = [{"m": 0.1, "n": n} for n in (9, 10, 3, 400)]
    assert metric_view.left_out(RATE, rows, "day") == "2 of 4 days have fewer than 10 views: no value shown"
    assert metric_view.left_out(SUM, rows, "day") == ""
    assert [row["n"] for row in metric_view.leading(RATE, rows, 5)] == [400, 10]


def test_a_line_does_not_run_over_days_without_views():
    rows = [{"period": date(2026, 11, day), "m": 0.5, "n": 20, "ci_low": 0.4, "ci_high": 0.6} for day in (1, 2, 4, 5)]
    figure = metric_charts.periods(RATE, {None: rows}, {None: "all"}, "day")
    assert figure is not None
    band_before, band_after, line = figure.data
    assert list(line.y) == [50.0, 50.0, None, 50.0, 50.0]
    assert list(band_before.x) == [date(2026, 11, day) for day in (1, 2, 2, 1)]
    assert list(band_after.y) == pytest.approx([60.0, 60.0, 40.0, 40.0])


def test_a_sum_of_a_day_without_views_is_zero_beside_another_series():
    rows = {
        "a": [{"period": date(2026, 11, day), "m": day, "n": day} for day in (1, 2, 3)],
        "b": [{"period": date(2026, 11, day), "m": day, "n": day} for day in (1, 3)],
    }
    figure = metric_charts.periods(SUM, rows, {"a": "A", "b": "B"}, "day")
    assert figure is not None
    assert [list(trace.y) for trace in figure.data] == [[1, 2, 3], [1, 0, 3]]
    assert [note.text for note in figure.layout.annotations] == ["A", "B"]
    shifts = [note.yshift for note in figure.layout.annotations]
    assert shifts[1] - shifts[0] >= metric_charts.LABEL_PX  # both end at 3: their names stand apart


def test_periods_of_few_views_make_no_picture():
    rows = [{"period": date(2026, 11, 1), "m": 0.5, "n": 3}]
    assert metric_charts.periods(RATE, {None: rows}, {None: "all"}, "day") is None


def test_an_hour_is_drawn_as_the_zones_clock_shows_it():
    rows = metric_view.in_zone([{"period": datetime(2026, 11, 22, 23, tzinfo=UTC), "n": 1}], "Europe/Berlin")
    assert rows[0]["period"].isoformat() == "2026-11-23T00:00:00"
    assert metric_charts.period_name(rows[0]["period"], "hour") == "Mon 23 Nov, 00:00"
    assert metric_charts.period_name(date(2026, 11, 23), "week") == "week of 23 Nov"


def test_lists_inside_an_answer_are_labelled_by_what_they_are_about():
    assert metric_view.entry_label({"from_s": 0.25, "to_s": 0.5, "views": 3}) == "0.25–0.5 s"
    assert metric_view.entry_label({"from_s": 10.0, "to_s": None, "views": 3}) == "≥ 10 s"
    assert metric_view.entry_label({"rate": 1.5, "share": 0.2}) == "1.5×"
    assert metric_view.entry_label({"code": None, "failures": 2, "startup": 1}) == "(unknown)"
    assert metric_view.entry_value({"code": "decode", "failures": 2, "startup": 1}) == ("failures", 2)
    assert metric_view.entry_value({"from_s": 0, "to_s": 1, "views": 7}) == ("views", 7)


def test_the_question_elsewhere_reads_as_the_same_selection():
    question = Question(
        video_id="v", since=datetime(2026, 11, 1, tzinfo=UTC),
        filters=(("experiment.it's", ("a b", "")), ("browser", ("Firefox",))),
    )  # fmt: skip
    asked = elsewhere.pairs(question, Ask("m", "browser", "day", (("points", "3"),)))
    selection = parse_selection(asked)
    assert (selection.video_id, selection.since, selection.grain) == ("v", question.since, "day")
    assert selection.filters == {"experiment.it's": ("a b", ""), "browser": ("Firefox",)}
    assert selection.params == {"points": "3"}
    assert elsewhere.request("m", [("a", "b&c=")]) == "GET /v1/metrics/m?a=b%26c%3D"
    assert "--filter 'experiment.it'\"'\"'s=a b'" in elsewhere.command("m", asked)
