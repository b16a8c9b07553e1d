"""The HTTP door, put together. `create_app(settings)` opens nothing; its lifespan does."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from ingest_api import problems, site_headers
from ingest_api.access import Access, AccessMiddleware
from ingest_api.auth import AuthMiddleware, policy
from ingest_api.awaited import Awaited
from ingest_api.body_limit import BodyLimitMiddleware
from ingest_api.desk import Desk
from ingest_api.dies_with_parent import end_with_parent
from ingest_api.forwarded import trusted_networks
from ingest_api.head import HeadMiddleware
from ingest_api.limits import INTAKE_THREADS, QUERY_THREADS
from ingest_api.live import LiveHub, Presence, Sharing
from ingest_api.maintainer_process import MaintainerProcess
from ingest_api.openapi import describe
from ingest_api.resumable import UploadStore
from ingest_api.routes import captions, health, live, login, media, metrics, site, sql, uploads, videos, views
from ingest_api.services import Services
from ingest_api.telemetry import Telemetry
from viewbox import __version__, logs
from viewbox import settings as settings_module
from viewbox.addresses import check_allow
from viewbox.captions import Captions
from viewbox.catalog import Catalog
from viewbox.database import open_database
from viewbox.engine import Engine
from viewbox.intake import Intake
from viewbox.jobs import Jobs
from viewbox.segments import SegmentIndex
from viewbox.settings import Settings
from viewbox.spool import Spool
from viewbox.storage import MediaStore

SWEEP_S = 3600.0
GC_ALLOCATIONS = 5_000  # between looks for cycles among young objects: handshakes leave some


def create_app(settings: Settings) -> FastAPI:
    """The application. Raises SetupError for settings under which it must not start."""
    check_allow(settings.fetch_allow)
    trusted_networks(settings.trusted_proxies)
    telemetry = Telemetry()
    app = FastAPI(
        title="ViewBox",
        version=__version__,
        summary="Videos in, exact truth about watching out.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan(settings, telemetry),
    )
    access = Access.of(settings)
    # The last one added is the outermost: Host and Origin come before everything.
    app.add_middleware(HeadMiddleware)
    app.add_middleware(BodyLimitMiddleware, telemetry=telemetry)
    app.add_middleware(AuthMiddleware, policy=policy(settings), telemetry=telemetry)
    app.add_middleware(AccessMiddleware, access=access, telemetry=telemetry, complete=site_headers.Completer(access))
    problems.install(app, telemetry)
    app.state.post_buckets = views.PostBuckets(settings.intake_rate)
    for module in (videos, captions, uploads, views, live, media, metrics, sql, health, login, site):
        app.include_router(module.router)
    app.router.routes.append(WebSocketRoute("/v1/views", views.ViewsSocket(settings, telemetry)))
    describe(app)
    return app


def from_environment() -> FastAPI:
    """What each process of `viewbox serve` runs. A worker ends with the process that supervises it."""
    supervisor = multiprocessing.parent_process()
    if supervisor is not None and supervisor.pid is not None:
        end_with_parent(supervisor.pid)
    logs.configure()
    return create_app(settings_module.load())


def _lifespan(settings: Settings, telemetry: Telemetry) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.services = await _open(settings, telemetry, stack)
            _settle_memory()
            yield

    return lifespan


def _settle_memory() -> None:
    """Modules, routes and schemas stay for good: collections that walk through them took a third of the door's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_ALLOCATIONS, 20, 20)


async def _open(settings: Settings, telemetry: Telemetry, stack: AsyncExitStack) -> Services:
    engine = open_database(settings.database)
    stack.callback(engine.dispose)
    catalog = Catalog(engine, announces=settings.webhook_url is not None)
    for folder in (settings.media_dir, settings.work_dir / "uploads", settings.work_dir / "resumable"):
        folder.mkdir(parents=True, exist_ok=True)
    resumable = UploadStore(settings.work_dir / "resumable")
    sweeping = asyncio.create_task(_sweep(resumable))
    stack.callback(sweeping.cancel)
    maintainer = MaintainerProcess(settings)
    await maintainer.start()
    stack.push_async_callback(maintainer.stop)
    # A disk that failed under the spool cannot be trusted again: this process ends, and its supervisor starts another.
    spool = stack.enter_context(Spool(settings.spool_dir, on_broken=lambda: os.kill(os.getpid(), signal.SIGTERM)))
    intake_threads = ThreadPoolExecutor(INTAKE_THREADS, "intake")
    stack.callback(intake_threads.shutdown)
    lake = Engine(settings, catalog)
    stack.callback(lake.close)
    query_threads = ThreadPoolExecutor(QUERY_THREADS, "query")
    stack.callback(query_threads.shutdown, wait=False, cancel_futures=True)
    presence = Presence()
    is_one_of_several = multiprocessing.parent_process() is not None
    sharing = Sharing(presence, settings.work_dir / "live") if is_one_of_several else None
    hub = LiveHub(catalog, lake, presence, settings.timezone, sharing)
    hub.start()
    stack.push_async_callback(hub.stop)
    media = MediaStore(settings.media_dir)
    return Services(
        settings=settings,
        telemetry=telemetry,
        catalog=catalog,
        jobs=Jobs(engine),
        captions=Captions(engine),
        media=media,
        awaited=Awaited(catalog, SegmentIndex(engine), media, telemetry),
        resumable=resumable,
        spool=spool,
        desk=Desk(Intake(settings, catalog, spool), spool, intake_threads, telemetry, hear=presence.hear),
        engine=lake,
        live=hub,
        maintainer=maintainer,
        query_threads=query_threads,
    )


async def _sweep(resumable: UploadStore) -> None:
    """Uploads that nobody continued do not fill the disk of a door that takes no new ones."""
    while True:
        try:
            await asyncio.to_thread(resumable.sweep)
        except OSError as error:
            logs.get("api").warning("uploads not swept", error=str(error))
        await asyncio.sleep(SWEEP_S)
