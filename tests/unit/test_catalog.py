"""The catalog: states of a video, pages of the list, external videos and their daily bound."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from viewbox.catalog import Catalog
from viewbox.catalog import catalog as catalog_module
from viewbox.database import open_database
from viewbox.errors import InvalidInput, NotFound
from viewbox.testing import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def catalog(tmp_path, clock):
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    yield Catalog(engine, clock)
    engine.dispose()


def test_pages_cover_every_video_once_newest_first(catalog, clock):
    for number in range(5):
        catalog.add(title=f"video {number}", source_kind="url")
        clock.advance(ms=number % 2)  # some share a millisecond
    titles, cursor = [], None
    while True:
        page = catalog.page(limit=2, cursor=cursor)
        titles += [video.title for video in page.items]
        if page.next is None:
            break
        cursor = page.next
    assert sorted(titles) == [f"video {number}" for number in range(5)]
    assert titles[0] == "video 4"


@pytest.mark.parametrize("cursor", ["", "x", "12", "abc-def"])
def test_a_cursor_that_no_page_gave_is_refused(catalog, cursor):
    with pytest.raises(InvalidInput):
        catalog.page(cursor=cursor)


def test_search_takes_percent_signs_for_what_they_are(catalog):
    catalog.add(title="100 % cotton", source_kind="url")
    catalog.add(title="1000 cotton", source_kind="url")
    assert [video.title for video in catalog.page(search="00 % COT").items] == ["100 % cotton"]


def test_a_failure_leaves_an_earlier_revision_playable_and_a_report_forgets_it(catalog):
    video = catalog.add(title="t", source_kind="url")
    catalog.publish(video.id, revision=1, duration_s=60.0, assets={"hls": "a/master.m3u8"}, ready=True)
    failed = catalog.report_failure(video.id, code="not_found", hint="gone", retryable=False)
    assert (failed.status, failed.playable, failed.error_code, failed.error_retryable) == (
        "failed", True, "not_found", False,
    )  # fmt: skip
    again = catalog.report(video.id, status="fetching", progress=0.1)
    assert (again.status, again.error_code, again.error_retryable) == ("fetching", None, None)


def test_many_videos_are_found_at_once(catalog, monkeypatch):
    monkeypatch.setattr(catalog_module, "MOST_AT_ONCE", 2)
    known = [catalog.add(title=f"video {number}", source_kind="url") for number in range(5)]
    found = catalog.several([*(video.id for video in known[1:]), "unknown"])
    assert found == {video.id: video for video in known[1:]}


def test_each_revision_keeps_its_duration(catalog):
    video = catalog.add(title="t", source_kind="url")
    for revision, duration_s in ((1, 60.0), (2, 90.0)):
        catalog.publish(video.id, revision=revision, duration_s=duration_s, assets={}, ready=True)
    assert catalog.get(video.id).revision == 2
    assert catalog.revision_durations() == {(video.id, 1): 60.0, (video.id, 2): 90.0}


def test_what_is_removed_is_gone_with_all_that_belonged_to_it(catalog):
    video = catalog.add(title="t", source_kind="url")
    catalog.publish(video.id, revision=1, duration_s=1.0, assets={}, ready=True)
    catalog.remove(video.id)
    assert catalog.revision_durations() == {}
    with pytest.raises(NotFound):
        catalog.get(video.id)


def test_new_external_videos_are_bounded_by_the_day(catalog, clock, monkeypatch):
    monkeypatch.setattr(catalog_module, "MAX_EXTERNAL_PER_DAY", 2)
    assert [catalog.admit_external(name) for name in ("a", "b", "c", "a")] == [True, True, False, True]
    clock.advance(s=86_400)
    assert catalog.admit_external("c")
    assert catalog.get("c").status == "external"


def test_every_master_that_is_published_has_a_version_of_its_own(catalog):
    video = catalog.add(title="t", source_kind="url")
    assert video.master_version == 0
    masters = {"hls": "a/master.m3u8"}
    for version, ready in ((1, False), (2, True)):
        published = catalog.publish(video.id, revision=1, duration_s=60.0, assets=masters, ready=ready)
        assert published.master_version == version
    catalog.replace_source(video.id, source_kind="url", source_url="https://example.com/b.mp4")
    assert catalog.report(video.id, status="encoding", progress=0.5).master_version == 2
    assert catalog.publish(video.id, revision=2, duration_s=9.0, assets=masters, ready=True).master_version == 3


def test_a_video_of_an_older_catalog_has_its_first_master(tmp_path):
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    engine = open_database(url)
    with engine.begin() as connection:  # as it was before masters were counted
        connection.execute(sa.text("ALTER TABLE videos DROP COLUMN master_version"))
        connection.execute(sa.text("DELETE FROM migrations WHERE name = '0002_master_version.sql'"))
        for number, playable in enumerate((0, 1)):
            row = {"id": f"v{number}", "playable": playable}
            connection.execute(sa.text(_OLD_VIDEO), row)
    engine.dispose()
    engine = open_database(url)
    videos = Catalog(engine).several(["v0", "v1", "v2"])
    assert {name: video.master_version for name, video in videos.items()} == {"v0": 0, "v1": 1}
    engine.dispose()


_OLD_VIDEO = """
INSERT INTO videos (id, title, tags, metadata, status, playable, revision, source_kind, progress, assets,
                    created_at_ms, updated_at_ms)
VALUES (:id, 't', '[]', '{}', 'ready', :playable, 1, 'url', 1, '{}', 0, 0)
"""
