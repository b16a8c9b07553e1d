"""Security headers: what a page of ours may load (nothing from elsewhere) and who may frame it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders

from ingest_api.access import Access


class Completer:
    """Adds to an answer every security header that it does not bring itself."""

    def __init__(self, access: Access) -> None:
        self._policy = content_security_policy(socket_sources(access))

    def __call__(self, headers: MutableHeaders) -> None:
        headers.setdefault("Content-Security-Policy", self._policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")  # with a stricter one our own forms send `Origin: null`
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-site")
        if "frame-ancestors 'none'" in headers["Content-Security-Policy"]:
            headers.setdefault("X-Frame-Options", "DENY")  # it cannot name origins, so /embed must do without


def content_security_policy(
    sockets: Iterable[str] = (), *, frame_ancestors: str = "'none'", styles: Iterable[str] = ()
) -> str:
    """Everything from this origin; media also from blobs, which Media Source Extensions need."""
    directives = {
        "default-src": "'self'",
        "connect-src": " ".join(["'self'", *sockets]),
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob: data:",  # hls.js 1.7 makes subtitle tracks from an empty data: URL
        "worker-src": "'self' blob:",  # hls.js demuxes in a worker made from a blob
        "style-src": " ".join(["'self'", *styles]),
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": frame_ancestors,
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def socket_sources(access: Access) -> list[str]:
    """The site's own origins as ws: and wss: sources; some browsers do not count them as 'self'."""
    schemes = {"http": "ws", "https": "wss"}
    return sorted(
        f"{schemes[origin.scheme]}://{origin.host}:{origin.port}"
        for origin in access.site
        if ":" not in origin.host  # the policy's grammar has no IPv6 addresses
    )


def style_hash(style: str) -> str:
    """A source that allows exactly this inline style element."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
