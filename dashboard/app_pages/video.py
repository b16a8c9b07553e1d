"""One video: what happened, where, how sure; then the player with its curves, then everything else by second."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import charts, journeys, metric_charts, page, player_component, queries, sentences, strips, video_choice
from dashboard.places import Place
from dashboard.player_component import Selection
from dashboard.queries import Ask
from viewbox import stories, wording

now = page.look()
views_by_video = queries.views_by_video(now.stamp)
listed = video_choice.most_viewed(queries.listing(now.stamp), views_by_video)
chosen = video_choice.chosen(listed)
video = queries.video(chosen.id) if chosen else None
if chosen is None or video is None:
    page.header("Video", now)
    page.explain_emptiness(now)
page.header(video["title"], now)
asked = page.ask_filters(now, first=partial(video_choice.box, listed, chosen, views_by_video), of_one_video=True)
question = asked.about(chosen.id)


about = queries.scope(question, now.stamp, strips.points_for(video["duration_s"]))
points = about.curve
CURVES = (Ask("audience_retention", params=points), Ask("most_replayed", params=points), Ask("by_second"))
JUMPS, VIEWS = Ask("skip_graph"), Ask("viewer_timeline", params=(("newest", str(journeys.NEWEST)),))
ASKS = (
    *(Ask(name) for name in (
        "views", "unique_viewers", "playback_failures", "average_watch_time", "average_percentage_viewed",
        "completion_rate", "startup_time", "rebuffer_ratio", "pause_frequency", "playback_speed", "exits_before_start",
    )),
    JUMPS, VIEWS, *stories.asks(about),
)  # fmt: skip
STORIES_PX, NUMBERS_PX = 56, 190

told_first, numbers = Place(f"stories {chosen.id}", STORIES_PX), Place(f"numbers {chosen.id}", NUMBERS_PX)

# Player and curves on one axis; what the curves need is asked alone, before all the rest.
of_curves = [queries.answers(question, now.stamp, (ask,)) for ask in CURVES]
retention, replayed, by_second = (one.first for one in of_curves)
seconds = by_second.rows
n_on_curve = next((row["n"] for row in retention.rows), 0)
moments = sentences.moments(queries.findings_so_far(question, about))
curves = strips.strips(retention.rows, replayed.rows, seconds)
trust = page.trust_of(of_curves[0].quality, now)
selected = player_component.show(
    strips.panel_data(video, curves, moments, views=n_on_curve, fresh=trust.words),
    site_url=queries.current_settings().site_url,
    key=f"player_panel_{chosen.id}",
)


def show_selection(stretch: Selection) -> None:
    """What happened in the brushed stretch."""
    facts = strips.facts_of(stretch._asdict(), retention.rows, seconds)
    with st.container(border=True, key="selection_facts"):
        st.markdown(
            f"**{wording.span(*stretch)}** · {wording.percent(facts['views'])} of views watch it · "
            f"{wording.number_of(facts['reached'], 'view reaches', 'views reach')} it · "
            f"{wording.percent(facts['skips'])} skip it · {wording.number_of(facts['pauses'], 'pause')} · "
            f"{wording.number_of(facts['stalls'], 'stall')} · {wording.number_of(facts['exits'], 'exit')}"
        )


if selected is not None and curves is not None:
    show_selection(selected)

told = queries.answers(question, now.stamp, ASKS)
failures = told("playback_failures").row
n_views = told("views").row.get("views") or 0
seen_instead = "" if n_views else sentences.seen_instead(told.quality, failures, told("exits_before_start").row)

# The numbers.
with numbers.open():
    page.synthetic_banner(told.quality)
    if n_views or failures.get("n"):
        watch = told("average_watch_time").row
        seen = told("average_percentage_viewed").row
        completed = told("completion_rate").row
        started = told("startup_time").row
        rebuffer = told("rebuffer_ratio").row
        pauses = told("pause_frequency").row
        viewers = told("unique_viewers").row
        speeds, speed_unit = told("playback_speed").row, queries.all_metrics()["playback_speed"].unit
        with page.numbers(columns=5):
            page.number("Views", wording.count(n_views), of="views", note="played for a second or more")
            page.viewers(viewers, n_views)
            page.mean(
                "Watched per view", wording.clock(watch["average_watch_time"]), watch, "seconds",
                of="average_watch_time", note=wording.split(watch["average_watch_time"], watch["playing_s"]),
            )  # fmt: skip
            page.rate(
                "Seen of the video",
                wording.percent_with_margin(seen["average_percentage_viewed"], seen["ci_low"], seen["ci_high"]),
                seen, of="average_percentage_viewed", note="average % viewed",
            )  # fmt: skip
            page.rate(
                "Completion",
                wording.percent_with_margin(completed["completion_rate"], completed["ci_low"], completed["ci_high"]),
                completed, of="completion_rate", note="played 90\u202f% or more",
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
                wording.percent_with_margin(failures["playback_failures"], failures["ci_low"], failures["ci_high"], 1),
                failures, of="playback_failures",
                note=f"{wording.count(failures['failures'])} of {wording.number_of(failures['n'], 'attempt')}",
            )  # fmt: skip
            page.mean(
                "Pauses per hour", wording.decimal(pauses["pause_frequency"]), pauses, "per hour", of="pause_frequency",
                note=f"{wording.seconds(pauses['mean_pause_s'])} each" if pauses["pauses"] else "no pauses",
            )  # fmt: skip
            page.mean(
                "Speed", wording.speed(speeds["playback_speed"]), speeds, speed_unit, of="playback_speed", note="mean"
            )

if not n_views and not failures.get("n"):
    told_first.open()
    page.explain_emptiness(now, video_id=chosen.id, playable=video["playable"], seen=seen_instead)

# Everything else.
duration_s = video["duration_s"] or len(seconds) or 1
with st.grid(2, min_column_width=420, gap="medium"):
    for title, column, colour, noun in (
        ("Stalls by second", "stalls", charts.STALL, "stall"),
        ("Exits by second", "exits", charts.FAINT, "exit"),
        ("Pauses by second", "pauses", charts.REPLAY, "pause"),
    ):
        counts = [entry[column] for entry in seconds]
        page.chart(
            title, charts.over_time(counts, duration_s, colour, noun), told("by_second"), key=column,
            alt=f"Bar chart of {noun}s over the length of the video",
            n=f"{wording.number_of(sum(counts), noun)} · n {wording.number_of(n_views, 'valid view')}", trust=trust,
        )  # fmt: skip
    by_speed = told("speed_by_second")
    page.chart(
        "Speed by second", metric_charts.curve(queries.find("speed_by_second"), by_speed.rows) if n_views else None,
        by_speed, key="speed_by_second", alt="Line chart of the mean speed over the length of the video",
        n=f"mean over passes · n {wording.number_of(n_views, 'valid view')}", trust=trust,
    )  # fmt: skip
    speed = told("playback_speed")
    page.chart(
        "Speed", charts.speeds(speed.row.get("by_rate") or []), speed, key="speed",
        alt="Bar chart of the share of the video played at each speed",
        n=f"share of the video played · n {wording.number_of(n_views, 'valid view')}", trust=trust,
    )  # fmt: skip
    startup = told("startup_time")
    page.chart(
        "Start-up time", charts.startup(startup.row.get("histogram") or []), startup, key="startup",
        alt="Bar chart of views by start-up time",
        n=f"n {wording.number_of(startup.row.get('n') or 0, 'started view')}", trust=trust,
    )  # fmt: skip
    exits = told("exits_before_start")
    page.chart(
        "Exits before the first frame", charts.exit_waits(exits.row), exits, key="exits_before_start",
        alt="Bar chart of attempts given up, by how long the viewer waited",
        n=f"{wording.number_of(exits.row.get('exits') or 0, 'exit')} of "
        f"{wording.number_of(exits.row.get('n') or 0, 'attempt')}",
        trust=trust,
    )  # fmt: skip
    page.chart(
        "Jumps", journeys.jumps(told(*JUMPS).rows, duration_s), told(*JUMPS), key="jumps",
        alt="Arcs from where viewers jump to where they land, forward above the line and back below it",
        n=f"the {journeys.ARCS} most frequent · n {wording.number_of(n_views, 'valid view')}", trust=trust,
    )  # fmt: skip
strips_of = told(*VIEWS)
page.chart(
    "Each viewer's way", journeys.views(strips_of.rows, queries.current_settings().timezone), strips_of,
    key="viewer_strips", trust=trust,
    alt="A strip for each of the newest views: which seconds it played, once or again, and where it stalled",
    n=f"the newest {min(journeys.NEWEST, len(strips_of.rows))} of {wording.number_of(n_views, 'valid view')}, a strip"
    " each: pale once, gold again, a red mark where it stalled",
)  # fmt: skip
found = queries.findings(question, now.stamp, ASKS, about)
with told_first.open():
    page.stories(found, [sentences.no_valid_view(seen_instead)])
    if not found and 0 < n_views < wording.MIN_VIEWS:
        st.markdown(f"**{wording.too_few(n_views).capitalize()} to tell what is skipped or replayed.**")
with st.container(horizontal=True, vertical_alignment="center"):
    page.quality_line(told.quality)
    page.source(retention, key="audience_retention", label="SQL of the retention curve")
    page.way_to("report", "Report to print", ":material/print:", video=chosen.id)
    sides = {f"{side}.video": chosen.id for side in ("a", "b")}
    page.way_to("compare", "Compare", ":material/compare_arrows:", **sides)
if sentences.moments(found) != moments and st.session_state.get("moments_of") != (question, now.stamp):
    st.session_state["moments_of"] = (question, now.stamp)  # once per question and moment, whatever happens meanwhile
    st.rerun()  # the panel was drawn before its moments were known
