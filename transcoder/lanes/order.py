"""What is made next: where a viewer is, from there on, then the rest. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def next_of(missing: Sequence[int], wanted: int | None) -> int:
    """The first of the ascending `missing` at or after `wanted`, else the first of all.

    >>> next_of([0, 1, 5, 6], 3), next_of([0, 1], 3), next_of([0, 1], None)
    (5, 0, 0)
    """
    if wanted is not None:
        return next((number for number in missing if number >= wanted), missing[0])
    return missing[0]


def run_from(missing: Sequence[int], first: int) -> int:
    """How many of `missing` follow each other from `first` on.

    >>> run_from([0, 1, 5, 6, 7, 9], 5)
    3
    """
    count = 0
    for number in missing[missing.index(first) :]:
        if number != first + count:
            break
        count += 1
    return count
