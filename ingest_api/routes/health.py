"""Signs of life: /healthz for supervisors, /readyz for load balancers, /metrics for Prometheus."""

from __future__ import annotations

import shutil
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from ingest_api.live import LiveHub
from ingest_api.live.messages import ORDER
from ingest_api.schemas import Alive, Readiness
from ingest_api.services import Parts, Services
from ingest_api.telemetry import COMMIT_BUCKETS_S, family, histogram, sample
from viewbox.clock import SYSTEM_CLOCK
from viewbox.maintainer.counters import counters
from viewbox.maintainer.lag import lags
from viewbox.spool import MIN_FREE_BYTES

router = APIRouter(tags=["operation"])
_EVENT_COUNTERS: tuple[tuple[str, Literal["counter", "gauge"], str], ...] = (
    ("received", "counter", "Events that were acknowledged; an unreadable message counts as one."),
    ("stored", "counter", "Events in the lake."),
    ("duplicate", "counter", "Events that the lake had already."),
    ("dead_lettered", "counter", "Events that were refused, kept as dead letters."),
    ("pending", "gauge", "Events in the spools, not yet in the lake."),
)
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    return Alive()


@router.get("/readyz", summary="Can it take events?", response_model=Readiness, responses={503: {"model": Readiness}})
def readyz(services: Parts) -> JSONResponse:
    """200 when events can be stored and will reach the lake; 503 says which part cannot."""
    checks = {
        "catalog": _catalog_fault(services),
        "spool": "the disk failed; restart" if services.spool.broken else None,
        "maintainer": None if services.maintainer.is_running else "not running; being restarted",
        "disk": _disk_fault(services),
    }
    ready = not any(checks.values())
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


@router.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse)
def prometheus(services: Parts) -> PlainTextResponse:
    """Events: `received = stored + duplicate + dead_lettered + pending`, over all processes of this data directory.

    The door's own counters are this process's.
    """
    return PlainTextResponse(exposition(services) + "\n", media_type=PROMETHEUS)


def exposition(services: Services) -> str:
    telemetry = services.telemetry
    gauges = telemetry.gauges()
    jobs = services.jobs.depth()
    refusals = telemetry.refusals()
    events = counters(services.settings)
    behind = lags(services.settings, SYSTEM_CLOCK.now_ms())
    families = [
        *(
            family(f"viewbox_events_{name}{'' if kind == 'gauge' else '_total'}", kind, meaning,
                   [sample(f"viewbox_events_{name}{'' if kind == 'gauge' else '_total'}", events[name])])
            for name, kind, meaning in _EVENT_COUNTERS
        ),
        family(
            "viewbox_refusals_total", "counter", "What the door turned away, by reason.",
            [sample("viewbox_refusals_total", count, reason=reason) for reason, count in sorted(refusals.items())],
        ),
        family(
            "viewbox_http_responses_total", "counter", "HTTP answers by class.",
            [
                sample("viewbox_http_responses_total", count, status=status)
                for status, count in sorted(telemetry.responses().items())
            ],
        ),
        family(
            "viewbox_websocket_connections", "gauge", "Open WebSockets.",
            [sample("viewbox_websocket_connections", gauges.get("websocket_connections", 0))],
        ),
        family(
            "viewbox_intake_queue_messages", "gauge", "Messages on their way to the disk.",
            [sample("viewbox_intake_queue_messages", services.desk.messages)],
        ),
        family(
            "viewbox_intake_queue_bytes", "gauge", "Bytes of those messages.",
            [sample("viewbox_intake_queue_bytes", services.desk.bytes)],
        ),
        histogram(
            "viewbox_commit_seconds", "From the door to the disk and back: a group of messages, fsync included.",
            COMMIT_BUCKETS_S, *telemetry.commits(),
        ),
        *(
            family(f"viewbox_{where}_lag_seconds", "gauge",
                   f"Age of the oldest acknowledged event that {meaning}; 0: none.",
                   [sample(f"viewbox_{where}_lag_seconds", lag_s)])
            for where, meaning, lag_s in (
                ("lake", "is not in the lake", behind.lake_s), ("tables", "no table shows", behind.tables_s),
            )
        ),
        family(
            "viewbox_uploads_running", "gauge", "Files that are arriving.",
            [sample("viewbox_uploads_running", gauges.get("uploads_running", 0))],
        ),
        family(
            "viewbox_jobs", "gauge", "Media jobs by status.",
            [
                sample("viewbox_jobs", jobs.get(status, 0), status=status)
                for status in ("queued", "running", "done", "failed")
            ],
        ),
        family(
            "viewbox_spool_bytes", "gauge", "Bytes of all spools.",
            [sample("viewbox_spool_bytes", _spool_bytes(services))],
        ),
        family(
            "viewbox_disk_free_bytes", "gauge", "Free space below the data directory.",
            [sample("viewbox_disk_free_bytes", shutil.disk_usage(services.settings.spool_dir).free)],
        ),
        family(
            "viewbox_maintainer_restarts_total", "counter", "Maintainers that ended and were started again.",
            [sample("viewbox_maintainer_restarts_total", services.maintainer.restarts)],
        ),
        *_live_families(services),
    ]  # fmt: skip
    return "\n".join(families)


def _live_families(services: Services) -> list[str]:
    hub = services.live
    counts = hub.counts
    pushes = counts.pushes
    return [
        family("viewbox_live_pushes_total", "counter", "States put to open pages, by type.",
               [sample("viewbox_live_pushes_total", pushes[kind], type=kind) for kind in ORDER]),
        *(
            family(f"viewbox_live_{name}", kind, meaning, [sample(f"viewbox_live_{name}", value)])
            for name, kind, meaning, value in _live_numbers(hub)
        ),
    ]  # fmt: skip


def _live_numbers(hub: LiveHub) -> tuple[tuple[str, Literal["counter", "gauge"], str, int], ...]:
    return (
        ("sockets", "gauge", "Open pages that listen.", hub.sockets),
        ("videos", "gauge", "Videos of the pages that listen.", hub.videos),
        ("views", "gauge", "Views in memory, to tell who watches now.", len(hub.presence)),
        ("views_forgotten_total", "counter", "Views that had to make room for others.", hub.presence.forgotten),
        ("superseded_total", "counter", "States that a slow page never got: a newer one came.", hub.counts.superseded),
        ("beats_total", "counter", "Counts of who watches, each over all videos.", hub.counts.beats),
        ("figures_total", "counter", "Questions to the lake, each about one video.", hub.counts.figures),
        ("faults_total", "counter", "Looks that failed.", hub.counts.faults),
    )


def _catalog_fault(services: Services) -> str | None:
    try:
        services.catalog.count()
    except Exception as error:  # noqa: BLE001  # any database driver's error means the same here: not reachable
        return f"not reachable ({type(error).__name__})"
    return None


def _disk_fault(services: Services) -> str | None:
    free = shutil.disk_usage(services.settings.spool_dir).free
    return None if free >= MIN_FREE_BYTES else f"{free // 1_000_000} MB free; {MIN_FREE_BYTES // 1_000_000} are kept"


def _spool_bytes(services: Services) -> int:
    return sum(path.stat().st_size for path in services.settings.spool_dir.glob("*.sqlite*") if path.exists())
