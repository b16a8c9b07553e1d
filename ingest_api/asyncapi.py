"""docs/reference/asyncapi.json: the two WebSockets as AsyncAPI 3.0 describes them, made from the classes that run."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from ingest_api.desk import RetryAfter
from ingest_api.limits import IDLE_S, LIVE_FRAMES_PER_S, MAX_IN_FLIGHT
from ingest_api.live.messages import Live, Master, Progress
from viewbox import __version__
from viewbox.events import MAX_EVENTS, MAX_MESSAGE_BYTES, schema_json
from viewbox.intake import Acked, MessageRefused

_ANSWERS = {"ack": Acked, "error": MessageRefused, "retry_after": RetryAfter}
_PUSHES = {"live": Live, "progress": Progress, "master": Master}
_CLOSE_CODES = {
    "views": {
        1000: f"nothing was said for {IDLE_S:.0f} s",
        1007: "a text frame is not UTF-8",
        1008: "the intake token is missing or wrong",
        1009: f"a message is larger than {MAX_MESSAGE_BYTES} bytes",
        1012: "the server restarts: connect again, with jitter",
    },
    "live": {
        1008: f"the page says more than {LIVE_FRAMES_PER_S:.0f} frames a second, or there is no such video",
        1012: "the server restarts: connect again, with jitter",
        1013: "too many pages listen: come again later",
    },
}


def asyncapi() -> str:
    """The document, ready to be written."""
    classes = [*_ANSWERS.values(), *_PUSHES.values()]
    refs, schemas = msgspec.json.schema_components(classes, ref_template="#/components/schemas/{name}")
    for name, schema in _event_schemas().items():
        schemas[name] = schema
    by_name = dict(zip([*_ANSWERS, *_PUSHES], refs, strict=True))
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "ViewBox WebSockets",
            "version": __version__,
            "description": "Events in, acknowledgements out; and what open pages are told. "
            "HTTP routes, `POST /v1/views` among them, are in openapi.json.",
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "127.0.0.1:8000", "protocol": "ws"}},
        "channels": {"views": _views(), "live": _live()},
        "operations": _operations(),
        "components": {
            "messages": {
                "events": _message("A message of events", {"$ref": "#/components/schemas/EventMessage"}),
                **{name: _message(schemas[_name_of(ref)].get("description", name), ref)
                   for name, ref in by_name.items()},
            },
            "schemas": schemas,
        },
    }  # fmt: skip
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _event_schemas() -> dict[str, Any]:
    """The schema of events.v1.json, its definitions beside it."""
    message: dict[str, Any] = json.loads(schema_json().replace("#/$defs/", "#/components/schemas/"))
    definitions: dict[str, Any] = message.pop("$defs")
    for name in ("$schema", "$id"):
        message.pop(name)
    return {**definitions, "EventMessage": message}


def _views() -> dict[str, Any]:
    return {
        "address": "/v1/views",
        "description": f"Each text frame is one message of 1 to {MAX_EVENTS} events and at most {MAX_MESSAGE_BYTES} "
        "bytes; each gets exactly one answer, in order. An ack is given when every event of the message is on disk. "
        f"With {MAX_IN_FLIGHT} messages unanswered the connection is read no further. Any origin may connect.",
        "bindings": {"ws": {"query": {"type": "object", "properties": {
            "token": {"type": "string", "description": "VIEWBOX_INTAKE_TOKEN, where one is set"}}}}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in ("events", *_ANSWERS)},
        "x-close-codes": {str(code): meaning for code, meaning in _CLOSE_CODES["views"].items()},
    }  # fmt: skip


def _live() -> dict[str, Any]:
    return {
        "address": "/v1/live/{video_id}",
        "description": "Pushes, the newest state of each type alone; what a page says is not listened to.",
        "parameters": {"video_id": {"description": "a video of this server, or an external one"}},
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _PUSHES},
        "x-close-codes": {str(code): meaning for code, meaning in _CLOSE_CODES["live"].items()},
    }


def _operations() -> dict[str, Any]:
    def messages(channel: str, names: tuple[str, ...]) -> list[dict[str, str]]:
        return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names]

    return {
        "takeEvents": {
            "action": "receive",
            "channel": {"$ref": "#/channels/views"},
            "messages": messages("views", ("events",)),
            "reply": {"channel": {"$ref": "#/channels/views"}, "messages": messages("views", tuple(_ANSWERS))},
        },
        "tellPages": {
            "action": "send",
            "channel": {"$ref": "#/channels/live"},
            "messages": messages("live", tuple(_PUSHES)),
        },
    }


def _message(summary: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"summary": summary.splitlines()[0], "payload": payload}


def _name_of(ref: dict[str, Any]) -> str:
    return str(ref["$ref"]).rsplit("/", 1)[-1]
