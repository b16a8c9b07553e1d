"""Sign-in with OpenID Connect: only those on the list enter, and the site's own cookie still does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.oidc import Guests, admits, parse_guests
from tests.dashboard.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, provider
from tests.e2e.browser import visitor
from tests.e2e.house import House, started

LIST = Guests(("anna@example.com", "@example.org"))
PATIENCE_MS = 60_000  # a cold dashboard on two busy cores
SECRET = "q7-Kd81_mmZx02-vbnT"


def person(email: object, **claims: object) -> dict[str, Any]:
    return {"is_logged_in": True, "email": email, "email_verified": True, **claims}


@pytest.mark.parametrize("email", ["anna@example.com", "Anna@Example.com", "ben@example.org"])
def test_an_address_or_its_domain_is_on_the_list(email):
    assert admits(person(email), LIST)


@pytest.mark.parametrize(
    "user",
    [
        person("ben@example.com"), person("anna@example.com.evil.test"), person("x@example.org@evil.test"),
        person("@example.org"), person(None), person("anna@example.com", email_verified=False),
        person("anna@example.com", email_verified="true"), person("anna@example.com", is_logged_in=False), {},
    ],
)  # fmt: skip
def test_nobody_else_is(user):
    assert not admits(user, LIST)


def test_addresses_that_the_provider_does_not_check_are_taken_only_where_that_is_said():
    user = {"is_logged_in": True, "email": "anna@example.com"}
    assert not admits(user, parse_guests({"allowed": ["anna@example.com"]}))
    assert admits(user, parse_guests({"allowed": ["anna@example.com"], "verified_only": False}))


@pytest.mark.parametrize("section", [{}, {"allowed": "@example.org"}, {"allowed": ["@", "", 3, "nobody"]}])
def test_a_list_that_is_missing_or_wrong_lets_nobody_in(section):
    assert parse_guests(section).allowed == ()


def secrets_for(house: House, at: Provider) -> None:
    """Streamlit's secrets in the folder in which the dashboard is started."""
    folder: Path = house.data_dir / ".streamlit"
    folder.mkdir(parents=True)
    (folder / "secrets.toml").write_text(
        f'[auth]\nredirect_uri = "{house.dashboard}/oauth2callback"\ncookie_secret = "another-long-random-value-4Jt"\n'
        f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\n'
        f'server_metadata_url = "{at.url}/.well-known/openid-configuration"\n'
        '[viewbox]\nallowed = ["anna@example.com"]\n',
        encoding="utf-8",
    )


@pytest.mark.e2e
def test_a_guest_enters_and_leaves_and_a_stranger_is_told(tmp_path, browser):
    house = House(tmp_path / "house", {"VIEWBOX_AUTH": "token"}, secret=SECRET)
    with provider(sub="1", email="eve@example.com", email_verified=True) as at:
        secrets_for(house, at)
        with started(house, "dashboard"), visitor(browser) as (page, _):
            page.set_default_timeout(PATIENCE_MS)
            page.goto(f"{house.dashboard}/sql")
            page.get_by_role("button", name="Sign in with your account").click()
            page.get_by_text("eve@example.com is not on the list").wait_for()
            assert page.get_by_label("SELECT …").count() == 0
            page.get_by_role("button", name="Sign out").click()
            at.claims = {"sub": "2", "email": "anna@example.com", "email_verified": True}
            page.get_by_role("button", name="Sign in with your account").click()
            page.get_by_role("heading", name="Overview").wait_for()
            page.get_by_text("Sign out").click()
            page.get_by_text("Sign in on the site").wait_for()
            assert at.asked == 2
