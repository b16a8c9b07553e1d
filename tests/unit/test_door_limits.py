"""The door's bounds as values: buckets, slots, names."""

import asyncio

import pytest

from ingest_api.forwarded import trusted_networks
from ingest_api.limits import Attempts, RateBucket, Slots, TooLarge, TooMany, read_bounded
from ingest_api.maintainer_process import environment_of
from ingest_api.routes.site import frame_ancestors
from ingest_api.routes.videos import title_of
from ingest_api.tables import NotAcceptable, negotiated, split_suffix
from ingest_api.uploads import plain_name
from viewbox.errors import InvalidInput, Overloaded
from viewbox.settings import Settings


class HandClock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def now_ms(self) -> int:
        return int(self.now_s * 1000)

    def monotonic(self) -> float:
        return self.now_s


def test_a_bucket_gives_a_seconds_worth_at_once_and_then_its_rate():
    clock = HandClock()
    bucket = RateBucket(10, clock)
    assert [bucket.wait_ms() for _ in range(10)] == [0] * 10
    assert bucket.wait_ms() == 100  # the next token is a tenth of a second away
    clock.now_s += 0.25
    assert [bucket.wait_ms() for _ in range(3)] == [0, 0, 50]
    clock.now_s += 1000
    assert [bucket.wait_ms() for _ in range(10)] == [0] * 10
    assert bucket.wait_ms() > 0  # a long silence saves up no more than a second's worth


def test_a_cost_above_the_rate_needs_a_full_bucket():
    clock = HandClock()
    bucket = RateBucket(10, clock)
    assert bucket.wait_ms(1000) == 0
    assert bucket.wait_ms(1000) == 1000
    clock.now_s += 1
    assert bucket.wait_ms(1000) == 0


def test_a_rate_of_zero_means_no_limit():
    bucket = RateBucket(0, HandClock())
    assert all(bucket.wait_ms(10**6) == 0 for _ in range(1000))


def test_attempts_are_forgotten_after_the_window():
    clock = HandClock()
    attempts = Attempts(2, 60, clock)
    attempts.failed()
    clock.now_s += 30
    attempts.failed()
    with pytest.raises(TooMany):
        attempts.require()
    clock.now_s += 31
    attempts.require()


def test_slots_are_given_back_also_after_an_error():
    slots = Slots(1, "things")
    with pytest.raises(ZeroDivisionError), slots:
        raise ZeroDivisionError
    with slots, pytest.raises(Overloaded), slots:
        raise AssertionError("entered twice")
    assert slots.taken == 0


async def _chunks(*parts: bytes):
    for part in parts:
        yield part


@pytest.mark.parametrize(("declared", "parts"), [("11", []), (None, [b"x" * 6, b"x" * 5]), ("3", [b"x" * 11])])
def test_a_body_is_bounded_whatever_it_declares(declared, parts):
    with pytest.raises(TooLarge):
        asyncio.run(read_bounded(_chunks(*parts), 10, declared))


def test_a_body_at_the_bound_is_read_whole():
    assert asyncio.run(read_bounded(_chunks(b"x" * 6, b"y" * 4), 10, "10")) == b"xxxxxxyyyy"
    with pytest.raises(InvalidInput):
        asyncio.run(read_bounded(_chunks(), 10, "ten"))


@pytest.mark.parametrize(
    ("filename", "plain"),
    [
        ("clip.mp4", "clip.mp4"), ("../../etc/passwd", "passwd"), ("C:\\films\\a b.mov", "a b.mov"), ("", "upload"),
        ("\x00\n", "upload"), ("日本.mp4", "日本.mp4"), ("/", "upload"), ("x" * 300 + ".mp4", "x" * 251 + ".mp4"),
    ],
)  # fmt: skip
def test_a_file_name_keeps_what_people_know_it_by(filename, plain):
    assert plain_name(filename) == plain


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://example.com/My%20film.mp4?x=1", "My film"),
        ("https://example.com/", "example.com"),
        ("https://example.com/a/b.tar.gz", "b.tar"),
        ("https://example.com/" + "y" * 400 + ".mp4", "y" * 256),
        ("https://example.com/%07bell.mp4", "bell"),
    ],
)
def test_a_title_is_the_links_last_part(url, title):
    assert title_of(url) == title


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "json"), ("", "json"), ("*/*", "json"), ("text/csv", "csv"), ("application/json;q=0.1, text/csv", "csv"),
        ("text/html, application/vnd.apache.arrow.stream", "arrow"), ("text/csv;q=0, */*;q=0.1", "json"),
        ("Application/VND.apache.parquet", "parquet"),
    ],
)  # fmt: skip
def test_the_accept_header_chooses_the_format(accept, kind):
    assert negotiated(accept) == kind


def test_a_format_that_is_not_written_is_refused():
    for accept in ("image/png", "text/csv;q=0", "text/csv;q=x"):
        with pytest.raises(NotAcceptable):
            negotiated(accept)


def test_a_suffix_chooses_it_too():
    assert split_suffix("views.csv") == ("views", "csv")
    assert split_suffix("views") == ("views", "json")
    assert split_suffix("odd.name") == ("odd.name", "json")


def test_embed_origins_are_a_directive():
    assert frame_ancestors("*") == "*"
    assert frame_ancestors("https://a.example, https://b.example") == "https://a.example https://b.example"
    assert frame_ancestors(" ") == "'none'"


def test_a_child_process_gets_the_same_settings(monkeypatch, tmp_path):
    given = Settings(
        data_dir=tmp_path,
        port=1234,
        secret="7k2-Qm4vT9xZ-b8RwL",
        external_videos=False,
        fetch_allow=("a:1", "10.0.0.0/8"),
    )
    for name, value in environment_of(given).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    child = Settings()
    assert child.model_dump() == given.model_dump()


def test_trusted_proxies_are_addresses_and_networks():
    assert len(trusted_networks("10.0.0.1, 192.168.0.0/16,::1")) == 3
    assert trusted_networks("") == ()
