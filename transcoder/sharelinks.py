"""What people paste, and where the file behind it lies. Pure: no request is made here."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from viewbox.errors import FetchFailed

PAGE_HINT = "this is a web page, not a video file: download the video there and upload the file here"
MANIFEST_HINT = (
    "this is a playlist, not a file: paste a link to the video file itself (MP4, MOV, WebM, MKV) or upload it"
)
PLAYER_PAGES = frozenset(
    {
        "youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be", "youtube-nocookie.com", "vimeo.com",
        "player.vimeo.com", "loom.com", "tiktok.com", "vm.tiktok.com", "instagram.com", "facebook.com",
        "m.facebook.com", "fb.watch", "twitter.com", "x.com", "mobile.twitter.com", "twitch.tv", "clips.twitch.tv",
        "dailymotion.com", "dai.ly", "bilibili.com", "rumble.com", "reddit.com", "linkedin.com", "wistia.com",
        "ted.com", "netflix.com",
    }
)  # fmt: skip  # their links open players; the file behind is not offered
MANIFESTS = (".m3u8", ".m3u", ".mpd", ".ism/manifest")


def direct_url(url: str) -> str:
    """The URL of the file itself: share links of file services rewritten, everything else as it is.

    Raises FetchFailed for links that can be known to be pages (`not_a_video_file`) or playlists
    (`manifest_not_supported`) from their address alone.
    """
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.")
    path = parts.path
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if host in PLAYER_PAGES:
        raise FetchFailed(f"{host} shows a page with a player", code="not_a_video_file", hint=PAGE_HINT)
    if path.lower().endswith(MANIFESTS):
        raise FetchFailed("the URL names a playlist", code="manifest_not_supported", hint=MANIFEST_HINT)
    if host in {"drive.google.com", "docs.google.com"}:
        return _google_drive(url, path, query)
    rewritten = _rewritten(host, path, query)
    return rewritten or urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))


def _rewritten(host: str, path: str, query: dict[str, str]) -> str | None:
    """The download behind a share link; None for any other URL."""
    if host == "dropbox.com" and re.match(r"/(s|scl|sh)/", path):
        return _url("www.dropbox.com", path, {**query, "dl": "1"})
    if host == "github.com" and re.match(r"/[^/]+/[^/]+/blob/", path):
        return _url(host, path.replace("/blob/", "/raw/", 1), {})  # also follows to Git LFS
    if host == "gitlab.com" and "/-/blob/" in path:
        return _url(host, path.replace("/-/blob/", "/-/raw/", 1), {})
    if (host == "box.com" or host.endswith(".box.com")) and (shared := re.match(r"/s/(\w+)$", path)):
        return _url(host, f"/shared/static/{shared[1]}", {})
    if host.endswith(".sharepoint.com") and path.startswith("/:v:/"):
        return _url(host, path, {**query, "download": "1"})
    return None


def _google_drive(url: str, path: str, query: dict[str, str]) -> str:
    """A file link becomes its download; a folder is a page. `confirm` skips the page about virus scans."""
    found = re.match(r"/file/d/([\w-]+)", path)
    file_id = found[1] if found else query.get("id")
    if file_id is None or path.startswith("/drive/"):
        raise FetchFailed(f"{url} is not a link to one file", code="not_a_video_file", hint=PAGE_HINT)
    wanted = {"export": "download", "id": file_id, "confirm": "t"}
    if "resourcekey" in query:
        wanted["resourcekey"] = query["resourcekey"]
    return _url("drive.google.com", "/uc", wanted)


def _url(host: str, path: str, query: dict[str, str]) -> str:
    return urlunsplit(("https", host, path, urlencode(query, quote_via=quote), ""))


def sniff(head: bytes, content_type: str) -> None:
    """Look at the first bytes of a body. Raises FetchFailed for pages, playlists and other things that are no video.

    The bytes decide; `content_type` only helps where they are plain text.
    """
    text = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    kind = content_type.partition(";")[0].strip().lower()
    if text.startswith(b"#extm3u") or re.match(rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<mpd[\s>]", text, re.DOTALL):
        raise FetchFailed("the answer is a playlist", code="manifest_not_supported", hint=MANIFEST_HINT)
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<!--")):
        raise FetchFailed("the answer is a web page", code="not_a_video_file", hint=PAGE_HINT)
    printable = bool(head) and all(byte >= 32 or byte in b"\t\r\n\f" for byte in head[:1024])
    if printable and kind in {"text/html", "application/xhtml+xml"}:
        raise FetchFailed("the answer is a web page", code="not_a_video_file", hint=PAGE_HINT)
    if printable and kind in {"application/json", "text/plain", "text/css", "application/xml", "text/xml"}:
        raise FetchFailed(
            f"the answer is {kind}", code="not_a_video_file", hint="paste a link to the video file itself"
        )
    for magic, what in _OTHER_FILES:
        if head.startswith(magic):
            raise FetchFailed(
                f"the file is {what}", code="not_a_video_file", hint=f"this is {what}; unpack or convert it to a video"
            )


_OTHER_FILES = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF", "a PDF document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
