"""One visual language: Streamlit's theme holds the tokens of the player's stylesheet."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from dashboard.server import SCRIPT, THEME, server_options, theme_options
from viewbox.settings import Settings

ROOT = Path(__file__).parents[2]
TOKENS = ROOT / "player" / "src" / "react" / "tokens.css"
NAMES = {
    "primaryColor": "accent", "backgroundColor": "bg", "secondaryBackgroundColor": "surface", "textColor": "ink",
    "linkColor": "accent", "borderColor": "line", "dataframeBorderColor": "line", "grayColor": "ink-3",
    "grayTextColor": "ink-2", "blueColor": "retention", "yellowColor": "replay", "violetColor": "skip",
    "redColor": "stall", "greenColor": "good",
}  # fmt: skip
CHARTS = ("retention", "replay", "skip", "stall", "good", "ink-3")


def tokens() -> dict[str, tuple[str, str]]:
    """Token -> its light and dark colour, as the stylesheet has them."""
    found = re.findall(r"--vb-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS.read_text(encoding="utf-8"))
    return {name: (light.upper(), dark.upper()) for name, light, dark in found}


@pytest.mark.parametrize(("mode", "place"), [("light", 0), ("dark", 1)])
def test_every_colour_is_a_token(mode, place):
    theme = tomllib.loads(THEME.read_text(encoding="utf-8"))["theme"][mode]
    charts = theme.pop("chartCategoricalColors")
    assert {name: value.upper() for name, value in theme.items()} == {
        name: tokens()[token][place] for name, token in NAMES.items()
    }
    assert [colour.upper() for colour in charts] == [tokens()[token][place] for token in CHARTS]


def test_words_on_main_buttons_have_the_token_for_it():
    light, dark = tokens()["on-accent"]
    assert f"light-dark({light}, {dark})" in SCRIPT.read_text(encoding="utf-8")


def test_the_theme_reaches_streamlit_whole():
    options = theme_options(THEME)
    assert options["theme.light.textColor"] == "#16181D"
    assert options["theme.baseFontSize"] == 14


def test_streamlit_sends_nothing_and_shows_no_traceback():
    options = server_options(Settings(_env_file=None, dashboard_port=8777))
    assert options["browser.gatherUsageStats"] is False
    assert options["client.showErrorDetails"] == "none"
    assert (options["server.address"], options["server.port"]) == ("127.0.0.1", 8777)
