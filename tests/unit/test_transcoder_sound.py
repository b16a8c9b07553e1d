"""Which sound is published as it is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from transcoder.ladder import Plan, Rung
from transcoder.lanes.sound import is_fit
from transcoder.probe import AudioStream

AUDIO = AudioStream(
    index=1, codec="aac", channels=2, language="und", title="", duration_s=8.0, profile="LC", rate_hz=48_000,
    bitrate_bps=128_000,
)  # fmt: skip
PLAN = Plan(8.0, Fraction(25), (Rung(640, 360, Fraction(25), 600_000),), (AUDIO,), 0, False, False, 0.0)


def test_aac_as_we_would_make_it_is_fit():
    assert is_fit(AUDIO, PLAN)


@pytest.mark.parametrize(
    "changes",
    [{"profile": "HE-AAC"}, {"channels": 6}, {"rate_hz": 22_050}, {"bitrate_bps": 320_000}, {"start_s": 0.05},
     {"duration_s": 7.8}, {"duration_s": None}, {"codec": "mp3"}],
)  # fmt: skip
def test_all_else_is_encoded(changes):
    assert not is_fit(replace(AUDIO, **changes), PLAN)


@pytest.mark.parametrize(("ends_s", "fit"), [(5.9, True), (6.0, True), (6.05, False), (6.1, False), (6.2, True)])
def test_sound_that_may_end_before_its_last_segment_is_encoded(ends_s: float, fit: bool):
    """Segments of 6 s are announced over the picture's length; a copy has what the source has."""
    assert is_fit(replace(AUDIO, duration_s=ends_s), replace(PLAN, duration_s=ends_s)) is fit
