"""`viewbox serve`: the HTTP door on uvicorn, one process or several."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from typing import Annotated

import typer
import uvicorn

from ingest_api.app import create_app
from ingest_api.websocket_protocol import LingeringWebSockets
from ingest_api.workers import SILENT_WORKER_S, Workers
from viewbox import settings as settings_module
from viewbox.events import MAX_MESSAGE_BYTES
from viewbox.ports import require_free
from viewbox.settings import Settings

DRAIN_S = 15  # after SIGTERM running requests may end; WebSockets are told 1012 at once
KEEP_ALIVE_S = 65  # longer than the 60 s of usual proxies, so that they never reuse a connection we just closed
BACKLOG = 2048


def serve(
    *,
    workers: Annotated[
        int | None, typer.Option(help="processes; VIEWBOX_WORKERS when not given", min=1, max=64)
    ] = None,
) -> None:
    """Serve API, events and site. Takes events all the way to the lake."""
    settings = settings_module.load()
    create_app(settings)  # refuses to start before anything listens
    if settings.port:
        require_free(settings.host, settings.port, "VIEWBOX_PORT")
    listener = listen(settings)
    port = listener.getsockname()[1]
    os.environ["VIEWBOX_PORT"] = str(port)  # port 0 became a real one; Origin checks need to know it
    count = workers or settings.workers
    config = configure(settings, workers=count)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    typer.echo(f"ViewBox serves on http://{shown}:{port}", err=True)
    server = uvicorn.Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # uvicorn raises the signal again once it has drained: a clean end is 0
    try:
        if count > 1:
            Workers(config, sockets=[listener]).run()
        else:
            server.run(sockets=[listener])
    finally:
        listener.close()
    if not server.started and count == 1:
        sys.exit(1)


def listen(settings: Settings) -> socket.socket:
    """The listening socket; every worker inherits it."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.host, settings.port))
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


def configure(settings: Settings, *, workers: int = 1) -> uvicorn.Config:
    """How uvicorn runs this door. Its own log lines carry client addresses: only its warnings are kept."""
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    return uvicorn.Config(
        "ingest_api.app:from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        ws=LingeringWebSockets,
        ws_max_size=MAX_MESSAGE_BYTES,  # larger frames are refused by their header: close code 1009
        ws_per_message_deflate=False,  # 316 KiB a connection for 10 % less traffic
        proxy_headers=False,  # the app itself decides which proxies to believe
        server_header=False,
        access_log=False,  # its lines would hold client addresses
        log_config=None,
        log_level="warning",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
        timeout_worker_healthcheck=SILENT_WORKER_S,
        backlog=BACKLOG,
        lifespan="on",
    )
