"""What the routes work with: opened once per process by the app's lifespan, closed in reverse order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from ingest_api.awaited import Awaited
from ingest_api.desk import Desk
from ingest_api.limits import LOGIN_ATTEMPTS, LOGIN_WINDOW_S, QUERIES_AT_ONCE, UPLOADS_AT_ONCE, Attempts, Slots
from ingest_api.live import LiveHub
from ingest_api.maintainer_process import MaintainerProcess
from ingest_api.resumable import UploadStore
from ingest_api.telemetry import Telemetry
from viewbox.captions import Captions
from viewbox.catalog import Catalog
from viewbox.engine import Engine
from viewbox.jobs import Jobs
from viewbox.settings import Settings
from viewbox.spool import Spool
from viewbox.storage import MediaStore


@dataclass(frozen=True)
class Services:
    """One process's parts."""

    settings: Settings
    telemetry: Telemetry
    catalog: Catalog
    jobs: Jobs
    captions: Captions
    media: MediaStore
    awaited: Awaited
    resumable: UploadStore
    spool: Spool
    desk: Desk
    engine: Engine
    live: LiveHub
    maintainer: MaintainerProcess
    query_threads: ThreadPoolExecutor
    query_slots: Slots = field(default_factory=lambda: Slots(QUERIES_AT_ONCE, "queries"))
    upload_slots: Slots = field(default_factory=lambda: Slots(UPLOADS_AT_ONCE, "uploads"))
    login_attempts: Attempts = field(default_factory=lambda: Attempts(LOGIN_ATTEMPTS, LOGIN_WINDOW_S))


async def services_of(connection: HTTPConnection) -> Services:
    services: Services = connection.app.state.services
    return services


Parts = Annotated[Services, Depends(services_of)]
