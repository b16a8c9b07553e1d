"""One video on one sheet of paper: what happened, the numbers, the curves, how sure. Opened from the video's page."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import cohorts, filters, metric_charts, page, printing, queries, sentences, strips, video_choice
from dashboard.places import Place
from dashboard.queries import Ask
from viewbox import stories, wording

NUMBERS = {
    "views": "Views", "unique_viewers": "Viewers", "average_watch_time": "Watched per view",
    "average_percentage_viewed": "Seen of the video", "completion_rate": "Completion", "startup_time": "Start-up",
    "rebuffer_ratio": "Rebuffering", "playback_failures": "Failures",
}  # fmt: skip
CURVE_PX = 96
MOMENTS = 5

now = page.look()
timezone = queries.current_settings().timezone
views = queries.views_by_video(now.stamp)
listed = video_choice.most_viewed(queries.listing(now.stamp), views)
chosen = video_choice.chosen(listed)
if chosen is None:
    page.header("Report", now)
    page.explain_emptiness(now)
printing.printable()
with st.container(key=printing.HIDDEN):
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "app_pages/video.py", label="Back to the video", icon=":material/arrow_back:",
            query_params={**page.link_params(), "video": chosen.id},
        )  # fmt: skip
        printing.button()
    asked = page.ask_filters(now, of_one_video=True)
question = asked.about(chosen.id)
searched = queries.scope(question, now.stamp, strips.points_for(chosen.duration_s))
points = searched.curve
CURVES = (Ask("audience_retention", params=points), Ask("most_replayed", params=points), Ask("by_second"))
ASKS = (*map(Ask, NUMBERS), *CURVES, *stories.asks(searched))
SUMMARY_PX = 300

with st.container(width=printing.SHEET_PX, gap="small"):
    summary, curves, below = st.container(gap="small"), st.container(gap="small"), st.container(gap="small")
with summary:
    st.title(sentences.plain(chosen.title), anchor=False)
    as_of = datetime.fromtimestamp(now.as_of_ms / 1000, UTC).astimezone(ZoneInfo(timezone))
    length = f"{wording.clock(chosen.duration_s)} long · " if chosen.duration_s else ""
    about = cohorts.words(question, {chosen.id: ""}, filters.today(timezone)).removeprefix(", ")
    st.caption(f"{length}{sentences.plain(about)} · as of {as_of:%d %b %Y, %H:%M} {timezone}")
    told_first = Place("report", SUMMARY_PX)
with curves:
    for ask, title in zip(CURVES, ("Retention: plays per view", "Replays per view", "Skips"), strict=True):
        metric = queries.find(ask.name)
        drawn = queries.answers(question, now.stamp, (ask,)).first.rows  # alone, before all the rest
        figure = metric_charts.curve(metric, drawn) if views.get(chosen.id, 0) >= wording.MIN_VIEWS else None
        if figure is not None:
            figure.update_layout(height=CURVE_PX)
            st.markdown(f"**{title}**", help=page.rule_of(ask.name))
            st.plotly_chart(
                figure, key=f"report_{ask.name}", config={"displayModeBar": False},
                alt=f"{title} over the length of the video",
            )  # fmt: skip

told = queries.answers(question, now.stamp, ASKS)
found = queries.findings(question, now.stamp, ASKS, searched)
rows = {name: told(name).row for name in NUMBERS}
n_views = rows["views"].get("views") or 0
with told_first.open():
    page.synthetic_banner(told.quality)
    if not n_views and not rows["playback_failures"].get("n"):
        page.explain_emptiness(now, video_id=chosen.id)
    moments = sentences.moments(found)
    page.stories(found, with_buttons=False)
    if not found and n_views < wording.MIN_VIEWS:
        st.markdown(f"**{wording.too_few(n_views).capitalize()} to tell what is skipped or replayed.**")

    metrics = queries.all_metrics()
    attempts = rows["playback_failures"]
    NOTES = {
        "views": "played for a second or more",
        "average_watch_time": wording.split(
            rows["average_watch_time"].get("average_watch_time"), rows["average_watch_time"].get("playing_s")
        ),
        "completion_rate": "played 90\u202f% or more",
        "startup_time": f"p95 {wording.seconds(rows['startup_time'].get('p95_s'))}",
        "rebuffer_ratio": wording.number_of(rows["rebuffer_ratio"].get("stalls") or 0, "stall"),
        "playback_failures": f"{wording.count(attempts.get('failures') or 0)} of"
        f" {wording.number_of(attempts.get('n') or 0, 'attempt')}",
    }
    with page.numbers(columns=4):
        for name, label in NUMBERS.items():
            page.metric_number(metrics[name], rows[name], label=label, note=NOTES.get(name, ""))

with below:
    if moments:
        st.table(
            [{"Where": wording.span(one.from_s, one.to_s), "What": one.sentence} for one in moments[:MOMENTS]],
            border="horizontal", hide_index=True,
        )  # fmt: skip
    page.quality_line(told.quality)
