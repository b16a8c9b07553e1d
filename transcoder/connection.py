"""One guarded HTTP exchange: the address that was checked is the address that is spoken to, and nothing may hang."""

from __future__ import annotations

import base64
import contextlib
import http.client
import importlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from transcoder.runner import Cancelled
from viewbox.addresses import UrlRefused, allowed, check_url, host_and_port, literal_address
from viewbox.errors import FetchFailed

CONNECT_S = 10.0
FIRST_BYTE_S = 10.0  # from the request to the end of the answer's head, however slowly it drips
SILENCE_S = 20.0  # without a byte of the body
SLOW_WINDOW_S = 60.0
SLOW_BYTES = 64 * 1024  # in a window; a server slower than this holds a job for days
TOTAL_S = 6 * 3600.0
TICK_S = 0.1
UNREACHABLE_HINT = "check the address, and that the server is up; then retry"


@dataclass(frozen=True)
class Policy:
    """Where import may go, and how: `allow` is VIEWBOX_FETCH_ALLOW, `proxy` VIEWBOX_EGRESS_PROXY."""

    allow: Sequence[str]
    proxy: str | None
    cancel: threading.Event


class Guard:
    """Watches one socket from a thread of its own and cuts it when a limit is passed or the job is cancelled."""

    def __init__(self, cancel: threading.Event) -> None:
        self.reason = ""
        self._cancel = cancel
        self._socket: socket.socket | None = None
        self._started = time.monotonic()
        self._limit = self._started + FIRST_BYTE_S
        self._window = (self._started, 0)
        self._received = 0
        self._in_body = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def watch(self, connected: socket.socket) -> None:
        """Cut this one; called again when TLS wraps the line."""
        self._socket = connected
        if not self._thread.is_alive():
            self._thread.start()

    def received(self, size_bytes: int) -> None:
        """Part of the body arrived."""
        now = time.monotonic()
        if not self._in_body:
            self._in_body, self._window = True, (now, 0)
        self._received += size_bytes
        self._limit = min(now + SILENCE_S, self._started + TOTAL_S)
        if now - self._window[0] > SLOW_WINDOW_S:
            if self._received - self._window[1] < SLOW_BYTES:
                self._cut("slow")
            self._window = (now, self._received)

    def close(self) -> None:
        self._done.set()

    def _watch(self) -> None:
        while not self._done.wait(TICK_S):
            if self._cancel.is_set():
                self._cut("cancelled")
            elif time.monotonic() > self._limit:
                self._cut("silent")

    def _cut(self, reason: str) -> None:
        self.reason = self.reason or reason
        self._done.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it may have ended by itself
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # below TLS: the reader wakes with an error


class Exchange:
    """An answer whose head has arrived. Use as a context manager; `read` gives the body piece by piece."""

    def __init__(
        self, response: http.client.HTTPResponse, connection: http.client.HTTPConnection, guard: Guard
    ) -> None:
        self._response = response
        self._connection = connection
        self._guard = guard
        self.status = response.status

    def header(self, name: str) -> str:
        return self._response.getheader(name) or ""

    def read(self, size_bytes: int) -> bytes:
        """The next bytes; none at the end. Raises ConnectionError on a break, FetchFailed `stalled`, Cancelled."""
        try:
            piece = self._response.read1(size_bytes)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise_cut(self._guard)
            raise ConnectionError(str(error) or type(error).__name__) from error
        raise_cut(self._guard)
        self._guard.received(len(piece))
        return piece

    def __enter__(self) -> Exchange:
        return self

    def __exit__(self, *_: object) -> None:
        self._guard.close()
        self._response.close()  # where the server said that it closes, the line belongs to the response
        self._connection.close()


def raise_cut(guard: Guard) -> None:
    """Say why the guard cut the line, if it did."""
    if guard.reason == "cancelled":
        raise Cancelled
    if guard.reason:
        raise FetchFailed(
            f"the server went {guard.reason}",
            code="stalled", hint="the server accepted the request and then sent nothing; retry later", retryable=True,
        )  # fmt: skip


def exchange(url: str, headers: Mapping[str, str], policy: Policy) -> Exchange:
    """Send one GET and wait for the head of the answer; redirects are the caller's.

    Raises UrlRefused, FetchFailed (host_unreachable, tls_error, stalled, http_error), ConnectionError when the line
    breaks before the answer, Cancelled.
    """
    check_url(url, policy.allow)
    parts = urlsplit(url)
    host, port = host_and_port(parts)
    name = _ascii(host)
    proxy = urlsplit(policy.proxy) if policy.proxy else None
    line: socket.socket = _connect_proxy(proxy) if proxy else _connect(resolve(host, port, policy.allow), host, port)
    guard = Guard(policy.cancel)
    connection = http.client.HTTPConnection(name, port)
    connection.sock = line
    guard.watch(line)
    try:
        if proxy and parts.scheme == "https":
            _tunnel(line, name, port, proxy)
        if parts.scheme == "https":
            line = _tls(line, name)
            guard.watch(line)
            line.do_handshake()
            connection.sock = line
        target = parts._replace(fragment="")
        absolute = proxy is not None and parts.scheme == "http"
        connection.putrequest(
            "GET",
            target.geturl() if absolute else (target._replace(scheme="", netloc="").geturl() or "/"),
            skip_host=True,
            skip_accept_encoding=True,
        )
        for header, value in {**headers, **(_proxy_headers(proxy) if absolute and proxy else {})}.items():
            connection.putheader(header, value)
        connection.putheader("Host", _host_header(name, port, parts.scheme))
        connection.endheaders()
        return Exchange(connection.getresponse(), connection, guard)
    except BaseException as error:
        guard.close()
        connection.close()
        line.close()
        raise_cut(guard)
        if isinstance(error, ssl.SSLError):
            raise FetchFailed(
                f"TLS with {host}: {error.reason or error}",
                code="tls_error", hint="the server's certificate is not valid for this address",
            ) from error  # fmt: skip
        if isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError):
            raise FetchFailed(
                f"{host} does not speak HTTP", code="http_error", hint="check the port in the link"
            ) from error
        if isinstance(error, OSError):
            raise ConnectionError(str(error)) from error
        raise


def resolve(host: str, port: int, allow: Sequence[str]) -> list[str]:
    """Every address of a host, all permitted. Raises UrlRefused when one is not, FetchFailed when none is known."""
    literal = literal_address(host)
    addresses = [str(literal)] if literal else _look_up(host, port)
    for address in addresses:
        if not allowed(host, port, ip_address(address.partition("%")[0]), allow):
            raise UrlRefused(
                f"{host} is at {address}, which is not a public address",
                hint=f"upload the file, or let the server reach it: VIEWBOX_FETCH_ALLOW={host}:{port}",
            )
    return addresses


def _look_up(host: str, port: int) -> list[str]:
    """Ask the resolver, which knows no time limit, from a thread that can be left behind."""
    found: list[str] = []

    def ask() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            found.extend(
                str(answer[4][0]) for answer in socket.getaddrinfo(_ascii(host), port, type=socket.SOCK_STREAM)
            )

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(CONNECT_S)
    if not found:
        raise FetchFailed(
            f"no address is known for {host}", code="host_unreachable", hint=UNREACHABLE_HINT, retryable=True
        )
    return list(dict.fromkeys(found))


def _connect(addresses: Sequence[str], host: str, port: int) -> socket.socket:
    """A connection to the first address that answers: to these and no other, whatever the name says now."""
    failure: OSError | None = None
    deadline = time.monotonic() + CONNECT_S
    for address in addresses:
        try:
            line = socket.create_connection((address, port), timeout=max(0.1, deadline - time.monotonic()))
        except OSError as error:
            failure = error
        else:
            line.settimeout(None)  # the guard watches the clock from here on
            return line
    reason = (failure and failure.strerror) or "no answer"
    raise FetchFailed(
        f"{host}:{port} cannot be reached: {reason}", code="host_unreachable", hint=UNREACHABLE_HINT, retryable=True
    ) from failure


def _connect_proxy(proxy: SplitResult) -> socket.socket:
    """The proxy is the operator's choice and may be anywhere; it resolves names and guards addresses itself."""
    return _connect([proxy.hostname or ""], proxy.hostname or "VIEWBOX_EGRESS_PROXY", proxy.port or 3128)


def _tls(line: socket.socket, name: str) -> ssl.SSLSocket:
    """TLS for a name over a line to its checked address; the handshake is still to be done."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or (paths.capath and any(Path(paths.capath).iterdir()))):
        with contextlib.suppress(ImportError):  # a machine without certificates of its own
            context.load_verify_locations(importlib.import_module("certifi").where())
    return context.wrap_socket(line, server_hostname=name, do_handshake_on_connect=False)


def _tunnel(line: socket.socket, name: str, port: int, proxy: SplitResult) -> None:
    """CONNECT through the proxy, which then passes TLS on unseen."""
    lines = [f"CONNECT {name}:{port} HTTP/1.1", f"Host: {name}:{port}"]
    lines += [f"{header}: {value}" for header, value in _proxy_headers(proxy).items()]
    line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        piece = line.recv(1)  # not a byte beyond the head: the next one belongs to TLS
        if not piece or len(answer) > 16_384:
            raise ConnectionError("the proxy closed the tunnel")
        answer += piece
    status = answer.split(b" ", 2)[1:2]
    if status != [b"200"]:
        raise FetchFailed(
            f"the proxy refuses the connection: {answer.splitlines()[0].decode('latin-1')}",
            code="http_error", hint="check VIEWBOX_EGRESS_PROXY",
        )  # fmt: skip


def _proxy_headers(proxy: SplitResult) -> dict[str, str]:
    if not proxy.username:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair.encode()).decode("ascii")}


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError as error:
        raise FetchFailed(f"{host} is no host name", code="host_unreachable", hint="check the link") from error


def _host_header(name: str, port: int, scheme: str) -> str:
    shown = f"[{name}]" if ":" in name else name
    return shown if port == {"http": 80, "https": 443}[scheme] else f"{shown}:{port}"
