"""The models a second time, in Polars: events → lengths, views, intervals, seconds; lazy, on the streaming engine.

Written from the contract with other means than the SQL: unions by counting open stretches, slices by listing each one,
contexts by JSON paths. Order is always named (`order_by`, `sort_by`), never taken from the rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

VIEW = "view_id"
REVISION = ["video_id", "revision"]
SECONDS_KEY = ["video_id", "revision", "dt", "synthetic", "second"]
NEVER_MS = 1 << 60
c = pl.col


def divided(number: pl.Expr, by: float) -> pl.Expr:
    """A true division. By a constant, Polars multiplies with its reciprocal, which may end an ulp away."""
    return number / (number * 0 + by)


def marked(events: pl.LazyFrame) -> pl.LazyFrame:
    """Events with what their neighbours in the view make of them: rules 3, 4, 7 and 8."""
    kind = c("type")

    def along(expression: pl.Expr) -> pl.Expr:
        return expression.over(VIEW, order_by="seq")

    def seconds_ns(name: str) -> pl.Expr:
        return (c(name) * 1e9).round(mode="half_to_even").cast(pl.Int64)

    gate = pl.when(kind.is_in(["play", "autoplay_blocked"])).then(kind)
    gated = events.with_columns(
        next_gate=along(gate.shift(-1).backward_fill()),
        is_fatal=(kind == "error") & c("fatal").fill_null(value=False),
        media_ns=seconds_ns("to_s") - seconds_ns("from_s"),
        first_playing_seq=pl.when(kind == "playing").then(c("seq")).min().over(VIEW),
    ).with_columns(is_play=(kind == "play") & (c("next_gate").fill_null("") != "autoplay_blocked"))
    signalled = gated.with_columns(
        clock=pl.when(c("is_play") | (kind == "playing"))
        .then(True)
        .when(c("is_fatal") | kind.is_in(["pause", "ended", "autoplay_blocked", "view_end"]))
        .then(False),
        pausing=pl.when(kind == "pause")
        .then(True)
        .when(c("is_play") | kind.is_in(["playing", "ended", "view_end"]))
        .then(False),
    )
    seen = signalled.with_columns(
        runs=along(c("clock").forward_fill()).fill_null(value=False),
        gap_ms=along(c("t_ms").shift(-1) - c("t_ms")).clip(lower_bound=0),
        next_seq=along(c("seq").shift(-1)),
        next_length_ms=along(pl.coalesce("wall_ms", "wait_ms").shift(-1)).fill_null(0),
        was_paused=along(c("pausing").shift(1).forward_fill()).fill_null(value=False),
        end_ms=along(pl.when(kind == "ended").then(c("t_ms")).otherwise(NEVER_MS).shift(-1).fill_null(NEVER_MS)
                     .cum_min(reverse=True)),
        over_ms=along(pl.when(~c("pausing")).then(c("t_ms")).shift(-1).backward_fill()),
        last_ms=along(c("t_ms").last()),
    )  # fmt: skip
    slept_ms = pl.min_horizontal("gap_ms", pl.max_horizontal(pl.lit(10_000), "next_length_ms"))
    asleep = (c("gap_ms") > 90_000) & (c("next_seq") != c("first_playing_seq")).fill_null(value=True)
    behaviour = c("cause").is_in(["user", "chapter", "skip"]) | c("cause").is_null()
    expected_s = divided(c("rate") * c("wall_ms"), 1000)
    return seen.with_columns(
        watched_ms=pl.when(~c("runs") | c("next_seq").is_null()).then(0).when(asleep).then(slept_ms)
        .otherwise(c("gap_ms")),
        is_counted_seek=(kind == "seek") & behaviour & (c("media_ns").abs() > 250_000_000),
        is_counted_pause=(kind == "pause") & ~c("was_paused") & (c("end_ms") > c("t_ms") + 250),
        paused_ms=(pl.coalesce("over_ms", "last_ms") - c("t_ms")).clip(lower_bound=0),
        is_inconsistent=(kind == "interval") & (
            (c("to_s") - c("from_s") - expected_s).abs() > pl.max_horizontal(pl.lit(1.0), 0.1 * expected_s)
        ),
        began_at=c("occurred_at") - pl.duration(milliseconds="t_ms"),
    )  # fmt: skip


def drafts(events: pl.LazyFrame) -> pl.LazyFrame:
    """One row per view: all that needs neither duration nor clock."""
    kind = c("type")
    is_interval, is_stall, is_seek = kind == "interval", kind == "stall", kind == "seek"
    counted_forward = c("is_counted_seek") & (c("media_ns") > 0)

    def first(name: str, *conditions: pl.Expr) -> pl.Expr:
        """By seq, of those that have one."""
        value = c(name).sort_by("seq") if not conditions else c(name).filter(*conditions).sort_by(
            c("seq").filter(*conditions)
        )  # fmt: skip
        return value.drop_nulls().first()

    def wall(*conditions: pl.Expr) -> pl.Expr:
        return c("wall_ms").filter(is_interval, *conditions).sum()

    bitrate_known = is_interval & c("bitrate_bps").is_not_null()
    facts = marked(events).group_by(VIEW).agg(
        *(first(name) for name in (
            "video_id", "revision", "viewer_id", "viewer_kind", "session_id", "source", "browser", "os", "device_type",
            "country", "is_bot",
        )),
        started_at=c("began_at").min(),
        longest_ms=c("t_ms").max(),
        last_type=kind.sort_by("seq").last(),
        last_at=c("occurred_at").sort_by("seq").last(),
        last_position_s=c("position_s").sort_by("seq").last(),
        played=kind.is_in(["playing", "interval"]).any(),
        reached_end=(kind == "ended").any(),
        wanted=c("is_play").any(),
        first_playing_ms=first("t_ms", kind == "playing"),
        first_play_ms=first("t_ms", c("is_play")),
        first_playing_seq=c("first_playing_seq").min(),
        first_fatal_seq=c("seq").filter(c("is_fatal")).min(),
        error_code=c("code").filter(c("is_fatal")).sort_by(c("seq").filter(c("is_fatal"))).first(),
        watch_ms=c("watched_ms").sum(),
        playing_ms=wall(),
        media_ns=c("media_ns").filter(is_interval).sum(),
        pauses=c("is_counted_pause").sum().cast(pl.Int64),
        paused_ms=c("paused_ms").filter(c("is_counted_pause")).sum(),
        seeks_forward=counted_forward.sum().cast(pl.Int64),
        seeks_back=(c("is_counted_seek") & (c("media_ns") < 0)).sum().cast(pl.Int64),
        skipped_ns=c("media_ns").filter(counted_forward).sum(),
        seek_wait_ms=c("wait_ms").filter(is_seek).sum(),
        stalls=is_stall.sum().cast(pl.Int64),
        stall_ms=c("wait_ms").filter(is_stall).sum(),
        rate_changes=((kind == "rate") & (c("seq") > c("first_playing_seq"))).sum().cast(pl.Int64),
        mean_bitrate_bps=(c("bitrate_bps") * c("wall_ms")).filter(bitrate_known).sum() / wall(bitrate_known),
        bitrate_wall_ms=wall(bitrate_known),
        max_height=c("height").filter(kind.is_in(["interval", "rendition"])).max(),
        dropped_frames=c("dropped_frames").filter(kind == "heartbeat").max(),
        total_frames=c("total_frames").filter(kind == "heartbeat").max(),
        first_position_s=first("from_s", is_interval, c("to_s") > c("from_s")),
        visible_ms=wall(c("visible")),
        muted_ms=wall(c("muted")),
        fullscreen_ms=wall(c("mode") == "fullscreen"),
        pip_ms=wall(c("mode") == "pip"),
        events=pl.len().cast(pl.Int64),
        gaps=c("seq").max() + 1 - pl.len().cast(pl.Int64),
        inconsistent=c("is_inconsistent").sum().cast(pl.Int64),
        furthest_s=pl.max_horizontal(c("position_s").max(), c("to_s").max()),
    )  # fmt: skip
    return (
        facts.join(_contexts(events), on=VIEW, how="left")
        .join(_switches(events), on=VIEW, how="left")
        .with_columns(
            c("switches_up", "switches_down").fill_null(0),
            is_valid=c("played") & ~c("is_bot") & (c("playing_ms") >= 1000),
            dt=c("started_at").dt.date(),
        )
    )


def _contexts(events: pl.LazyFrame) -> pl.LazyFrame:
    """Per field of the context the first that is there, by seq."""
    text = {
        "language": "language", "referrer_domain": "referrer", "player_name": "player_name",
        "player_version": "player_version", "experiment": "experiment", "custom": "custom",
    }  # fmt: skip
    told = {name: c("context").str.json_path_match(f"$.{path}") for name, path in text.items()} | {
        "player_h": c("context").str.json_path_match("$.player_h").cast(pl.Int64),
        "autoplay": c("context").str.json_path_match("$.autoplay") == "true",
        "reported_s": c("context").str.json_path_match("$.duration_s").cast(pl.Float64),
    }
    fields = events.filter(c("context").is_not_null()).select(VIEW, "seq", **told)
    return fields.group_by(VIEW).agg(*(c(name).sort_by("seq").drop_nulls().first() for name in told))


def _switches(events: pl.LazyFrame) -> pl.LazyFrame:
    """Rule 10: each rendition beside the one before it."""
    before = c("bitrate_bps").shift(1).over(VIEW, order_by="seq")
    shown = events.filter(c("type") == "rendition").with_columns(before=before)
    return shown.group_by(VIEW).agg(
        switches_up=(c("bitrate_bps") > c("before")).sum().cast(pl.Int64),
        switches_down=(c("bitrate_bps") < c("before")).sum().cast(pl.Int64),
    )


def lengths(events: pl.LazyFrame, catalog: pl.LazyFrame) -> pl.LazyFrame:
    """video_id, revision, duration_s, n. `catalog`: durations of published revisions (video_id, revision, known_s)."""
    of_view = drafts(events).select(*REVISION, "reported_s", "furthest_s", "is_valid")
    reported = (
        of_view.filter(c("reported_s") > 0).group_by(*REVISION, "reported_s").agg(views=pl.len())
        .group_by(REVISION).agg(reported_s=c("reported_s").sort_by("views", "reported_s").last())
    )  # fmt: skip
    reached = of_view.group_by(REVISION).agg(reached_s=c("furthest_s").filter(c("is_valid")).max().fill_null(0.0))
    extent_s = pl.coalesce("known_s", "reported_s", "reached_s")
    return (
        reached.join(catalog, on=REVISION, how="left").join(reported, on=REVISION, how="left")
        .select(
            *REVISION,
            duration_s=pl.coalesce("known_s", "reported_s"),
            n=(extent_s - 0.5).ceil().cast(pl.Int64).clip(lower_bound=1),
        )
    )  # fmt: skip


def views(events: pl.LazyFrame, catalog: pl.LazyFrame, now: datetime) -> pl.LazyFrame:
    """Every column of the contract's `views`, and the helpers duration_s and n."""
    known = lengths(events, catalog)
    rows = drafts(events).join(known, on=REVISION, how="left")
    covered = rows.select(VIEW, "duration_s").join(events.filter(c("type") == "interval"), on=VIEW)
    fatal = c("first_fatal_seq").is_not_null()
    watched = rows.join(_unions(covered), on=VIEW, how="left").with_columns(
        unique_ns=c("unique_ns").fill_null(0),
        closed_by=pl.when(c("last_type") == "view_end")
        .then(pl.lit("view_end"))
        .when(pl.lit(now) >= c("last_at") + timedelta(minutes=5))
        .then(pl.lit("timeout")),
    )
    measured = watched.with_columns(
        coverage=(divided(c("unique_ns"), 1e9) / c("duration_s")).clip(upper_bound=1.0),
        ended_at=c("started_at") + pl.duration(milliseconds="longest_ms"),
        startup_ms=(c("first_playing_ms") - c("first_play_ms")).clip(lower_bound=0),
        media_s=divided(c("media_ns"), 1e9),
        unique_s=divided(c("unique_ns"), 1e9),
        rewatched_s=divided(c("media_ns") - c("unique_ns"), 1e9),
        skipped_s=divided(c("skipped_ns"), 1e9),
        rebuffer_ratio=pl.when(c("watch_ms") > 0).then(c("stall_ms") / c("watch_ms")),
        mean_bitrate_bps=pl.when(c("bitrate_wall_ms") > 0).then(c("mean_bitrate_bps")),
        exit_before_start=c("wanted") & ~c("played") & ~fatal & c("closed_by").is_not_null(),
        failed=fatal,
        startup_failed=fatal & (c("first_fatal_seq") < c("first_playing_seq")).fill_null(value=True),
    )
    return measured.with_columns(
        mean_rate=pl.when(c("playing_ms") > 0).then(c("media_s") / divided(c("playing_ms"), 1000)),
        completed=c("coverage") >= 0.9,
    )


def _unions(stretches: pl.LazyFrame) -> pl.LazyFrame:
    """Length of each view's union, clipped to the duration: walk over all ends, add where something is open."""
    limit = c("duration_s").fill_null(float("inf"))

    def ends(name: str, opens: int) -> pl.LazyFrame:
        at_ns = (pl.min_horizontal(name, limit) * 1e9).round(mode="half_to_even").cast(pl.Int64)
        return stretches.select(VIEW, at_ns=at_ns, opens=pl.lit(opens))

    moments = pl.concat([ends("from_s", 1), ends("to_s", -1)]).group_by(VIEW, "at_ns").agg(c("opens").sum())
    walked = moments.with_columns(
        open_here=c("opens").cum_sum().over(VIEW, order_by="at_ns"),
        to_next_ns=(c("at_ns").shift(-1) - c("at_ns")).over(VIEW, order_by="at_ns"),
    )
    return walked.filter(c("open_here") > 0).group_by(VIEW).agg(unique_ns=c("to_next_ns").sum())


def intervals(events: pl.LazyFrame, all_views: pl.LazyFrame) -> pl.LazyFrame:
    """The contract's `intervals`."""
    labels = all_views.select(VIEW, "video_id", "revision", "viewer_id", "dt")
    own = ["seq", "t_ms", "occurred_at", "from_s", "to_s", "rate", "wall_ms", "visible", "muted", "mode", "height",
           "bitrate_bps"]  # fmt: skip
    return events.filter(c("type") == "interval").select(VIEW, *own).join(labels, on=VIEW)


def seconds(events: pl.LazyFrame, all_views: pl.LazyFrame) -> pl.LazyFrame:
    """The contract's `seconds`: every slice that an interval or seek passed is written out, then counted."""
    valid = all_views.filter(c("is_valid")).select(
        VIEW, "video_id", "revision", "dt", "duration_s", "n", "first_position_s", "last_position_s", "closed_by",
        "completed", "reached_end", synthetic=c("source") == "synthetic",
    )  # fmt: skip
    marks = marked(events).drop("video_id", "revision", "dt").join(valid, on=VIEW)  # the view's own, not the event's
    listed = marks.with_columns(second=_slices()).explode("second", empty_as_null=False)
    passed = listed.filter(c("type") == "interval")
    skipped = listed.filter(c("is_counted_seek"), c("media_ns") > 0)
    key = [VIEW, *SECONDS_KEY]
    by_view = pl.concat(
        [
            passed.group_by(key).agg(plays=pl.len(), skipped=pl.lit(0, pl.UInt32), rate_weighted=c("rate").sum()),
            skipped.group_by(key).agg(plays=pl.lit(0, pl.UInt32), skipped=pl.len(), rate_weighted=pl.lit(0.0)),
        ]
    ).group_by(key).agg(c("plays", "skipped").sum(), c("rate_weighted").sum())  # fmt: skip
    touched = by_view.group_by(key[1:]).agg(
        c("plays", "skipped").sum(),
        c("rate_weighted").sum(),
        views=(c("plays") > 0).sum(),
        skip_views=(c("skipped") > 0).sum(),
        reached=pl.len(),
    )  # fmt: skip
    exits = c("closed_by").is_not_null() & ~c("completed").fill_null(value=False) & ~c("reached_end")
    points = [
        _points(valid.filter(c("first_position_s").is_not_null()), "first_position_s", starts=pl.len()),
        _points(valid.filter(exits), "last_position_s", exits=pl.len()),
    ]
    points += [
        _points(marks.filter(c("is_counted_seek")), "to_s", landed=pl.len()),
        _points(marks.filter(c("is_counted_seek")), "from_s", left_by_seek=pl.len()),
        _points(marks.filter(c("is_counted_pause")), "position_s", paused=pl.len()),
        _points(marks.filter(c("type") == "stall"), "position_s", stalled=pl.len(), stall_ms=c("wait_ms").sum()),
    ]
    together = pl.concat([touched, *points], how="diagonal_relaxed")
    counts = [
        "plays", "views", "reached", "starts", "exits", "landed", "left_by_seek", "skipped", "skip_views", "paused",
        "stalled", "stall_ms",
    ]  # fmt: skip
    summed = together.group_by(SECONDS_KEY).agg(c(counts).fill_null(0).sum().cast(pl.Int64), c("rate_weighted").sum())
    return summed.filter(pl.any_horizontal(c(counts) != 0))


def _slices() -> pl.Expr:
    """Slices whose middle a stretch holds: of a video under a second half its duration, else k + 0.5."""
    short = (c("duration_s") < 1).fill_null(value=False)
    holds = (c("from_s") <= c("duration_s") / 2) & (c("duration_s") / 2 < c("to_s"))
    first = pl.when(short).then(0).otherwise((c("from_s") - 0.5).ceil().cast(pl.Int64).clip(lower_bound=0))
    past = (
        pl.when(short).then(holds.cast(pl.Int64))
        .otherwise(pl.min_horizontal("n", (c("to_s") - 0.5).ceil().cast(pl.Int64)))
    )  # fmt: skip
    return pl.int_ranges(first.fill_null(0), pl.max_horizontal(first, past).fill_null(0))


def _points(rows: pl.LazyFrame, position: str, **amounts: pl.Expr) -> pl.LazyFrame:
    """Amounts by the slice that a position lies in; positions beyond the last belong to it."""
    second = pl.min_horizontal(c(position).floor().cast(pl.Int64), c("n") - 1)
    return rows.with_columns(second=second).group_by(SECONDS_KEY).agg(**amounts)
