"""Version 1 for ever: what players sent in 2026 is answered and stored in every later version as it was then.

golden_v1/*.json are never changed, only added to: `sent` is a text frame, `answer` what went back, `stored` and
`dead_letters` what the lake says of it. Columns that later versions add are not looked at, and neither are hints: they
are words for people, the codes are the contract.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.messages import START_MS, door, drain, rows, settings_in
from viewbox.events import schema_json
from viewbox.intake import ClientFacts
from viewbox.testing.clock import FakeClock

GOLDEN = sorted(Path(__file__).with_name("golden_v1").glob("*.json"))
RECEIVED_MS = START_MS + 61_000
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)


def stored(folder: Path, sent: str) -> dict[str, Any]:
    """What becomes of a frame: its answer, and the rows that it leaves, as JSON writes them."""
    settings = settings_in(folder)
    with door(settings, clock=FakeClock(RECEIVED_MS)) as intake:
        (answer,) = intake.accept([sent.encode()], facts=ClientFacts(user_agent=CHROME))
    drain(settings)
    tables = {"stored": rows(settings), "dead_letters": rows(settings, "dead_letters")}
    return {"answer": plain(msgspec.to_builtins(answer)), **{name: plain(table) for name, table in tables.items()}}


def plain(value: Any) -> Any:
    match value:
        case list():
            return [plain(member) for member in value]
        case dict():
            return {name: plain(member) for name, member in value.items() if name != "hint"}
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def known(found: list[dict[str, Any]], golden: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns that the golden rows have."""
    return [{name: row[name] for name in old} for row, old in zip(found, golden, strict=True)]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_version_1_sent_is_answered_and_stored_as_ever(tmp_path: Path, path: Path):
    golden = json.loads(path.read_text(encoding="utf-8"))
    found = stored(tmp_path, golden["sent"])
    assert found["answer"] == golden["answer"]
    for table in ("stored", "dead_letters"):
        assert known(found[table], golden[table]) == golden[table]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_schema_still_takes_what_was_taken_whole(path: Path):
    golden = json.loads(path.read_text(encoding="utf-8"))
    if golden["dead_letters"]:
        return
    jsonschema.Draft202012Validator(json.loads(schema_json())).validate(json.loads(golden["sent"]))


def test_every_event_type_has_its_golden_row():
    types = {row["type"] for path in GOLDEN for row in json.loads(path.read_text(encoding="utf-8"))["stored"]}
    assert types == {
        "view_start", "play", "playing", "autoplay_blocked", "pause", "seek", "stall", "rate", "rendition", "interval",
        "heartbeat", "setting", "error", "ended", "view_end",
    }  # fmt: skip
