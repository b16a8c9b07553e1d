"""What a User-Agent, a proxy's header and a time zone give away."""

from __future__ import annotations

import pytest

from viewbox.client import Device, country_of, parse_user_agent

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36",
         Device("Chrome", "Windows", "desktop")),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
         Device("Edge", "Windows", "desktop")),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36 OPR/120.0",
         Device("Opera", "Linux", "desktop")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
         Device("Firefox", "macOS", "desktop")),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Safari/605.1.15",
         Device("Safari", "macOS", "desktop")),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {SAFARI} Mobile/15E148 Safari/604.1",
         Device("Safari", "iOS", "mobile")),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/1",
         Device("Chrome", "iOS", "tablet")),
        (f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36",
         Device("Chrome", "Android", "mobile")),
        (f"Mozilla/5.0 (Linux; Android 14; SM-X910) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0 Safari/537.36",
         Device("Samsung Internet", "Android", "tablet")),
        (f"Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0) {WEBKIT} Chrome/108.0 Safari/537.36",
         Device("Chrome", "Tizen", "tv")),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/140.0.0.0 Safari/537.36",
         Device("Chrome", "ChromeOS", "desktop")),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Device(is_bot=True)),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36",
         Device("Chrome", "Linux", "desktop", is_bot=True)),
        ("curl/8.9.1", Device(is_bot=True)),
        ("python-requests/2.32", Device(is_bot=True)),
        ("", Device()),
        (None, Device()),
        ("something else", Device()),
    ],
)  # fmt: skip
def test_a_user_agent_names_browser_system_device_and_bots(user_agent: str | None, device: Device):
    assert parse_user_agent(user_agent) == device


@pytest.mark.parametrize(
    ("header", "time_zone", "country"),
    [
        ("FR", "Europe/Berlin", "FR"),  # a trusted proxy knows better than the clock
        ("fr", None, "FR"),
        (None, "Europe/Berlin", "DE"),
        (None, "Asia/Calcutta", "IN"),  # an old name that browsers still report
        (None, "America/New_York", "US"),
        ("XX", "Asia/Tokyo", "JP"),  # the proxy does not know
        ("Germany", "Asia/Tokyo", "JP"),
        (None, "UTC", None),
        (None, "Mars/Olympus", None),
        (None, None, None),
    ],
)
def test_a_country_comes_from_the_proxy_else_from_the_time_zone(
    header: str | None, time_zone: str | None, country: str | None
):
    assert country_of(header, time_zone) == country
