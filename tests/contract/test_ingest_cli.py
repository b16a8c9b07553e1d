"""`viewbox ingest` and `viewbox rollup`, as a person at a terminal sees them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.messages import START_MS, door, interval, play, rows, settings_in, view_id, wire
from viewbox.cli.events import _lines, ingest, rollup
from viewbox.engine import open_engine
from viewbox.settings import Settings

DAY_MS = 86_400_000


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("VIEWBOX_DATA_DIR", str(tmp_path / "data"))
    return settings_in(tmp_path / "data")


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command("ingest")(ingest)
    app.command("rollup")(rollup)
    return app


def run(app: typer.Typer, *arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def file_of(folder: Path, *lines: bytes, name: str = "events.ndjson") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(lines))
    return path


def test_it_prints_what_became_of_the_events(app: typer.Typer, settings: Settings, tmp_path: Path):
    path = file_of(
        tmp_path,
        b"\xef\xbb\xbf" + wire(play(0), interval(1)),
        b"",
        wire(play(0), interval(1)) + b"\r",
        b"   ",
        b"{not json",
        wire(play(5, position_s=-1), interval(2)),
    )
    result = run(app, "ingest", path)

    assert result.exit_code == 0
    assert result.stdout == "received 7\nstored 3\nduplicate 2\ndead_lettered 2\n"
    assert [row["seq"] for row in rows(settings)] == [0, 1, 2]


def test_json_is_one_object(app: typer.Typer, settings: Settings, tmp_path: Path):
    result = run(app, "ingest", "--json", file_of(tmp_path, wire(play(0))))

    assert json.loads(result.stdout) == {"received": 1, "stored": 1, "duplicate": 0, "dead_lettered": 0}


def test_standard_input_is_a_file_too(app: typer.Typer, settings: Settings):
    result = run(app, "ingest", "-", stdin=wire(play(0)))

    assert (result.exit_code, result.stdout.splitlines()[1]) == (0, "stored 1")


def test_an_empty_file_is_read_to_its_end(app: typer.Typer, settings: Settings, tmp_path: Path):
    result = run(app, "ingest", file_of(tmp_path))

    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "received 0")


def test_an_unreadable_file_is_exit_1_and_the_others_are_taken(app: typer.Typer, settings: Settings, tmp_path: Path):
    result = run(app, "ingest", tmp_path / "missing.ndjson", tmp_path, file_of(tmp_path, wire(play(0))))

    assert result.exit_code == 1
    assert "stored 1" in result.stdout
    assert "missing.ndjson" in result.stderr


def test_a_line_of_10_mb_is_one_dead_letter(app: typer.Typer, settings: Settings, tmp_path: Path):
    giant = wire(play(0), padding="x" * 10_000_000)
    result = run(app, "ingest", file_of(tmp_path, wire(play(0)), giant, wire(play(1))))

    assert result.stdout == "received 3\nstored 2\nduplicate 0\ndead_lettered 1\n"
    (letter,) = rows(settings, "dead_letters")
    assert (letter["code"], len(letter["payload"])) == ("message_too_big", 65_536)


def test_history_keeps_its_dates_and_dimensions(app: typer.Typer, settings: Settings, tmp_path: Path):
    past_ms = START_MS - 30 * DAY_MS
    fields: dict[str, Any] = {
        "view_id": view_id(at_ms=past_ms),
        "started_at_ms": past_ms,
        "sent_at_ms": past_ms + 20_000,
    }
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Version/18.1 Mobile Safari/604.1"
    run(
        app, "ingest",
        file_of(
            tmp_path,
            wire(interval(1, t_ms=10_000), user_agent=safari, country="JP", **fields),
            wire(interval(2, t_ms=20_000), received_at_ms=past_ms + 25_000, **fields),
        ),
    )  # fmt: skip

    first, second = rows(settings)
    assert [row["occurred_at"].timestamp() * 1000 - past_ms for row in (first, second)] == [10_000, 25_000]
    assert [row["received_at"].timestamp() * 1000 - past_ms for row in (first, second)] == [20_000, 25_000]
    assert (first["browser"], first["os"], first["country"]) == ("Safari", "iOS", "JP")
    assert (second["browser"], second["country"]) == (None, None)
    assert first["dt"].isoformat() == "2026-10-24"
    assert first["source"] == "file"


def test_when_it_returns_the_view_is_in_sql(app: typer.Typer, settings: Settings, tmp_path: Path):
    run(app, "ingest", file_of(tmp_path, wire(play(0), interval(1))))
    table = open_engine(settings).query("SELECT video_id, media_s FROM views")

    assert table.to_pylist() == [{"video_id": "video-1", "media_s": 10.0}]


def test_rollup_returns_when_every_acked_event_is_in_all_tables(app: typer.Typer, settings: Settings):
    with door(settings) as intake:
        intake.accept([wire(play(0), interval(1))], received_at_ms=START_MS + 60_000)
    result = run(app, "rollup")
    before = open_engine(settings).query("SELECT * EXCLUDE (dt) FROM views").to_pylist()
    full = run(app, "rollup", "--full")
    after = open_engine(settings).query("SELECT * EXCLUDE (dt) FROM views").to_pylist()

    assert (result.exit_code, result.stdout, full.exit_code) == (0, "", 0)
    assert len(before) == 1
    assert after == before


def test_wrong_usage_is_exit_2(app: typer.Typer, settings: Settings):
    assert run(app, "ingest").exit_code == 2
    assert run(app, "ingest", "--nonsense", "x").exit_code == 2


def test_lines_end_where_newlines_are():
    assert list(_lines(io.BytesIO(b"a\n\nb\r\nc"))) == [b"a", b"", b"b", b"c"]
    assert [len(line) for line in _lines(io.BytesIO(b"x" * 200_000 + b"\ny"))] == [65_538, 1]
