"""Overview: all videos together, then the ones that lead."""

from __future__ import annotations

import streamlit as st

from dashboard import charts, filters, page, queries, ranking, sentences
from dashboard.queries import Ask
from viewbox import stories, wording

now = page.look()
page.header("Overview", now, with_viewers=True)
question = page.ask_filters(now)


RANKING = {name: Ask(name, intervals=False) for name in ranking.METRICS}
ASKS = (
    *(Ask(name, by="all") for name in (
        "views", "unique_viewers", "total_watch_time", "average_percentage_viewed", "completion_rate", "startup_time",
        "rebuffer_ratio", "playback_failures", "exits_before_start",
    )),
    *RANKING.values(),
    Ask("views", "all", "day"),
)  # fmt: skip

with page.loading("overview"):
    told = queries.answers(question, now.stamp, ASKS)
attempts = told("playback_failures", "all").row
viewers = told("unique_viewers", "all").row
total = told("total_watch_time", "all").row
seen = told("average_percentage_viewed", "all").row
completed = told("completion_rate", "all").row
started = told("startup_time", "all").row
rebuffer = told("rebuffer_ratio", "all").row
per_day = told("views", "all", "day")
n_views = told("views", "all").row.get("views") or 0
trust = page.trust_of(told.quality, now)
seen_instead = "" if n_views else sentences.seen_instead(told.quality, attempts, told("exits_before_start", "all").row)
if not n_views and not attempts.get("n"):
    page.explain_emptiness(now, seen=seen_instead)

leaders = ranking.top_videos(
    {name: told(*ask).rows for name, ask in RANKING.items()}, {one.id: one for one in queries.listing(now.stamp)}
)
page.synthetic_banner(told.quality)
told_first = st.container()  # filled last: what takes longest to find out keeps no number waiting
with page.numbers(columns=4):
    page.number("Views", wording.count(n_views), of="views", note="played for a second or more")
    page.viewers(viewers, n_views)
    page.number(
        "Watch time", wording.long_time(total["total_watch_time"]), of="total_watch_time",
        note=wording.split(total["total_watch_time"], total["playing_s"]),
    )  # fmt: skip
    page.rate(
        "Average % viewed",
        wording.percent_with_margin(seen["average_percentage_viewed"], seen["ci_low"], seen["ci_high"]),
        seen, of="average_percentage_viewed", note="of the video's length",
    )  # fmt: skip
    page.rate(
        "Completion",
        wording.percent_with_margin(completed["completion_rate"], completed["ci_low"], completed["ci_high"]),
        completed, of="completion_rate", note="played 90\u2009% or more",
    )  # fmt: skip
    page.mean(
        "Start-up", wording.seconds(started["startup_time"]), started, "seconds", of="startup_time",
        note=f"p95 {wording.seconds(started['p95_s'])}",
    )  # fmt: skip
    page.rate(
        "Rebuffering",
        wording.percent_with_margin(rebuffer["rebuffer_ratio"], rebuffer["ci_low"], rebuffer["ci_high"], 1),
        rebuffer, of="rebuffer_ratio", note=wording.number_of(rebuffer["stalls"] or 0, "stall"),
    )  # fmt: skip
    page.rate(
        "Failures",
        wording.percent_with_margin(attempts["playback_failures"], attempts["ci_low"], attempts["ci_high"], 1),
        attempts, of="playback_failures",
        note=f"{wording.count(attempts['failures'])} of {wording.number_of(attempts['n'], 'attempt')}",
    )  # fmt: skip

days = question.days(today=filters.today(queries.current_settings().timezone))
page.chart(
    "Views per day", charts.views_per_day(per_day.rows, *days), per_day, key="views_per_day",
    alt="Bar chart of views per day", n=f"n {wording.number_of(n_views, 'valid view')}", trust=trust,
)  # fmt: skip

st.subheader("Top videos", anchor=False)
posters = queries.posters(now.stamp)


def open_video() -> None:
    """The page of the video whose title was clicked."""
    click = st.session_state["open_video"]
    st.session_state["go_to_video"] = leaders[click["row"]].id


st.dataframe(
    ranking.table(leaders, posters),
    key="top_videos",
    hide_index=True,
    row_height=54,
    alt="Top videos by playing time",
    column_config={
        "Poster": st.column_config.ImageColumn("", width=84),
        "Title": st.column_config.ButtonColumn(
            "Title", type="tertiary", width="medium", alignment="left", on_click=open_video, key="open_video",
            help="Opens the video's own page",
        ),
    },
)  # fmt: skip
if chosen := st.session_state.pop("go_to_video", None):
    st.switch_page("app_pages/video.py", query_params={**page.link_params(), "video": chosen})
st.caption("Ranked by playing time, waiting left out. A title opens its page.")
page.quality_line(told.quality)

about = queries.scope(question, now.stamp)
found = queries.findings(question, now.stamp, stories.asks(about), about)
with told_first:
    facts = (
        sentences.no_valid_view(seen_instead),
        sentences.busiest_day(per_day.rows),
        sentences.leader(leaders),
    )
    page.stories(found, facts)
