"""/v1/views: where players send what was watched, by WebSocket or POST. Nothing is acked that is not on disk."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from ingest_api.forwarded import client_facts
from ingest_api.limits import (
    MAX_CONNECTIONS,
    MAX_MESSAGES_PER_POST,
    MAX_POST_BYTES,
    RateBucket,
    TooLarge,
    read_bounded,
)
from ingest_api.problems import documented, problem, refuse
from ingest_api.schemas import ViewsAnswer
from ingest_api.services import Parts, Services
from ingest_api.session import Session
from ingest_api.telemetry import Telemetry
from ingest_api.websocket_protocol import EXTENSION
from viewbox import signin
from viewbox.errors import Overloaded
from viewbox.intake import Acked, Answer, MessageRefused
from viewbox.settings import Settings

CLOSE_BAD_TOKEN = 1008
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


class ViewsSocket:
    """The tracker's connection, as a plain ASGI application: a frame passes no more hands than it must."""

    def __init__(self, settings: Settings, telemetry: Telemetry) -> None:
        self._settings = settings
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        services: Services = scope["app"].state.services
        socket = HTTPConnection(scope)
        await receive()  # websocket.connect
        if not has_intake_token(services, socket):
            self._telemetry.refused("intake_token")
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": CLOSE_BAD_TOKEN, "reason": "bad or missing token"})
            return
        if self._telemetry.gauges().get("websocket_connections", 0) >= MAX_CONNECTIONS:
            self._telemetry.refused("too_many_connections")
            busy = problem(503, "overloaded", "too many connections", "try again later", headers={"Retry-After": "5"})
            await refuse(scope, receive, send, busy)
            return
        session = Session(
            receive, send, desk=services.desk, facts=client_facts(socket, self._settings),
            bucket=RateBucket(self._settings.intake_rate), telemetry=self._telemetry,
            direct=scope.get("extensions", {}).get(EXTENSION),
        )  # fmt: skip
        await session.run()


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
    answers = await services.desk.accept(messages, client_facts(request, services.settings))
    return merged(answers)


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
