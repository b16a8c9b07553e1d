"""The Metrics page: every metric by existing, its parameters as boxes, its answer as a picture, table and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dashboard.test_pages import numbers, said
from tests.sql.crowd import ODD_KEY, TAG, world_of
from viewbox.metrics import metrics

INTRO = "experiment.intro"


@pytest.fixture(scope="module")
def crowd(tmp_path_factory) -> Path:
    """The crowd's 74 valid views: 68 of the film and 6 of the clip."""
    folder: Path = tmp_path_factory.mktemp("crowd")
    world_of(folder).close()
    return folder


@pytest.fixture
def ask(open_app, crowd):
    """`ask("views", grain="day")`: the page of a metric."""
    return lambda name, **query: open_app(crowd, "metrics", metric=name, period="All time", **query)


def test_every_metric_is_listed_with_unit_and_rule(open_app, crowd):
    app = open_app(crowd, "metrics")
    words = said(app).replace("\\", "")
    assert {button.key for button in app.button} >= {f"open_{name}" for name in metrics()}
    for metric in metrics().values():
        assert f"`{metric.name}` ·" in words
        assert metric.rule in words


def test_the_list_can_be_searched(open_app, crowd):
    app = open_app(crowd, "metrics", find="watch start-up")
    assert {button.key for button in app.button if str(button.key).startswith("open_")} >= {"open_average_watch_time"}
    assert "open_skip_graph" not in {button.key for button in app.button}
    assert "says “zebra”" in said(open_app(crowd, "metrics", find="zebra"))


def test_a_click_opens_a_metric_and_the_way_back_is_there(open_app, crowd):
    app = open_app(crowd, "metrics", period="All time")
    app.button(key="open_views").click().run()
    assert app.title[0].value == "Views"
    assert numbers(app)["Views"] == "74"
    next(button for button in app.button if button.label == "All metrics").click().run()
    assert app.title[0].value == "Metrics"


@pytest.mark.parametrize("name", metrics())
def test_every_metric_has_a_page(ask, name):
    """Whatever its file holds: words, a number, a picture or what it lacks, never an error of ours."""
    app = ask(name)
    assert app.title[0].value == metrics()[name].title
    assert metrics()[name].rule in said(app).replace("\\", "")
    asked = "\n".join(str(code.value) for code in app.code)
    assert f"GET /v1/metrics/{name}" in asked or any(info.value.startswith("Fill in") for info in app.info)


def test_a_rate_comes_with_interval_and_n(ask):
    """68 views of the film; 6 of the 72 people fail at 10 s, 12 leave halfway, …: the rule in the file decides."""
    app = ask("completion_rate", video="film")
    value = numbers(app)["Completion rate"]
    assert "\u202f% ± " in value
    assert "n 68 views" in said(app)
    assert "95\u202f% interval" in said(app)


def test_a_rate_of_few_views_is_not_shown(ask):
    app = ask("completion_rate", video="clip")
    assert numbers(app)["Completion rate"] == "–"
    assert "fewer than 10 views · n 6 views" in said(app)
    assert app.dataframe[0].value["completion_rate"].isna().all()
    assert app.dataframe[0].value["n"].tolist() == [6]


def test_a_count_of_few_views_is_true_and_shown(ask):
    assert numbers(ask("views", video="clip"))["Views"] == "6"


def test_rows_are_split_by_video_dimension_and_experiment(ask):
    by_video = ask("views", by="video").dataframe[0].value
    assert dict(zip(by_video["video_id"], by_video["views"], strict=True)) == {"Film": 68, "clip": 6}
    by_browser = ask("views", by="browser").dataframe[0].value
    assert dict(zip(by_browser["browser"], by_browser["views"], strict=True)) == {"Firefox": 40, "Chrome": 34}
    by_intro = ask("views", by=INTRO).dataframe[0].value
    assert sorted(by_intro["views"].tolist()) == [18, 24, 32]
    assert ask("views", by=f"custom.{ODD_KEY}").dataframe[0].value["views"].tolist() == [34, 40]


def test_the_shared_filters_narrow_the_answer(ask):
    assert numbers(ask("views", tag=TAG))["Views"] == "68"
    assert numbers(ask("views", **{INTRO: "b"}))["Views"] == "24"


def test_parameters_come_from_the_link(ask):
    app = ask("audience_retention", video="film", **{"param.points": "10", "param.per": "viewer"})
    assert len(app.dataframe[0].value) == 10
    assert app.number_input(key="box_of_param.points").value == 10
    assert app.selectbox(key="box_of_param.per").value == "viewer"
    assert app.number_input(key="box_of_param.points").max == 1000


def test_boxes_write_the_link(ask):
    app = ask("audience_retention", video="film")
    app.number_input(key="box_of_param.points").set_value(12).run()
    assert app.query_params["param.points"] == "12"
    assert len(app.dataframe[0].value) == 12
    app.number_input(key="box_of_param.points").set_value(0).run()  # the default goes without saying
    assert "param.points" not in app.query_params
    app.selectbox(key="box_of_metric").set_value("views").run()
    assert app.query_params["metric"] == "views"
    app.selectbox(key="box_of_grain").set_value("week").run()
    app.selectbox(key="box_of_by").set_value("browser").run()
    assert (app.query_params["grain"], app.query_params["by"]) == ("week", "browser")
    app.selectbox(key="box_of_video").set_value("").run()
    assert "video" not in app.query_params


def test_a_parameter_that_cannot_be_is_said_and_the_default_taken(ask):
    app = ask("audience_retention", video="film", **{"param.points": "1001"})
    assert "A whole number from 0 to 1,000." in said(app)
    assert len(app.dataframe[0].value) == 60


def test_a_curve_is_of_one_video_the_most_viewed_unless_asked(ask):
    assert len(ask("audience_retention").dataframe[0].value) == 60
    assert len(ask("audience_retention", video="clip").dataframe[0].value) == 20
    assert "too few views (6) to speak of an audience" in said(ask("audience_retention", video="clip"))


def test_days_are_drawn_and_thin_ones_left_out(ask):
    app = ask("completion_rate", grain="day")  # 66 views on the first day, 8 two days later
    assert "1 of 2 days has fewer than 10 views: no value shown" in said(app)
    values = app.dataframe[0].value["completion_rate"]
    assert values.notna().tolist() == [True, False]
    assert app.get("plotly_chart")


@pytest.mark.parametrize("name", ["views", "completion_rate", "audience_retention", "skipped_sections"])
def test_pictures_have_words_and_every_file_is_offered(ask, name):
    app = ask(name, video="film", **({"grain": "day"} if metrics()[name].is_scalar else {}))
    assert all(chart.proto.alt for chart in app.get("plotly_chart"))
    labels = [button.proto.label for button in app.get("download_button")]
    assert {"CSV", "JSON", "Parquet", "Arrow"} <= set(labels)


def test_no_views_and_unknown_metrics_are_said(ask, open_app, crowd, tmp_path):
    assert "No views match" in said(ask("views", browser="Netscape"))
    assert "There is no metric `nonsense`" in said(ask("nonsense"))
    assert "No video yet" in said(open_app(tmp_path, "metrics", metric="views"))


def test_views_without_rows_are_explained(ask):
    """Skipped sections want ten views; the clip has six."""
    assert "Too few views (6)" in said(ask("skipped_sections", video="clip"))


def test_the_same_question_elsewhere_is_the_same_question(ask):
    app = ask("completion_rate", video="film", **{INTRO: "b", "param.completed_at": "0.5"})
    http, command = (str(code.value) for code in app.code if "completion_rate" in str(code.value)[:60])
    assert http == "GET /v1/metrics/completion_rate?video_id=film&experiment.intro=b&param.completed_at=0.5"
    assert command == (
        "viewbox metric completion_rate --video film --filter experiment.intro=b --param completed_at=0.5"
    )
