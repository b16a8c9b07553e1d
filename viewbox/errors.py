"""The exception tree. Every error a person can meet has a code, a sentence, a hint and a verdict on retrying.

ViewBoxError
├── UsageError             the caller asked for something that cannot be
│   ├── NotFound
│   ├── Conflict
│   ├── InvalidInput
│   └── Refused            allowed to nobody here (access, address, statement)
├── Overloaded             try again later; nothing was stored
├── MediaError             a video could not be imported; terminal unless `retryable`
│   ├── FetchFailed
│   ├── ProbeFailed
│   └── EncodeFailed
├── JobLost                the lease moved to another worker; publish nothing
└── SetupError             the installation lacks something
"""

from __future__ import annotations


class ViewBoxError(Exception):
    """Base of all errors that ViewBox raises on purpose.

    `code` is stable and machine-readable, `hint` says what a person can do, `retryable` whether the same
    call may succeed later.
    """

    code = "viewbox_error"
    hint = ""
    retryable = False
    http_status = 500

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str | None = None,
        retryable: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if hint is not None:
            self.hint = hint
        if retryable is not None:
            self.retryable = retryable

    def as_dict(self) -> dict[str, object]:
        """`{code, hint, retryable}`: the shape of `error` on a video."""
        return {"code": self.code, "hint": self.hint or self.message, "retryable": self.retryable}


class UsageError(ViewBoxError):
    code = "usage"
    http_status = 400


class NotFound(UsageError):
    code = "not_found"
    http_status = 404


class Conflict(UsageError):
    code = "conflict"
    http_status = 409


class InvalidInput(UsageError):
    code = "invalid_input"
    http_status = 422


class Refused(UsageError):
    code = "refused"
    http_status = 403


class Overloaded(ViewBoxError):
    code = "overloaded"
    retryable = True
    http_status = 503

    def __init__(self, message: str, *, retry_after_ms: int = 2000, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_ms = retry_after_ms


class MediaError(ViewBoxError):
    code = "media_error"
    http_status = 422


class FetchFailed(MediaError):
    code = "fetch_failed"


class ProbeFailed(MediaError):
    code = "not_a_video_file"


class EncodeFailed(MediaError):
    code = "encode_failed"


class JobLost(ViewBoxError):
    code = "job_lost"
    retryable = True


class SetupError(ViewBoxError):
    code = "setup"
