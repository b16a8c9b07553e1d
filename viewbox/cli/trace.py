"""`viewbox trace`: where is my event?"""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from viewbox import settings as settings_module
from viewbox.clock import iso_ms
from viewbox.engine import open_engine
from viewbox.trace import Leg, Place, Trace
from viewbox.trace import trace as follow

PLACES: dict[Place, str] = {
    "spool": "on disk, waits for the lake",
    "duplicate": "on disk; the lake has it already",
    "lake": "in the lake, waits for the tables",
    "tables": "in all tables",
    "dead_letter": "refused",
}


def trace(
    view_id: Annotated[str, typer.Argument(help="as the player made it; acks name it")],
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Tell where a view's events are: received, spooled, committed, rolled up, with times. Exit 1 if none ever came."""
    settings = settings_module.load()
    found = follow(settings, open_engine(settings), view_id)
    if as_json:
        print(json.dumps(_plain(found), indent=2))
    else:
        _print(found)


def _print(found: Trace) -> None:
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    table = Table(box=None, pad_edge=False)
    for column in ("received", "seq", "where", "since"):
        table.add_column(column)
    for leg in found.legs:
        where = f"refused: {leg.code} ({leg.hint})" if leg.code else PLACES[leg.place]
        table.add_row(_time(leg.received_at), _seqs(leg.seqs), where, _time(leg.since) or "–")
    console.print(table)
    console.print(f"\n{_verdict(found)}")


def _verdict(found: Trace) -> str:
    """One sentence about the view's row."""
    if found.error is not None:
        return f"The view has no row: {found.error}"
    row = found.row
    if row is None:
        return "The view has no row in the tables yet."
    seconds = row["playing_ms"] / 1000
    state = (
        "valid" if row["is_valid"] else "not valid: a robot" if row["is_bot"] else "not valid: under a second played"
    )
    gaps = f", {row['gaps']} events missing in between" if row["gaps"] else ""
    closed = f"closed by {row['closed_by']}" if row["closed_by"] else "open"
    return f"A view of {row['video_id']}, {closed}, {seconds:.1f} s played, {row['events']} events{gaps}; {state}."


def _plain(found: Trace) -> dict[str, Any]:
    return {
        "view_id": found.view_id,
        "events": [_plain_leg(leg) for leg in found.legs],
        "view": {name: _plain_value(value) for name, value in found.row.items()} if found.row else None,
        "error": found.error,
    }


def _plain_leg(leg: Leg) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in msgspec.structs.asdict(leg).items()}


def _plain_value(value: Any) -> Any:
    return _time(value) if hasattr(value, "timestamp") else value


def _time(moment: Any) -> str:
    return "" if moment is None else iso_ms(round(moment.timestamp() * 1000))


def _seqs(seqs: list[int]) -> str:
    """Runs of numbers, as `0–4, 7`.

    >>> _seqs([0, 1, 2, 7])
    '0–2, 7'
    >>> _seqs([])
    '?'
    """
    runs: list[list[int]] = []
    for seq in seqs:
        if runs and seq == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], seq]
        else:
            runs.append([seq, seq])
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs) or "?"
