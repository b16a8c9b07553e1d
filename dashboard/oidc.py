"""Sign-in with OpenID Connect, where `.streamlit/secrets.toml` configures it: whom the provider's word lets in.

Streamlit's `st.login` does the protocol and keeps its own signed cookie. A provider tells who somebody is; that says
nothing about whether they may see these numbers, so nobody enters who is not on the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from streamlit.runtime.secrets import secrets_singleton

MAX_ENTRIES = 1_000


class Guests(NamedTuple):
    """`allowed`: e-mail addresses, and whole domains as `@example.com`, in lower case.

    `verified_only`: the provider must say that it has checked the address.
    """

    allowed: tuple[str, ...] = ()
    verified_only: bool = True


def guests() -> Guests | None:
    """The section `[viewbox]` of Streamlit's secrets; None where they have no `[auth]`: then nobody can sign in so."""
    if not secrets_singleton.load_if_toml_exists() or "auth" not in secrets_singleton:
        return None
    return parse_guests(secrets_singleton.get("viewbox", {}))


def parse_guests(section: Mapping[str, Any]) -> Guests:
    """From `allowed = ["anna@example.com", "@example.org"]` and `verified_only`. What is wrong lets nobody in."""
    listed = section.get("allowed", ())
    if isinstance(listed, str) or not isinstance(listed, Sequence):
        return Guests()
    entries = [one.strip().lower() for one in listed if isinstance(one, str)][:MAX_ENTRIES]
    sound = tuple(one for one in entries if "@" in one and not one.endswith("@"))
    return Guests(sound, section.get("verified_only", True) is not False)


def admits(user: Mapping[str, Any], found: Guests) -> bool:
    """Whether the provider's claims are those of a guest. `email` decides, never a name that people choose."""
    email = user.get("email")
    if user.get("is_logged_in") is not True or not isinstance(email, str):
        return False
    name, at, domain = email.strip().lower().rpartition("@")
    if not name or not at or "@" in name:
        return False
    if found.verified_only and user.get("email_verified") is not True:
        return False
    return f"{name}@{domain}" in found.allowed or f"@{domain}" in found.allowed
