"""Bounds of the store of unfinished uploads, with a clock and a disk of our own."""

from __future__ import annotations

import base64

import pytest

from ingest_api import resumable, tus
from viewbox.errors import ViewBoxError
from viewbox.testing import FakeClock


@pytest.fixture
def store(tmp_path):
    clock = FakeClock()
    return resumable.UploadStore(tmp_path, clock), clock


def test_an_upload_that_nobody_continues_expires_and_goes(store, tmp_path):
    shelf, clock = store
    kept = shelf.create(9, "a", {}, "")
    clock.advance(ms=resumable.KEPT_MS - 1)
    assert shelf.read(kept.id) == kept
    clock.advance(ms=1)
    with pytest.raises(resumable.UploadGone):
        shelf.read(kept.id)
    young = shelf.create(9, "b", {}, "")
    assert {file.stem for file in tmp_path.iterdir()} == {young.id}


def test_so_many_uploads_may_be_unfinished(store, monkeypatch):
    monkeypatch.setattr(resumable, "MAX_UNFINISHED", 3)
    shelf, clock = store
    for _ in range(3):
        shelf.create(9, "a", {}, "")
    with pytest.raises(ViewBoxError, match="3 uploads are unfinished"):
        shelf.create(9, "a", {}, "")
    clock.advance(ms=resumable.KEPT_MS)
    shelf.create(9, "a", {}, "")


def test_a_full_disk_refuses_at_once_and_keeps_what_has_come(store, monkeypatch):
    shelf, _ = store
    progress = shelf.create(30, "a", {}, "")
    part = resumable.Part(shelf, progress)
    part.add(b"0123456789")
    monkeypatch.setattr(resumable, "room_bytes", lambda _folder: 4)
    with pytest.raises(resumable.DiskFull):
        part.add(b"abcde")
    part.close()
    assert shelf.read(progress.id).offset == 10
    with pytest.raises(resumable.DiskFull):
        shelf.create(5, "a", {}, "")
    monkeypatch.setattr(resumable, "room_bytes", lambda _folder: 100)
    part = resumable.Part(shelf, shelf.read(progress.id))
    part.add(b"abcde")
    part.close()
    assert shelf.part(progress.id).read_bytes() == b"0123456789abcde"


def test_bytes_are_told_as_arrived_only_once_they_are_synced(store, monkeypatch):
    monkeypatch.setattr(resumable, "SYNC_BYTES", 10)
    shelf, _ = store
    progress = shelf.create(100, "a", {}, "")
    part = resumable.Part(shelf, progress)
    part.add(b"123456789")
    assert (part.written, shelf.read(progress.id).offset) == (9, 0)
    part.add(b"0")
    assert shelf.read(progress.id).offset == 10
    part.close()


def test_metadata_is_read_as_it_was_meant():
    assert tus.metadata("") == {}
    assert tus.metadata(" filename Y2F0Lm1wNA== , draft ") == {"filename": "cat.mp4", "draft": ""}
    assert tus.metadata("title " + base64.b64encode("Ünïcode".encode()).decode()) == {"title": "Ünïcode"}
