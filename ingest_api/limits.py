"""Every bound of the door, with what happens beyond it. Nothing here waits or allocates per client for long."""

from __future__ import annotations

from collections.abc import AsyncIterator

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.errors import InvalidInput, Overloaded, UsageError

MAX_POST_BYTES = 1024 * 1024  # body of POST /v1/views; beyond: 413
MAX_MESSAGES_PER_POST = 5_000  # more do not fit into its bytes unless they are rubbish; beyond: 413
MAX_JSON_BYTES = 256 * 1024  # any other JSON body; beyond: 413
MAX_LOGIN_BYTES = 8 * 1024  # body of POST /login; beyond: 413
MAX_TITLE = 256
MAX_TAGS = 20
MAX_TAG = 64
MAX_EXTERNAL_ID = 256
MAX_METADATA_BYTES = 16 * 1024
MAX_PAGE = 200  # videos in one answer of GET /v1/videos
MAX_CONNECTIONS = 5_000  # WebSockets of one process; beyond: answered 503 before the handshake
MAX_IN_FLIGHT = 64  # messages of one connection between receipt and answer; beyond: its socket is not read
MAX_IN_FLIGHT_BYTES = 1024 * 1024  # of those messages; beyond: the same
INTAKE_THREADS = 2  # they look at what an event loop should not wait for: POST bodies, odd messages, the catalog
MAX_QUEUED = 10_000  # messages of all connections on their way to the disk; beyond: retry_after_ms
MAX_QUEUED_BYTES = 32 * 1024 * 1024  # of those messages; beyond: the same
GROUP_BYTES = 1024 * 1024  # of one commit: small messages should not wait long behind large ones
IDLE_S = 300.0  # a WebSocket that sends no message for so long is closed: a tracker heartbeats every 10 s
QUERY_THREADS = 2  # metrics and SQL that run at once; more would take the cores from the door
QUERIES_AT_ONCE = 16  # running and waiting; beyond: 503
UPLOADS_AT_ONCE = 4  # beyond: 503
LOGIN_ATTEMPTS = 10  # wrong secrets in LOGIN_WINDOW_S, by anybody (no address is kept); beyond: 429
LOGIN_WINDOW_S = 60.0
OVERLOAD_RETRY_MS = 2_000
SEGMENT_WAITERS = 1_000  # requests for segments that are still being made; beyond: 503
SEGMENT_WAITERS_EACH = 200  # of them, for one and the same segment; beyond: 503
LIVE_SOCKETS = 2_000  # open pages that one process tells what happens; beyond: closed with 1013
LIVE_VIDEOS = 200  # different videos of those pages; beyond: closed with 1013
LIVE_SEND_S = 20.0  # a page that takes nothing for so long is let go
LIVE_FRAMES_PER_S = 5.0  # of a page that has nothing to say; beyond: closed with 1008


class TooLarge(UsageError):
    """A body is longer than its route reads."""

    code = "too_large"
    http_status = 413


class TooMany(UsageError):
    """A person or program should wait before it tries again."""

    code = "too_many_attempts"
    http_status = 429


class RateBucket:
    """A token bucket: `rate_per_s` on average, a second's worth at once. A rate of 0 lets everything pass."""

    def __init__(self, rate_per_s: float, clock: Clock = SYSTEM_CLOCK) -> None:
        self._rate = rate_per_s
        self._clock = clock
        self._tokens = float(rate_per_s)
        self._at = clock.monotonic()

    def wait_ms(self, cost: int = 1) -> int:
        """0 and `cost` tokens taken; or the milliseconds until they are there, and none taken.

        A cost above the rate is let through once the bucket is full: it could never pass otherwise.
        """
        if self._rate == 0:
            return 0
        now = self._clock.monotonic()
        self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate)
        self._at = now
        needed = min(cost, self._rate)
        if self._tokens >= needed:
            self._tokens -= needed
            return 0
        return max(1, round((needed - self._tokens) / self._rate * 1000))


class Attempts:
    """Wrong guesses within a sliding window, over all clients together."""

    def __init__(self, most: int, window_s: float, clock: Clock = SYSTEM_CLOCK) -> None:
        self._most = most
        self._window_s = window_s
        self._clock = clock
        self._failures: list[float] = []

    def require(self) -> None:
        """Raises TooMany when too many guesses failed lately."""
        since = self._clock.monotonic() - self._window_s
        self._failures = [at for at in self._failures if at > since]
        if len(self._failures) >= self._most:
            raise TooMany("too many wrong secrets", hint=f"try again in {self._window_s:.0f} s")

    def failed(self) -> None:
        self._failures.append(self._clock.monotonic())


class Slots:
    """At most `most` at once. Entering beyond that raises Overloaded."""

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self.taken = 0

    def __enter__(self) -> None:
        if self.taken >= self._most:
            raise Overloaded(f"{self._most} {self._what} are running", hint="try again in a moment")
        self.taken += 1

    def __exit__(self, *_: object) -> None:
        self.taken -= 1


async def read_bounded(stream: AsyncIterator[bytes], most_bytes: int, declared: str | None) -> bytes:
    """A request's body. Raises TooLarge as soon as it is known to be longer than `most_bytes`."""
    if declared is not None:
        if not declared.isdecimal():
            raise InvalidInput("Content-Length is not a number", hint="leave it to the HTTP client")
        if int(declared) > most_bytes:
            raise too_large(most_bytes)
    parts: list[bytes] = []
    size = 0
    async for part in stream:
        size += len(part)
        if size > most_bytes:
            raise too_large(most_bytes)
        parts.append(part)
    return b"".join(parts)


def too_large(most_bytes: int) -> TooLarge:
    return TooLarge(f"the body is longer than {most_bytes:,} bytes", hint="send it in smaller parts")
