"""The server's own counters: every event that was acknowledged is stored, once."""

from __future__ import annotations

import re

from benchmarks.process import BenchmarkFailed, get, until

DRAIN_TIMEOUT_S = 300.0


def counters(host: str) -> dict[str, int]:
    """received, stored, duplicate, dead_lettered and pending events of /metrics."""
    text = get(f"http://{host}/metrics") or ""
    found = re.findall(r"^viewbox_events_([a-z_]+?)(?:_total)? ([0-9]+)$", text, re.MULTILINE)
    return {name: int(value) for name, value in found}


def settle(host: str) -> None:
    """Wait until the maintainer has nothing left to do, so that one step's backlog does not slow the next."""
    until(lambda: counters(host).get("pending") == 0, timeout_s=DRAIN_TIMEOUT_S, what="empty spool")


def balance(host: str, events: int) -> None:
    """So many events were acknowledged, each of its own view and seq. Raises BenchmarkFailed unless all are stored."""
    settle(host)
    books = counters(host)
    if books.get("received") != events or books.get("stored") != events:
        raise BenchmarkFailed(f"{events} events were acknowledged, and the door says {books}")
