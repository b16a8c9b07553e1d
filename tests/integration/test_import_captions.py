"""Subtitles in a source, and uploads before, while and after it is encoded: what the published stream offers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import media, subtitles
from tests.importing import Importer
from transcoder import pipeline
from transcoder.lint import Severity, lint, load, open_folder
from viewbox.captions import Wish, keep
from viewbox.catalog import Video

FRAME_MS = 40  # of 25 pictures a second
TIMES_MS = [(500, 1500), (2000, 3250), (4000, 4800)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Importer:
    return Importer(tmp_path_factory.mktemp("captions"))


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of every kind, each with its own first word."""
    folder = tmp_path_factory.mktemp("texts")
    for name, content in (
        ("plain.srt", subtitles.srt()), ("styled.ass", subtitles.ass(prefix="de ")),
        ("web.vtt", subtitles.vtt(prefix="fr ")), ("late.srt", subtitles.srt(prefix="up ")),
    ):  # fmt: skip
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "pictures.sup").write_bytes(subtitles.pgs())
    return folder


@pytest.fixture(scope="module")
def film(shop: Importer, texts: Path) -> Video:
    """Matroska with SubRip (default), ASS (forced), WebVTT (for the deaf), and pictures of texts."""
    source = subtitles.muxed(
        media.BUNNY, texts / "film.mkv",
        [
            (texts / "plain.srt", "eng", "", "default"), (texts / "styled.ass", "ger", "", "forced"),
            (texts / "web.vtt", "fre", "Malentendants", "hearing_impaired"), (texts / "pictures.sup", "spa", "", "0"),
        ],
    )  # fmt: skip
    return shop.imported(source)


def offered(shop: Importer, video: Video) -> list[dict[str, str]]:
    """Attributes of each subtitle rendition of the master, with the text that its playlist names."""
    folder = shop.folder(video)
    found = []
    for line in (folder / "master.m3u8").read_text(encoding="utf-8").splitlines():
        if line.startswith("#EXT-X-MEDIA:TYPE=SUBTITLES"):
            facts = {name: value.strip('"') for name, value in re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line)}
            playlist = (folder / facts["URI"]).read_text(encoding="utf-8")
            assert f"#EXTINF:{video.duration_s:.6f}," in playlist
            (name,) = [each for each in playlist.splitlines() if each.endswith(".vtt")]
            found.append({**facts, "text": (folder / "captions" / name).read_text(encoding="utf-8")})
    return found


def times_ms(webvtt: str) -> list[tuple[int, int]]:
    stamps = [
        ((int(h) * 60 + int(m)) * 60 + int(s)) * 1000 + int(ms)
        for h, m, s, ms in re.findall(r"(\d\d):(\d\d):(\d\d)\.(\d{3})", webvtt.split("\n\n", 1)[1])
    ]
    return list(zip(stamps[::2], stamps[1::2], strict=True))


def musts(shop: Importer, video: Video) -> list[str]:
    report = lint(load(open_folder(shop.folder(video))))
    return [f"{each.rule.id}: {each.spot}" for each in report.findings if each.rule.severity is Severity.MUST]


def test_every_text_of_the_source_is_a_rendition_at_its_own_times(shop, film):
    assert film.status == "ready"
    found = offered(shop, film)
    assert [(each["LANGUAGE"], each["NAME"], each["DEFAULT"], each["FORCED"]) for each in found] == [
        ("en", "English", "YES", "NO"), ("de", "Deutsch", "NO", "YES"), ("fr", "Malentendants", "NO", "NO"),
    ]  # fmt: skip
    assert "describes-music-and-sound" in found[2]["CHARACTERISTICS"]
    for each, said in zip(found, ("One", "<i>de One</i>", "fr One"), strict=True):
        assert f"\n{said}\n" in each["text"]
        for (start, end), (wanted_start, wanted_end) in zip(times_ms(each["text"]), TIMES_MS, strict=True):
            assert abs(start - wanted_start) <= FRAME_MS
            assert abs(end - wanted_end) <= FRAME_MS
    assert musts(shop, film) == []


def test_pictures_of_texts_are_noted_and_cost_nothing(shop, film):
    (noted,) = [track for track in shop.captions.of(film.id, 1) if not track.webvtt]
    assert (noted.language, noted.note.partition(":")[0]) == ("es", "hdmv_pgs_subtitle")


def test_the_first_text_has_an_address(shop, film):
    assert (shop.media.root / film.assets["captions"]).read_text() == offered(shop, film)[0]["text"]


def test_a_phones_own_kind_is_read_too(shop, texts):
    source = subtitles.muxed(
        media.CARPHONE, texts / "phone.mp4", [(texts / "plain.srt", "eng", "", "default")], codec="mov_text"
    )
    video = shop.imported(source)
    (english,) = offered(shop, video)
    assert (english["LANGUAGE"], times_ms(english["text"])[0]) == ("en", TIMES_MS[0])
    assert musts(shop, video) == []


def test_an_upload_before_the_import_is_there_from_the_first_master(shop, texts):
    video_id = shop.queue(media.CARPHONE)
    kept = keep(
        shop.catalog, shop.captions, shop.media, video_id, wish=Wish("pt-br", "Legendas", is_default=True),
        data=(texts / "late.srt").read_bytes(),
    )  # fmt: skip
    assert not shop.catalog.get(video_id).playable
    shop.work()
    video = shop.catalog.get(video_id)
    assert [(each["LANGUAGE"], each["NAME"], each["DEFAULT"]) for each in offered(shop, video)] == [
        ("pt-BR", "Legendas", "YES")
    ]
    assert kept.track.cues == 3
    assert video.master_version == 1
    assert musts(shop, video) == []


def test_an_upload_while_it_is_encoded_is_there_at_once_and_stays(shop, texts, monkeypatch):
    masters: list[str] = []
    real = pipeline.publish

    def publish_and_upload(workshop, job, *published, ready):
        real(workshop, job, *published, ready=ready)
        if not ready:
            data = (texts / "late.srt").read_bytes()
            keep(shop.catalog, shop.captions, shop.media, job.video_id, wish=Wish("it"), data=data)
            masters.append(shop.media.master(job.video_id) or "")

    monkeypatch.setattr(pipeline, "QUICK_FROM_PIXELS", 0)
    monkeypatch.setattr(pipeline, "publish", publish_and_upload)
    video = shop.imported(media.CARPHONE)
    (early,) = masters
    assert early.count('LANGUAGE="it"') == 1
    assert "early.m3u8" in early
    assert [each["LANGUAGE"] for each in offered(shop, video)] == ["it"]
    assert video.master_version == 3  # the early one, the same with captions, the whole one
    assert musts(shop, video) == []


def test_an_upload_afterwards_takes_the_place_of_the_sources_own(shop, texts, film):
    before = shop.catalog.get(film.id)
    for word in ("up ", "newer "):
        data = subtitles.srt(prefix=word).encode()
        keep(shop.catalog, shop.captions, shop.media, film.id, wish=Wish("en"), data=data)
    after = shop.catalog.get(film.id)
    assert after.master_version == before.master_version + 2  # open players hear of each
    found = offered(shop, after)
    assert [(each["LANGUAGE"], each["text"].count("newer ")) for each in found] == [("en", 3), ("de", 0), ("fr", 0)]
    assert {**after.assets, "captions": ""} == {**before.assets, "captions": ""}
    assert musts(shop, after) == []


def test_a_replaced_file_keeps_what_was_uploaded_and_not_what_was_in_it(shop, film, texts):
    data = (texts / "late.srt").read_bytes()
    keep(shop.catalog, shop.captions, shop.media, film.id, wish=Wish("en"), data=data)
    video = shop.catalog.replace_source(film.id, source_kind="upload", source_url=None)
    shop.jobs.enqueue("import", video_id=video.id, revision=2, payload={"upload": str(media.CARPHONE)})
    shop.work()
    after = shop.catalog.get(film.id)
    assert (after.status, after.revision) == ("ready", 2)
    assert [each["LANGUAGE"] for each in offered(shop, after)] == ["en"]
    assert musts(shop, after) == []


def test_a_broken_text_costs_itself_alone(shop, texts):
    (texts / "good.srt").write_text(subtitles.srt(), encoding="utf-8")
    (texts / "empty.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}\n", encoding="utf-8")
    source = subtitles.muxed(
        media.CARPHONE, texts / "half.mkv",
        [(texts / "empty.srt", "ger", "", "0"), (texts / "good.srt", "eng", "", "0")],
    )  # fmt: skip
    video = shop.imported(source)
    assert video.status == "ready"
    assert [each["LANGUAGE"] for each in offered(shop, video)] == ["en"]
    (noted,) = [track for track in shop.captions.of(video.id, 1) if not track.webvtt]
    assert (noted.language, "no cue" in noted.note) == ("de", True)


def test_a_removed_video_takes_its_captions_along(shop, texts):
    video_id = shop.queue(media.CARPHONE)
    keep(shop.catalog, shop.captions, shop.media, video_id, wish=Wish("en"), data=subtitles.srt().encode())
    shop.catalog.remove(video_id)
    assert shop.captions.of(video_id, 1) == []
