"""Public doubles for tests and demonstrations: a fake clock, and a synthetic audience with known answers."""

from viewbox.testing.answers import Answers, known_answers
from viewbox.testing.audience import Audience, SyntheticView
from viewbox.testing.clock import FakeClock
from viewbox.testing.player import SimulatedPlayer
from viewbox.testing.stories import EFFECTS, Effect, everyday, parse_effect, sample_story
from viewbox.testing.truth import ViewTruth

__all__ = [
    "EFFECTS",
    "Answers",
    "Audience",
    "Effect",
    "FakeClock",
    "SimulatedPlayer",
    "SyntheticView",
    "ViewTruth",
    "everyday",
    "known_answers",
    "parse_effect",
    "sample_story",
]
