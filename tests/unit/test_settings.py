"""Settings that cannot hold are named in words, not in a traceback."""

from __future__ import annotations

import pytest

from viewbox.errors import SetupError
from viewbox.settings import load


def test_each_setting_that_cannot_hold_is_named_and_no_value_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIEWBOX_PORT", "s3cret")
    monkeypatch.setenv("VIEWBOX_TIMEZONE", "Nowhere/City")
    with pytest.raises(SetupError) as refused:
        load()
    assert "VIEWBOX_PORT: " in refused.value.message
    assert "VIEWBOX_TIMEZONE: not a time zone; write it like Europe/Berlin" in refused.value.message
    assert "s3cret" not in refused.value.message


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/localtime", "", "localtime", "posix/Europe/Berlin", "europe/berlin", "+02:00"]
)
def test_a_time_zone_is_a_name_not_a_path(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("VIEWBOX_TIMEZONE", name)
    with pytest.raises(SetupError):
        load()
