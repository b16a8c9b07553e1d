"""Two cohorts beside each other: videos, revisions, periods or filters, with the interval of the difference."""

from __future__ import annotations

import streamlit as st

from dashboard import cohorts, comparison, filters, page, queries, sentences, strips, video_choice
from dashboard.queries import Ask
from dashboard.question import Question
from viewbox import wording
from viewbox.errors import UsageError

now = page.look()
page.header("Compare", now)
views = queries.views_by_video(now.stamp)
listed = video_choice.most_viewed(queries.listing(now.stamp), views)
if not listed:
    page.explain_emptiness(now)
timezone = queries.current_settings().timezone
today = filters.today(timezone)
stock = cohorts.Stock(listed, views, queries.filter_options(now.stamp), timezone)
presets = st.container()
asked = {side: cohorts.row(side, stock) for side in cohorts.SIDES}
with presets:
    cohorts.presets(asked["a"], stock)

scalars = {name: one for name, one in queries.all_metrics().items() if one.is_scalar and one.unit != "text"}
scalars.pop(queries.COMPARE, None)
chosen = st.multiselect(
    "Metrics", list(scalars), format_func=lambda name: scalars[name].title, default=list(comparison.SHOWN),
    key="metrics", bind="query-params",
    placeholder="Choose what to compare", max_selections=12,
)  # fmt: skip
if not chosen:
    st.info("Choose one metric at least.")
    st.stop()

titles = {one.id: one.title for one in listed}
names = {side: f"{side.upper()}: {cohorts.words(asked[side], titles, today)}" for side in cohorts.SIDES}
asks = {name: comparison.ask(name, asked["a"], asked["b"]) for name in chosen}
lengths = {side: stock.find(asked[side].video_id) for side in cohorts.SIDES}
same_length = len({one.duration_s for one in lengths.values() if one}) == 1 and all(lengths.values())
length_s = lengths["a"].duration_s if same_length and lengths["a"] else None
points = strips.points_for(length_s) if length_s else comparison.HUNDREDTHS


def of_side(side: str) -> dict[Ask, queries.Answer]:
    """What one cohort alone has to say: the parts of its watch time, its curve."""
    question: Question = asked[side]
    revision = dict(question.filters).get("revision", ())
    params = (("points", str(points)), *((("revision", revision[0]),) if revision else ()))
    own = [Ask(name, "all", intervals=False) for name in chosen if name in comparison.SPLIT]
    if question.video_id:
        own.append(Ask("audience_retention", params=params))
    return dict(queries.answers(question, now.stamp, tuple(own)).told) if own else {}


try:
    with page.loading("compare"):
        told = queries.answers(Question(), now.stamp, tuple(asks.values()))
        alone = {side: of_side(side) for side in cohorts.SIDES}
except UsageError as error:
    page.say(error)
    st.stop()

splits = {
    name: {
        side: wording.split(row[name], row["playing_s"])
        for side in cohorts.SIDES
        if (row := alone[side][Ask(name, "all", intervals=False)].row).get(name) is not None
    }
    for name in chosen
    if name in comparison.SPLIT
}
answers = {name: told.told[one] for name, one in asks.items()}
lines = [comparison.line(scalars[name], answers[name].row, splits.get(name)) for name in chosen]
trust = page.trust_of(told.quality, now)
page.synthetic_banner(told.quality)
if not told.quality.get("n_views"):
    page.explain_emptiness(now)
st.markdown(f"**{comparison.summary(lines)}**")
with st.container(border=True):
    st.markdown("  \n".join(sentences.plain(names[side]) for side in cohorts.SIDES))
    st.table(
        comparison.table(lines), hide_index=True, border="horizontal",
        alt="Each metric for A and B, with the difference and its 95 % interval",
    )  # fmt: skip
    st.caption(
        "Beneath each difference its 95\u2009% interval; where it holds zero, chance may be all there is. Of twenty"
        f" such intervals one misses. A difference without interval: its share of A. · {trust.mark}",
        help=trust.help,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("SQL", type="tertiary", key="sql_compare"):
            name = st.selectbox("Statement of", chosen, format_func=lambda one: scalars[one].title, key="sql_of")
            st.code(answers[name].sql, "sql", height=240)
            page.open_sql(answers[name].sql)
        with st.popover("How it counts", type="tertiary", key="rules"):
            st.markdown(page.rule_of(*chosen))
        page.downloads(comparison.file({name: one.table for name, one in answers.items()}), name="compare")

curves = {
    side: next((one for ask, one in found.items() if ask.name == "audience_retention"), None)
    for side, found in alone.items()
}
if any(curves.values()):
    rows = {side: one.rows if one else [] for side, one in curves.items()}
    counts = {side: found[0]["n"] if found else 0 for side, found in rows.items()}
    shown = {side: found for side, found in rows.items() if counts[side] >= wording.MIN_VIEWS}
    few = [f"{side.upper()}: {wording.too_few(counts[side])}" for side in rows if side not in shown]
    page.chart(
        "Retention of both", comparison.retention(shown, names, length_s), next(filter(None, curves.values())),
        key="retention_of_both", trust=trust,
        alt="Share of views that watch each moment, A as a line, B dashed",
        n=" · ".join([*few, *(f"{side.upper()} n {counts[side]:,}" for side in shown)]),
    )  # fmt: skip
page.quality_line(told.quality)
