"""How this installation's own programs ask its HTTP API."""

from __future__ import annotations

import urllib.request
from typing import Any

PROBLEM_BYTES = 64 * 1024  # of an error's answer that are read; ours are shorter


def opener() -> urllib.request.OpenerDirector:
    """An opener that follows no redirect: the secret goes to the address that it was given for, and to no other."""
    return urllib.request.build_opener(_StayHere)


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None
