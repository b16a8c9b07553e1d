from __future__ import annotations

import json
from pathlib import Path

from viewbox.events import EVENT_CLASSES, EVENT_FIELDS, schema_json
from viewbox.lake.layout import EVENTS, visible

SCHEMA = Path(__file__).parents[2] / "data" / "schema" / "events.v1.json"


def test_the_committed_json_schema_is_fresh():
    assert SCHEMA.read_text(encoding="utf-8") == schema_json(), (
        "run: python -m viewbox.events > data/schema/events.v1.json"
    )


def test_the_schema_names_every_event_type_of_the_contract():
    definitions = json.loads(schema_json())["$defs"]
    types = {
        definition["properties"]["type"]["enum"][0]
        for definition in definitions.values()
        if "type" in definition.get("required", ())
    }

    assert types == {
        "view_start", "play", "playing", "autoplay_blocked", "pause", "seek", "stall", "rate", "rendition", "interval",
        "heartbeat", "setting", "error", "ended", "view_end",
    }  # fmt: skip


def test_what_only_files_may_say_is_no_part_of_the_schema():
    properties = json.loads(schema_json())["properties"]

    assert "started_at_ms" in properties
    assert not {"received_at_ms", "user_agent", "country"} & set(properties)


def test_every_field_of_every_event_has_a_column():
    common = {"seq", "t_ms", "position_s"}
    fields = {name for event in EVENT_CLASSES for name in event.__struct_fields__}

    assert fields - common == set(EVENT_FIELDS)
    assert fields <= set(EVENTS.names)


def test_analysts_see_the_contracts_columns_in_its_order():
    assert visible("events") == [
        "view_id", "seq", "video_id", "revision", "viewer_id", "viewer_kind", "session_id", "source", "browser", "os",
        "device_type", "country", "is_bot", "type", "t_ms", "occurred_at", "received_at", "position_s",
        *EVENT_FIELDS, "context", "dt",
    ]  # fmt: skip
    assert visible("dead_letters") == ["received_at", "code", "hint", "view_id", "payload"]
