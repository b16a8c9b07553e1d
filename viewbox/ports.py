"""TCP ports: who holds one, so that a taken port is one line that names its holder, and how to reach one."""

from __future__ import annotations

import socket
from pathlib import Path

from viewbox.errors import SetupError

_LISTENING = "0A"  # state column of /proc/net/tcp


def require_free(host: str, port: int, setting: str) -> None:
    """Raise SetupError naming the holder and the setting when nothing can listen on `host:port`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            held_by = holder(port)
            message = f"port {port} on {host} is taken{f' by {held_by}' if held_by else ''} ({error.strerror})"
            raise SetupError(
                message, code="port_taken", hint=f"stop it, or choose another port with {setting}"
            ) from error


def holder(port: int) -> str | None:
    """`name (pid 123)` of the process that listens on `port`, where /proc tells; else None."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = [str(descriptor.readlink()) for descriptor in (process / "fd").iterdir()]
            if any(f"socket:[{inode}]" in links for inode in inodes):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                return f"{' '.join(words[:3]).strip()} (pid {process.name})"
        except OSError:  # the process ended, or belongs to somebody else
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            if columns[3] == _LISTENING and int(columns[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(columns[9])
    return inodes


def local_url(host: str, port: int) -> str:
    """The URL under which this machine reaches a service that listens on `host`."""
    reachable = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  # compared with, not bound to
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
