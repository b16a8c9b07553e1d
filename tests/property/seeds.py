"""Tests that run once per seed: hundreds of streams follow from each, much faster than Hypothesis would draw them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st


def by_seed(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call the test with `seed`, so many times; a seed that failed comes first in the next run.

    There is nothing to shrink about a seed.
    """

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        patient: Any = settings(
            max_examples=examples,
            deadline=None,
            phases=(Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        return patient(given(seed=st.integers(0, 2**63))(test))  # type: ignore[no-any-return]

    return decorate
