"""The notebook API over HTTP: `viewbox.connect(url, token)` asks a server what `connect()` asks this machine."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pyarrow as pa

from viewbox import http_client
from viewbox.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    Overloaded,
    Refused,
    UsageError,
    ViewBoxError,
)
from viewbox.metrics.answer import Answer, FilterValue, Moment, selection_pairs
from viewbox.metrics.provenance import provenance
from viewbox.sandbox.parent import ERRORS

ARROW = "application/vnd.apache.arrow.stream"
PROBLEM = "application/problem+json"
TIMEOUT_S = 600.0  # of silence; a server's own limit on a statement is shorter
BY_STATUS: Mapping[int, type[ViewBoxError]] = {
    400: UsageError, 403: Refused, 404: NotFound, 409: Conflict, 422: InvalidInput
}  # fmt: skip


class Unreachable(ViewBoxError):
    """No ViewBox answered at the address."""

    code = "unreachable"
    retryable = True
    http_status = 502


class SignedOut(UsageError):
    """The server wants its secret, or another one."""

    code = "signed_out"
    hint = "viewbox.connect(url, token): the token is the server's VIEWBOX_SECRET"
    http_status = 401


class CutOff(UserWarning):
    """The server gave its row limit; there are more rows."""


class RemoteConnection:
    """A ViewBox server: the same calls as a LocalConnection, the same answers, within the server's limits.

    Raises what a LocalConnection raises, and Unreachable, SignedOut, Overloaded, SqlTimeout, SqlTooLarge.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise InvalidInput(f"{url!r} is no server's address", hint="such as https://video.example.org")
        self._url = url.rstrip("/")
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._timeout_s = timeout_s
        self._opener = http_client.opener()

    def __enter__(self) -> RemoteConnection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def sql(self, query: str) -> Answer:
        """The rows of one SELECT over the tables of `viewbox sql --schema`. Warns when the server cut them off."""
        body, headers = self._ask("/v1/sql", accept=ARROW, body={"sql": query})
        table = _table(body)
        truncated = headers.get("ViewBox-Truncated") == "true"
        if truncated:
            words = f"the server gave its limit of {table.num_rows:,} rows, and there are more"
            warnings.warn(f"{words}: aggregate, or raise its VIEWBOX_SQL_ROWS", CutOff, stacklevel=2)
        return Answer(table, query, truncated=truncated)

    def metric(
        self, name: str, *, params: Mapping[str, object] | None = None, since: Moment | None = None,
        until: Moment | None = None, filters: Mapping[str, FilterValue] | None = None, **selection: str,
    ) -> Answer:  # fmt: skip
        """A metric: `metric("views", video_id="…", since="2026-11-01", grain="day", filters={"browser": "Firefox"})`.

        Raises NotFound for an unknown metric and InvalidInput for a selection that cannot be.
        """
        pairs = selection_pairs(params, since, until, filters, selection)
        body, _ = self._ask(f"/v1/metrics/{quote(name, safe='')}.arrow?{urlencode(pairs)}", accept=ARROW)
        table = _table(body)
        about = provenance(table)
        return Answer(table.replace_schema_metadata(None), about.get("sql", ""), about.get("quality"))

    def metrics(self) -> list[str]:
        """Names of all metrics."""
        body, _ = self._ask("/v1/metrics", accept="application/json")
        return [item["name"] for item in json.loads(body)["items"]]

    def tables(self) -> list[str]:
        """Names of all tables; the table `columns` describes each."""
        return [row["table_name"] for row in self.sql("SELECT DISTINCT table_name FROM columns ORDER BY ALL").rows()]

    def close(self) -> None:
        """Nothing stays open between two questions."""

    def _ask(self, path: str, *, accept: str, body: object = None) -> tuple[bytes, Mapping[str, str]]:
        headers = {**self._headers, "Accept": accept, "User-Agent": "viewbox"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._url}{path}", data=data, headers=headers)  # noqa: S310  # http or https, checked above
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                if answer.headers.get_content_type() != accept:
                    raise self._unreachable("something that is no ViewBox answers")
                return answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                raise self._from_problem(error) from None
        except urllib.error.URLError as error:
            raise self._unreachable(str(error.reason)) from error
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(str(error) or type(error).__name__) from error

    def _unreachable(self, why: str) -> Unreachable:
        return Unreachable(f"no answer from {self._url}: {why}", hint="is `viewbox serve` running there?")

    def _from_problem(self, answer: urllib.error.HTTPError) -> ViewBoxError:
        """The error that the same call raises on the server's own machine."""
        elsewhere = answer.headers.get("Location")
        if elsewhere is not None:
            return Unreachable(f"{self._url} sends on to {elsewhere}", hint="connect to that address instead")
        try:
            problem: dict[str, Any] = json.loads(answer.read(http_client.PROBLEM_BYTES))
            code, title, hint = str(problem["code"]), str(problem["title"]), str(problem["hint"])
        except (ValueError, KeyError, TypeError):
            return self._unreachable(f"HTTP {answer.code}, and no word why")
        if answer.code == SignedOut.http_status:
            return SignedOut(f"{self._url} asks for its secret")
        if answer.code == Overloaded.http_status:
            wait_s = answer.headers.get("Retry-After", "")
            return Overloaded(title, retry_after_ms=1000 * int(wait_s) if wait_s.isdigit() else 2000, hint=hint)
        kind = ERRORS.get(code) or BY_STATUS.get(answer.code, ViewBoxError)
        return kind(title, code=code, hint=hint)


def _table(body: bytes) -> pa.Table:
    return pa.ipc.open_stream(body).read_all()
