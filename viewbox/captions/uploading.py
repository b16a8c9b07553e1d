"""A file that somebody hands in becomes the captions of a video in one language, and goes again: by HTTP and by command
line alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from viewbox.captions.cues import Captioned, read_captions
from viewbox.captions.publishing import republish
from viewbox.captions.store import Captions, CaptionTrack
from viewbox.captions.webvtt import webvtt_of
from viewbox.catalog import Catalog
from viewbox.errors import Conflict, InvalidInput, NotFound
from viewbox.languages import checked_tag
from viewbox.storage import MediaStore

MAX_LABEL = 100


@dataclass(frozen=True)
class Wish:
    """What the sender says about the file. `label`: what people choose it by; '' = the language's own name."""

    language: str
    label: str = ""
    is_default: bool = False
    is_forced: bool = False
    hearing_impaired: bool = False


@dataclass(frozen=True)
class Kept:
    """What became of it."""

    track: CaptionTrack
    read: Captioned
    replaced: bool


def keep(catalog: Catalog, captions: Captions, media: MediaStore, video_id: str, *, wish: Wish, data: bytes) -> Kept:
    """Keep the captions in place of older ones of their language, and let players have them.

    Raises NotFound, Conflict `external_video`, and InvalidInput for a language or a file that cannot be.
    """
    language = checked_tag(wish.language)
    if len(wish.label) > MAX_LABEL or not wish.label.isprintable():
        raise InvalidInput(
            "the label cannot be shown", code="bad_label", hint=f"at most {MAX_LABEL} characters, on one line"
        )
    if catalog.get(video_id).status == "external":
        raise Conflict(
            "the video plays elsewhere", code="external_video", hint="give the captions to the player that shows it"
        )
    read = read_captions(data)
    track = CaptionTrack(
        track=language, origin="upload", language=language, webvtt=webvtt_of(read.cues), cues=len(read.cues),
        label=wish.label.strip(), is_default=wish.is_default, is_forced=wish.is_forced,
        hearing_impaired=wish.hearing_impaired, note=_note(read),
    )  # fmt: skip
    replaced = captions.upload(video_id, track)
    republish(catalog, captions, media, video_id)
    return Kept(track, read, replaced)


def remove(catalog: Catalog, captions: Captions, media: MediaStore, video_id: str, language: str) -> None:
    """Take uploaded captions back; what the source has in their language is shown again.

    Raises NotFound, also for a language that nobody uploaded, and InvalidInput for what is no language.
    """
    catalog.get(video_id)
    tag = checked_tag(language)
    if not captions.remove(video_id, tag):
        raise NotFound(
            f"nobody uploaded captions in {tag}",
            code="captions_not_found", hint="captions of the source go only with the source",
        )  # fmt: skip
    republish(catalog, captions, media, video_id)


def _note(read: Captioned) -> str:
    """What a person should look at."""
    return (
        "neither UTF-8 nor UTF-16: read as Windows-1252; look at letters with accents"
        if read.encoding == "windows-1252"
        else ""
    )
