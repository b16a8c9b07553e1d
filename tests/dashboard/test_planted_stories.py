"""Ten planted stories at three sizes, with seeds drawn at the time of the test: the page names each in a sentence."""

from __future__ import annotations

import secrets

from tests.dashboard.test_pages import said
from tests.stories.audiences import bring
from tests.stories.planted import BOTS, FAILURE, OUTAGE, audiences


def test_every_planted_story_is_named_by_the_page_of_its_video(open_app, tmp_path):
    seed = secrets.randbelow(2**30)
    told = audiences(seed)
    bring(tmp_path, [one for one, _ in told])
    unsaid = []
    for one, plantings in told:
        words = said(open_app(tmp_path, "video", video=one.video_id))
        unsaid += [(one, planting.story) for planting in plantings if not planting.is_named_in(words)]
        assert "Variant c" not in words, (seed, one)  # twelve views: too few to be named
    assert not unsaid, seed
    # What concerns all videos is said of all of them together too, however small a part of them it strikes.
    overview = said(open_app(tmp_path))
    assert all(planting.is_named_in(overview) for planting in (BOTS, FAILURE, OUTAGE)), seed
