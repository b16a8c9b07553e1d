"""URL import reaches public addresses only, however an address is spelled."""

from ipaddress import ip_address

import pytest

from viewbox.addresses import UrlRefused, allowed, check_allow, check_url, is_public, literal_address
from viewbox.errors import SetupError

REFUSED = [
    "file:///etc/passwd",
    "ftp://example.com/a.mp4",
    "javascript:alert(1)",
    "data:video/mp4;base64,AAAA",
    "//example.com/a.mp4",
    "example.com/a.mp4",
    "",
    "http://",
    "http:///a.mp4",
    "https://user@example.com/a.mp4",
    "https://user:password@example.com/a.mp4",
    "https://example.com@127.0.0.1/a.mp4",
    "http://127.0.0.1/a.mp4",
    "http://127.1/a.mp4",
    "http://2130706433/a.mp4",
    "http://0x7f000001/a.mp4",
    "http://0x7f.0.0.1/a.mp4",
    "http://0177.0.0.1/a.mp4",
    "http://127.0.0.1./a.mp4",
    "http://127。0。0。1/a.mp4",
    "http://①②⑦.⓪.⓪.①/a.mp4",
    "http://%31%32%37.0.0.1/a.mp4",
    "http://0/a.mp4",
    "http://0.0.0.0/a.mp4",
    "http://10.1.2.3/a.mp4",
    "http://172.16.0.1/a.mp4",
    "http://192.168.1.1/a.mp4",
    "http://100.64.0.1/a.mp4",
    "http://169.254.169.254/latest/meta-data",
    "http://224.0.0.1/a.mp4",
    "http://255.255.255.255/a.mp4",
    "http://192.0.2.1/a.mp4",
    "http://[::1]/a.mp4",
    "http://[::]/a.mp4",
    "http://[::ffff:127.0.0.1]/a.mp4",
    "http://[::ffff:8.8.8.8]/a.mp4",
    "http://[fe80::1]/a.mp4",
    "http://[fe80::1%25eth0]/a.mp4",
    "http://[fd00::1]/a.mp4",
    "http://[64:ff9b::7f00:1]/a.mp4",
    "http://[2002:7f00:1::]/a.mp4",
    "http://[ff02::1]/a.mp4",
    "http://localhost/a.mp4",
    "http://LOCALHOST:8000/a.mp4",
    "http://printer.local/a.mp4",
    "http://intranet/a.mp4",
    "http://1.2.3.4.5/a.mp4",
    "http://1.2.3.999/a.mp4",
    "http://4294967296/a.mp4",
    "http://example.com:0/a.mp4",
    "http://example.com:99999/a.mp4",
    "http://example.com\\@127.0.0.1/a.mp4",
    "http://exam ple.com/a.mp4",
    "http://example.com/\r\nX: y",
    "http://[not-an-address]/a.mp4",
    "https://example.com/" + "a" * 5000,
]


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_that_leads_inside_is_refused(url):
    with pytest.raises(UrlRefused) as refusal:
        check_url(url)
    assert refusal.value.code == "url_refused"
    assert refusal.value.http_status == 422
    assert refusal.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.mp4",
        "HTTPS://Example.COM:8443/a%20b.mp4?x=1#t=3",
        "http://8.8.8.8/a.mp4",
        "http://134744072/a.mp4",  # 8.8.8.8 in decimal
        "http://[2606:4700::1111]/a.mp4",
        "https://bücher.example/a.mp4",
        "https://1.example.com/a.mp4",
    ],
)
def test_a_public_url_passes(url):
    check_url(url)


@pytest.mark.parametrize(
    ("spelled", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("10.258", "10.0.1.2"),
        ("0x7f.1", "127.0.0.1"),
        ("0300.0250.1.1", "192.168.1.1"),
        ("2130706433", "127.0.0.1"),
        ("::1", "::1"),
    ],
)
def test_every_notation_of_an_address_is_read(spelled, address):
    assert literal_address(spelled) == ip_address(address)


def test_a_name_is_no_address():
    assert literal_address("example.com") is None
    assert literal_address("0x7f.example") is None


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::1"])
def test_global_unicast_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "192.88.99.1",
        "2001:0:1::1",
        "2001:db8::1",
        "198.18.0.1",
        "240.0.0.1",
        "64:ff9b::808:808",
        "::8.8.8.8",
        "fec0::1",
    ],
)
def test_translating_and_reserved_ranges_are_not_public(address):
    assert not is_public(ip_address(address))


def test_an_exception_opens_one_port_and_not_its_neighbour():
    allow = ("127.0.0.1:9000",)
    check_url("http://127.0.0.1:9000/a.mp4", allow)
    check_url("http://2130706433:9000/a.mp4", allow)
    with pytest.raises(UrlRefused):
        check_url("http://127.0.0.1:9001/a.mp4", allow)
    with pytest.raises(UrlRefused):
        check_url("http://127.0.0.2:9000/a.mp4", allow)


def test_an_exception_may_be_a_network_or_a_name():
    check_url("http://10.9.8.7/a.mp4", ("10.0.0.0/8",))
    check_url("http://[fd00::7]/a.mp4", ("fd00::/8",))
    check_url("http://intranet/a.mp4", ("intranet:80",))
    check_url("http://[::1]:8080/a.mp4", ("[::1]:8080",))
    with pytest.raises(UrlRefused):
        check_url("http://11.9.8.7:0x50/a.mp4", ("10.0.0.0/8",))


def test_a_name_may_resolve_to_an_opened_address_only():
    assert allowed("example.com", 80, ip_address("8.8.8.8"))
    assert not allowed("example.com", 80, ip_address("10.0.0.1"))
    assert allowed("example.com", 80, ip_address("10.0.0.1"), ("10.0.0.0/8",))
    assert allowed("files", 80, ip_address("10.0.0.1"), ("files:80",))
    assert not allowed("files", 81, ip_address("10.0.0.1"), ("files:80",))


@pytest.mark.parametrize("entry", ["example.com", "example.com:", ":80", "example.com:http", "host:70000"])
def test_an_entry_that_opens_nothing_is_an_error(entry):
    with pytest.raises(SetupError, match="opens nothing"):
        check_allow((entry,))


def test_good_entries_pass():
    check_allow(("example.com:80", "127.0.0.1:9000", "10.0.0.0/8", "127.0.0.1", "[::1]:80"))
