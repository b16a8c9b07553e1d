"""The door as uvicorn serves any application: with all of its default settings, compression of frames among them."""

from __future__ import annotations

import os
import sys

import uvicorn

from ingest_api.cli import listen
from viewbox.settings import load


def main() -> None:
    listener = listen(load())
    port = listener.getsockname()[1]
    os.environ["VIEWBOX_PORT"] = str(port)
    print(f"door on http://127.0.0.1:{port}", file=sys.stderr, flush=True)
    config = uvicorn.Config("ingest_api.app:from_environment", factory=True, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
