"""One video: what happened, where, how sure; then the player with its curves, then everything else by second."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import charts, page, player_component, queries, sentences, strips, video_choice, wording
from dashboard.player_component import Selection

now = page.look()
views_by_video = queries.views_by_video(now.stamp)
listed = video_choice.most_viewed(queries.listing(now.stamp), views_by_video)
chosen = video_choice.chosen(listed)
video = queries.video(chosen.id) if chosen else None
if chosen is None or video is None:
    page.header("Video", now)
    page.explain_emptiness(now)
page.header(video["title"], now)
asked = page.ask_filters(now, first=partial(video_choice.box, listed, chosen, views_by_video))
question = asked.about(chosen.id)


def ask(name: str, by: str = "video", grain: str | None = None, points: int | None = None) -> queries.MetricResult:
    params = () if points is None else (("points", str(points)),)
    return queries.metric(name, question, now.stamp, by=by, grain=grain, params=params)


with page.loading(f"video {chosen.id}"):
    views = ask("views")
    failures = queries.row(ask("playback_failures"))
    watch = queries.row(ask("average_watch_time"))
    seen = queries.row(ask("average_percentage_viewed"))
    completed = queries.row(ask("completion_rate"))
    startup = ask("startup_time")
    rebuffer = queries.row(ask("rebuffer_ratio"))
    pauses = queries.row(ask("pause_frequency"))
    speed = ask("playback_speed")
    viewers = queries.row(ask("unique_viewers"))
    exits = ask("exits_before_start")
    points = strips.points_for(video["duration_s"])
    retention = ask("audience_retention", points=points)
    replayed = queries.rows(ask("most_replayed", points=points))
    skipped = queries.rows(ask("skipped_sections"))
    by_second = queries.by_second(question, now.stamp)
    incident = sentences.incident(queries.rows(ask("rebuffer_ratio", by="device_type", grain="day")))
n_views = queries.row(views).get("views") or 0
seconds = queries.rows(by_second)
moments = [*sentences.skips(skipped), *sentences.replays(replayed)]

# What happened, in words.
page.synthetic_banner(views.quality)
said = [
    sentences.skip_sentence(sentences.skips(skipped), skipped),
    sentences.replay_sentence(sentences.replays(replayed)),
    sentences.incident_sentence(incident),
]
if any(said):
    st.markdown("##### " + " ".join(sentence for sentence in said if sentence))
elif 0 < n_views < wording.MIN_VIEWS:
    st.markdown(f"##### {wording.too_few(n_views).capitalize()} to tell what is skipped or replayed.")

# The numbers.
if n_views or failures.get("n"):
    started = queries.row(startup)
    with st.container(horizontal=True, gap="medium"):
        page.number("Views", wording.count(n_views), note=wording.number_of(viewers["unique_viewers"], "viewer"))
        page.number(
            "Watched per view", wording.clock(watch["average_watch_time"]),
            note=wording.split(watch["average_watch_time"], watch["playing_s"]),
        )  # fmt: skip
        page.number(
            "Seen of the video", note="average % viewed",
            value=wording.rate_or_too_few(
                wording.percent_with_margin(seen["average_percentage_viewed"], seen["ci_low"], seen["ci_high"]),
                n_views,
            ),
        )  # fmt: skip
        page.number(
            "Completion", note="played 90\u2009% or more",
            value=wording.rate_or_too_few(
                wording.percent_with_margin(completed["completion_rate"], completed["ci_low"], completed["ci_high"]),
                n_views,
            ),
        )  # fmt: skip
        page.number(
            "Start-up", wording.seconds(started["startup_time"]), note=f"p95 {wording.seconds(started['p95_s'])}"
        )
        page.number(
            "Rebuffering", wording.percent(rebuffer["rebuffer_ratio"], 1),
            note=wording.number_of(rebuffer["stalls"] or 0, "stall"),
        )  # fmt: skip
        page.number(
            "Failures",
            wording.rate_or_too_few(wording.percent(failures["playback_failures"], 1), failures["n"]),
            note=f"of {wording.number_of(failures['n'], 'attempt')}",
        )
        page.number(
            "Pauses per hour", wording.decimal(pauses["pause_frequency"]),
            note=f"{wording.seconds(pauses['mean_pause_s'])} each",
        )  # fmt: skip
        page.number("Speed", wording.speed(queries.row(speed)["playback_speed"]), note="mean")

# Player and curves on one axis.
curves = strips.strips(queries.rows(retention), replayed, seconds)
selection_key = f"{player_component.KEY}_{video['id']}"
selected = player_component.show(
    strips.panel_data(video, curves, moments, views=n_views, empty=page.why_no_curves(now, n_views), selection=None),
    site_url=queries.current_settings().site_url,
    key=selection_key,
)


def show_selection(stretch: Selection) -> None:
    """What happened in the brushed stretch."""
    facts = strips.facts_of(stretch._asdict(), queries.rows(ask("audience_retention", points=0)), seconds)
    with st.container(border=True, key="selection_facts"):
        st.markdown(
            f"**{wording.span(*stretch)}** · {wording.percent(facts['views'])} of views watch it · "
            f"{wording.number_of(facts['reached'], 'view reaches', 'views reach')} it · "
            f"{wording.percent(facts['skips'])} skip it · {wording.number_of(facts['pauses'], 'pause')} · "
            f"{wording.number_of(facts['stalls'], 'stall')} · {wording.number_of(facts['exits'], 'exit')}"
        )


if selected is not None and curves is not None:
    show_selection(selected)
if not n_views and not failures.get("n"):
    page.explain_emptiness(now, video_id=video["id"])

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
            title, charts.over_time(counts, duration_s, colour, noun), by_second, key=column,
            alt=f"Bar chart of {noun}s over the length of the video",
            n=f"{wording.number_of(sum(counts), noun)} · n {wording.number_of(n_views, 'valid view')}",
        )  # fmt: skip
    page.chart(
        "Speed", charts.speeds(queries.row(speed).get("by_rate") or []), speed, key="speed",
        alt="Bar chart of the share of the video played at each speed",
        n=f"share of the video played · n {wording.number_of(n_views, 'valid view')}",
    )  # fmt: skip
    page.chart(
        "Start-up time", charts.startup(queries.row(startup).get("histogram") or []), startup, key="startup",
        alt="Bar chart of views by start-up time",
        n=f"n {wording.number_of(queries.row(startup).get('n') or 0, 'started view')}",
    )  # fmt: skip
    page.chart(
        "Exits before the first frame", charts.exit_waits(queries.row(exits)), exits, key="exits_before_start",
        alt="Bar chart of attempts given up, by how long the viewer waited",
        n=f"{wording.number_of(queries.row(exits).get('exits') or 0, 'exit')} of "
        f"{wording.number_of(queries.row(exits).get('n') or 0, 'attempt')}",
    )  # fmt: skip
with st.container(horizontal=True, vertical_alignment="center"):
    page.quality_line(views.quality)
    page.source(retention, key="audience_retention")
