"""The lake's own consistency, looked at: each file of sql/checks returns the rows that must not be."""

from __future__ import annotations

from importlib import resources

from viewbox.engine.engine import Engine


def checks() -> dict[str, str]:
    """Every check by name: a query that finds nothing in sound tables."""
    folder = resources.files("viewbox") / "sql" / "checks"
    return {
        item.name.removesuffix(".sql"): item.read_text(encoding="utf-8")
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".sql")
    }


def offences(engine: Engine) -> dict[str, int]:
    """Offending rows by check; all zero when the tables are sound."""
    return {name: engine.query(sql).num_rows for name, sql in checks().items()}
