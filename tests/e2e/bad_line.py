"""A bad connection to a house: a proxy that counts what browsers send, and breaks off or stands still on demand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BLOCK = 16 * 1024


@dataclass
class BadLine:
    """`sent`: bytes that came from browsers; `cuts`: how often it broke off; `stands`: a connection is held."""

    target_port: int
    port: int
    sent: int = 0
    cuts: int = 0
    stands: bool = False
    _cut_at: int | None = None
    _hold_at: int | None = None
    _drops: bool = False
    _released: threading.Event = field(default_factory=threading.Event)
    _sockets: list[socket.socket] = field(default_factory=list)

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut_after(self, more_bytes: int) -> None:
        """Break the connection off that carries this byte, once."""
        self._cut_at = self.sent + more_bytes

    def hold_after(self, more_bytes: int) -> None:
        """Let the connection that carries this byte stand still until `release`; new ones work."""
        self._drops = False
        self._released.clear()
        self._hold_at = self.sent + more_bytes

    def drop(self) -> None:
        """Break the held connection off: what it had not passed on is lost."""
        self._drops = True
        self.release()

    def release(self) -> None:
        """Let what is held go on."""
        self.stands = False
        self._hold_at = None
        self._released.set()

    @contextmanager
    def running(self) -> Iterator[BadLine]:
        listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        try:
            yield self
        finally:
            self.release()
            listener.close()
            for each in self._sockets:
                each.close()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # closed: the test is over
            while True:
                browser, _ = listener.accept()
                try:
                    house = socket.create_connection(("127.0.0.1", self.target_port))
                except OSError:  # the house is down: so is the line
                    browser.close()
                    continue
                self._sockets += [browser, house]
                threading.Thread(target=self._up, args=(browser, house), daemon=True).start()
                threading.Thread(target=self._down, args=(house, browser), daemon=True).start()

    def _up(self, browser: socket.socket, house: socket.socket) -> None:
        with suppress(OSError):
            while block := browser.recv(BLOCK):
                self.sent += len(block)
                if self._hold_at is not None and self.sent >= self._hold_at:
                    self._hold_at = None
                    self.stands = True
                    self._released.wait()
                    if self._drops:
                        break
                house.sendall(block)
                if self._cut_at is not None and self.sent >= self._cut_at:
                    self._cut_at = None
                    self.cuts += 1
                    break
        _end(browser, house)

    @staticmethod
    def _down(house: socket.socket, browser: socket.socket) -> None:
        with suppress(OSError):
            while block := house.recv(BLOCK):
                browser.sendall(block)
        _end(house, browser)


def _end(*sockets: socket.socket) -> None:
    for each in sockets:
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
