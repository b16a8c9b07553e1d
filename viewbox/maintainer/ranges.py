"""A set of whole numbers as ranges: the seqs of a view, which have no gaps but after losses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable


class Ranges:
    """`bounds` = first, last, first, last, …: disjoint, ascending, both ends inclusive, never adjacent."""

    __slots__ = ("bounds",)

    def __init__(self, bounds: list[int] | None = None) -> None:
        self.bounds: list[int] = bounds or []

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Ranges:
        ranges = cls()
        for number in sorted(numbers):
            ranges.add(number)
        return ranges

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self.bounds, number)
        return place % 2 == 1 or (place > 0 and self.bounds[place - 1] == number)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self.bounds == other.bounds

    __hash__ = None  # type: ignore[assignment]  # mutable

    def add(self, number: int) -> None:
        bounds = self.bounds
        if bounds and number == bounds[-1] + 1:  # the usual case: the next seq
            bounds[-1] = number
            return
        if number in self:
            return
        place = bisect_right(bounds, number)  # even: between two ranges
        joins_left = place > 0 and bounds[place - 1] == number - 1
        joins_right = place < len(bounds) and bounds[place] == number + 1
        if joins_left and joins_right:
            del bounds[place - 1 : place + 1]
        elif joins_left:
            bounds[place - 1] = number
        elif joins_right:
            bounds[place] = number
        else:
            bounds[place:place] = [number, number]
