"""Where nothing is planted, nothing is named: twenty audiences, small and large, at most one story in all.

The same twenty at every run, so that luck decides nothing here; what came of hundreds of others with seeds of their own
is in docs/explanation/stories.md.
"""

from __future__ import annotations

import pytest

from tests.stories.audiences import Told, bring, named, reading

SIZES = (100, 300, 600, 1500)
LENGTHS_S = (60.0, 180.0, 300.0, 600.0, 900.0)
AUDIENCES = 20
SEED = 20_261_125
UNTIL_MS = 1_763_942_400_000  # 2025-11-24T00:00:00Z


@pytest.mark.timeout(300)
def test_of_twenty_audiences_without_a_story_at_most_one_is_told_one(tmp_path):
    told = [
        Told(f"quiet-{number}", SEED + number, (), LENGTHS_S[number % 5], SIZES[number % 4])
        for number in range(AUDIENCES)
    ]
    bring(tmp_path, told, until_ms=UNTIL_MS)
    with reading(tmp_path):
        found = [(one.video_id, finding) for one in told for finding in named(one.video_id)]
        found += [("all", finding) for finding in named(None)]
    assert len(found) <= 1, found
