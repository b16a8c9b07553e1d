"""Tables computed from events: views and what follows from them."""

from __future__ import annotations

from viewbox.tables.kinds import (
    BROWSER,
    COUNTRY,
    DEVICE,
    DT,
    IS_BOT,
    OCCURRED_AT,
    OS,
    REVISION,
    SEQ,
    SESSION_ID,
    SOURCE,
    VIDEO_ID,
    VIEW_ID,
    VIEWER_ID,
    VIEWER_KIND,
    Column,
    T,
    Table,
    count,
    flag,
    json_object,
    milliseconds,
    moment,
    ratio,
    seconds,
    text,
)

FOLDED = flag("folded", "written by compaction: no other folded row is of the same view")

VIEWS = Table(
    "views",
    "view",
    (
        VIEW_ID, VIDEO_ID, REVISION, VIEWER_ID, VIEWER_KIND, SESSION_ID, SOURCE,
        moment("started_at", "min(occurred_at − t_ms): the view's start by the fastest message"),
        moment("ended_at", "started_at + the largest t_ms"),
        DT,
        flag("played", "some playing or interval exists"),
        flag("is_valid", "played, not a bot, at least 1 s of playing"),
        IS_BOT,
        flag("completed", "coverage >= 0.9; null without a duration"),
        flag("reached_end", "an ended exists"),
        text("closed_by", "view_end, timeout (5 min of silence), null while open"),
        milliseconds("startup_ms", "first uncancelled play to first playing; null when either is missing"),
        milliseconds("watch_ms", "wall clock from play to pause, end, failure or exit; start-up and waits included"),
        milliseconds("playing_ms", "wall clock of all intervals"),
        seconds("media_s", "media played, replays included"),
        seconds("unique_s", "media played at least once: union of intervals within the duration"),
        seconds("rewatched_s", "media_s − unique_s"),
        ratio("coverage", "unique_s / duration, at most 1; null without a duration"),
        Column("mean_rate", "DOUBLE", "media s per s", "media_s / playing seconds; null without playing"),
        count("pauses", "counted pauses: not the one just before the end, not while already paused"),
        milliseconds("paused_ms", "Σ over counted pauses until playing, the end, or the last event"),
        count("seeks_forward", "counted seeks forward"),
        count("seeks_back", "counted seeks back"),
        seconds("skipped_s", "Σ distance of counted seeks forward"),
        milliseconds("seek_wait_ms", "Σ wait of all seeks"),
        count("stalls", "times that playing starved and moved on"),
        milliseconds("stall_ms", "Σ wait of stalls"),
        ratio("rebuffer_ratio", "stall_ms / watch_ms; null without watch time"),
        count("rate_changes", "speed changes after the first playing"),
        flag("exit_before_start", "play was asked for, nothing played, no fatal error, view closed"),
        flag("failed", "a fatal error exists"),
        flag("startup_failed", "a fatal error came before the first playing"),
        text("error_code", "code of the first fatal error"),
        count("switches_up", "renditions of higher bitrate than the one before"),
        count("switches_down", "renditions of lower bitrate than the one before"),
        Column("mean_bitrate_bps", "DOUBLE", "bit/s", "wall-weighted over intervals that have a bitrate"),
        Column("max_height", "BIGINT", "px", "tallest picture over intervals and renditions"),
        count("dropped_frames", "largest count over heartbeats"),
        count("total_frames", "largest count over heartbeats"),
        seconds("first_position_s", "where the first interval that moved began"),
        seconds("last_position_s", "playhead after the last event"),
        milliseconds("visible_ms", "Σ wall of visible intervals"),
        milliseconds("muted_ms", "Σ wall of muted intervals"),
        milliseconds("fullscreen_ms", "Σ wall of intervals in fullscreen"),
        milliseconds("pip_ms", "Σ wall of intervals in picture-in-picture"),
        count("events", "stored events"),
        count("gaps", "missing seq below the highest"),
        count("inconsistent", "intervals whose media and rate × wall differ by more than max(1 s, 10 %)"),
        BROWSER, OS, DEVICE, COUNTRY,
        text("language", "of the page or browser"),
        text("referrer_domain", "where the viewer came from"),
        text("player_name", "which player"),
        text("player_version", "its version"),
        Column("player_h", "BIGINT", "px", "height of the player"),
        flag("autoplay", "the player was to start by itself"),
        json_object("experiment", "experiment name -> variant"),
        json_object("custom", "custom dimension -> value"),
    ),
    hidden=(
        Column("version", "BIGINT", "", "refresh step that wrote the row; readers take the newest per view_id"),
        seconds("duration_s", "duration the row was computed with"),
        count("slices", "n: one-second slices of the video the row was computed with"),
        seconds("max_position_s", "largest position_s or to_s of the view"),
        Column("marks", "MARKS", "", "the view's seeks, stalls and counted pauses"),
        Column("stretches", "STRETCHES", "", "the way of its playhead: intervals that continue each other, joined"),
        Column("seen", "RANGES", "", "the parts of the video that it played, however often: the union of its stretches"),
        milliseconds("first_play_ms", "t_ms of the first uncancelled play; null: no attempt"),
        ratio("upscaling", "Σ wall × max(0, player_h / height − 1) / Σ wall over intervals that know their height"),
        Column("viewer_key", "BIGINT", "", "63 bits of the viewer_id's MD5: counted instead of the text"),
        FOLDED,
    ),
)  # fmt: skip

VIEWER_VIDEOS = Table(
    "viewer_videos",
    "viewer × video × revision, over valid views",
    (
        VIEWER_ID, VIDEO_ID, REVISION,
        moment("first_seen_at", "start of the viewer's first view"),
        moment("last_seen_at", "latest ended_at of the viewer's views"),
        count("views", "views"),
        seconds("media_s", "Σ media_s"),
        seconds("unique_s", "union of the intervals of all these views"),
        ratio("coverage", "unique_s / duration, at most 1; null without a duration"),
        flag("completed", "coverage >= 0.9; null without a duration"),
        flag("reached_end", "one of the views reached the end"),
    ),
)  # fmt: skip

INTERVALS = Table(
    "intervals",
    "played stretch",
    (
        VIEW_ID, VIDEO_ID, REVISION, VIEWER_ID, SEQ, T, OCCURRED_AT,
        seconds("from_s", "where it began"),
        seconds("to_s", "where it ended; >= from_s"),
        Column("rate", "DOUBLE", "media s per s", "playback speed"),
        milliseconds("wall_ms", "wall-clock time it took"),
        flag("visible", "the page was visible"),
        flag("muted", "the sound was off"),
        text("mode", "inline, fullscreen or pip"),
        Column("height", "BIGINT", "px", "height of the picture"),
        Column("bitrate_bps", "BIGINT", "bit/s", "bitrate of the rendition"),
        DT,
    ),
    hidden=(
        Column("version", "BIGINT", "", "refresh step that wrote the row; readers take the newest per view_id"),
        FOLDED,
    ),
)  # fmt: skip

_MARK_KEY = (VIEW_ID, VIDEO_ID, VIEWER_ID, SEQ, T, DT)
SEEKS = Table(
    "seeks",
    "jump of the playhead, all views",
    (
        *_MARK_KEY,
        seconds("from_s", "where it began"),
        seconds("to_s", "where it settled"),
        milliseconds("wait_ms", "until the playhead settled"),
        text("cause", "user, chapter, skip, resume, program, loop or null"),
        flag("counted", "behaviour: cause user, chapter, skip or null, and more than 0.25 s"),
    ),
)

STALLS = Table(
    "stalls",
    "starved playing, all views",
    (
        *_MARK_KEY,
        seconds("position_s", "playhead"),
        milliseconds("wait_ms", "how long"),
        text("cause", "network, decode, unknown or null"),
    ),
)

PAUSES = Table(
    "pauses",
    "counted pause, all views",
    (
        *_MARK_KEY,
        seconds("position_s", "playhead"),
        milliseconds("paused_ms", "until playing, the end, or the last event"),
    ),
)

SECONDS = Table(
    "seconds",
    "video_id, revision, dt, synthetic, second; additive over valid views; on disk: deltas to be summed",
    (
        VIDEO_ID, REVISION, DT,
        flag("synthetic", "views of the synthetic audience"),
        Column("second", "BIGINT", "s", "slice k = [k, k+1) of the video; the last one reaches the end"),
        count("plays", "times an interval passed the slice"),
        count("views", "views that passed it at least once"),
        count("reached", "views that passed or skipped it"),
        count("starts", "views whose first position lies in it"),
        count("exits", "closed views, neither completed nor at the end, whose last position lies in it"),
        count("landed", "counted seeks that end in it"),
        count("left_by_seek", "counted seeks that begin in it"),
        count("skipped", "counted forward seeks over it"),
        count("skip_views", "views with at least one of them"),
        count("paused", "counted pauses in it"),
        count("stalled", "stalls in it"),
        milliseconds("stall_ms", "Σ wait of stalls in it"),
        Column("rate_weighted", "DOUBLE", "rate × count", "Σ rate over plays: / plays = mean speed"),
    ),
)  # fmt: skip

DAYS = Table(
    "days",
    "video_id, revision, dt, synthetic; additive over views; on disk: deltas to be summed",
    (
        VIDEO_ID, REVISION, DT,
        flag("synthetic", "views of the synthetic audience"),
        count("views", "views"),
        count("valid_views", "valid views"),
        milliseconds("watch_ms", "Σ watch_ms of valid views"),
        milliseconds("playing_ms", "Σ playing_ms of valid views"),
    ),
    hidden=(
        Column("version", "BIGINT", "", "refresh step that wrote the row"),
        seconds("duration_s", "duration of the revision in that step"),
        count("slices", "n: one-second slices of the revision in that step"),
    ),
)  # fmt: skip
