"""The media store on a local disk: files appear whole, by rename, and a name never changes its meaning.

<media>/<video_id>/master.m3u8      says what players get; refers to r<revision>/…
<media>/<video_id>/captions/…       texts of every revision, named by their content
<media>/<video_id>/r<revision>/…    one folder per revision: files are added while it is made, none is changed
<media>/.building/…                 what a running import writes: same disk, so that a rename can publish it
<media>/.trash/…                    what was replaced or removed, on its way out
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from viewbox.errors import InvalidInput
from viewbox.ids import ID_PATTERN, new_video_id

MASTER = "master.m3u8"
KEPT_REVISIONS = 2  # the published one, and the one before it for those who are watching it


class MediaStore:
    """Published media below one root. Callers publish under `exclusive(video_id)`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, video_id: str) -> Path:
        """A video's folder. Raises InvalidInput for an id that could leave the root."""
        if not ID_PATTERN.match(video_id) or video_id.startswith("."):
            raise InvalidInput(f"{video_id!r} is not a video id", code="bad_video_id")
        return self.root / video_id

    def building(self, name: str) -> Path:
        """A new empty folder for one attempt; what an attempt of that name left behind is gone."""
        place = self.root / ".building" / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        return place

    @contextmanager
    def exclusive(self, video_id: str) -> Iterator[None]:
        """One publisher or remover per video at a time; the kernel frees the lock of a dead process.

        Videos share a fixed set of lock files, which are never removed: unlinking one would let two in.
        """
        locks = self.root / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        with (locks / hashlib.sha256(video_id.encode()).hexdigest()[:2]).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def open_revision(self, video_id: str, revision: int, keep: Collection[str]) -> Path:
        """The folder r<revision>, to be filled piece by piece; of what is in it only the folders `keep` stay.

        No master playlist points at it before `point`.
        """
        place = self.folder(video_id) / f"r{revision}"
        place.mkdir(parents=True, exist_ok=True)
        for entry in list(place.iterdir()):
            if entry.name not in keep:
                self._discard(entry)
        return place

    def add_files(self, video_id: str, revision: int, built: Path) -> None:
        """Move every file below `built` to the same place below r<revision>; durable on return.

        `built` lies on the same file system.
        """
        place = self.folder(video_id) / f"r{revision}"
        fsync_tree(built)
        for path in sorted(built.rglob("*")):
            target = place / path.relative_to(built)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            else:
                path.replace(target)
        for folder in {place, *(path for path in place.iterdir() if path.is_dir())}:
            fsync(folder)

    def master(self, video_id: str) -> str | None:
        """What master.m3u8 says; None where nothing was published."""
        path = self.folder(video_id) / MASTER
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def keep_texts(self, video_id: str, name: str, texts: Mapping[str, str], *, older_than_s: float) -> None:
        """Write what is not there yet into the folder `name` of a video; durable on return.

        Others in it go when they were last wanted before `older_than_s` (epoch seconds). A text that is there already
        says the same: its name is made from its content.
        """
        place = self.folder(video_id) / name
        if not texts and not place.exists():
            return
        place.mkdir(parents=True, exist_ok=True)
        for path in place.iterdir():
            if path.name not in texts and path.stat().st_mtime < older_than_s:
                path.unlink()
        for text_name, text in texts.items():
            path = place / text_name
            if path.exists():
                os.utime(path)
                continue
            beside = place / f".{text_name}.part"
            beside.write_text(text, encoding="utf-8")
            fsync(beside)
            beside.replace(path)
        fsync(place)

    def point(self, video_id: str, revision: int, master: str) -> None:
        """Let master.m3u8 name what lies in r<revision>; durable on return. Older revisions but one go."""
        folder = self.folder(video_id)
        fsync(folder / f"r{revision}")
        beside = folder / f".{MASTER}.{new_video_id()}"
        beside.write_text(master, encoding="utf-8")
        fsync(beside)
        beside.replace(folder / MASTER)
        fsync(folder)
        fsync(self.root)
        self._drop_older(folder, revision)

    def drop_revision(self, video_id: str, revision: int) -> None:
        """Take away what was begun of a revision that nothing points at."""
        place = self.folder(video_id) / f"r{revision}"
        if place.exists():
            self._discard(place)

    def delete(self, video_id: str) -> None:
        """Take away all media of a video; nothing happens when there is none."""
        with self.exclusive(video_id):
            self.clear(video_id)

    def clear(self, video_id: str) -> None:
        """The same, for who holds `exclusive` already."""
        folder = self.folder(video_id)
        if folder.exists():
            self._discard(folder)

    def _drop_older(self, folder: Path, revision: int) -> None:
        for other in folder.glob("r*"):
            number = other.name[1:]
            if number.isdigit() and int(number) <= revision - KEPT_REVISIONS:
                self._discard(other)

    def _discard(self, path: Path) -> None:
        """Rename first: a reader sees all of it or nothing."""
        trash = self.root / ".trash"
        trash.mkdir(exist_ok=True)
        doomed = trash / new_video_id()
        path.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def fsync(path: Path) -> None:
    """Flush one file, or the names in one folder, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def fsync_tree(folder: Path) -> None:
    """Flush every file and every folder below and including `folder`."""
    for parent, _, names in os.walk(folder):
        for name in names:
            fsync(Path(parent) / name)
        fsync(Path(parent))
