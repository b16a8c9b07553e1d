"""How far lake and tables are behind the door: told by the oldest acknowledged event that is not there yet."""

from __future__ import annotations

import pytest

from tests.messages import START_MS, NoRollups, door, interval, play, settings_in, wire
from viewbox.maintainer import Maintainer
from viewbox.maintainer.lag import Lags, lags
from viewbox.settings import Settings

MINUTE_MS = 60_000


@pytest.fixture
def settings(tmp_path) -> Settings:
    return settings_in(tmp_path)


class Interrupted(Exception):
    """A maintainer that ends between the lake and the tables."""


def end_at(label: str):
    def at(reached: str) -> None:
        if reached == label:
            raise Interrupted(label)

    return at


def test_an_empty_house_is_behind_nothing(settings):
    assert lags(settings, START_MS) == Lags(0, 0)


def test_a_spooled_event_ages_until_it_is_in_the_lake_and_in_the_tables(settings):
    with door(settings) as intake:
        intake.accept([b"{"], received_at_ms=START_MS - MINUTE_MS)  # a dead letter has no tables to reach
        intake.accept([wire(play())], received_at_ms=START_MS)
        intake.accept([wire(interval(1))], received_at_ms=START_MS + MINUTE_MS)
    assert lags(settings, START_MS + 90_000) == Lags(90, 90)
    with pytest.raises(Interrupted), Maintainer(settings, rollups=NoRollups, at=end_at("trimmed")) as maintainer:
        maintainer.step()
    assert lags(settings, START_MS + 95_000) == Lags(0, 95)
    with door(settings) as intake:
        intake.accept([wire(interval(2))], received_at_ms=START_MS + 100_000)
    assert lags(settings, START_MS + 110_000) == Lags(10, 110)
    with Maintainer(settings, rollups=NoRollups) as maintainer:
        maintainer.run_until_drained()
    assert lags(settings, START_MS + 120_000) == Lags(0, 0)


def test_history_from_a_file_keeps_its_dates_and_is_no_lag(settings):
    with door(settings, source="file") as intake:
        intake.accept([wire(play(), received_at_ms=START_MS)])
    assert lags(settings, START_MS + MINUTE_MS) == Lags(0, 0)
    with pytest.raises(Interrupted), Maintainer(settings, rollups=NoRollups, at=end_at("trimmed")) as maintainer:
        maintainer.step()
    assert lags(settings, START_MS + MINUTE_MS) == Lags(0, 0)
