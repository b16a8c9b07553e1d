"""Two cohorts beside each other: videos, revisions, periods or filters, with the interval of the difference."""

from __future__ import annotations

import streamlit as st

from dashboard import cohorts, comparison, filters, page, queries, sentences, strips, video_choice
from dashboard.places import Place
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
TABLE_PX = 420
points = strips.points_for(length_s) if length_s else comparison.HUNDREDTHS


def own_curve(side: str) -> queries.Answers | None:
    """A cohort's retention, where it is of one video; asked alone, before all comparisons."""
    question: Question = asked[side]
    revision = dict(question.filters).get("revision", ())
    params = (("points", str(points)), *((("revision", revision[0]),) if revision else ()))
    if not question.video_id:
        return None
    return queries.answers(question, now.stamp, (Ask("audience_retention", params=params),))


differences = Place("differences", TABLE_PX)
try:
    curves = {side: found for side in cohorts.SIDES if (found := own_curve(side))}
    rows = {side: one.first.rows for side, one in curves.items()}
    counts = {side: found[0]["n"] if found else 0 for side, found in rows.items()}
    if any(counts.values()):
        shown = {side: found for side, found in rows.items() if counts[side] >= wording.MIN_VIEWS}
        few = [f"{side.upper()}: {wording.too_few(counts[side])}" for side in rows if side not in shown]
        trusts = [page.trust_of(one.quality, now) for one in curves.values()]
        page.chart(
            "Retention of both", comparison.retention(shown, names, length_s),
            next(one.first for side, one in curves.items() if counts[side]),
            key="retention_of_both", trust=next((one for one in trusts if one.verdict != "good"), trusts[0]),
            alt="Share of views that watch each moment, A as a line, B dashed",
            n=" · ".join([*few, *(f"{side.upper()} n {counts[side]:,}" for side in shown)]),
        )  # fmt: skip
    own = tuple(Ask(name, "all", intervals=False) for name in chosen if name in comparison.SPLIT)
    alone = {side: queries.answers(asked[side], now.stamp, own) for side in cohorts.SIDES} if own else {}
    told = queries.answers(Question(), now.stamp, tuple(asks.values()))
except UsageError as error:
    page.say(error)
    st.stop()
if not told.quality.get("n_views"):
    differences.open()
    page.explain_emptiness(now)

splits = {
    name: {
        side: wording.split(row[name], row["playing_s"])
        for side in cohorts.SIDES
        if (row := alone[side](name, "all", None, (), False).row).get(name) is not None
    }
    for name in chosen
    if name in comparison.SPLIT
}
answers = {name: told.told[one] for name, one in asks.items()}
lines = [comparison.line(scalars[name], answers[name].row, splits.get(name)) for name in chosen]
trust = page.trust_of(told.quality, now)
with differences.open():
    page.synthetic_banner(told.quality)
    st.markdown(f"**{comparison.summary(lines)}**")
    box = st.container(border=True)
with box:
    st.markdown("  \n".join(sentences.plain(names[side]) for side in cohorts.SIDES))
    st.table(
        comparison.table(lines), hide_index=True, border="horizontal",
        alt="Each metric for A and B, with the difference and its 95 % interval",
    )  # fmt: skip
    st.caption(
        "Beneath each difference its 95\u202f% interval; where it holds zero, chance may be all there is. Of twenty"
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
page.quality_line(told.quality)
