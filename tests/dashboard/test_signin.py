"""The dashboard off loopback: only with the site's cookie."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.cli import dashboard
from dashboard.signin import is_signed_in
from viewbox.errors import SetupError
from viewbox.settings import Settings
from viewbox.signin import COOKIE, LIFETIME_S, issue

SECRET = "q7-Kd81_mmZx02-vbnT"
NOW_S = 1_760_000_000.0


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **{"auth": "token", "secret": SECRET, **values})


def test_the_sites_cookie_opens_the_dashboard():
    cookies = {COOKIE: issue(SECRET, now_s=NOW_S)}
    assert is_signed_in(settings(), cookies, now_s=NOW_S + 60)
    assert not is_signed_in(settings(), cookies, now_s=NOW_S + LIFETIME_S + 1)


def test_no_or_another_cookie_does_not():
    assert not is_signed_in(settings(), {}, now_s=NOW_S)
    assert not is_signed_in(settings(), {COOKIE: "x"}, now_s=NOW_S)
    assert not is_signed_in(settings(), {COOKIE: issue("another-secret-9", now_s=NOW_S)}, now_s=NOW_S)


def test_on_loopback_nobody_is_asked():
    assert is_signed_in(settings(auth="off"), {})


@pytest.mark.parametrize("wrong", [{"secret": None}, {"secret": "changeme"}, {"auth": "off"}])
def test_a_dashboard_that_others_reach_does_not_start_unguarded(monkeypatch, tmp_path, wrong):
    """It says so before it listens: with no secret, a guessable one, or sign-in switched off."""
    monkeypatch.setattr("dashboard.cli.settings.load", lambda: settings(host="0.0.0.0", data_dir=tmp_path, **wrong))
    monkeypatch.setattr("dashboard.cli.serve", lambda _settings: pytest.fail("it serves"))
    with pytest.raises(SetupError, match=r"secret|SECRET|AUTH"):
        dashboard()
