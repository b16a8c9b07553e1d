"""Quality: how well playing goes, for whom it does not, where it breaks, and how complete the data are."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import filters, page, playback, queries, sentences, video_choice
from dashboard.places import Place
from dashboard.queries import Ask
from viewbox import stories, wording

now = page.look()
page.header("Quality", now)
views = queries.views_by_video(now.stamp)
listed = video_choice.most_viewed(queries.listing(now.stamp), views)
if not listed:
    page.explain_emptiness(now)
video = video_choice.chosen_if_any(listed)
asked = page.ask_filters(
    now, first=partial(video_choice.box_with_all, listed, video, views), of_one_video=video is not None
)  # fmt: skip
question = asked.about(video.id) if video else asked

NUMBERS = (
    "startup_time", "rebuffer_ratio", "rebuffer_frequency", "playback_failures", "exits_before_start",
    "experience_score", "average_bitrate", "rendition_switches", "dropped_frames", "seek_latency",
)  # fmt: skip
SPLIT = ("startup_time", "rebuffer_ratio", "playback_failures", "experience_score")
WORST = Ask(queries.WORST_SEGMENTS)
FACTS = (*(Ask(name, "all") for name in NUMBERS), Ask("data_quality", "all"), WORST)

# The quickest to find out comes first.
DAYS = tuple(Ask(name, "all", "day") for name in ("startup_time", "playback_failures", "rebuffer_ratio"))
STORIES_PX, NUMBERS_PX = 56, 170

metrics = queries.all_metrics()
titles = {one.id: one.title for one in listed}
first = queries.answers(question, now.stamp, DAYS[:1])
trust = page.trust_of(first.quality, now)
page.synthetic_banner(first.quality)
started = sum(row["n"] for row in first.first.rows)
# Nothing was shown; perhaps it was tried.
if not started and not queries.answers(question, now.stamp, (Ask("playback_failures", "all"),)).first.row.get("n"):
    page.explain_emptiness(now, video_id=video.id if video else None)
told_first, numbers = Place("stories", STORIES_PX), Place("numbers", NUMBERS_PX)

# Day by day first: quick to find out, each drawn as soon as it is.
st.header("Over time", anchor=False)
with st.grid(3, min_column_width=360, gap="medium"):
    for one in DAYS:
        answer = queries.answers(question, now.stamp, (one,)).first
        figure, words = playback.by_day(metrics[one.name], answer.rows)
        title = f"{metrics[one.name].title} by day"
        page.chart(title, figure, answer, key=f"{one.name}_by_day", alt=f"Line: {title}", n=words, trust=trust)

told = queries.answers(question, now.stamp, FACTS)
rows = {name: told(name, "all").row for name in NUMBERS}
attempts = rows["playback_failures"].get("n") or 0
worst = told(*WORST).rows

NOTES = {
    "startup_time": f"p95 {wording.seconds(rows['startup_time'].get('p95_s'))}",
    "rebuffer_ratio": f"{wording.seconds(rows['rebuffer_ratio'].get('stall_s'))} waited",
    "rebuffer_frequency": "per hour of playing",
    "playback_failures": f"{wording.count(rows['playback_failures'].get('failures') or 0)} of"
    f" {wording.number_of(attempts, 'attempt')}",
    "exits_before_start": f"{wording.number_of(rows['exits_before_start'].get('exits') or 0, 'attempt')}",
    "experience_score": "of 100",
    "average_bitrate": f"{wording.percent(rows['average_bitrate'].get('known_share'))} of playing known",
    "rendition_switches": "per hour of playing",
    "dropped_frames": "of frames",
    "seek_latency": "per seek",
}
LABELS = {
    "startup_time": "Start-up", "rebuffer_ratio": "Rebuffering", "rebuffer_frequency": "Stalls",
    "playback_failures": "Failures", "exits_before_start": "Left before start", "experience_score": "Experience",
    "average_bitrate": "Bitrate", "rendition_switches": "Switches", "dropped_frames": "Dropped frames",
    "seek_latency": "Seek wait",
}  # fmt: skip
with numbers.open(), page.numbers(columns=5):
    for name in NUMBERS:
        page.metric_number(metrics[name], rows[name], label=LABELS[name], note=NOTES[name])

st.header("Worst segments", anchor=False)


def open_video() -> None:
    """The page of the video whose title was clicked."""
    click = st.session_state["open_worst"]
    st.session_state["go_to_video"] = playback.worst_first(worst)[click["row"]]["video_id"]


if worst:
    st.dataframe(
        playback.worst_table(worst, titles, {one.id: one.revision for one in listed}), key="worst", hide_index=True,
        alt="Stretches of six seconds by negative impact",
        column_config={
            "Video": st.column_config.ButtonColumn(
                "Video", type="tertiary", width="medium", alignment="left", on_click=open_video, key="open_worst",
                help="Opens the video's own page",
            ),
            "Impact": st.column_config.NumberColumn("Impact", help="Time waited × views that stalled there"),
        },
    )  # fmt: skip
    if gone := st.session_state.pop("go_to_video", None):
        st.switch_page("app_pages/video.py", query_params={**page.link_params(), "video": gone})
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"Stretches of 6 s by negative impact = time waited × views that stalled there. · {trust.mark}",
            help=page.rule_of(queries.WORST_SEGMENTS), width="stretch",
        )  # fmt: skip
        page.source(told(*WORST), key="worst_segments")
else:
    st.markdown(":gray[Nobody's playing starved.]")

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.header("For whom", anchor=False, width="content")
    split = st.segmented_control(
        "Split by", playback.SPLITS, default=playback.SPLITS[0], required=True, format_func=filters.label, key="split",
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
split = split or playback.SPLITS[0]
groups = queries.answers(question, now.stamp, tuple(Ask(name, split) for name in SPLIT))
with st.grid(2, min_column_width=420, gap="medium"):
    for name in SPLIT:
        answer = groups(name, split)
        figure, words = playback.by_group(metrics[name], answer.rows, split)
        title = f"{metrics[name].title} by {filters.label(split).lower()}"
        page.chart(title, figure, answer, key=f"{name}_by_group", alt=f"Bars: {title}", n=words, trust=trust)

st.header("By error, and at which picture", anchor=False)
heights = queries.slow_answers(question, now.stamp, (Ask(queries.RENDITIONS),)).first
with st.grid(2, min_column_width=420, gap="medium"):
    failures = told("playback_failures", "all")
    page.chart(
        "Failures by error", playback.codes(failures.row.get("by_code") or []), failures, key="failures_by_code",
        alt="Bars: failed attempts by error code", n=f"n {wording.number_of(attempts, 'attempt')}", trust=trust,
    )  # fmt: skip
    found = playback.renditions(heights.rows)
    played = f"n {wording.number_of(rows['rebuffer_ratio'].get('n') or 0, 'played view')}"
    page.chart(
        "Time played by rendition", playback.shares(found), heights, key="renditions",
        alt="Bars: share of the time played at each picture height", n=played, trust=trust,
    )  # fmt: skip
    page.chart(
        "Time stalled by rendition", playback.stalled(found), heights, key="stalled_by_rendition",
        alt="Bars: share of the time stalled at each picture height", n=played, trust=trust,
    )  # fmt: skip

st.header("Data quality", anchor=False)
facts = told("data_quality", "all")
with page.numbers(columns=5):
    for label, value, note in playback.data_facts(facts.row):
        page.number(label, value, note=note)
with st.container(horizontal=True, vertical_alignment="center"):
    page.quality_line(told.quality)
    page.source(facts, key="data_quality")
about = queries.scope(question, now.stamp)
told_of = queries.findings(question, now.stamp, stories.asks(about), about)
with told_first.open():
    page.stories(sentences.of_quality(told_of))
