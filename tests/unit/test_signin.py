"""The secret and the cookie: what is strong enough, what is still good."""

import pytest

from viewbox import signin
from viewbox.errors import SetupError

SECRET = "7k2-Qm4vT9xZ-b8RwL"
NOW_S = 1_795_392_000.0


def test_a_cookie_is_good_until_it_runs_out_and_not_a_second_longer():
    cookie = signin.issue(SECRET, now_s=NOW_S)
    assert signin.is_valid(cookie, SECRET, now_s=NOW_S)
    assert signin.is_valid(cookie, SECRET, now_s=NOW_S + signin.LIFETIME_S - 1)
    assert not signin.is_valid(cookie, SECRET, now_s=NOW_S + signin.LIFETIME_S)


def test_another_secret_ends_every_cookie():
    assert not signin.is_valid(signin.issue(SECRET, now_s=NOW_S), SECRET + "x", now_s=NOW_S)


def test_two_cookies_of_one_second_differ_and_neither_holds_the_secret():
    first, second = signin.issue(SECRET, now_s=NOW_S), signin.issue(SECRET, now_s=NOW_S)
    assert first != second
    assert SECRET not in first


@pytest.mark.parametrize("position", [0, 3, 8, 16, 30, -1])
def test_a_changed_character_anywhere_breaks_it(position):
    cookie = list(signin.issue(SECRET, now_s=NOW_S))
    cookie[position] = "0" if cookie[position] != "0" else "1"
    assert not signin.is_valid("".join(cookie), SECRET, now_s=NOW_S)


@pytest.mark.parametrize(
    "cookie", ["", ".", "...", "v1.9999999999.x.", "v1", "ü.ü.ü.ü", "v1.nan.x.y", "\udcff" * 4, "a" * 10_000]
)
def test_rubbish_is_no_cookie(cookie):
    assert not signin.is_valid(cookie, SECRET, now_s=NOW_S)


@pytest.mark.parametrize(
    "secret",
    [
        None, "", "short", "x" * 15, "x" * 40, "changeme", "changemechangeme", "secretsecretsecret", "password12345678",
        "VIEWBOX-SECRET-1234", "abababababababababab", "two words are not one", "schlüssel-schlüssel",
        "line\nbreak-0123456",
    ],
)  # fmt: skip
def test_a_weak_secret_does_not_start_the_house(secret):
    with pytest.raises(SetupError) as refusal:
        signin.check_secret(secret)
    assert refusal.value.hint
    assert not secret or len(secret) < 6 or secret not in refusal.value.message


@pytest.mark.parametrize("secret", [SECRET, "correct-horse-battery-staple", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
def test_a_strong_one_does(secret):
    assert signin.check_secret(secret) == secret


def test_only_the_secret_itself_matches():
    assert signin.matches(SECRET, SECRET)
    for given in ("", SECRET[:-1], SECRET + " ", SECRET.lower(), "\udcff"):
        assert not signin.matches(given, SECRET)
