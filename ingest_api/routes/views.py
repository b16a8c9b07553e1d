"""/v1/views: where players send what was watched, by WebSocket or POST. Nothing is acked that is not on disk."""

from __future__ import annotations

import asyncio
import functools
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response, WebSocket
from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection

from ingest_api.forwarded import client_facts
from ingest_api.limits import (
    MAX_CONNECTIONS,
    MAX_MESSAGES_PER_POST,
    MAX_POST_BYTES,
    MAX_QUEUED,
    OVERLOAD_RETRY_MS,
    RateBucket,
    TooLarge,
    read_bounded,
)
from ingest_api.problems import documented, problem
from ingest_api.schemas import ViewsAnswer
from ingest_api.services import Parts, Services, services_of
from ingest_api.session import Session
from viewbox import signin
from viewbox.errors import Overloaded
from viewbox.intake import Acked, Answer, MessageRefused

CLOSE_BAD_TOKEN = 1008
Result = TypeVar("Result")
MAX_BUCKETS = 10_000  # HTTP connections whose rate is remembered; the longest silent one is forgotten
router = APIRouter()


class Batch(msgspec.Struct):
    messages: list[msgspec.Raw]


class PostBuckets:
    """A rate bucket per HTTP connection, kept in memory only, for as long as there is room."""

    def __init__(self, rate_per_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._buckets: OrderedDict[Any, RateBucket] = OrderedDict()

    def of(self, request: HTTPConnection) -> RateBucket:
        key = (request.client.host, request.client.port) if request.client else None
        bucket = self._buckets.pop(key, None) or RateBucket(self._rate_per_s)
        self._buckets[key] = bucket
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return bucket


@router.websocket("/v1/views")
async def views_socket(socket: WebSocket) -> None:
    """The tracker's connection."""
    services = await services_of(socket)
    telemetry = services.telemetry
    if not has_intake_token(services, socket):
        telemetry.refused("intake_token")
        await socket.accept()
        await socket.close(CLOSE_BAD_TOKEN, "bad or missing token")
        return
    if telemetry.gauges().get("websocket_connections", 0) >= MAX_CONNECTIONS:
        telemetry.refused("too_many_connections")
        busy = problem(503, "overloaded", "too many connections", "try again later", headers={"Retry-After": "5"})
        await socket.send_denial_response(busy)
        return
    facts = client_facts(socket, services.settings)
    session = Session(
        socket,
        accept=functools.partial(accept, services, facts=facts),
        refuse=functools.partial(refuse, services),
        bucket=RateBucket(services.settings.intake_rate),
        telemetry=telemetry,
    )
    telemetry.move("websocket_connections", 1)
    try:
        await session.run()
    finally:
        telemetry.move("websocket_connections", -1)


@router.post(
    "/v1/views",
    tags=["events"],
    summary="Send events",
    response_model=ViewsAnswer,
    responses=documented(401, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": 'One message, or `{"messages": […]}`; as application/json or text/plain (sendBeacon).',
            "content": {
                kind: {"schema": {"$ref": "https://viewbox.invalid/events.v1.json"}}
                for kind in ("application/json", "text/plain")
            },
        }
    },
)
async def post_views(request: Request, services: Parts) -> Response:
    """Every acked event is on disk. One bad message costs its neighbours nothing."""
    if not has_intake_token(services, request):
        services.telemetry.refused("intake_token")
        return problem(401, "intake_token", "bad or missing token", "add ?token=<VIEWBOX_INTAKE_TOKEN>")
    body = await read_bounded(request.stream(), MAX_POST_BYTES, request.headers.get("content-length"))
    messages = split(body)
    if len(messages) > MAX_MESSAGES_PER_POST:
        raise TooLarge(f"more than {MAX_MESSAGES_PER_POST} messages", hint="send fewer at once")
    buckets: PostBuckets = request.app.state.post_buckets
    wait_ms = buckets.of(request).wait_ms(len(messages))
    if wait_ms:
        services.telemetry.refused("intake_rate")
        raise Overloaded("more messages a second than VIEWBOX_INTAKE_RATE", retry_after_ms=wait_ms)
    answers = await accept(services, messages, facts=client_facts(request, services.settings))
    return merged(answers)


async def accept(services: Services, messages: Sequence[bytes], *, facts: Any) -> list[Answer]:
    """Store messages off the event loop. Raises Overloaded when too many wait already."""
    return await _off_loop(services, len(messages), services.intake.accept, messages, facts=facts)


async def refuse(services: Services, payload: bytes, code: str, hint: str) -> Answer:
    """Store an unreadable message as one dead letter."""
    return await _off_loop(services, 1, services.intake.refuse, payload, code, hint)


async def _off_loop(
    services: Services, messages: int, function: Callable[..., Result], *arguments: Any, **named: Any
) -> Result:
    telemetry = services.telemetry
    if telemetry.gauges().get("intake_queue_messages", 0) + messages > max(MAX_QUEUED, messages):
        raise Overloaded("the disk is slower than the events come", retry_after_ms=OVERLOAD_RETRY_MS)
    telemetry.move("intake_queue_messages", messages)
    try:
        call = functools.partial(function, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(services.intake_threads, call)
    finally:
        telemetry.move("intake_queue_messages", -messages)


def has_intake_token(services: Services, connection: HTTPConnection) -> bool:
    """Whether `?token=` is the intake token; always, when none is set."""
    expected = services.settings.intake_token
    if expected is None:
        return True
    return signin.matches(connection.query_params.get("token", ""), expected.get_secret_value())


def split(body: bytes) -> list[bytes]:
    """The messages of a POST: the elements of `messages`, else the body as one message."""
    try:
        return [bytes(raw) for raw in msgspec.json.decode(body, type=Batch).messages]
    except (msgspec.DecodeError, RecursionError):
        pass
    try:  # NaN is no JSON, yet it must not cost the neighbours of the message that holds it
        loose = json.loads(body)
    except (ValueError, RecursionError):
        return [body]
    if isinstance(loose, dict) and isinstance(loose.get("messages"), list):
        return [json.dumps(message).encode() for message in loose["messages"]]
    return [body]


def merged(answers: Sequence[Answer]) -> JSONResponse:
    """One answer for a POST; 422 only when nothing could be read."""
    body: dict[str, list[Any]] = {"acks": [], "rejected": [], "errors": []}
    for index, answer in enumerate(answers):
        match answer:
            case Acked():
                body["acks"].append(msgspec.to_builtins(answer.ack))
                body["rejected"].extend(msgspec.to_builtins(answer.rejected))
            case MessageRefused():
                body["errors"].append({"index": index, **msgspec.to_builtins(answer.error)})
    if body["acks"]:
        return JSONResponse(body)
    code, hint = "no_messages", 'send one message, or {"messages": […]} with at least one'
    if body["errors"]:
        code, hint = body["errors"][0]["code"], body["errors"][0]["hint"]
    return problem(422, code, "nothing could be read", hint, more=body)
