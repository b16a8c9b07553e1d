"""Captions become visible: files beside the video, then the master that names them, then the catalog.

<media>/<video_id>/captions/<hash>.vtt, <hash>.m3u8: named by their content, so that a name never changes its meaning.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

from viewbox.captions.playlists import TextRendition, text_playlist, with_captions
from viewbox.captions.store import Captions, CaptionTrack, shown
from viewbox.catalog import Catalog, Video
from viewbox.storage import MediaStore

FOLDER = "captions"
KEPT_S = 24 * 3600.0  # what no master names any more: who plays by an older one still asks for it


def dress(
    media: MediaStore, video_id: str, master: str, tracks: Sequence[CaptionTrack], duration_s: float
) -> tuple[str, str | None]:
    """Write the files of what players are offered; the master that names them, and the asset path of the first text.

    For who holds `media.exclusive(video_id)`, and then points players at the master.
    """
    renditions: list[TextRendition] = []
    texts: list[str] = []
    files: dict[str, str] = {}
    for track in shown(tracks):
        text = f"{_digest(track.webvtt)}.vtt"
        playlist = text_playlist(text, duration_s)
        name = f"{_digest(playlist)}.m3u8"
        files |= {text: track.webvtt, name: playlist}
        texts.append(text)
        renditions.append(
            TextRendition(
                f"{FOLDER}/{name}", track.language, track.label, len(track.webvtt.encode()), track.is_default,
                track.is_forced, track.hearing_impaired,
            )
        )  # fmt: skip
    media.keep_texts(video_id, FOLDER, files, older_than_s=time.time() - KEPT_S)
    first = next((number for number, one in enumerate(renditions) if one.is_default), 0)
    asset = f"{video_id}/{FOLDER}/{texts[first]}" if texts else None
    return with_captions(master, renditions, duration_s), asset


def republish(catalog: Catalog, captions: Captions, media: MediaStore, video_id: str) -> Video:
    """After a change of its captions: a new version of a playable video's master, which open players hear of.

    What is not playable yet gets them when it is published. Raises NotFound.
    """
    with media.exclusive(video_id):
        video = catalog.get(video_id)
        master = media.master(video_id) if video.playable and video.duration_s else None
        if master is None or video.duration_s is None:
            return video
        tracks = captions.of(video_id, video.revision)
        dressed, asset = dress(media, video_id, master, tracks, video.duration_s)
        media.point(video_id, video.revision, dressed)
        return catalog.set_captions(video_id, asset)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
