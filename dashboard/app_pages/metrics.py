"""Every metric: the list of all, or one with its parameters, its answer, and how it is counted."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import metric_form, metric_page, metric_view, page, queries, sentences
from viewbox import wording
from viewbox.errors import UsageError

now = page.look()
every = queries.all_metrics()
metric = metric_form.chosen_metric(every)

if metric is None:
    page.header("Metrics", now)
    wanted = st.text_input("Find", key="find", bind="query-params", placeholder="a word of name or rule", width=360)
    found = metric_view.found(every, wanted or "")
    if not found:
        st.info(f"None of {len(every)} metrics says “{wanted}”.")
    for heading, meaning in metric_view.KINDS.items():
        listed = [one for one in found if metric_view.heading(one) == heading]
        if listed:
            st.subheader(heading, anchor=False)
            st.caption(f"{wording.number_of(len(listed), 'metric')}: {meaning}")
            metric_page.cards(listed)
    st.stop()

st.button("All metrics", icon=":material/arrow_back:", type="tertiary", on_click=metric_form.open_metric, args=(None,))
page.header(metric.title, now)
videos = queries.listing(now.stamp)
if not videos:
    page.explain_emptiness(now)
views = queries.views_by_video(now.stamp)
video = metric_form.chosen_video(videos, views, needs_one=not metric.is_scalar)
asked = page.ask_filters(
    now, first=partial(metric_form.boxes, every, metric, videos, views, video), of_one_video=video is not None
)
question = asked.about(video.id) if video else asked
ask = metric_form.ask(metric, list(queries.filter_options(now.stamp)), one_video=video is not None)
st.markdown(sentences.plain(metric.rule))

if lacking := metric_form.missing(metric, ask):
    st.info("Fill in " + ", ".join(f"**{one.name}** ({sentences.plain(one.meaning)})" for one in lacking) + ".")
    st.stop()
try:
    with page.loading(f"metric {metric.name}"):
        told = queries.answers(question, now.stamp, (ask,))
except UsageError as error:
    page.say(error)
    st.stop()
answer = told(*ask)
shown = metric_page.Shown(
    metric, queries.metric_columns(metric.name), ask, answer, video, {one.id: one.title for one in videos},
    queries.current_settings().timezone,
)  # fmt: skip
n_views = told.quality.get("n_views") or 0
page.synthetic_banner(told.quality)
if shown.is_empty and not n_views:
    metric_page.how_it_is_counted(shown, question)
    page.explain_emptiness(now, video_id=video.id if video else None)
if shown.is_empty:
    st.info(metric_view.nothing(metric, n_views))
else:
    metric_page.picture(shown)
    metric_page.rows(shown)
page.quality_line(told.quality)
metric_page.how_it_is_counted(shown, question)
