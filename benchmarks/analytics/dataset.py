"""A synthetic audience's lake of a given size, made once and kept: `viewbox simulate --via lake`, then hard links.

Its derived tables are made afterwards, by `full_run`: that is measured, and a kept data set gets those of today's code.

Below `<folder>/events-<size>`: `data` is a data directory of ViewBox, `raw` holds the live files of `events` under
another name for the peers: compaction leaves replaced files beside them for an hour.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from deltalake import DeltaTable

from benchmarks.analytics.memory import Peak
from benchmarks.process import ROOT, BenchmarkFailed, run_measured
from viewbox.maintainer import Maintainer
from viewbox.settings import Settings

VIDEOS = 1000
DAYS = 30
SEED = 20_261_124
MAKERS = ("rollups", "sql/models", "tables")
CODE = {".py", ".sql", ".toml", ".json"}
TIMEOUT_S = 6 * 3600.0
SIZES = {"100k": 100_000, "1M": 1_000_000, "10M": 10_000_000, "100M": 100_000_000}


@dataclass(frozen=True)
class DataSet:
    """`size` is its name, a key of SIZES; the audience comes in whole views, so `events` is not exactly that."""

    size: str
    events: int
    folder: Path

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def settings(self) -> Settings:
        return Settings(_env_file=None, data_dir=self.data_dir)

    @property
    def raw_glob(self) -> str:
        """The live Parquet files of `events`, for DuckDB, ClickHouse and pandas alike."""
        return str(self.folder / "raw" / "dt=*" / "*.parquet")

    def environment(self) -> dict[str, str]:
        """For commands of ViewBox on this data set."""
        return {"VIEWBOX_DATA_DIR": str(self.data_dir)}


def full_run(dataset: DataSet) -> tuple[float, int]:
    """(seconds, peak bytes of all its processes) of `viewbox rollup --full`, start of the program included."""
    peak = Peak()
    command = [sys.executable, "-m", "viewbox", "rollup", "--full"]
    usage = run_measured(
        command, folder=dataset.folder, environment=dataset.environment(), timeout_s=TIMEOUT_S, beside=peak.of
    )
    _tables_mark(dataset).write_text(_makers_of_tables(), encoding="utf-8")
    return usage.wall_s, max(peak.bytes, usage.peak_bytes)


def with_fresh_tables(dataset: DataSet) -> DataSet:
    """The data set with tables that this code has made: a kept one may have been made by another."""
    mark = _tables_mark(dataset)
    if not mark.exists() or mark.read_text(encoding="utf-8") != _makers_of_tables():
        full_run(dataset)
    return dataset


def prepared(folder: Path, size: str) -> DataSet:
    """The data set of this size: the one that is there already, or a new one. Its files are compacted."""
    home = folder / f"events-{size}"
    mark = home / "complete.json"
    wanted = {"events": SIZES[size], "videos": VIDEOS, "days": DAYS, "seed": SEED}
    if mark.exists() and json.loads(mark.read_text(encoding="utf-8"))["asked"] != wanted:
        shutil.rmtree(home)
    if not mark.exists():
        shutil.rmtree(home, ignore_errors=True)
        (home / "data").mkdir(parents=True)
        dataset = DataSet(size, 0, home)
        command: list[str | Path] = [sys.executable, "-m", "viewbox", "simulate", "--via", "lake", "--no-tables"]
        command += [part for name, value in wanted.items() for part in (f"--{name}", str(value))]
        run_measured(command, folder=home, environment=dataset.environment(), timeout_s=TIMEOUT_S)
        with Maintainer(dataset.settings) as maintainer:
            maintainer.tidy()
        mark.write_text(json.dumps({"asked": wanted}), encoding="utf-8")
    dataset = DataSet(size, _count(home / "data"), home)
    _link_raw(dataset)
    return dataset


@contextmanager
def cloned(dataset: DataSet) -> Iterator[DataSet]:
    """A copy to write to, removed at the end. Parquet files are never changed in place, so they are linked."""
    with_size = f"{dataset.folder.name}-clone"
    home = dataset.folder.with_name(with_size)
    shutil.rmtree(home, ignore_errors=True)
    try:
        shutil.copytree(dataset.data_dir, home / "data", copy_function=_link_parquet)
        yield DataSet(dataset.size, dataset.events, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def live_files(data_dir: Path) -> list[tuple[Path, int]]:
    """Path and bytes of each file that the newest version of `events` names."""
    root = data_dir / "lake" / "events"
    actions = DeltaTable(str(root)).get_add_actions(flatten=True)
    paths, sizes = actions["path"].to_pylist(), actions["size_bytes"].to_pylist()
    return [(root / unquote(path), size) for path, size in zip(paths, sizes, strict=True)]


def _tables_mark(dataset: DataSet) -> Path:
    return dataset.folder / "tables"


def _makers_of_tables() -> str:
    """A fingerprint of the code that makes the derived tables."""
    total = hashlib.sha256()
    for path in sorted(path for part in MAKERS for path in (ROOT / "viewbox" / part).rglob("*") if path.suffix in CODE):
        total.update(path.read_bytes())
    return total.hexdigest()


def _count(data_dir: Path) -> int:
    root = data_dir / "lake" / "events"
    if not DeltaTable.is_deltatable(str(root)):
        raise BenchmarkFailed(f"{data_dir} holds no events")
    return int(sum(DeltaTable(str(root)).get_add_actions(flatten=True)["num_records"].to_pylist()))


def _link_raw(dataset: DataSet) -> None:
    raw = dataset.folder / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    for path, _size in live_files(dataset.data_dir):
        place = raw / path.parent.name / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, place)


def _link_parquet(source: str, target: str) -> str:
    if source.endswith(".parquet"):
        os.link(source, target)
        return target
    return str(shutil.copy2(source, target))
