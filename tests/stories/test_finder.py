"""What the finder asks, and what it makes of all detectors together."""

from __future__ import annotations

from typing import Any

from tests.stories.test_positions import by_second
from viewbox.stories import Ask, Scope, asks, findings
from viewbox.stories.finder import ALL_VIEWERS, SECONDS, SKIPS

VIDEO = Scope("UTC", of_one_video=True)


def looking(answers: dict[str, list[dict[str, Any]]]):
    return lambda ask: answers.get(ask.name, [])


def test_the_overview_asks_nothing_of_places_in_videos():
    names = {ask.name for ask in asks(Scope("UTC", experiments=("experiment.intro",)))}
    assert "by_second" not in names
    assert Ask("completion_rate", "experiment.intro") in asks(Scope("UTC", experiments=("experiment.intro",)))


def test_a_page_asks_at_most_twelve_questions_and_few_experiments():
    many = tuple(f"experiment.e{number}" for number in range(20))
    assert len(asks(VIDEO)) <= 12
    assert len([ask for ask in asks(Scope("UTC", experiments=many)) if ask.name == "completion_rate"]) == 3


def test_nothing_is_told_of_nothing():
    assert findings(looking({}), VIDEO) == ()
    assert findings(looking({ALL_VIEWERS.name: [{"unique_viewers": 0, "n": 0}]}), VIDEO) == ()


def test_who_leaves_on_landing_behind_a_skipped_part_makes_no_cliff():
    skipped = dict.fromkeys(range(13), 0.4)
    answers: dict[str, list[dict[str, Any]]] = {
        ALL_VIEWERS.name: [{"unique_viewers": 1000, "n": 1000}],
        SKIPS.name: [{"section": 1, "from_s": 0, "to_s": 13, "share": 0.4, "landed": 13}],
        SECONDS.name: by_second(skip_share=skipped, exits={15: 150, 180: 200}),
    }
    told = [finding.sentence for finding in findings(looking(answers), VIDEO)]
    assert told == ["40\u202f% skip 0:00–0:13.", "20\u202f% leave at 3:00."]


def test_what_is_broken_is_told_before_what_viewers_do():
    answers: dict[str, list[dict[str, Any]]] = {
        ALL_VIEWERS.name: [{"unique_viewers": 1000, "n": 1000}],
        SECONDS.name: by_second(exits={180: 200}),
        "playback_failures": [
            {"browser": "Firefox", "n": 200, "playback_failures": 0.4, "startup_failures": 0.4, "ci_low": 0.335,
             "ci_high": 0.469},
            {"browser": "Chrome", "n": 900, "playback_failures": 0.01, "startup_failures": 0.01, "ci_low": 0.005,
             "ci_high": 0.019},
        ],
    }  # fmt: skip
    assert [finding.kind for finding in findings(looking(answers), VIDEO)] == ["failure", "cliff"]
