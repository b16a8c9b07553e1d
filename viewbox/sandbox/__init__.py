"""Analysts' SQL: each statement runs in a process of its own that can read the tables and nothing else.

Names are loaded when they are used: the child process imports this package too, and pays for every import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewbox.sandbox.parent import Limits, SqlResult, run_sql

__all__ = ["Limits", "SqlResult", "run_sql"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from viewbox.sandbox import parent  # noqa: PLC0415  # see above

    return getattr(parent, name)
