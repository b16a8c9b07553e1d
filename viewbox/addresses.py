"""Which addresses URL import may reach: pure rules, shared by the door (literals, at once) and the fetcher (every hop).

A name that resolves is no matter of this module: the fetcher resolves it, asks `allowed` for each address, and
connects to the address it asked about.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

from viewbox.errors import Refused, SetupError

IpAddress: TypeAlias = IPv4Address | IPv6Address
IpNetwork: TypeAlias = IPv4Network | IPv6Network
MAX_URL_CHARACTERS = 4096  # longer than any share link that people paste
DEFAULT_PORTS = {"http": 80, "https": 443}

_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Global by register, yet each carries or relays to an IPv4 address of the sender's choice.
_TRANSLATING = (IPv4Network("192.88.99.0/24"), IPv6Network("2002::/16"), IPv6Network("2001::/32"))
_LOCAL_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa")


class UrlRefused(Refused):
    """URL import never goes there, whoever asks. Terminal."""

    code = "url_refused"
    http_status = 422


def check_url(url: str, allow: Sequence[str] = ()) -> None:
    """Raise UrlRefused for what can be refused without asking a name server: another scheme than http or https,
    user names in the URL, a literal address that is not public (in any notation), a name that is local by definition.

    `allow` is `VIEWBOX_FETCH_ALLOW`: entries `host:port` or a network in CIDR notation.
    """
    parts = _split(url)
    if parts.scheme not in DEFAULT_PORTS:
        raise UrlRefused(
            f"{parts.scheme or 'no scheme'} is not fetched", hint="paste a link that begins with http:// or https://"
        )
    if "@" in parts.netloc:
        raise UrlRefused("the URL carries a user name or password", hint="use a link that needs no sign-in")
    host, port = host_and_port(parts)
    address = literal_address(host)
    if address is not None:
        if not allowed(host, port, address, allow):
            raise UrlRefused(
                f"{host} is not a public address",
                hint=f"upload the file, or let the server reach it: VIEWBOX_FETCH_ALLOW={_entry(str(address), port)}",
            )
    elif is_local_name(host) and not named(host, port, allow):
        raise UrlRefused(
            f"{host} is a local name",
            hint=f"upload the file, or let the server reach it: VIEWBOX_FETCH_ALLOW={_entry(host, port)}",
        )


def host_and_port(parts: SplitResult) -> tuple[str, int]:
    """The host as names are compared (lower case, no trailing dot, no look-alike digits) and the port in use."""
    try:
        port = parts.port
    except ValueError as error:
        raise UrlRefused("the URL's port is not a number below 65,536", hint="check the link") from error
    host = unicodedata.normalize("NFKC", parts.hostname or "").replace("。", ".").lower().rstrip(".")
    if not host or any(character in host for character in "%\\/?#@ "):
        raise UrlRefused("the URL names no host", hint="paste the whole link, with https:// in front")
    if port == 0:
        raise UrlRefused("port 0 cannot be reached", hint="check the link")
    return host, port or DEFAULT_PORTS.get(parts.scheme, 0)


def literal_address(host: str) -> IpAddress | None:
    """The address that `host` spells: dotted, decimal, hexadecimal, octal, shortened, or IPv6. None for a name.

    Raises UrlRefused for a host that ends in a number and yet is no address: resolvers disagree about those.
    """
    if ":" in host:
        try:
            return ip_address(host.strip("[]"))
        except ValueError as error:
            raise UrlRefused(f"{host} is no IPv6 address", hint="check the link") from error
    labels = host.split(".")
    if not _is_numeric(labels[-1]):
        return None
    numbers = [_number(label) for label in labels]
    *leading, last = numbers
    if len(numbers) > 4 or any(number is None or number > 255 for number in leading):
        raise UrlRefused(f"{host} is neither a name nor an address", hint="check the link")
    if last is None or last >= 256 ** (5 - len(numbers)):
        raise UrlRefused(f"{host} is neither a name nor an address", hint="check the link")
    value = last
    for position, number in enumerate(leading):
        value |= (number or 0) << 8 * (3 - position)
    return IPv4Address(value)


def is_public(ip: IpAddress) -> bool:
    """Whether an address is global unicast and stands for itself: no loopback, private, shared (100.64/10), link-local,
    multicast, reserved or documentation range, and none that wraps an IPv4 address (mapped, 6to4, Teredo, NAT64).
    """
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    if any(ip.version == network.version and ip in network for network in _TRANSLATING):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def allowed(host: str, port: int, ip: IpAddress, allow: Sequence[str] = ()) -> bool:
    """Whether import may connect to `ip`, reached as `host:port`: it is public, or an entry of `allow` opens it."""
    if is_public(ip) or named(host, port, allow) or named(str(ip), port, allow):
        return True
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return any(_contains(network, ip) or (mapped and _contains(network, mapped)) for network in _networks(allow))


def named(host: str, port: int, allow: Sequence[str]) -> bool:
    """Whether an entry `host:port` of `allow` names this very host and port."""
    return any(_entry(host, port) == entry.lower() for entry in allow)


def is_local_name(host: str) -> bool:
    """Names that never leave a machine or site: localhost and names without a dot or in a local domain."""
    return host == "localhost" or "." not in host or host.endswith(_LOCAL_SUFFIXES)


def check_allow(allow: Sequence[str]) -> None:
    """Raise SetupError for an entry that is neither `host:port` nor a network: it would silently open nothing."""
    for entry in allow:
        if _network(entry) is None:
            host, _, port = entry.rpartition(":")
            if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
                raise SetupError(
                    f"VIEWBOX_FETCH_ALLOW: {entry!r} opens nothing", hint="write host:port, or a network as 10.0.0.0/8"
                )


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL_CHARACTERS:
        raise UrlRefused(f"the URL is longer than {MAX_URL_CHARACTERS} characters", hint="paste a shorter link")
    if not url.isprintable() or " " in url or "\\" in url:
        raise UrlRefused("the URL holds blanks, backslashes or control characters", hint="paste the link alone")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise UrlRefused("this is not a URL", hint="paste the whole link, with https:// in front") from error


def _is_numeric(label: str) -> bool:
    return label.isdecimal() or (label.startswith("0x") and all(digit in "0123456789abcdef" for digit in label[2:]))


def _number(label: str) -> int | None:
    """The number that C's inet_aton reads: hexadecimal after 0x, octal after 0."""
    try:
        if label.startswith("0x"):
            return int(label[2:] or "0", 16)
        if len(label) > 1 and label.startswith("0"):
            return int(label, 8)
        return int(label) if label.isdecimal() else None
    except ValueError:
        return None


def _entry(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _networks(allow: Sequence[str]) -> list[IpNetwork]:
    return [network for network in map(_network, allow) if network is not None]


def _network(entry: str) -> IpNetwork | None:
    try:
        return ip_network(entry, strict=False)
    except ValueError:
        return None


def _contains(network: IpNetwork, ip: IpAddress) -> bool:
    return network.version == ip.version and ip in network
