"""The site's HTTP API as the Library uses it: a client on the server's side, with the secret where one is set.

What it raises is what the API answered: a ViewBoxError with code and hint.
"""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import Message
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit

from viewbox import http_client
from viewbox.errors import ViewBoxError
from viewbox.settings import Settings

TIMEOUT_S = 20.0
LIVE_TIMEOUT_S = 2.0  # who watches now is old news after it
UPLOAD_TIMEOUT_S = 600.0
CHUNK_BYTES = 1 << 20
JSON = "application/json"
UPLOADS, VIDEO_ID = "/v1/uploads", "Viewbox-Video-Id"
TUS = {"Tus-Resumable": "1.0.0"}
TRIES = 5
UNREACHABLE = "unreachable"


class SiteApi:
    """One installation's API. Safe to share: it keeps nothing between two calls."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.api_url
        self._headers = {"User-Agent": "viewbox-dashboard", "Accept": JSON}
        if settings.secret_value:
            self._headers["Authorization"] = f"Bearer {settings.secret_value}"
        self._opener = http_client.opener()

    def videos(self, *, search: str = "", most: int) -> tuple[list[dict[str, Any]], bool]:
        """Videos whose title or tag holds `search`, newest first, and whether there are more than `most`."""
        asked = {"limit": str(most), **({"q": search} if search else {})}
        page = self._ask("GET", f"/v1/videos?{urlencode(asked)}")
        return page["items"], page["next"] is not None

    def viewers_now(self) -> dict[str, int]:
        """Video id -> views that are watched right now; the most watched videos first."""
        found = self._ask("GET", "/v1/live", timeout_s=LIVE_TIMEOUT_S)
        return {str(video_id): int(count) for video_id, count in found["videos"].items()}

    def add(self, url: str, *, title: str = "", tags: Sequence[str] = ()) -> Any:
        """Import by URL; the video as it is queued, as JSON."""
        return self._ask("POST", "/v1/videos", {"url": url, **_details(title, tags)})

    def upload(self, file: BinaryIO, name: str, size: int, *, title: str = "", tags: Sequence[str] = ()) -> str:
        """Import a file that is held here, by tus as every other big upload; the video's id.

        A connection that breaks is taken up where the site says; after TRIES without a new byte it is given up.
        """
        told = {"filename": name, **({"title": title} if title else {}), **({"tags": json.dumps(tags)} if tags else {})}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
        began = self._send("POST", UPLOADS, b"", {"Upload-Length": str(size), "Upload-Metadata": metadata, **TUS})
        place, offset, tries = urlsplit(str(began["Location"])).path, 0, 0
        while True:
            try:
                answer = self._append(place, file, offset, size)
                break
            except ViewBoxError as error:
                if error.code != UNREACHABLE or tries == TRIES:
                    raise
            reached = self._send("HEAD", place, None, TUS)
            if video_id := reached.get(VIDEO_ID):  # the last byte arrived, its answer did not
                return str(video_id)
            arrived = int(reached["Upload-Offset"])
            tries = tries + 1 if arrived == offset else 0
            offset = arrived
        return str(answer[VIDEO_ID])

    def _append(self, place: str, file: BinaryIO, offset: int, size: int) -> Message:
        file.seek(offset)
        headers = {
            "Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset),
            "Content-Length": str(size - offset), **TUS,
        }  # fmt: skip
        return self._send("PATCH", place, iter(lambda: file.read(CHUNK_BYTES), b""), headers, UPLOAD_TIMEOUT_S)

    def edit(self, video_id: str, *, title: str, tags: Sequence[str]) -> Any:
        """A video's new title and tags."""
        return self._ask("PATCH", f"/v1/videos/{quote(video_id, safe='')}", {"title": title, "tags": list(tags)})

    def retry(self, video_id: str) -> Any:
        """Import again after a failure."""
        return self._ask("POST", f"/v1/videos/{quote(video_id, safe='')}/retry")

    def cancel(self, video_id: str) -> Any:
        """End an import."""
        return self._ask("POST", f"/v1/videos/{quote(video_id, safe='')}/cancel")

    def _ask(self, method: str, path: str, body: object = None, timeout_s: float = TIMEOUT_S) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with self._open(method, path, data, {} if data is None else {"Content-Type": JSON}, timeout_s) as answer:
            return json.loads(answer.read())

    def _send(
        self, method: str, path: str, data: bytes | Iterator[bytes] | None, headers: Mapping[str, str],
        timeout_s: float = TIMEOUT_S,
    ) -> Message:  # fmt: skip
        """A request whose answer is in its headers."""
        with self._open(method, path, data, headers, timeout_s) as answer:
            found: Message = answer.headers
            return found

    @contextmanager
    def _open(
        self, method: str, path: str, data: bytes | Iterator[bytes] | None, headers: Mapping[str, str],
        timeout_s: float,
    ) -> Iterator[Any]:  # fmt: skip
        request = urllib.request.Request(  # noqa: S310  # our own site's address
            f"{self._url}{path}", data=data, headers={**self._headers, **headers}, method=method
        )
        try:
            with self._opener.open(request, timeout=timeout_s) as answer:
                yield answer
        except urllib.error.HTTPError as error:
            with error:
                raise _problem(error) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ViewBoxError(
                f"the site does not answer at {self._url}", code=UNREACHABLE, hint="start it with `viewbox serve`"
            ) from error


def _details(title: str, tags: Sequence[str]) -> dict[str, Any]:
    return {**({"title": title} if title else {}), **({"tags": list(tags)} if tags else {})}


def _problem(answer: urllib.error.HTTPError) -> ViewBoxError:
    try:
        problem = json.loads(answer.read(http_client.PROBLEM_BYTES))
        told = [f"{one['field']}: {one['message']}" for one in problem.get("errors") or ()]
        words = "; ".join([str(problem["title"]), *told])
        return ViewBoxError(words, code=str(problem["code"]), hint=str(problem["hint"]))
    except (ValueError, KeyError, TypeError):
        return ViewBoxError(f"the site answered {answer.code}", code="unreadable", hint="see the site's log")
