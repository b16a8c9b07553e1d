"""`viewbox dashboard`: the product manager's pages alone."""

from __future__ import annotations

from dashboard.server import serve
from viewbox import settings
from viewbox.errors import SetupError
from viewbox.ports import require_free
from viewbox.settings import Settings


def dashboard() -> None:
    """Serve the dashboard on VIEWBOX_HOST, VIEWBOX_DASHBOARD_PORT until Ctrl-C."""
    current = settings.load()
    require_secret(current)
    require_free(current.host, current.dashboard_port, "VIEWBOX_DASHBOARD_PORT")
    serve(current)


def require_secret(current: Settings) -> None:
    """Raises SetupError when others could reach the dashboard and nothing could tell them apart."""
    if current.auth_mode == "token" and not current.secret_value:
        raise SetupError(
            "the dashboard is reachable from other machines and has no secret",
            hint="set VIEWBOX_SECRET or VIEWBOX_SECRET_FILE, or VIEWBOX_HOST=127.0.0.1",
        )
