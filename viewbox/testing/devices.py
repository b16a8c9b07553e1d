"""What a synthetic audience watches with and where it lives: user agents, time zones, languages."""

from __future__ import annotations

from dataclasses import dataclass

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@dataclass(frozen=True)
class Device:
    """A browser on a machine. `browser`, `os`, `device_type` are what a reader of the user agent must find."""

    name: str
    weight: int
    browser: str
    os: str
    device_type: str
    user_agent: str
    screen_w: int
    screen_h: int
    player_w: int


@dataclass(frozen=True)
class Home:
    """A country by its time zone, and the language spoken there."""

    country: str
    timezone: str
    language: str
    weight: int


DEVICES = (
    Device("chrome-windows", 34, "Chrome", "Windows", "desktop",
           f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", 1920, 1080, 960),
    Device("chrome-android", 26, "Chrome", "Android", "mobile",
           f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36", 412, 915, 412),
    Device("safari-iphone", 18, "Safari", "iOS", "mobile",
           "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
           " Version/18.5 Mobile/15E148 Safari/604.1", 393, 852, 393),
    Device("firefox-linux", 12, "Firefox", "Linux", "desktop",
           "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", 2560, 1440, 1280),
    Device("edge-windows", 10, "Edge", "Windows", "desktop",
           f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
           1536, 864, 854),
)  # fmt: skip

ROBOT = Device("headless-linux", 0, "Chrome", "Linux", "desktop",
               f"Mozilla/5.0 (X11; Linux x86_64) {_WEBKIT} HeadlessChrome/142.0.0.0 Safari/537.36",
               800, 600, 800)  # fmt: skip

HOMES = (
    Home("DE", "Europe/Berlin", "de-DE", 30),
    Home("US", "America/New_York", "en-US", 28),
    Home("GB", "Europe/London", "en-GB", 14),
    Home("FR", "Europe/Paris", "fr-FR", 10),
    Home("IN", "Asia/Kolkata", "en-IN", 10),
    Home("JP", "Asia/Tokyo", "ja-JP", 8),
)
