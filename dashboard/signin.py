"""Off loopback the dashboard shows only the way to the sign-in until the browser carries the site's cookie."""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st

from viewbox.settings import Settings
from viewbox.signin import COOKIE, is_valid


def is_signed_in(settings: Settings, cookies: Mapping[str, str], *, now_s: float | None = None) -> bool:
    """Whether this browser may see the dashboard. Without a secret nobody may, where one is required."""
    if settings.auth_mode == "off":
        return True
    secret, cookie = settings.secret_value, cookies.get(COOKIE)
    if not secret or not isinstance(cookie, str):
        return False
    return is_valid(cookie, secret, now_s=time.time() if now_s is None else now_s)


def show(settings: Settings) -> None:
    """The page of those who are not signed in."""
    st.title("ViewBox", anchor=False)
    st.write("Sign in on the site, then come back and reload this page.")
    st.link_button("Sign in", f"{settings.site_url}/login", type="primary")
