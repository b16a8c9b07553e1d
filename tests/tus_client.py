"""A client of the upload routes that does no more and no less than a test tells it, right or wrong."""

from __future__ import annotations

import base64
import socket
from pathlib import Path
from typing import Any

from tests.servers import Answer, Server
from viewbox.database import open_database
from viewbox.jobs import Jobs

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = TUS | {"Content-Type": "application/offset+octet-stream"}
CONTENT = bytes(range(256)) * 12_000  # 3 MB: three blocks and every byte value


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def begin(server: Server, length: int = len(CONTENT), **told: str) -> Answer:
    headers = TUS | {"Upload-Length": str(length)}
    if told:
        headers["Upload-Metadata"] = metadata(**told)
    return server.post("/v1/uploads", headers=headers)


def begun(server: Server, length: int = len(CONTENT), **told: str) -> str:
    answer = begin(server, length, **told)
    assert answer.status == 201, answer.text
    return answer.headers["location"]


def patch(server: Server, place: str, body: bytes, offset: int, **headers: str) -> Answer:
    return server.request("PATCH", place, body=body, headers=PATCH | {"Upload-Offset": str(offset)} | headers)


def offset(server: Server, place: str) -> int:
    answer = server.request("HEAD", place, headers=TUS)
    assert answer.status == 200
    return int(answer.headers["upload-offset"])


def shelf(server: Server) -> Path:
    return server.data_dir / "work" / "resumable"


def video_of(server: Server, answer: Answer) -> dict[str, Any]:
    video: dict[str, Any] = server.get(f"/v1/videos/{answer.headers['viewbox-video-id']}").json()
    return video


def stored(server: Server, video_id: str) -> bytes:
    job = Jobs(open_database(f"sqlite:///{server.data_dir / 'catalog.sqlite'}")).latest(video_id)
    assert job is not None
    return Path(job["payload"]["upload"]).read_bytes()


def half_sent(server: Server, place: str, body: bytes, announced: int) -> socket.socket:
    """An open connection whose PATCH has sent only a part of what it announced."""
    line = socket.create_connection(("127.0.0.1", server.port))
    head = f"PATCH {place} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {announced}\r\nUpload-Offset: 0\r\n"
    line.sendall((head + "".join(f"{name}: {value}\r\n" for name, value in PATCH.items()) + "\r\n").encode() + body)
    return line


def part_size(server: Server, place: str) -> int:
    return (shelf(server) / f"{place.rsplit('/', 1)[1]}.part").stat().st_size
