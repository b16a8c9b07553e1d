"""Fetching."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    path: Path
    size_bytes: int


def fetch(
    url: str,
    folder: Path,
    *,
    allow: Sequence[str],
    proxy: str | None,
    max_bytes: int,
    cancel: threading.Event,
    on_progress: Callable[[int, int | None], None],
) -> Source:
    raise NotImplementedError
