"""Views that no honest player would send, beside many that one would: lost, late, back in time, at odd lengths.

`audience(seed)` tells some hundred views as the messages that their trackers sent. `rows` turns messages into rows of
`events`, for tests that go around the door; everything in them would pass it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any

from viewbox.client import parse_user_agent
from viewbox.ids import uuid7, view_date

Event = dict[str, Any]

# Duration in the catalog by video; None: not in the catalog. Views of "reported" tell it, of "silent" nobody does.
VIDEOS: dict[str, float | None] = {
    "0.4": 0.4, "0.99": 0.99, "1.0": 1.0, "1.5": 1.5, "5.28": 5.28, "5.6": 5.6, "59.999": 59.999, "60": 60.0,
    "10h": 36_000.0, "remade": 60.0, "48": 48.0, "52.25": 52.25, "75": 75.0,
    "reported": None, **{f"silent-{number}": None for number in range(6)},
}  # fmt: skip
REMADE_S = 45.5  # the second revision of "remade"
# Some more often, for numbers that need many views of one video.
CHOICES = [*VIDEOS, *[video for video in VIDEOS if "silent" not in video], "60", "60", "60", "60", "remade", "remade"]

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
MINUTE_MS = 60_000


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


BEGINNINGS = [
    _ms("2026-11-22T23:59:58Z"),  # two seconds before midnight in UTC
    _ms("2026-11-22T22:59:58Z"),  # and in Berlin
    _ms("2026-11-21T12:00:00Z"),
    _ms("2026-10-25T00:30:00Z"),  # the hour that Berlin had twice
    _ms("2026-10-25T01:30:00Z"),
    NOW_MS - 12 * MINUTE_MS,  # may still be open
    NOW_MS - 6 * MINUTE_MS,
]
USER_AGENTS = [
    None,
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
]
COUNTRIES = [None, "DE", "FR"]

# What a view is mostly about. Missing kinds never happen in it, so that rare combinations do not drown.
PLAIN = {"interval": 6, "playing": 2, "heartbeat": 1, "view_end": 0.2}
MOODS: list[dict[str, float]] = [
    PLAIN,
    PLAIN | {"seek": 4, "pause": 1, "play": 1},
    PLAIN | {"seek": 8},
    PLAIN | {"stall": 3, "rendition": 4, "rate": 2, "setting": 1},
    {"play": 3, "autoplay_blocked": 3, "playing": 1, "interval": 1, "error": 0.5, "view_end": 0.5},
    {"pause": 3, "ended": 1, "play": 2, "playing": 1, "interval": 2, "view_end": 0.5},
    {"interval": 2, "playing": 1, "play": 1, "error": 1, "ended": 0.5, "view_end": 1, "heartbeat": 1},
    dict.fromkeys(
        [
            "view_start", "play", "playing", "autoplay_blocked", "pause", "seek", "stall", "rate", "rendition",
            "interval", "heartbeat", "setting", "error", "ended", "view_end",
        ],
        1,
    ),
]  # fmt: skip
# What many viewers of a minute do alike: jump an opening, come back to a highlight. (kind, from_s, to_s)
HABITS = [
    [("interval", 0.0, 5.0), ("seek", 5.0, 20.0), ("interval", 20.0, 41.0)],
    [("interval", 28.0, 41.0), ("seek", 41.0, 30.0), ("interval", 30.0, 41.0)],
]
STEPS_MS = [0, 0, 10, 200, 249, 250, 251, 900, 3_000, 9_999, 10_000, 89_999, 90_000, 90_001, 200_000, -400, -30]
WAITS_MS = [0, 200, 2_000, 9_999, 10_001, 95_000, 400_000]
CAUSES = ["user", "user", "chapter", "skip", None, "resume", "program", "loop"]
RATES = [0.06, 0.5, 1.0, 1.0, 1.0, 1.1, 1.25, 2.0, 16.0]


@dataclass(frozen=True)
class Sent:
    """A message on its way: it arrives `late_ms` after it was sent, with what the connection tells of its sender."""

    message: dict[str, Any]
    late_ms: int
    user_agent: str | None
    country: str | None
    revision: int


def audience(seed: int, views: int) -> list[Sent]:
    """All messages of some views, those of a view in the order of sending."""
    chance = Random(seed)
    return [sent for number in range(views) for sent in view(chance, f"{seed}-{number}")]


def view(chance: Random, name: str, video: str | None = None) -> Iterator[Sent]:
    """One view of any video, cut into messages; some messages never come."""
    video = chance.choice(CHOICES) if video is None else video
    events = stream(chance, *_stage(chance, video))
    began_ms = chance.choice([*BEGINNINGS, NOW_MS - 5 * MINUTE_MS - events[-1]["t_ms"] + chance.choice([-1, 0, 1])])
    envelope = {
        "v": 1, "view_id": uuid7(began_ms, hashlib.sha256(name.encode()).digest()[:10]), "video_id": video,
        "viewer_id": f"viewer-{chance.randrange(40)}", "viewer_kind": chance.choice(["known", "stored", "page"]),
        "session_id": "session", "started_at_ms": began_ms + chance.choice([0, 0, 10_800_000]),
    }  # fmt: skip
    user_agent, country = chance.choice([*USER_AGENTS[:3] * 3, USER_AGENTS[3]]), chance.choice(COUNTRIES)
    synthetic = chance.random() < 0.2
    revision = 1
    places = sorted({0, *(chance.randrange(len(events)) for _ in range(chance.randrange(4))), len(events)})
    for first, past in pairwise(places):
        part = events[first:past]
        message = envelope | {
            "sent_at_ms": envelope["started_at_ms"] + max(event["t_ms"] for event in part) + chance.choice([0, 900]),
            "events": part,
        }
        told = _context(chance, video, synthetic=synthetic)
        if told:
            message["context"] = told
        if chance.random() < 0.1:  # another connection: what it tells may be less, or more
            user_agent, country = chance.choice(USER_AGENTS[:3]), chance.choice(COUNTRIES)
        if video == "remade" and chance.random() < 0.3:
            revision = 2
        if first and chance.random() < 0.05:
            continue  # lost
        yield Sent(message, chance.choice([0, 40, 300, 1_500, 5_000]), user_agent, country, revision)


def _stage(chance: Random, video: str) -> tuple[float, float]:
    """The stretch of a video in which a view happens: all of it, or a minute of ten hours."""
    if video == "10h":
        return chance.choice([0.0, 12_345.0, 35_940.0]), 60.0
    return 0.0, VIDEOS[video] or 60.0


def stream(chance: Random, base_s: float = 0.0, length_s: float = 60.0) -> list[Event]:
    """The events of one view, by seq: with gaps in seq, and `t_ms` that may step back or leap."""
    kinds = _kinds(chance)
    t_ms = seq = 0
    head_s = base_s
    events: list[Event] = []
    for kind in kinds:
        t_ms = max(0, t_ms + chance.choice(STEPS_MS))
        event = _event(chance, kind, head_s, partial(_position, chance, head_s, base_s, length_s))
        head_s = event["position_s"]
        events.append({"seq": seq, "type": kind, "t_ms": t_ms} | event)
        seq += chance.choice([1, 1, 1, 1, 1, 1, 2, 5])
    if length_s == 60 and chance.random() < 0.35:
        for kind, from_s, to_s in chance.choice(HABITS):
            event = _event(chance, kind, base_s + from_s, partial(float, base_s + to_s))
            events.append({"seq": seq, "type": kind, "t_ms": t_ms} | event | {"position_s": base_s + to_s})
            seq += 1
    return events


def _kinds(chance: Random) -> list[str]:
    mood = chance.choice(MOODS)
    length = chance.choice([1, 2, 3, 5, 8, 12, 16, 20])
    middle = chance.choices(list(mood), list(mood.values()), k=length)
    if chance.random() < 0.5:
        return middle
    return ["view_start", "play", *middle, *chance.choice([[], ["ended"], ["view_end"], ["ended", "view_end"]])]


def _position(chance: Random, head_s: float, base_s: float, length_s: float) -> float:
    """Mostly within the video, often at a seam of slices, sometimes where the playhead was or past the end."""
    roll = chance.random()
    if roll < 0.25:
        return head_s
    if roll < 0.5:
        return base_s + chance.randrange(int(length_s) + 1) + chance.choice([0.0, 0.25, 0.5, 0.75])
    if roll < 0.7:
        landmarks = [0.0, length_s, length_s - 0.5, length_s / 2, length_s * 0.9, length_s * 1.1, length_s + 2]
        return max(0.0, round(base_s + chance.choice(landmarks), 3))
    if roll < 0.73:
        return base_s + chance.random() * length_s  # all the digits of a double
    return round(base_s + chance.random() * length_s * 1.05, 3)


def _event(chance: Random, kind: str, head_s: float, position: Callable[[], float]) -> Event:
    """What happened, and where; `position` draws one, `head_s` is where the playhead was."""
    any_of = chance.choice
    event: Event = {"position_s": position() if chance.random() < 0.2 else head_s}
    match kind:
        case "interval":
            ends = sorted([head_s if chance.random() < 0.7 else position(), position()])
            rate = any_of(RATES)
            media_s = ends[1] - ends[0]
            honest_ms = round(media_s / rate * 1000)
            wall_ms = any_of([honest_ms, honest_ms, honest_ms, 999, 1_000, chance.randrange(12_000)])
            return {
                "position_s": ends[any_of([0, 1, 1, 1])], "from_s": ends[0], "to_s": ends[1], "rate": rate,
                "wall_ms": min(wall_ms, 80_000_000), "visible": any_of([None, True, False]),
                "muted": any_of([None, True, False]), "mode": any_of([None, "inline", "fullscreen", "pip"]),
                "height": any_of([None, 0, 360, 720]), "bitrate_bps": any_of([None, 800_000, 2_500_000]),
            }  # fmt: skip
        case "seek":
            to_s = position()
            if chance.random() < 0.2:
                to_s = max(0.0, round(head_s + any_of([0.25, -0.25, 0.251, -0.3]), 6))
            return {"position_s": to_s, "from_s": head_s, "to_s": to_s, "cause": any_of(CAUSES),
                    "wait_ms": any_of([None, *WAITS_MS])}  # fmt: skip
        case "stall":
            event |= {"wait_ms": any_of(WAITS_MS), "cause": any_of(["network", "decode", None])}
        case "rate":
            event["rate"] = any_of(RATES)
        case "rendition":
            event |= {"bitrate_bps": any_of([None, 800_000, 2_500_000, 5_000_000]), "height": any_of([None, 360, 1080])}
        case "heartbeat":
            event |= {"dropped_frames": any_of([None, 0, 3, 9]), "total_frames": any_of([None, 250, 900])}
        case "error":
            event |= {"fatal": any_of([True, False]), "code": any_of([None, "decode", "network"])}
        case "view_end":
            event["reason"] = any_of(["unload", "idle"])
    return event


def _context(chance: Random, video: str, *, synthetic: bool) -> dict[str, Any]:
    """Some of what a page may tell; each message may tell another part, or another story."""
    if chance.random() < 0.2:
        return {"synthetic": True} if synthetic else {}
    possible: dict[str, list[Any]] = {
        "language": ["en", "de"], "referrer": ["news.example", "search.example"], "player_name": ["viewbox", "other"],
        "player_version": ["1.0.0", "1.1.0"], "player_h": [0, 540, 1080], "autoplay": [True, False],
        "experiment": [{"intro": "a"}, {"intro": "b"}, {}], "custom": [{"plan": "pro"}, {"plan": "free"}, {"seat": 7}],
        "duration_s": [60.0, 60.0, 30.5, 0.0] if video == "reported" else [None] if "silent" in video else [12.0],
    }  # fmt: skip
    told = {name: chance.choice(values) for name, values in possible.items() if chance.random() < 0.6}
    return {name: value for name, value in told.items() if value is not None} | (
        {"synthetic": True} if synthetic else {}
    )


def rows(messages: Iterable[Sent]) -> list[Event]:
    """What the door makes of the messages: rows of `events`, hidden columns included."""
    return [row for sent in messages for row in _rows(sent)]


def _rows(sent: Sent) -> Iterator[Event]:
    message = sent.message
    context = message.get("context", {})
    device = parse_user_agent(sent.user_agent) if sent.user_agent else None
    received_ms = message["sent_at_ms"] + sent.late_ms
    began_ms = received_ms - (message["sent_at_ms"] - message["started_at_ms"])
    real = "external" if VIDEOS[message["video_id"]] is None else "player"
    source = "synthetic" if context.get("synthetic") else real
    common = {
        "revision": sent.revision, "source": source,
        "browser": device and device.browser, "os": device and device.os, "device_type": device and device.device_type,
        "country": sent.country, "is_bot": device is not None and device.is_bot,
        "received_at": datetime.fromtimestamp(received_ms / 1000, tz=UTC),
        "context": json.dumps(context) if context else None, "clock_offset_ms": sent.late_ms,
        "dt": view_date(message["view_id"]),
    }  # fmt: skip
    common |= {name: message[name] for name in ("view_id", "video_id", "viewer_id", "viewer_kind", "session_id")}
    for event in message["events"]:
        happened_at = datetime.fromtimestamp((began_ms + event["t_ms"]) / 1000, tz=UTC)
        yield common | {"occurred_at": happened_at} | event
