"""The door under granian: one worker, WebSockets by ASGI alone, for there it has no shorter way."""

from __future__ import annotations

import os
import sys

from granian import Granian
from granian.constants import Interfaces

from benchmarks.door.doors import free_ports


def main() -> None:
    (port,) = free_ports(1)
    os.environ["VIEWBOX_PORT"] = str(port)
    print(f"door on http://127.0.0.1:{port}", file=sys.stderr, flush=True)
    Granian(
        "ingest_api.app:from_environment", address="127.0.0.1", port=port, interface=Interfaces.ASGI, factory=True,
        workers=1, websockets=True, log_enabled=False, backpressure=10_000,
    ).serve()  # fmt: skip


if __name__ == "__main__":
    main()
