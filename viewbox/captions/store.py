"""The catalog's captions: uploaded ones belong to a video, those of its source or of speech-to-text to a revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.database import reader
from viewbox.errors import InvalidInput
from viewbox.languages import base_of

Origin = Literal["upload", "source", "speech"]
EVERY_REVISION = 0
SPEECH = "speech"
MAX_UPLOADED = 50  # languages of one video that people may upload

_COLUMNS = (
    "video_id", "revision", "track", "origin", "language", "label", "is_default", "is_forced", "hearing_impaired",
    "webvtt", "cues", "note", "updated_at_ms",
)  # fmt: skip
CAPTIONS = sa.table("captions", *map(sa.column, _COLUMNS))


class CaptionTrack(msgspec.Struct, frozen=True, kw_only=True):
    """Captions in one language. Without `webvtt` they were not taken over, and `note` says why."""

    track: str
    origin: Origin
    language: str
    webvtt: str = ""
    cues: int = 0
    label: str = ""
    is_default: bool = False
    is_forced: bool = False
    hearing_impaired: bool = False
    note: str = ""


class Captions:
    """Reads and changes of the table. Thread-safe; every call is one short transaction."""

    def __init__(self, engine: Engine, clock: Clock = SYSTEM_CLOCK) -> None:
        self._engine = engine
        self._reader = reader(engine)
        self._clock = clock

    def of(self, video_id: str, revision: int) -> list[CaptionTrack]:
        """All that belong to a revision: uploaded, from its source, by speech-to-text; in this order."""
        query = (
            sa.select(CAPTIONS)
            .where(CAPTIONS.c.video_id == video_id, CAPTIONS.c.revision.in_((EVERY_REVISION, revision)))
            .order_by(CAPTIONS.c.revision, CAPTIONS.c.track)
        )
        with self._reader.connect() as connection:
            found = [_track(row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda track: ("upload", "source", "speech").index(track.origin))

    def upload(self, video_id: str, track: CaptionTrack) -> bool:
        """Keep it in place of an older upload of its language; whether there was one.

        Raises InvalidInput `too_many_captions`.
        """
        uploaded = sa.and_(CAPTIONS.c.video_id == video_id, CAPTIONS.c.revision == EVERY_REVISION)
        with self._engine.begin() as connection:
            replaced = connection.execute(sa.delete(CAPTIONS).where(uploaded, CAPTIONS.c.track == track.track)).rowcount
            others = connection.scalar(sa.select(sa.func.count()).select_from(CAPTIONS).where(uploaded)) or 0
            if others >= MAX_UPLOADED:
                raise InvalidInput(
                    f"the video has captions in {others} languages",
                    code="too_many_captions", hint=f"at most {MAX_UPLOADED} are kept",
                )  # fmt: skip
            connection.execute(sa.insert(CAPTIONS).values(self._row(video_id, EVERY_REVISION, track)))
        return bool(replaced)

    def remove(self, video_id: str, language: str) -> bool:
        """Forget the upload of a language; whether there was one."""
        chosen = (CAPTIONS.c.video_id == video_id, CAPTIONS.c.revision == EVERY_REVISION, CAPTIONS.c.track == language)
        with self._engine.begin() as connection:
            return bool(connection.execute(sa.delete(CAPTIONS).where(*chosen)).rowcount)

    def replace(self, video_id: str, revision: int, origin: Origin, tracks: Sequence[CaptionTrack]) -> None:
        """All captions that a revision has from its source, or by speech-to-text."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.delete(CAPTIONS).where(
                    CAPTIONS.c.video_id == video_id,
                    CAPTIONS.c.revision == revision,
                    CAPTIONS.c.origin == origin,
                )
            )
            if tracks:
                rows = [self._row(video_id, revision, track) for track in tracks]
                connection.execute(sa.insert(CAPTIONS), rows)

    def _row(self, video_id: str, revision: int, track: CaptionTrack) -> dict[str, object]:
        values = {name: int(value) if isinstance(value, bool) else value for name, value in _fields(track)}
        return {**values, "video_id": video_id, "revision": revision, "updated_at_ms": self._clock.now_ms()}


def shown(tracks: Sequence[CaptionTrack]) -> list[CaptionTrack]:
    """What players are offered: an upload takes the place of what the source has in that language, both of what was
    heard by a machine; forced ones stay beside. At most one begins by itself.
    """
    texts = [track for track in tracks if track.webvtt]
    uploaded = {track.language for track in texts if track.origin == "upload"}
    written = {base_of(track.language) for track in texts if track.origin != "speech" and not track.is_forced}
    offered: list[CaptionTrack] = []
    for track in texts:
        replaced = track.origin == "source" and not track.is_forced and track.language in uploaded
        heard = track.origin == "speech" and bool({base_of(track.language), "und"} & written)
        if not replaced and not heard:
            begins = track.is_default and not any(other.is_default for other in offered)
            offered.append(msgspec.structs.replace(track, is_default=begins))
    return offered


def left_out(tracks: Sequence[CaptionTrack]) -> list[CaptionTrack]:
    """What was not taken over; `note` says why."""
    return [track for track in tracks if not track.webvtt]


def _fields(track: CaptionTrack) -> list[tuple[str, object]]:
    return [(name, getattr(track, name)) for name in track.__struct_fields__]


def _track(row: sa.RowMapping) -> CaptionTrack:
    values = {name: row[name] for name in CaptionTrack.__struct_fields__}
    for name in ("is_default", "is_forced", "hearing_impaired"):
        values[name] = bool(values[name])
    return CaptionTrack(**values)
