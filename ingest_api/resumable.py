"""Uploads that survive a broken connection, a reload and a crash: their files, their offsets, who may write.

`<folder>/<id>.part` holds the bytes, `<folder>/<id>.json` what is known of them. The offset in there counts synced
bytes only: after a power cut an upload goes on at a byte that is really on the disk. One request at a time holds an
upload (a lock that the kernel frees at a process's death); a newer request of this process ends the older one, whose
client is gone without the server having noticed.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.errors import Conflict, NotFound, Overloaded
from viewbox.ids import new_video_id
from viewbox.spool import MIN_FREE_BYTES
from viewbox.storage import fsync

KEPT_MS = 3 * 24 * 3600 * 1000  # after the last byte: a laptop may stay closed over a weekend; then 410
MAX_UNFINISHED = 500  # begun and not at their end; beyond: 503
SYNC_BYTES = 32 * 1024 * 1024  # a crash takes at most so much of what was sent
HANDOVER_S = 5.0  # an older request has this long to let go of its upload; then 423
_ID = re.compile(r"[a-z0-9]{20}")
_FULL = {errno.ENOSPC, errno.EDQUOT}

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class UploadGone(NotFound):
    """An upload that nobody continued."""

    code = "upload_expired"
    http_status = 410
    hint = "choose the file again"


class UploadLocked(Conflict):
    """Another process is writing to this upload."""

    code = "upload_locked"
    http_status = 423
    hint = "try again in a moment"


class DiskFull(Overloaded):
    """There is no room for more bytes; what has come is kept."""

    code = "disk_full"
    hint = "free some space in the data directory, then go on"


class Progress(msgspec.Struct, kw_only=True):
    """What is known of an upload. `offset`: synced bytes; `video_id`: the video it becomes, once all bytes are here."""

    id: str
    length: int
    filename: str
    details: dict[str, object]
    metadata: str  # the header as it was sent: HEAD repeats it
    offset: int = 0
    touched_ms: int
    video_id: str | None = None
    finished: bool = False

    @property
    def expires_ms(self) -> int:
        return self.touched_ms + KEPT_MS


class UploadStore:
    """All resumable uploads below one folder; shared by the processes of a door."""

    def __init__(self, folder: Path, clock: Clock = SYSTEM_CLOCK) -> None:
        self._folder = folder
        self._clock = clock
        self._holders: dict[str, Held] = {}

    def create(self, length: int, filename: str, details: dict[str, object], metadata: str) -> Progress:
        """A new upload of `length` bytes. Raises Overloaded or DiskFull."""
        self.sweep()
        if sum(1 for _ in self._folder.glob("*.part")) >= MAX_UNFINISHED:
            raise Overloaded(f"{MAX_UNFINISHED} uploads are unfinished", hint="let some end, or wait until they expire")
        if length > room_bytes(self._folder):
            raise DiskFull("the disk has no room for this file", retry_after_ms=60_000)
        progress = Progress(
            id=new_video_id(), length=length, filename=filename, details=details, metadata=metadata,
            touched_ms=self._clock.now_ms(),
        )  # fmt: skip
        self.part(progress.id).touch(exist_ok=False)
        self.save(progress)
        return progress

    def read(self, upload_id: str) -> Progress:
        """What is known of an upload. Raises NotFound or UploadGone."""
        note = self._note(upload_id)
        if not _ID.fullmatch(upload_id) or not note.is_file():
            raise NotFound("no such upload", code="upload_not_found", hint="begin it again")
        progress = msgspec.json.decode(note.read_bytes(), type=Progress)
        if progress.expires_ms <= self._clock.now_ms():
            raise UploadGone("this upload has expired")
        return progress

    def save(self, progress: Progress) -> None:
        """Put the note on the disk, whole or not at all."""
        place = self._note(progress.id)
        beside = place.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(progress))
            file.flush()
            os.fsync(file.fileno())
        beside.rename(place)
        fsync(self._folder)

    @asynccontextmanager
    async def hold(self, upload_id: str) -> AsyncIterator[Held]:
        """The upload, for this request alone. Raises NotFound, UploadGone or UploadLocked."""
        older = self._holders.get(upload_id)
        if older is not None:
            older.leave.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(older.left.wait(), HANDOVER_S)
        if upload_id in self._holders:
            raise UploadLocked("another request is writing to this upload")
        self.read(upload_id)  # nothing is opened for an id that is none
        lock = os.open(self._note(upload_id).with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        held: Held | None = None
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadLocked("another process is writing to this upload") from error
            held = Held(self, self.read(upload_id))  # again: the process that held it may have moved it on
            self._holders[upload_id] = held
            yield held
        finally:
            if held is not None:
                del self._holders[upload_id]
                held.left.set()
            os.close(lock)

    def forget(self, upload_id: str) -> None:
        """Remove an upload and its bytes; the video that it has become stays."""
        for suffix in (".part", ".json", ".new", ".lock"):
            self._note(upload_id).with_suffix(suffix).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove uploads that nobody continued in time, and what a crash left without a note."""
        old_s = (self._clock.now_ms() - KEPT_MS) / 1000
        for note in self._folder.glob("*.json"):
            try:
                self.read(note.stem)
            except UploadGone:
                self.forget(note.stem)
            except (NotFound, FileNotFoundError, msgspec.DecodeError):
                continue  # another process was faster, or the file is none of ours
        for stray in self._folder.iterdir():
            with suppress(FileNotFoundError):  # its request, or another process, was faster
                if not self._note(stray.stem).exists() and stray.stat().st_mtime < old_s:
                    stray.unlink()

    def part(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.part"

    def now_ms(self) -> int:
        return self._clock.now_ms()

    def _note(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.json"


class Held:
    """One upload in the hands of one request. `leave` asks it to let go, `left` says that it has."""

    def __init__(self, store: UploadStore, progress: Progress) -> None:
        self._store = store
        self.progress = progress
        self.leave = asyncio.Event()
        self.left = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Part]:
        """The bytes, to be added to; whatever ends the block, what came is synced and its offset kept."""
        part = Part(self._store, self.progress)
        try:
            yield part
        finally:
            await to_its_end(part.close)


class Part:
    """The file of an upload, open for adding. Blocking; `sync` moves the offset that clients are told."""

    def __init__(self, store: UploadStore, progress: Progress) -> None:
        self._store = store
        self._progress = progress
        self._file = os.open(store.part(progress.id), os.O_WRONLY)
        os.ftruncate(self._file, progress.offset)  # beyond it a crash may have left anything
        self.written = progress.offset

    def add(self, block: bytes) -> None:
        """Append. Raises DiskFull; then what fitted is kept."""
        if len(block) > room_bytes(self._store.part(self._progress.id).parent):
            raise DiskFull("the disk is full", retry_after_ms=60_000)
        rest = memoryview(block)
        try:
            while rest:
                count = os.pwrite(self._file, rest, self.written)
                self.written += count
                rest = rest[count:]
        except OSError as error:
            if error.errno in _FULL:
                raise DiskFull("the disk is full", retry_after_ms=60_000) from error
            raise
        if self.written - self._progress.offset >= SYNC_BYTES:
            self.sync()

    def sync(self) -> None:
        if self.written == self._progress.offset:
            return
        os.fdatasync(self._file)
        self._progress.offset = self.written
        self._progress.touched_ms = self._store.now_ms()
        self._store.save(self._progress)

    def close(self) -> None:
        try:
            self.sync()
        finally:
            os.close(self._file)


def room_bytes(folder: Path) -> int:
    """What may still be written there: some space is always kept free for events, catalog and lake."""
    return shutil.disk_usage(folder).free - MIN_FREE_BYTES


async def to_its_end(work: Callable[Arguments, Result], *args: Arguments.args, **named: Arguments.kwargs) -> Result:
    """Run in a thread and, even when this request is cancelled meanwhile, wait until it has ended."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *args, **named))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise
