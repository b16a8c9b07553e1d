"""What people paste, told apart before and after the first bytes."""

import pytest

from transcoder.sharelinks import direct_url, sniff
from viewbox.errors import FetchFailed


@pytest.mark.parametrize(
    ("pasted", "fetched"),
    [
        ("https://example.com/a.mp4?x=1#t=10", "https://example.com/a.mp4?x=1"),
        (" https://example.com/a.mp4 ", "https://example.com/a.mp4"),
        ("https://www.dropbox.com/s/abc/film.mp4?dl=0", "https://www.dropbox.com/s/abc/film.mp4?dl=1"),
        (
            "https://www.dropbox.com/scl/fi/abc/film.mp4?rlkey=k&dl=0",
            "https://www.dropbox.com/scl/fi/abc/film.mp4?rlkey=k&dl=1",
        ),
        (
            "https://drive.google.com/file/d/1A_b-C/view?usp=sharing",
            "https://drive.google.com/uc?export=download&id=1A_b-C&confirm=t",
        ),
        (
            "https://drive.google.com/open?id=1A&resourcekey=0-x",
            "https://drive.google.com/uc?export=download&id=1A&confirm=t&resourcekey=0-x",
        ),
        ("https://github.com/o/r/blob/main/v/a.mp4", "https://github.com/o/r/raw/main/v/a.mp4"),
        ("https://gitlab.com/g/p/-/blob/main/a.mp4", "https://gitlab.com/g/p/-/raw/main/a.mp4"),
        ("https://acme.box.com/s/h4sh", "https://acme.box.com/shared/static/h4sh"),
        ("https://acme.sharepoint.com/:v:/g/x?e=1", "https://acme.sharepoint.com/:v:/g/x?e=1&download=1"),
        ("https://notdropbox.com/s/abc?dl=0", "https://notdropbox.com/s/abc?dl=0"),
    ],
)
def test_share_links_become_files(pasted, fetched):
    assert direct_url(pasted) == fetched


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "not_a_video_file"),
        ("https://youtu.be/dQw4w9WgXcQ", "not_a_video_file"),
        ("https://vimeo.com/76979871", "not_a_video_file"),
        ("https://www.loom.com/share/abc", "not_a_video_file"),
        ("https://drive.google.com/drive/folders/1A", "not_a_video_file"),
        ("https://cdn.example.com/live/MASTER.M3U8?token=1", "manifest_not_supported"),
        ("https://cdn.example.com/a/stream.mpd", "manifest_not_supported"),
    ],
)
def test_pages_and_playlists_are_known_by_their_address(pasted, code):
    with pytest.raises(FetchFailed) as caught:
        direct_url(pasted)
    assert caught.value.code == code
    assert "upload" in caught.value.hint
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("head", "content_type", "code"),
    [
        (b"\n\n <!DOCTYPE html><html>", "video/mp4", "not_a_video_file"),  # the bytes decide
        (b"Sign in to continue", "text/html; charset=utf-8", "not_a_video_file"),
        (b'{"error": "expired"}', "application/json", "not_a_video_file"),
        (b"#EXTM3U\n#EXT-X-VERSION:3", "video/mp4", "manifest_not_supported"),
        (b"\xef\xbb\xbf#EXTM3U", "text/plain", "manifest_not_supported"),
        (b'<?xml version="1.0"?>\n<!-- made -->\n<MPD xmlns="urn"', "application/dash+xml", "manifest_not_supported"),
        (b"PK\x03\x04....", "application/zip", "not_a_video_file"),
        (b"\x89PNG\r\n", "image/png", "not_a_video_file"),
    ],
)
def test_bodies_that_are_no_video(head, content_type, code):
    with pytest.raises(FetchFailed) as caught:
        sniff(head, content_type)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (b"\x00\x00\x00\x20ftypisom", "text/html"),  # a server that labels everything as a page
        (b"\x1aE\xdf\xa3", "application/octet-stream"),
        (b"RIFF....AVI ", ""),
        (b"G@\x11\x10", "video/mp2t"),
    ],
)
def test_videos_pass_whatever_they_are_called(head, content_type):
    sniff(head, content_type)
