"""`viewbox serve` with a spool that forgets: the same door, answering without storing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from unittest.mock import patch

import uvicorn

from ingest_api.cli import configure, listen
from viewbox.settings import load
from viewbox.spool import Row, Spool, Told


class Forgetful(Spool):
    def submit(self, rows: Sequence[Row], tell: Told) -> None:  # noqa: ARG002  # forgotten
        tell(None)


def main() -> None:
    settings = load()
    listener = listen(settings)
    print(f"storeless door on http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
    with patch("ingest_api.app.Spool", Forgetful):
        uvicorn.Server(configure(settings)).run(sockets=[listener])


if __name__ == "__main__":
    main()
