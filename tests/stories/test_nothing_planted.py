"""Where nothing is planted, nothing is named: twenty audiences, small and large, at most one story in all."""

from __future__ import annotations

import secrets

import pytest

from tests.stories.audiences import Told, bring, named, reading

SIZES = (100, 300, 600, 1500)
LENGTHS_S = (60.0, 180.0, 300.0, 600.0, 900.0)
AUDIENCES = 20


@pytest.mark.timeout(300)
def test_of_twenty_audiences_without_a_story_at_most_one_is_told_one(tmp_path):
    seed = secrets.randbelow(2**30)
    told = [
        Told(f"quiet-{number}", seed + number, (), LENGTHS_S[number % 5], SIZES[number % 4])
        for number in range(AUDIENCES)
    ]
    bring(tmp_path, told)
    with reading(tmp_path):
        found = [(one.video_id, finding) for one in told for finding in named(one.video_id)]
        found += [("all", finding) for finding in named(None)]
    assert len(found) <= 1, (seed, found)
