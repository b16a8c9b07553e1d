"""The part of NATS' text protocol that publishing to a JetStream stream takes, over a WebSocket."""

from __future__ import annotations

import json
import secrets

from picows import WSTransport

STREAM = "VIEWS"
SUBJECT = "views.in"
_CONNECT = {"verbose": False, "pedantic": False, "lang": "python", "version": "1", "protocol": 1, "headers": True}


class JetStream:
    """Publishes with a reply subject per connection; an answer is the stream's acknowledgement."""

    def __init__(self) -> None:
        self._inbox = f"_INBOX.{secrets.token_hex(8)}"
        self._rest: dict[WSTransport, bytes] = {}
        self.is_ready = False

    def greet(self, transport: WSTransport) -> None:
        """Sign in, listen for answers, and ask for the stream: asking again for one that is there changes nothing."""
        stream = json.dumps(
            {"name": STREAM, "subjects": ["views.*"], "storage": "file", "retention": "limits", "num_replicas": 1}
        )
        self._rest[transport] = b""
        transport.send(
            2,
            f"CONNECT {json.dumps(_CONNECT)}\r\nSUB {self._inbox}.{id(transport)} 1\r\n"
            f"PUB $JS.API.STREAM.CREATE.{STREAM} {self._inbox}.{id(transport)} {len(stream)}\r\n{stream}\r\n".encode(),
        )

    def publish(self, transport: WSTransport, payload: bytes) -> None:
        head = f"PUB {SUBJECT} {self._inbox}.{id(transport)} {len(payload)}\r\n".encode()
        transport.send(2, head + payload + b"\r\n")

    def hear(self, transport: WSTransport, said: bytes) -> tuple[int, list[str]]:
        """How many messages were acknowledged, and what was said that is no acknowledgement."""
        text = self._rest[transport] + said
        answers, faults = 0, []
        while (end := text.find(b"\r\n")) >= 0:
            line = text[:end]
            if not line.startswith(b"MSG "):
                if line.startswith(b"PING"):
                    transport.send(2, b"PONG\r\n")
                elif line.startswith(b"-ERR"):
                    faults.append(line.decode())
                text = text[end + 2 :]
                continue
            size = int(line.rsplit(b" ", 1)[1])
            if len(text) < end + size + 4:
                break
            body = text[end + 2 : end + 2 + size]
            text = text[end + size + 4 :]
            if b'"error"' in body:
                faults.append(body.decode())
            if b"stream_create_response" in body:
                self.is_ready = True
            else:
                answers += 1
        self._rest[transport] = text
        return answers, faults
