"""Another system hears of every import that ended: signed, and again until it has taken the message."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests import media
from tests.importing import Importer
from tests.support import until
from transcoder.worker import Worker
from viewbox import webhooks
from viewbox.errors import SetupError
from viewbox.webhooks import Outbox, is_genuine, sign

SECRET = "the-secret-of-the-webhook-test"


@dataclass
class Receiver:
    """Takes messages; the first `refusals` of them are answered 500, the very first of those by no HTTP at all."""

    refusals: int = 0
    heard: list[tuple[dict[str, Any], str, bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Tests speak for themselves."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.heard.append((json.loads(body), self.headers["ViewBox-Signature"], body))
            if told.refusals and len(told.heard) == 1:
                self.wfile.write(b"what?\r\n\r\n")
                self.close_connection = True
                return
            self.send_response(500 if len(told.heard) <= told.refusals else 204)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


def test_ready_and_failed_are_told_until_they_are_taken(receiver, tmp_path, monkeypatch):
    monkeypatch.setattr(webhooks, "RETRY_AFTER_S", (0,) * 9)
    shop = Importer(tmp_path / "data", webhook_url=receiver.url, webhook_secret=SECRET)
    receiver.refusals = 2
    words = tmp_path / "words.mp4"
    words.write_text("no video\n" * 200)
    small = media.remade(media.BIKES, tmp_path / "a.mp4", ["-vf", "scale=160:68,setsar=1"], seconds=1)
    ready, failed = shop.queue(small), shop.queue(words)
    stop = threading.Event()
    worker = threading.Thread(target=Worker(shop.settings).run, args=(stop,))
    worker.start()
    try:
        until(lambda: len(receiver.heard) == 4, timeout_s=40, what="two messages, two of them told again")
        outbox = Outbox(shop.catalog._engine)
        until(lambda: outbox.take() is None, timeout_s=10, what="nothing is left to deliver")
    finally:
        stop.set()
        worker.join()
    for message, signature, body in receiver.heard:
        stamp, _, digest = signature.removeprefix("t=").partition(",v1=")
        assert digest == hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert abs(time.time() - int(stamp)) < 60
        assert message["video"]["id"] in {ready, failed}
    by_type = {message["type"]: message["video"] for message, _, _ in receiver.heard}
    assert (by_type["video.ready"]["id"], by_type["video.ready"]["status"]) == (ready, "ready")
    assert by_type["video.ready"]["urls"]["hls"].startswith("http")
    assert (by_type["video.failed"]["id"], by_type["video.failed"]["error"]["code"]) == (failed, "not_a_video_file")
    assert len({message["id"] for message, _, _ in receiver.heard}) == 2, "told again under the same id"


def test_a_signature_is_worth_nothing_for_another_body_secret_or_time():
    signature = sign(b"body", "secret", 1_700_000_000)
    assert is_genuine(b"body", signature, "secret", 1_700_000_010)
    assert not is_genuine(b"body!", signature, "secret", 1_700_000_010)
    assert not is_genuine(b"body", signature, "another", 1_700_000_010)
    assert not is_genuine(b"body", signature, "secret", 1_700_000_000 + webhooks.TOLERANCE_S + 1)
    assert not is_genuine(b"body", signature.replace("t=1700000000", "t=1700000010"), "secret", 1_700_000_010)
    assert not is_genuine(b"body", "", "secret", 1_700_000_000)


def test_what_nobody_takes_is_given_up_and_an_address_needs_a_secret(tmp_path: Path):
    shop = Importer(tmp_path / "data", webhook_url="http://127.0.0.1:9/hook")
    with pytest.raises(SetupError, match="VIEWBOX_WEBHOOK_SECRET"):
        Worker(shop.settings)
    with shop.catalog._engine.begin() as connection:
        webhooks.post(connection, "abc", "video.failed", 0)
    outbox = Outbox(shop.catalog._engine)
    delivery = outbox.take()
    assert delivery is not None
    assert outbox.take() is None, "in hand"
    assert outbox.failed(delivery), "again later"
    last = msgspec.structs.replace(delivery, attempts=10)
    assert not outbox.failed(last)
    with shop.catalog._engine.connect() as connection:
        assert connection.execute(webhooks.DELIVERIES.select()).all() == []
