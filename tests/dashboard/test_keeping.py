"""Kept answers: asked for once by all threads together, seldom where asking takes long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.keeping import Rationed, kept


def test_options_are_looked_up_at_most_a_twentieth_of_the_time():
    """A look-up of 2 s is next done 40 s after it ended, however often the data change."""
    now_s, looks = [0.0], []

    def look() -> dict[str, tuple[str, ...]]:
        looks.append(now_s[0])
        now_s[0] += 2.0
        return {"browser": (str(len(looks)),)}

    rationed = Rationed(look, clock=lambda: now_s[0])
    for stamp in range(100):
        rationed(stamp)
        now_s[0] += 1.0
    assert looks == [0.0, 42.0, 84.0]
    assert rationed(99) == {"browser": ("3",)}


def test_threads_that_ask_the_same_at_the_same_time_cost_one_look():
    looks, all_here = [], threading.Barrier(5)

    @kept(maxsize=4)
    def square(number: int) -> int:
        looks.append(number)
        all_here.wait(10)  # the others ask meanwhile
        return number * number

    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(square, 7)
        others = [pool.submit(lambda: (all_here.wait(10), square(7))[1]) for _ in range(4)]
        assert [one.result(10) for one in (first, *others)] == [49] * 5
    assert looks == [7]


def test_different_questions_do_not_wait_for_each_other():
    both_here = threading.Barrier(2)

    @kept(maxsize=4)
    def look(number: int) -> int:
        both_here.wait(10)
        return number

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(look, [1, 2])) == [1, 2]


def test_an_error_is_not_kept():
    looks: list[int] = []

    @kept(maxsize=4)
    def look() -> int:
        looks.append(len(looks))
        if len(looks) == 1:
            raise OSError("not yet")
        return 5

    with pytest.raises(OSError, match="not yet"):
        look()
    assert [look(), look()] == [5, 5]
    assert looks == [0, 1]
