"""The pages over real lakes: what a product manager reads there."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def said(app: AppTest) -> str:
    """Everything that is written on the page."""
    assert not app.exception
    kinds = (app.title, app.subheader, app.markdown, app.caption, app.info, app.warning, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def numbers(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_an_empty_installation_says_what_to_do_next(open_app, tmp_path):
    for page in ("overview", "video"):
        app = open_app(tmp_path, page)
        assert "No video yet" in said(app)
        assert not app.metric


def test_overview_adds_all_videos_up(open_app, told_lake):
    app = open_app(told_lake)
    assert numbers(app)["Views"] == "41"
    assert "41 views" in said(app)
    assert "“Told story” leads" in said(app)


def test_overview_says_which_numbers_are_made_up_and_how_they_go(open_app, told_lake):
    words = said(open_app(told_lake))
    assert "40 synthetic views" in words
    assert "viewbox sample remove" in words


def test_a_video_of_real_views_carries_no_banner(open_app, told_lake):
    assert "synthetic" not in said(open_app(told_lake, "video", video="seen-once"))


def test_video_page_begins_with_what_happened(open_app, told_lake):
    app = open_app(told_lake, "video", video="told")
    assert app.title[0].value == "Told story"
    assert "40\u202f% skip 0:00–0:13." in said(app)  # 16 of 40
    assert numbers(app)["Views"] == "40"


def test_watch_time_stands_beside_its_split(open_app, told_lake):
    words = said(open_app(told_lake, "video", video="seen-once"))
    assert "= 1:00 playing + 0:00 waiting" in words


def test_one_view_gives_no_rates(open_app, told_lake):
    app = open_app(told_lake, "video", video="seen-once")
    assert numbers(app)["Views"] == "1"
    assert numbers(app)["Completion"] == "–"
    assert "too few views (1)" in [caption.value for caption in app.caption]
    assert "1 view each" in said(app)
    assert "Too few views (1)" in said(app)


def test_a_failed_video_says_that_nobody_watched_it(open_app, told_lake):
    words = said(open_app(told_lake, "video", video="broken"))
    assert "Broken upload" in words
    assert "No views yet" in words


def test_an_unknown_video_is_said_and_another_one_shown(open_app, told_lake):
    app = open_app(told_lake, "video", video="gone")
    assert "There is no video `gone`" in said(app)
    assert app.title[0].value == "Told story"


def test_a_link_to_the_front_page_with_a_video_opens_that_video(open_app, told_lake):
    assert open_app(told_lake, "overview", video="seen-once").title[0].value == "Seen once"


def test_filters_come_from_the_link(open_app, told_lake):
    app = open_app(told_lake, "overview", period="All time", source="file")
    assert app.selectbox(key="period").value == "All time"


def test_filters_that_match_nothing_offer_to_be_cleared(open_app, told_lake):
    app = open_app(told_lake, "overview", period="Custom dates", dates=["2020-01-01", "2020-01-02"])
    assert "No views match" in said(app)
    clear = next(button for button in app.button if button.label == "Clear filters")
    clear.click().run()
    assert numbers(app)["Views"] == "41"


def test_every_chart_has_a_text_for_those_who_cannot_see_it(open_app, told_lake):
    app = open_app(told_lake, "video", video="told")
    charts = app.get("plotly_chart")
    assert charts
    assert all(chart.proto.alt for chart in charts)


def test_sql_page_runs_what_is_asked(open_app, told_lake):
    app = open_app(told_lake, "sql")
    app.text_area(key="sql").set_value("SELECT count(*) AS views FROM views WHERE video_id = 'told'")
    app.button[0].click().run()
    assert app.dataframe[0].value["views"].tolist() == [40]


def test_sql_page_tells_what_is_wrong_in_words(open_app, told_lake):
    app = open_app(told_lake, "sql")
    app.text_area(key="sql").set_value("SELECT nonsense FROM views")
    app.button[0].click().run()
    assert "nonsense" in app.error[0].value
    assert "/" not in app.error[0].value.replace("and/or", "").split("viewbox")[0]


def test_sql_page_shows_the_place_of_an_error_as_code_and_keeps_it(open_app, told_lake):
    app = open_app(told_lake, "sql")
    app.text_area(key="sql").set_value("SELECT 1,\n  to_timestamp('*x*')")
    app.button[0].click().run()
    app.run()  # new data run the page again
    (error,) = app.error
    assert "\\*x\\*" in error.value.split("```")[0]
    _, line, caret = error.value.split("```")[1].splitlines()
    assert line == "LINE 2:   to_timestamp('*x*')"
    assert line[caret.index("^") :] == "'*x*')"


def test_sql_page_asks_for_a_statement(open_app, told_lake):
    app = open_app(told_lake, "sql")
    app.text_area(key="sql").set_value("  ")
    app.button[0].click().run()
    assert "There is no statement" in app.error[0].value


def test_sql_page_gives_files_of_every_format(open_app, told_lake):
    app = open_app(told_lake, "sql")
    app.text_area(key="sql").set_value("SELECT range AS x FROM range(20000)")
    app.button[0].click().run()
    assert [button.proto.label for button in app.get("download_button")] == ["CSV", "JSON", "Parquet", "Arrow"]
    assert "10,000 rows" in said(app)
    assert "there are more: this is the limit · 1,000 shown, the files hold all 10,000" in said(app)


def test_sql_page_lists_each_column_with_type_unit_and_meaning(open_app, told_lake):
    app = open_app(told_lake, "sql")
    cells = app.table[0].value.to_dict("records")
    assert {"column": "**startup\\_ms**  \n:gray[BIGINT · ms]", "meaning": cells[16]["meaning"]} == cells[16]
    assert cells[16]["meaning"].startswith("first uncancelled play to first playing")


def test_a_saved_statement_is_there_for_everybody_until_it_is_removed(open_app, tmp_path):
    app = open_app(tmp_path, "sql")
    app.text_area(key="sql").set_value("SELECT 41 + 1 AS answer")
    app.text_input(key="saved_name").set_value("The answer")
    next(button for button in app.button if button.label == "Save").click().run()
    assert app.selectbox(key="saved").value == "The answer"
    other = open_app(tmp_path, "sql")
    other.selectbox(key="saved").select("The answer").run()
    assert other.text_area(key="sql").value == "SELECT 41 + 1 AS answer"
    next(button for button in other.button if button.label == "Remove").click().run()
    assert not [box for box in other.selectbox if box.key == "saved"]
    assert other.text_area(key="sql").value == "SELECT 41 + 1 AS answer"


def test_a_statement_without_a_name_is_not_saved(open_app, tmp_path):
    app = open_app(tmp_path, "sql")
    next(button for button in app.button if button.label == "Save").click().run()
    assert "needs a name" in app.error[0].value
    assert not [box for box in app.selectbox if box.key == "saved"]


def test_sql_page_refuses_to_write(open_app, told_lake):
    app = open_app(told_lake, "sql")
    app.text_area(key="sql").set_value("COPY views TO '/tmp/x.csv'")
    app.button[0].click().run()
    assert app.error


def test_an_unreadable_lake_is_a_sentence_not_a_traceback(open_app, told_lake, tmp_path):
    (tmp_path / "catalog.sqlite").write_bytes(b"this is no database, and long enough to look like one" * 40)
    app = open_app(tmp_path)
    assert "cannot be opened" in said(app)


def test_off_loopback_nothing_is_shown_without_the_cookie(open_app, told_lake, monkeypatch):
    monkeypatch.setenv("VIEWBOX_AUTH", "token")
    monkeypatch.setenv("VIEWBOX_SECRET", "a-long-random-value-7Hq2")
    app = open_app(told_lake)
    assert "Sign in on the site" in said(app)
    assert not app.metric
    assert not app.dataframe
