"""What a trusted proxy in front may tell: the scheme of the browser's request, and its country."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

from viewbox.errors import SetupError
from viewbox.intake import ClientFacts
from viewbox.settings import Settings

# Cloudflare, CloudFront, Fastly and App Engine, Vercel; a proxy of one's own can set any of them.
_COUNTRY_HEADERS = ("cf-ipcountry", "cloudfront-viewer-country", "x-country-code", "x-vercel-ip-country")


@lru_cache(maxsize=8)
def trusted_networks(trusted_proxies: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """`VIEWBOX_TRUSTED_PROXIES`: addresses or networks, comma-separated. Raises SetupError."""
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in trusted_proxies.split(",") if part.strip())
    except ValueError as error:
        raise SetupError(
            f"VIEWBOX_TRUSTED_PROXIES: {error}", hint="write addresses or networks, as 10.0.0.0/8"
        ) from error


def from_trusted_proxy(connection: HTTPConnection, settings: Settings) -> bool:
    networks = trusted_networks(settings.trusted_proxies)
    if not networks or connection.client is None:
        return False
    try:
        address = ip_address(connection.client.host)
    except ValueError:
        return False
    return any(network.version == address.version and address in network for network in networks)


def client_facts(connection: HTTPConnection, settings: Settings) -> ClientFacts:
    """User-Agent, and the country when a trusted proxy names it. Never the address."""
    country = None
    if from_trusted_proxy(connection, settings):
        country = next((connection.headers[name] for name in _COUNTRY_HEADERS if name in connection.headers), None)
    return ClientFacts(connection.headers.get("user-agent"), country)
