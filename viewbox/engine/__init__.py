"""DuckDB over the lake: `open_engine(settings).query(sql)` answers from one consistent snapshot of all tables."""

from viewbox.engine.engine import Engine, Reading, open_engine
from viewbox.engine.snapshot import LakeReader, Snapshot
from viewbox.engine.views import comments, view_definitions

__all__ = ["Engine", "LakeReader", "Reading", "Snapshot", "comments", "open_engine", "view_definitions"]
