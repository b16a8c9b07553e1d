"""A clock that a test moves by hand."""

from __future__ import annotations


class FakeClock:
    """`viewbox.clock.Clock` whose time passes only by `advance`. Wall and monotonic time move together."""

    def __init__(self, now_ms: int = 1_763_800_000_000) -> None:
        self._now_ms = now_ms
        self._start_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return (self._now_ms - self._start_ms) / 1000

    def advance(self, *, ms: int = 0, s: float = 0.0) -> None:
        """Let time pass. Raises ValueError for a step back: monotonic time has none."""
        step_ms = ms + round(s * 1000)
        if step_ms < 0:
            raise ValueError(f"a clock does not go back ({step_ms} ms)")
        self._now_ms += step_ms
