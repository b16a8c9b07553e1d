"""/openapi.json: what FastAPI derives, plus what it cannot know: problems, event messages, security."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ingest_api.problems import MEDIA_TYPE, Problem
from ingest_api.schemas import NewSource
from viewbox.events import schema_json

EVENT_MESSAGE = "EventMessage"
_PLACEHOLDER = "https://viewbox.invalid/events.v1.json"


def describe(app: FastAPI) -> None:
    """Replace the app's OpenAPI by the complete one."""
    app.openapi = lambda: document(app)  # type: ignore[method-assign]  # FastAPI's documented way


def document(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes, openapi_version="3.1.0"
        )
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for model in (Problem, NewSource):
            _add_model(schemas, model.__name__, model.model_json_schema(ref_template="#/components/schemas/{model}"))
        _add_model(schemas, EVENT_MESSAGE, _event_message())
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schema["components"]["securitySchemes"] = {
            "secret": {"type": "http", "scheme": "bearer", "description": "VIEWBOX_SECRET, off loopback only"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "viewbox_session", "description": "from /login"},
        }
        schema["security"] = [{}, {"secret": []}, {"cookie": []}]
        _mend(schema["paths"])
        app.openapi_schema = schema
    return app.openapi_schema


def _add_model(schemas: dict[str, Any], name: str, model: dict[str, Any]) -> None:
    schemas.update(model.pop("$defs", {}))
    schemas[name] = model


def _event_message() -> dict[str, Any]:
    """The message of events.v1.json, its references turned to this document's."""
    text = schema_json() if isinstance(schema_json(), str) else json.dumps(schema_json())
    event_schema: dict[str, Any] = json.loads(text.replace("#/$defs/", "#/components/schemas/"))
    event_schema.pop("$schema", None)
    event_schema.pop("$id", None)
    return event_schema


def _mend(node: Any) -> None:
    """Validation errors are problems here; the event message is a component."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and value == "#/components/schemas/HTTPValidationError":
                node[key] = "#/components/schemas/Problem"
            elif key == "$ref" and value == _PLACEHOLDER:
                node[key] = f"#/components/schemas/{EVENT_MESSAGE}"
            else:
                _mend(value)
        content = node.get("content")
        if isinstance(content, dict) and "application/json" in content:
            reference = content["application/json"].get("schema", {}).get("$ref", "")
            if reference == "#/components/schemas/Problem":
                content[MEDIA_TYPE] = content.pop("application/json")
    elif isinstance(node, list):
        for item in node:
            _mend(item)
