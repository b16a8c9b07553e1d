"""ViewBox: exact, self-hosted video analytics. The notebook API is `viewbox.connect()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewbox.metrics.connection import Answer, Connection, LocalConnection, RemoteConnection, connect

__all__ = ["Answer", "Connection", "LocalConnection", "RemoteConnection", "connect"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load the notebook API when it is used: every process of ViewBox imports this package."""
    if name not in __all__:
        raise AttributeError(f"module 'viewbox' has no attribute {name!r}")
    from viewbox.metrics import connection  # noqa: PLC0415  # see above

    return getattr(connection, name)
