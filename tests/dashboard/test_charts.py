"""Charts with few data: an axis that covers what was asked, ticks that fit and mean something."""

from __future__ import annotations

from datetime import date

from dashboard import charts
from dashboard.question import Question, midnight

LAST = date(2026, 11, 23)


def test_one_view_of_28_days_is_one_bar_among_28_places():
    figure = charts.views_per_day([{"period": date(2026, 11, 20), "views": 1}], date(2026, 10, 27), LAST)
    start, end = figure.layout.xaxis.range
    assert (start.isoformat(), end.isoformat()) == ("2026-10-26T12:00:00", "2026-11-23T12:00:00")
    assert list(figure.layout.xaxis.ticktext) == ["2 Nov", "9 Nov", "16 Nov", "23 Nov"]
    assert figure.data[0].width < 86_400_000
    assert figure.data[0].hovertext == ("Fri 20 Nov: 1 view",)
    assert figure.layout.yaxis.dtick == 1


def test_all_time_begins_with_the_first_view_and_shows_a_week_at_least():
    lone = charts.views_per_day([{"period": midnight(date(2026, 11, 22), "UTC"), "views": 3}], None, LAST)
    assert lone.layout.xaxis.range[0].isoformat() == "2026-11-16T12:00:00"
    old = charts.views_per_day([{"period": date(2025, 1, 1), "views": 3}], None, LAST)
    assert old.layout.xaxis.range[0].isoformat() == "2024-12-31T12:00:00"
    assert old.layout.xaxis.ticktext[-1] == "Nov 2026"
    assert len(old.layout.xaxis.ticktext) <= 5


def test_a_question_names_its_first_and_last_day():
    closed = Question(since=midnight(date(2026, 11, 1), "UTC"), until=midnight(date(2026, 11, 3), "UTC"))
    assert closed.days(today=LAST) == (date(2026, 11, 1), date(2026, 11, 2))
    assert Question().days(today=LAST) == (None, LAST)


def test_start_up_ticks_stand_at_the_bounds_of_the_bars():
    bounds = [(0, 0.25), (0.25, 0.5), (0.5, None)]
    figure = charts.startup([{"from_s": start, "to_s": end, "views": 1} for start, end in bounds])
    assert figure is not None
    assert list(figure.layout.xaxis.ticktext) == ["0", "0.25", "0.5 s"]
    assert figure.data[0].hovertext == ("0–0.25 s: 1 view", "0.25–0.5 s: 1 view", "≥ 0.5 s: 1 view")


def test_hours_have_fewer_and_wider_labels():
    figure = charts.over_time([1] * 36_000, 36_000, charts.STALL, "stall")
    assert figure is not None
    assert list(figure.layout.xaxis.ticktext) == ["0:00", "4:00:00", "8:00:00"]
