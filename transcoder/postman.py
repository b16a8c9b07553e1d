"""Delivers what the outbox holds to VIEWBOX_WEBHOOK_URL, beside the imports of a worker."""

from __future__ import annotations

import http.client
import threading
import time
import urllib.request

import msgspec

from viewbox import logs
from viewbox.catalog import Catalog
from viewbox.clock import iso_ms
from viewbox.errors import SetupError
from viewbox.http_client import opener
from viewbox.presentation import video_json
from viewbox.settings import Settings
from viewbox.webhooks import SIGNATURE_HEADER, Delivery, Outbox, sign

POLL_S = 0.5
ANSWER_S = 10.0  # a receiver that thinks longer gets the message again
_log = logs.get("webhooks")


class Postman(threading.Thread):
    """Runs until `stop` is set. One per worker process."""

    def __init__(self, settings: Settings, catalog: Catalog, outbox: Outbox, stop: threading.Event) -> None:
        """Raises SetupError for an address without a secret: nobody could tell our messages from a stranger's."""
        super().__init__(name="postman", daemon=True)
        if settings.webhook_url is None or settings.webhook_secret is None:
            raise SetupError(
                "VIEWBOX_WEBHOOK_URL needs VIEWBOX_WEBHOOK_SECRET", hint="set both: every message is signed"
            )
        self._url = settings.webhook_url
        self._secret = settings.webhook_secret.get_secret_value()
        self._site_url = settings.site_url
        self._catalog = catalog
        self._outbox = outbox
        self._stop_event = stop

    def run(self) -> None:
        while not self._stop_event.is_set():
            try:
                delivery = self._outbox.take()
                if delivery is not None:
                    self._deliver(delivery)
                    continue
            except Exception:  # noqa: BLE001  # a database that restarts: the message is still there
                _log.exception("outbox_unavailable")
            self._stop_event.wait(POLL_S)

    def body(self, delivery: Delivery) -> bytes | None:
        """The message, with the video as it is now; None when it was removed."""
        video = self._catalog.find(delivery.video_id)
        if video is None:
            return None
        shown = video_json(video, self._catalog.renditions(video.id), self._site_url)
        return msgspec.json.encode(
            {"id": delivery.id, "type": delivery.type, "created_at": iso_ms(delivery.created_at_ms), "video": shown}
        )

    def _deliver(self, delivery: Delivery) -> None:
        body = self.body(delivery)
        if body is None or self._send(body):
            self._outbox.delivered(delivery)
        elif not self._outbox.failed(delivery):
            _log.warning("webhook_given_up", id=delivery.id, video_id=delivery.video_id, type=delivery.type)

    def _send(self, body: bytes) -> bool:
        """Whether the receiver answered 2xx. Redirects are not followed: the address is the operator's word."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "ViewBox-webhook/1",
            SIGNATURE_HEADER: sign(body, self._secret, int(time.time())),
        }
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with opener().open(request, timeout=ANSWER_S) as answer:
                return bool(200 <= answer.status < 300)
        except (OSError, ValueError, http.client.HTTPException) as error:  # refused, silent, another status, no HTTP
            _log.info("webhook_not_taken", error=str(error))
            return False
