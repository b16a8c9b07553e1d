"""`viewbox dashboard`: the product manager's pages alone."""

from __future__ import annotations

from dashboard.server import serve
from viewbox import settings
from viewbox.ports import require_free
from viewbox.signin import required_secret


def dashboard() -> None:
    """Serve the dashboard on VIEWBOX_HOST, VIEWBOX_DASHBOARD_PORT until Ctrl-C."""
    current = settings.load()
    required_secret(current)
    require_free(current.host, current.dashboard_port, "VIEWBOX_DASHBOARD_PORT")
    serve(current)
