"""What the door answers, to the letter, and what it makes of a message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.messages import (
    START_MS,
    NoRollups,
    catalog_of,
    door,
    drain,
    interval,
    play,
    rows,
    settings_in,
    view_id,
    wire,
)
from viewbox.client import ClientFacts
from viewbox.maintainer import Maintainer, counters
from viewbox.settings import Settings

NOW_MS = START_MS + 60_000
DAY_MS = 86_400_000
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def answers(settings: Settings, *messages: bytes, received_at_ms: int = NOW_MS, **facts: Any) -> list[dict[str, Any]]:
    with door(settings) as intake:
        given = intake.accept(messages, received_at_ms=received_at_ms, facts=ClientFacts(**facts))
    return [json.loads(msgspec.json.encode(answer)) for answer in given]


def test_an_ack_names_view_and_highest_seq_and_nothing_else(settings: Settings):
    (answer,) = answers(settings, wire(play(0), interval(3), interval(2)))

    server_ms = answer["ack"].pop("server_ms")
    assert answer == {"ack": {"view_id": view_id(), "seq": 3}}
    assert server_ms > START_MS


def test_refused_events_are_listed_beside_the_ack(settings: Settings):
    (answer,) = answers(settings, wire(play(0), play(7, position_s=-1)))

    assert answer["ack"]["seq"] == 7
    (rejected,) = answer["rejected"]
    assert rejected.pop("hint")
    assert rejected == {"view_id": view_id(), "seq": 7, "code": "position_out_of_range"}


def test_the_highest_seq_is_acked_also_when_all_were_refused(settings: Settings):
    (answer,) = answers(settings, wire(play(4, t_ms=-1), play(5, t_ms=-1)))

    assert answer["ack"]["seq"] == 5
    assert [rejected["seq"] for rejected in answer["rejected"]] == [4, 5]


def test_an_unreadable_message_is_one_error_and_one_dead_letter(settings: Settings):
    (answer,) = answers(settings, b"not json")
    drain(settings)

    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"code", "hint"}
    assert answer["error"]["code"] == "not_json"
    assert [(row["code"], row["payload"], row["view_id"]) for row in rows(settings, "dead_letters")] == [
        ("not_json", "not json", None)
    ]


def test_answers_come_in_the_order_of_the_messages(settings: Settings):
    kinds = [next(iter(answer)) for answer in answers(settings, wire(play()), b"{", wire(play(1)), b"[]")]

    assert kinds == ["ack", "error", "ack", "error"]


@pytest.mark.parametrize(
    ("offset_ms", "taken"),
    [(2 * DAY_MS, True), (2 * DAY_MS + 1, False), (-40 * DAY_MS, True), (-40 * DAY_MS - 1, False)],
)
def test_a_view_id_lies_at_most_2_days_ahead_and_40_behind_its_receipt(settings: Settings, offset_ms: int, taken: bool):
    (answer,) = answers(settings, wire(play(0), play(1), view_id=view_id(at_ms=NOW_MS + offset_ms)))

    assert [rejected["code"] for rejected in answer.get("rejected", [])] == (
        [] if taken else ["view_id_out_of_range"] * 2
    )


def test_an_unknown_video_is_listed_as_external(settings: Settings):
    answers(settings, wire(play(), video_id="theirs"))
    drain(settings)

    assert catalog_of(settings).get("theirs").status == "external"
    assert [row["source"] for row in rows(settings)] == ["external"]


def test_without_external_videos_an_unknown_one_is_a_dead_letter_for_each_event(tmp_path: Path):
    settings = settings_in(tmp_path, external_videos=False)
    (answer,) = answers(settings, wire(play(0), play(1)))
    drain(settings)

    assert [rejected["code"] for rejected in answer["rejected"]] == ["unknown_video"] * 2
    assert [row["code"] for row in rows(settings, "dead_letters")] == ["unknown_video"] * 2
    assert catalog_of(settings).count() == 0


def test_beyond_the_daily_number_new_videos_are_refused_and_known_ones_taken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("viewbox.catalog.catalog.MAX_EXTERNAL_PER_DAY", 1)
    first, second, again = answers(
        settings,
        wire(play(), video_id="one"),
        wire(play(), video_id="two", number=2),
        wire(play(1), video_id="one"),
    )

    assert ["rejected" in answer for answer in (first, second, again)] == [False, True, False]
    assert second["rejected"][0]["code"] == "too_many_videos"


def test_the_server_stamps_revision_device_country_and_times(settings: Settings):
    catalog = catalog_of(settings)
    video = catalog.add(title="A film", source_kind="upload")
    catalog.publish(video.id, revision=3, duration_s=60.0, assets={}, ready=True)
    message = wire(
        interval(1, t_ms=5_000), video_id=video.id, started_at_ms=1_000, sent_at_ms=21_000,
        context={"timezone": "Europe/Berlin", "page_url": "https://example.com/a?b"},
    )  # fmt: skip
    answers(settings, message, user_agent=CHROME)
    drain(settings)

    (row,) = rows(settings)
    assert (row["revision"], row["source"], row["browser"], row["os"]) == (3, "player", "Chrome", "Windows")
    assert (row["device_type"], row["country"], row["is_bot"]) == ("desktop", "DE", False)
    assert row["received_at"].timestamp() * 1000 == NOW_MS
    # Sent 20 s after the view's start on the client's clock, whatever that clock shows; the event came 5 s in.
    assert row["occurred_at"].timestamp() * 1000 == NOW_MS - 20_000 + 5_000
    assert json.loads(row["context"]) == {"page_url": "https://example.com/a", "timezone": "Europe/Berlin"}
    assert row["dt"].isoformat() == "2026-11-23"


def test_without_a_user_agent_nothing_is_known_and_nobody_is_a_bot(settings: Settings):
    answers(settings, wire(play()))
    drain(settings)

    (row,) = rows(settings)
    assert [row[name] for name in ("browser", "os", "device_type", "country", "context")] == [None] * 5
    assert row["is_bot"] is False


def test_synthetic_comes_before_every_other_source(settings: Settings):
    with door(settings, source="file") as intake:
        intake.accept([wire(play(0), context={"synthetic": True}), wire(play(0), number=1)])
    drain(settings)

    assert [row["source"] for row in rows(settings)] == ["synthetic", "file"]


def test_a_copy_is_a_duplicate_and_another_event_under_its_key_a_conflict(settings: Settings):
    answers(settings, wire(play(0), interval(1)))
    drain(settings)
    answers(
        settings,
        wire(play(0), interval(1), sent_at_ms=START_MS + 90_000, context={"language": "de"}),  # envelope may differ
        wire(interval(1, to_s=19.0)),
        wire(interval(1), viewer_id="somebody-else"),
        wire(interval(2), video_id="video-2"),
    )  # fmt: skip
    drain(settings)

    assert [(row["seq"], row["to_s"]) for row in rows(settings)] == [(0, None), (1, 20.0)]
    assert [row["code"] for row in rows(settings, "dead_letters")] == ["seq_conflict", "view_mismatch", "view_mismatch"]
    assert counters(settings) == {"received": 7, "stored": 2, "duplicate": 2, "dead_lettered": 3, "pending": 0}


def test_within_one_batch_the_first_copy_stands_too(settings: Settings):
    answers(settings, wire(interval(1), interval(1), interval(1, rate=2.0)), wire(interval(1)))
    drain(settings)

    assert [row["rate"] for row in rows(settings)] == [1.0]
    assert counters(settings) == {"received": 4, "stored": 1, "duplicate": 2, "dead_lettered": 1, "pending": 0}


def test_a_dead_letter_can_be_sent_again_once_its_cause_is_mended(settings: Settings):
    answers(settings, wire(interval(1, from_s=20.0, to_s=10.0)))
    drain(settings)
    (letter,) = rows(settings, "dead_letters")
    mended = letter["payload"].replace('"from_s":20.0', '"from_s":2.0')
    with door(settings, source="file") as intake:
        intake.accept([mended.encode()])
    drain(settings)

    assert (letter["code"], letter["view_id"]) == ("interval_reversed", view_id())
    assert [(row["from_s"], row["received_at"].timestamp() * 1000) for row in rows(settings)] == [(2.0, NOW_MS)]


def test_pending_events_are_counted_before_any_maintainer_ran(settings: Settings):
    answers(settings, wire(play(0), play(1)), b"{")

    assert counters(settings) == {"received": 3, "stored": 0, "duplicate": 0, "dead_lettered": 0, "pending": 3}


def test_no_batch_without_news_makes_a_commit(settings: Settings):
    answers(settings, wire(play(0)))
    with Maintainer(settings, rollups=NoRollups) as maintainer:
        maintainer.run_until_drained()
        before = sorted(Path(settings.lake).rglob("*.json"))
        answers(settings, wire(play(0)))
        maintainer.run_until_drained()
        maintainer.step()

    assert sorted(Path(settings.lake).rglob("*.json")) == before
    assert counters(settings)["duplicate"] == 1


def test_only_files_may_name_their_own_receipt_browser_and_country(settings: Settings):
    answers(settings, wire(play(), received_at_ms=START_MS - DAY_MS, user_agent=CHROME, country="JP"))
    drain(settings)

    (row,) = rows(settings)
    assert (row["received_at"].timestamp() * 1000, row["browser"], row["country"]) == (NOW_MS, None, None)


def test_a_raised_revision_is_stamped_within_a_second(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    catalog = catalog_of(settings)
    video = catalog.add(title="A film", source_kind="upload")
    monkeypatch.setattr("viewbox.intake.VIDEO_CACHE_S", 0.0)
    with door(settings) as intake:
        intake.accept([wire(play(0), video_id=video.id)], received_at_ms=NOW_MS)
        catalog.publish(video.id, revision=2, duration_s=60.0, assets={}, ready=True)
        intake.accept([wire(play(1), video_id=video.id)], received_at_ms=NOW_MS)
    drain(settings)

    assert [row["revision"] for row in rows(settings)] == [1, 2]
