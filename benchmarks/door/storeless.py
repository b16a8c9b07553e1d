"""`viewbox serve` with a spool that forgets: the same door, answering without storing."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import uvicorn

import ingest_api.app
from ingest_api.cli import configure, listen
from viewbox.settings import load
from viewbox.spool import Row, Spool, Told


class Forgetful(Spool):
    def submit(self, rows: Sequence[Row], tell: Told) -> None:
        tell(None)


def main() -> None:
    ingest_api.app.Spool = Forgetful  # type: ignore[misc]
    settings = load()
    listener = listen(settings)
    print(f"storeless door on http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
    uvicorn.Server(configure(settings)).run(sockets=[listener])


if __name__ == "__main__":
    main()
