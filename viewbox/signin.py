"""The one secret of an installation: is it strong enough, did somebody show it, is a signed cookie still good.

Site and dashboard are two processes on two ports of one host; a browser sends both the same cookie, and both check it
with `is_valid`. Pure: secret and time are handed in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from viewbox.errors import SetupError
from viewbox.settings import Settings

COOKIE = "viewbox_session"
LIFETIME_S = 30 * 86_400  # a stolen cookie works no longer; changing the secret ends all of them at once
MIN_SECRET_CHARACTERS = 16  # below, guessing over the network becomes thinkable
_VERSION = "v1"
_GUESSABLE = (
    "changeme",
    "change-me",
    "password",
    "secret",
    "viewbox",
    "example",
    "default",
    "letmein",
    "qwerty",
    "1234",
)


def required_secret(settings: Settings) -> str | None:
    """The secret that guards this installation; None where nobody else can reach it. Raises SetupError otherwise."""
    if settings.auth_mode == "token":
        return check_secret(settings.secret_value)
    if not settings.is_loopback:
        raise SetupError(
            "VIEWBOX_AUTH=off is for loopback only: VIEWBOX_HOST or VIEWBOX_PUBLIC_URL leads outside",
            hint="leave VIEWBOX_AUTH unset and set VIEWBOX_SECRET",
        )
    return None


def check_secret(secret: str | None) -> str:
    """The secret when it is one. Raises SetupError for a missing, short or guessable one."""
    advice = "VIEWBOX_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))')"
    if not secret:
        raise SetupError("a secret is required when other machines can reach ViewBox", hint=f"set one: {advice}")
    if len(secret) < MIN_SECRET_CHARACTERS:
        raise SetupError(f"VIEWBOX_SECRET is shorter than {MIN_SECRET_CHARACTERS} characters", hint=f"longer: {advice}")
    if not secret.isascii() or not secret.isprintable() or " " in secret:
        raise SetupError("VIEWBOX_SECRET holds characters that an HTTP header cannot carry", hint=f"plain: {advice}")
    if is_guessable(secret):
        raise SetupError("VIEWBOX_SECRET is easily guessed", hint=f"random: {advice}")
    return secret


def is_guessable(secret: str) -> bool:
    """Whether a secret is built from few characters, or is a well-known word with little around it."""
    rest = secret.lower()
    for word in _GUESSABLE:
        rest = rest.replace(word, "")
    return len(set(secret)) < 6 or len(rest) < MIN_SECRET_CHARACTERS // 2


def matches(given: str, secret: str) -> bool:
    """Whether `given` is the secret, in a time that tells nothing about it."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest(), hashlib.sha256(secret.encode()).digest()
    )


def issue(secret: str, *, now_s: float) -> str:
    """A cookie value that `is_valid` accepts for `LIFETIME_S`: version.expiry.nonce.signature."""
    unsigned = f"{_VERSION}.{int(now_s) + LIFETIME_S}.{secrets.token_hex(8)}"
    return f"{unsigned}.{_signature(unsigned, secret)}"


def is_valid(cookie: str, secret: str, *, now_s: float) -> bool:
    """Whether `issue` made this cookie with this secret, and it has not run out."""
    unsigned, _, signature = cookie.rpartition(".")
    if not signature.isascii() or not hmac.compare_digest(signature, _signature(unsigned, secret)):
        return False
    version, expiry, _nonce = unsigned.split(".")
    return version == _VERSION and now_s < int(expiry)


def _signature(unsigned: str, secret: str) -> str:
    key = hashlib.sha256(b"viewbox sign-in cookie\0" + secret.encode()).digest()
    return hmac.new(key, unsigned.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
