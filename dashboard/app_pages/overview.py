"""Overview: all videos together, beside the period before; then the ones that lead, the ones that fall, and the tags.

What is quick to find out is drawn first; places hold the room of the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from dashboard import charts, filters, live, page, queries, ranking, sentences, trends
from dashboard.places import Place
from dashboard.queries import Ask
from dashboard.question import Question
from viewbox import stories, wording

now = page.look()
page.header("Overview", now)
question = page.ask_filters(now)

PER_DAY, IN_ALL = Ask("views", "all", "day"), Ask("views", "all")
NUMBERS = tuple(
    Ask(name, "all")
    for name in (
        "unique_viewers", "total_watch_time", "average_percentage_viewed", "completion_rate", "startup_time",
        "rebuffer_ratio", "playback_failures", "exits_before_start",
    )
)  # fmt: skip
RANKING = {name: Ask(name, intervals=False) for name in ranking.METRICS}
CHANGES = {name: Ask(name, intervals=False) for name in ranking.CHANGE_METRICS}
OF_TAG = {name: Ask(name, "all", intervals=False) for name in ranking.TAG_METRICS}
STORIES_PX, NUMBERS_PX, TABLE_PX = 56, 250, 300

timezone = queries.current_settings().timezone
today = filters.today(timezone)
periods = trends.periods(question, today=today, timezone=timezone)
listed = {one.id: one for one in queries.listing(now.stamp)}
counted = queries.answers(question, now.stamp, (IN_ALL, PER_DAY))
per_day = counted(*PER_DAY)
n_views = counted(*IN_ALL).row.get("views") or 0
trust = page.trust_of(counted.quality, now)


def seen_without_a_view() -> str:
    """What there is where no view is valid. Ends the page where there is nothing at all."""
    found = queries.answers(question, now.stamp, NUMBERS)
    attempts, given_up = (found(name, "all").row for name in ("playback_failures", "exits_before_start"))
    seen = sentences.seen_instead(counted.quality, attempts, given_up)
    if not attempts.get("n"):
        page.explain_emptiness(now, seen=seen)
    return seen


seen_instead = "" if n_views else seen_without_a_view()
page.synthetic_banner(counted.quality)
told_first = Place("stories", STORIES_PX)
numbers = Place("numbers", NUMBERS_PX)
page.chart(
    "Views per day", charts.views_per_day(per_day.rows, *question.days(today=today)), per_day, key="views_per_day",
    alt="Bar chart of views per day", n=f"n {wording.number_of(n_views, 'valid view')}", trust=trust,
)  # fmt: skip
leading = Place("leading", TABLE_PX)
fallen, by_tag, at_the_end = (Place(name) for name in ("fallen", "by_tag", "at_the_end"))

# The numbers, each with a line for its trend.
told = queries.answers(question, now.stamp, NUMBERS)
viewers, total, seen, completed, started, rebuffer, attempts, given_up = (told(*ask).row for ask in NUMBERS)
trend_places: dict[str, Place] = {}


@contextmanager
def cell(metric: str) -> Iterator[None]:
    with st.container(gap=None):
        yield
        if periods is not None:
            trend_places[metric] = Place(f"trend of {metric}")


with numbers.open():
    with page.numbers(columns=5):
        live.watching({one.id: one.title for one in listed.values()})
        with cell("views"):
            page.number("Views", wording.count(n_views), of="views", note="played for a second or more")
        with cell("unique_viewers"):
            page.viewers(viewers, n_views)
        with cell("total_watch_time"):
            page.number(
                "Watch time", wording.long_time(total["total_watch_time"]), of="total_watch_time",
                note=wording.split(total["total_watch_time"], total["playing_s"]),
            )  # fmt: skip
        with cell("average_percentage_viewed"):
            page.rate(
                "Average % viewed",
                wording.percent_with_margin(seen["average_percentage_viewed"], seen["ci_low"], seen["ci_high"]),
                seen, of="average_percentage_viewed", note="of the video's length",
            )  # fmt: skip
        with cell("completion_rate"):
            page.rate(
                "Completion",
                wording.percent_with_margin(completed["completion_rate"], completed["ci_low"], completed["ci_high"]),
                completed, of="completion_rate", note="played 90\u202f% or more",
            )  # fmt: skip
        with cell("startup_time"):
            page.mean(
                "Start-up", wording.seconds(started["startup_time"]), started, "seconds", of="startup_time",
                note=f"p95 {wording.seconds(started['p95_s'])}",
            )  # fmt: skip
        with cell("rebuffer_ratio"):
            page.rate(
                "Rebuffering",
                wording.percent_with_margin(rebuffer["rebuffer_ratio"], rebuffer["ci_low"], rebuffer["ci_high"], 1),
                rebuffer, of="rebuffer_ratio", note=wording.number_of(rebuffer["stalls"] or 0, "stall"),
            )  # fmt: skip
        with cell("playback_failures"):
            page.rate(
                "Failures",
                wording.percent_with_margin(
                    attempts["playback_failures"], attempts["ci_low"], attempts["ci_high"], 1
                ),
                attempts, of="playback_failures",
                note=f"{wording.count(attempts['failures'])} of {wording.number_of(attempts['n'], 'attempt')}",
            )  # fmt: skip
        with cell("exits_before_start"):
            page.rate(
                "Gave up waiting",
                wording.percent_with_margin(
                    given_up["exits_before_start"], given_up["ci_low"], given_up["ci_high"], 1
                ),
                given_up, of="exits_before_start",
                note=f"{wording.count(given_up['exits'])} of {wording.number_of(given_up['n'], 'attempt')}",
            )  # fmt: skip
    trend_note = Place("trend_note")


def open_video(table: str, ids: list[str]) -> None:
    """The page of the video whose title was clicked."""
    st.session_state["go_to_video"] = ids[st.session_state[f"open_{table}"]["row"]]


def titles_that_open(table: str, ids: list[str]) -> Any:
    return st.column_config.ButtonColumn(
        "Title", type="tertiary", width="medium", alignment="left", on_click=partial(open_video, table, ids),
        key=f"open_{table}", help="Opens the video's own page",
    )  # fmt: skip


ranked = queries.answers(question, now.stamp, tuple(RANKING.values()))
leaders = ranking.top_videos({name: ranked(*ask).rows for name, ask in RANKING.items()}, listed)
with leading.open():
    st.header("Top videos", anchor=False)
    st.dataframe(
        ranking.table(leaders, queries.posters(now.stamp)), key="top_videos", hide_index=True, row_height=54,
        alt="Top videos by playing time",
        column_config={
            "Poster": st.column_config.ImageColumn("Poster", width=84),
            "Title": titles_that_open("top", [one.id for one in leaders]),
        },
    )  # fmt: skip
    st.caption("Ranked by playing time, waiting left out. A title opens its page.")
with fallen.open():
    if periods is not None:
        before, after = (
            {name: found(*ask).rows for name, ask in CHANGES.items()}
            for found in (
                queries.answers(one, now.stamp, tuple(CHANGES.values())) for one in (periods.before, periods.now)
            )
        )
        changes = ranking.falling(before, after, listed)
        st.header("Falling videos", anchor=False)
        if changes:
            st.dataframe(
                ranking.falling_table(changes), key="falling_videos", hide_index=True, alt="Falling videos",
                column_config={"Title": titles_that_open("falling", [one.id for one in changes])},
            )  # fmt: skip
        else:
            st.markdown(":gray[No video with 10 views or more is played less than before.]")
        st.caption(f"By playing time lost, {periods.words}. Videos with fewer than 10 views before are left out.")
if chosen := st.session_state.pop("go_to_video", None):
    st.switch_page("app_pages/video.py", query_params={**page.link_params(), "video": chosen})

# What takes longest to find out keeps no number waiting.
about = queries.scope(question, now.stamp)
found = queries.findings(question, now.stamp, stories.asks(about), about)
with told_first.open():
    facts = (
        sentences.no_valid_view(seen_instead), sentences.busiest_day(per_day.rows), sentences.leader(leaders),
    )  # fmt: skip
    page.stories(found, facts)


def narrow_to(tags: list[str]) -> None:
    """Everything about the videos of one tag."""
    st.session_state["tag"] = tags[st.session_state["open_tag"]["row"]]


tags = [] if question.tag else ranking.leading_tags(list(listed.values()), queries.views_by_video(now.stamp))
if tags:
    of_tags = {tag: queries.slow_answers(replace(question, tag=tag), now.stamp, tuple(OF_TAG.values())) for tag in tags}
    tag_rows = {tag: {name: one(*ask).row for name, ask in OF_TAG.items()} for tag, one in of_tags.items()}
    with by_tag.open():
        st.header("By tag", anchor=False)
        st.dataframe(
            ranking.tag_table(tag_rows), key="tags", hide_index=True, alt="Views and playing time by tag",
            column_config={
                "Tag": st.column_config.ButtonColumn(
                    "Tag", type="tertiary", width="medium", alignment="left", key="open_tag",
                    on_click=partial(narrow_to, ranking.tags_in_order(tag_rows)), help="Shows only this tag's videos",
                ),
            },
        )  # fmt: skip
        st.caption("A video with two tags counts for both.")
else:
    by_tag.open()

if periods is not None:
    metrics = queries.all_metrics()
    compared = {}
    for name, place in trend_places.items():
        compared[name] = queries.slow_answers(Question(), now.stamp, (trends.ask(name, periods),)).first
        with place.open():
            st.markdown(f":small[{trends.words(metrics[name], compared[name].row, trends.BETTER[name])}]")
    with trend_note.open(), st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"▲▼ {periods.words}, whole days; in brackets the 95\u202f% interval of the difference.", width="content"
        )
        with st.popover("SQL", type="tertiary", key="sql_trends"):
            shown = st.selectbox("Trend of", list(compared), format_func=lambda one: metrics[one].title, key="trend_of")
            st.code(compared[shown].sql, "sql", height=240)
            page.open_sql(compared[shown].sql)
        if not question.tag:
            st.page_link(
                "app_pages/compare.py", label="Compare", icon=":material/compare_arrows:", query_params=periods.link
            )
else:
    trend_note.open()
with at_the_end.open():
    page.quality_line(counted.quality)
