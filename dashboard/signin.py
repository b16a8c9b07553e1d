"""Off loopback the dashboard shows only the way to sign in, until a browser has the site's cookie or is a guest's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import oidc, sentences
from dashboard.oidc import Guests
from viewbox.settings import Settings
from viewbox.signin import COOKIE, is_valid


def is_signed_in(settings: Settings, cookies: Mapping[str, str], *, now_s: float | None = None) -> bool:
    """Whether the site's cookie opens the dashboard. Without a secret nobody may enter, where one is required."""
    if settings.auth_mode == "off":
        return True
    secret, cookie = settings.secret_value, cookies.get(COOKIE)
    if not secret or not isinstance(cookie, str):
        return False
    return is_valid(cookie, secret, now_s=time.time() if now_s is None else now_s)


def is_guest(user: Mapping[str, Any], guests: Guests | None) -> bool:
    """Whether a provider's word opens it."""
    return guests is not None and oidc.admits(user, guests)


def show(settings: Settings, user: Mapping[str, Any], guests: Guests | None) -> None:
    """The page of those who are not signed in."""
    st.title("ViewBox", anchor=False)
    if guests is not None and user.get("is_logged_in"):
        st.warning(
            f"{sentences.plain(str(user.get('email') or 'This account'))} is not on the list of this dashboard."
            " Ask whoever runs it, or sign in with another account."
        )
        st.button("Sign out", on_click=sign_out, icon=":material/logout:")
    else:
        st.write("Sign in on the site, then come back and reload this page.")
    with st.container(horizontal=True):
        st.link_button("Sign in", f"{settings.site_url}/login", type="primary")
        if guests is not None and not user.get("is_logged_in"):
            st.button("Sign in with your account", on_click=st.login, icon=":material/badge:")


def sign_out() -> None:
    """Forget who the provider said this is."""
    st.logout()
