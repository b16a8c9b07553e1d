"""User-Agent → browser, system, device, bot. A short list of what viewers really use; all else is null.

Order decides: browsers name their ancestors, so the most particular name is looked for first.
"""

from __future__ import annotations

import re
from functools import lru_cache

from viewbox.client.facts import Device

_BOT = re.compile(
    r"bot\b|bot[/;_-]|crawl|spider|slurp|headless|phantomjs|lighthouse|prerender|preview|facebookexternalhit"
    r"|mediapartners|pingdom|uptime|monitor|scrap|archiver|curl/|wget/|python|java/|go-http|okhttp|libwww|axios|node-fetch"
    r"|ahrefs|semrush|gptbot|claude|perplexity|bytespider|selenium|puppeteer|playwright",
    re.IGNORECASE,
)
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera[ /]|OPiOS/|OPT/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Yandex", r"YaBrowser/"),
    ("Vivaldi", r"Vivaldi/"),
    ("DuckDuckGo", r"DuckDuckGo/|Ddg/"),
    ("UC Browser", r"UCBrowser/|UCWEB"),
    ("Silk", r"Silk/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Version/[\d.]+.*Safari/|(?:iPhone|iPad|iPod).*AppleWebKit/|Macintosh.*AppleWebKit/"),
    ("Internet Explorer", r"MSIE |Trident/"),
)
_SYSTEMS = (
    ("Windows", r"Windows"),
    ("iOS", r"iPhone|iPad|iPod"),
    ("tvOS", r"AppleTV|Apple TV|tvOS"),
    ("Tizen", r"Tizen"),
    ("webOS", r"Web0S|webOS"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)
_DEVICES = (
    ("tv", r"SMART-TV|Smart ?TV|Apple ?TV|tvOS|Google ?TV|Android TV|BRAVIA|HbbTV|Web0S|CrKey|Roku|AFT[A-Z]"),
    ("tablet", r"iPad|Tablet|PlayBook|Silk/(?!.*Mobile)|Android(?!.*Mobile)"),
    ("mobile", r"Mobi|iPhone|iPod|Android|Windows Phone"),
    ("desktop", r"Windows|Macintosh|X11|Linux|CrOS"),
)
_COMPILED = tuple(
    tuple((name, re.compile(pattern)) for name, pattern in table) for table in (_BROWSERS, _SYSTEMS, _DEVICES)
)


@lru_cache(maxsize=4096)  # few distinct ones make up nearly all traffic
def parse_user_agent(user_agent: str | None) -> Device:
    """What the header gives away. Without one all is null, and the viewer is no bot."""
    if not user_agent:
        return Device()
    browser, system, device = (
        next((name for name, pattern in table if pattern.search(user_agent)), None) for table in _COMPILED
    )
    return Device(browser=browser, os=system, device_type=device, is_bot=bool(_BOT.search(user_agent)))
