"""The pages /embed and /watch as the door serves them: what is built, the head's hints, one video's facts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks.player.stream import SECONDS
from benchmarks.process import ROOT, BenchmarkFailed
from ingest_api.page_hints import PlayerPage, head_links

DIST = ROOT / "player" / "dist"
VIDEO = "benchmark.html"  # an id as good as any; the host takes a file's type from its name
PAGES: Mapping[PlayerPage, str] = MappingProxyType({
    "embed": f"/embed/{VIDEO}?autoplay=1",
    "watch": f"/watch/{VIDEO}?autoplay=1",
})  # fmt: skip
_NO_ADDRESSES = dict.fromkeys(("poster", "storyboard", "embed", "chapters", "captions", "preview"))


def lay_out(folder: Path) -> None:
    """Put the built site into `folder`. Raises BenchmarkFailed when it is not built."""
    index = DIST / "index.html"
    if not index.is_file():
        raise BenchmarkFailed("the site is not built: run `make setup`")
    shutil.copytree(DIST / "assets", folder / "assets")
    for page in PAGES:
        _write(folder / page / VIDEO, index.read_text(encoding="utf-8").replace("</head>", _head(page), 1))
    _write(folder / "v1" / "videos" / VIDEO, json.dumps(_video()))


def _head(page: PlayerPage) -> str:
    return f"{head_links(DIST, page, VIDEO)}</head>"


def _write(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def _video() -> dict[str, object]:
    """What GET /v1/videos/{id} says of a video that is ready."""
    return {
        "id": VIDEO, "title": "Benchmark", "tags": [], "metadata": {}, "status": "ready", "playable": True,
        "duration_s": SECONDS, "revision": 1, "created_at": "2026-01-01T00:00:00Z", "progress": 1, "renditions": [],
        "urls": {**_NO_ADDRESSES, "hls": "/stream/one.m3u8"}, "error": None,
    }  # fmt: skip
