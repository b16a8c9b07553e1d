"""Every place where a rollup puts something down for good, and a way to die at any of them.

A place is a commit to a Delta table, the syncing of one, or a transaction of the ledger. Dying happens before the
place's work is done; what lies between two places is lost with the process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from viewbox.lake import durable
from viewbox.rollups.ledger import Ledger


class PowerCut(BaseException):
    """Nobody catches it."""


class Places:
    """Counts the places that were passed, and dies at number `fatal` (from 0); never, when it is None."""

    def __init__(self, fatal: int | None = None) -> None:
        self.fatal = fatal
        self.passed = 0

    def __call__(self) -> None:
        if self.passed == self.fatal:
            raise PowerCut
        self.passed += 1


@contextmanager
def watched(fatal: int | None = None) -> Iterator[Places]:
    """Count places while the block runs, or die at one of them."""
    places = Places(fatal)
    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith("viewbox") and hasattr(module, "write_deltalake"):
                patch.setattr(module, "write_deltalake", _after(places, module.write_deltalake))
        patch.setattr(durable, "sync_commits", _after(places, durable.sync_commits))
        patch.setattr(Ledger, "transaction", _transaction(places, Ledger.transaction))
        yield places


def _after(places: Places, work: Callable[..., Any]) -> Callable[..., Any]:
    def place(*args: Any, **kwargs: Any) -> Any:
        places()
        return work(*args, **kwargs)

    return place


def _transaction(places: Places, work: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def place(self: Ledger) -> Iterator[None]:
        with work(self):
            yield
            places()

    return place
