"""The JSON schema of a message, generated from the classes of `schema`."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from viewbox.events.schema import SCHEMA_VERSION, WireMessage

# Honoured in files alone: not part of what a player sends.
_FILE_ONLY = ("received_at_ms", "user_agent", "country")


def schema_json() -> str:
    """data/schema/events.v1.json, ready to be written: JSON Schema 2020-12, sorted keys, one final newline."""
    (root,), definitions = msgspec.json.schema_components([WireMessage], ref_template="#/$defs/{name}")
    name = str(root["$ref"]).rsplit("/", 1)[-1]
    message: dict[str, Any] = definitions.pop(name)
    for field in _FILE_ONLY:
        del message["properties"][field]
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:viewbox:events:v{SCHEMA_VERSION}",
        **message,
        "title": "ViewBox message",
        "$defs": definitions,
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
