"""Pages of the players, built one by one from npm's packages and our sources, and what they weigh."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process import ROOT, BenchmarkFailed

HERE = Path(__file__).parent
KB = 1000
# Page: its name in figures.
PLAYERS = {
    "bare": "bare <video> + hls.js",
    "ours": "ViewBox",
    "videojs8": "Video.js 8",
    "media_chrome": "media-chrome",
    "videojs10": "Video.js 10",
    "vidstack": "vidstack",
    "mux_player": "mux-player",
}
NO_FRAMEWORK = "no_framework"


@dataclass(frozen=True)
class Weight:
    """JavaScript in bytes, gzipped: what is loaded at once, and what may come later."""

    first_bytes: int
    lazy_bytes: int


def build_package() -> None:
    """Make the package as npm would have it; our pages are built from it. Raises BenchmarkFailed when that fails."""
    environment = {**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ.get('PATH', '')}"}
    command = ["npm", "run", "build:package"]
    built = subprocess.run(
        command, cwd=ROOT / "player", env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    if built.returncode:
        raise BenchmarkFailed(f"the package was not built:\n{(built.stdout + built.stderr)[-2000:]}")


def build_page(page: str, out: Path) -> Weight:
    """Build a page into `out`, to be served from `/<page>/`. Raises BenchmarkFailed with the bundler's words."""
    vite = HERE / "node_modules" / ".bin" / "vite"
    if not vite.exists():
        raise BenchmarkFailed("the peers are not installed: `make bench` does it, or `npm ci` in benchmarks/player")
    environment = {**os.environ, "PAGE": page, "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ.get('PATH', '')}"}
    command = [str(vite), "build", "--base", f"/{page}/", "--outDir", str(out), "--logLevel", "error"]
    built = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
    if built.returncode:
        raise BenchmarkFailed(f"the page {page} was not built:\n{(built.stdout + built.stderr)[-2000:]}")
    return _weigh(out)


def peer_versions() -> dict[str, str]:
    """Installed versions of what the pages are made of."""
    named = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    found = {}
    for name in named:
        package = HERE / "node_modules" / name / "package.json"
        found[name] = (
            json.loads(package.read_text(encoding="utf-8"))["version"] if package.exists() else "not installed"
        )
    return found


def _weigh(out: Path) -> Weight:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    first: set[str] = set()
    queue = [key for key, chunk in manifest.items() if chunk.get("isEntry")]
    while queue:
        key = queue.pop()
        if manifest[key]["file"] not in first:
            first.add(manifest[key]["file"])
            queue += manifest[key].get("imports", [])
    files = {chunk["file"] for chunk in manifest.values() if chunk["file"].endswith(".js")}
    sizes = {name: len(gzip.compress((out / name).read_bytes(), 9)) for name in files}
    first_bytes = sum(size for name, size in sizes.items() if name in first)
    return Weight(first_bytes, sum(sizes.values()) - first_bytes)
