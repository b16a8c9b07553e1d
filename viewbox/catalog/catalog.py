"""Reads and changes of the catalog: every change goes through a named method here."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from viewbox import webhooks
from viewbox.catalog.rows import (
    RENDITIONS,
    REVISIONS,
    VIDEOS,
    Rendition,
    SourceKind,
    Status,
    Video,
    rendition_of,
    row_of_video,
    save_rendition,
    set_revision,
    video_of,
)
from viewbox.clock import SYSTEM_CLOCK, Clock
from viewbox.database import ChangeWatch, reader
from viewbox.errors import InvalidInput, JobLost, NotFound
from viewbox.ids import new_video_id

MAX_EXTERNAL_PER_DAY = 10_000  # new external videos a day; beyond, `too_many_videos`
DAY_MS = 86_400_000
MOST_AT_ONCE = 500  # ids in one statement; databases bound its parameters


class Fence(msgspec.Struct, frozen=True):
    """The claim under which a worker reports: it counts only while the job's newest token is this one."""

    job_id: str
    token: int


class VideoPage(msgspec.Struct, frozen=True):
    items: list[Video]
    next: str | None


class Catalog:
    """Reads and changes of the catalog on one database. Thread-safe; opens short transactions only."""

    def __init__(self, engine: Engine, clock: Clock = SYSTEM_CLOCK, *, announces: bool = False) -> None:
        """`announces`: whoever is ready or failed is told to VIEWBOX_WEBHOOK_URL, through the outbox."""
        self._engine = engine
        self._reader = reader(engine)
        self._clock = clock
        self._announces = announces
        self._changes = ChangeWatch(engine)
        self._known: tuple[int | None, list[tuple[object, ...]]] = (None, [])

    # --- reading -----------------------------------------------------------------------------------------

    def get(self, video_id: str) -> Video:
        """The video. Raises NotFound."""
        video = self.find(video_id)
        if video is None:
            raise NotFound(f"no video {video_id}", code="video_not_found", hint="`viewbox videos` lists what there is")
        return video

    def find(self, video_id: str) -> Video | None:
        with self._reader.connect() as connection:
            row = connection.execute(sa.select(VIDEOS).where(VIDEOS.c.id == video_id)).mappings().first()
        return video_of(row) if row else None

    def several(self, video_ids: Collection[str]) -> dict[str, Video]:
        """Those of the videos that exist, by id."""
        found: dict[str, Video] = {}
        wanted = sorted(video_ids)
        with self._reader.connect() as connection:
            for start in range(0, len(wanted), MOST_AT_ONCE):
                chosen = VIDEOS.c.id.in_(wanted[start : start + MOST_AT_ONCE])
                for row in connection.execute(sa.select(VIDEOS).where(chosen)).mappings():
                    found[row["id"]] = video_of(row)
        return found

    def find_external(self, external_id: str) -> Video | None:
        """The newest video that carries the caller's own `external_id`."""
        query = sa.select(VIDEOS).where(VIDEOS.c.external_id == external_id).order_by(VIDEOS.c.created_at_ms.desc())
        with self._reader.connect() as connection:
            row = connection.execute(query.limit(1)).mappings().first()
        return video_of(row) if row else None

    def page(
        self, *, limit: int = 50, cursor: str | None = None, search: str | None = None, tag: str | None = None
    ) -> VideoPage:
        """Newest first. `cursor`: the `next` of the page before; `search`: part of a title or tag; `tag`: a whole one.

        Raises InvalidInput for a cursor that no page gave.
        """
        query = sa.select(VIDEOS).order_by(VIDEOS.c.created_at_ms.desc(), VIDEOS.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            created_at_ms, video_id = _parse_cursor(cursor)
            query = query.where(
                sa.or_(
                    VIDEOS.c.created_at_ms < created_at_ms,
                    sa.and_(VIDEOS.c.created_at_ms == created_at_ms, VIDEOS.c.id < video_id),
                )
            )
        if search:
            each = self._each_tag()
            in_tag = sa.select(each.c.value).where(
                sa.func.lower(each.c.value).contains(search.lower(), autoescape=True)
            )
            in_title = sa.func.lower(VIDEOS.c.title).contains(search.lower(), autoescape=True)
            query = query.where(sa.or_(in_title, in_tag.exists()))
        if tag is not None:
            query = query.where(VIDEOS.c.tags.contains(json.dumps(tag), autoescape=True))  # quotes bound the tag
        with self._reader.connect() as connection:
            videos = [video_of(row) for row in connection.execute(query).mappings()]
        more = len(videos) > limit
        last = videos[limit - 1] if more else None
        return VideoPage(videos[:limit], f"{last.created_at_ms}-{last.id}" if last else None)

    def _each_tag(self) -> sa.TableValuedAlias:
        """The tags of a row of `videos` as rows with a `value`."""
        if self._engine.dialect.name == "postgresql":
            from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415  # a tenth of a second for all who start

            tags = sa.cast(VIDEOS.c.tags, JSONB)
            return sa.func.jsonb_array_elements_text(tags).table_valued("value")
        return sa.func.json_each(VIDEOS.c.tags).table_valued("value")

    def everything(self) -> list[Video]:
        """Every video, oldest first: the snapshot behind the SQL table `videos`."""
        with self._reader.connect() as connection:
            rows = connection.execute(sa.select(VIDEOS).order_by(VIDEOS.c.created_at_ms, VIDEOS.c.id)).mappings()
            return [video_of(row) for row in rows]

    def fingerprint(self) -> list[tuple[object, ...]]:
        """Every stored row of videos and renditions, unread: equal ones mean that nothing changed. Much cheaper than
        reading them; where the database tells that nobody wrote, it is the very list of last time.
        """
        stamp, (known_stamp, known) = self._changes.stamp(), self._known
        if stamp is not None and stamp == known_stamp:
            return known
        with self._reader.connect() as connection:
            rows = [
                *connection.execute(sa.select(VIDEOS).order_by(VIDEOS.c.id)),
                *connection.execute(
                    sa.select(RENDITIONS).order_by(
                        RENDITIONS.c.video_id, RENDITIONS.c.revision, RENDITIONS.c.height, RENDITIONS.c.bitrate_bps
                    )
                ),
            ]
        self._known = (stamp, [tuple(row) for row in rows])
        return self._known[1]

    def renditions(self, video_id: str | None = None, revision: int | None = None) -> list[Rendition]:
        """Renditions, tallest first; of one video or of all (the SQL table `encodes`)."""
        query = sa.select(RENDITIONS).order_by(RENDITIONS.c.video_id, RENDITIONS.c.revision, RENDITIONS.c.height.desc())
        if video_id is not None:
            query = query.where(RENDITIONS.c.video_id == video_id)
        if revision is not None:
            query = query.where(RENDITIONS.c.revision == revision)
        with self._reader.connect() as connection:
            return [rendition_of(row) for row in connection.execute(query).mappings()]

    def revision_durations(self) -> dict[tuple[str, int], float | None]:
        """(video_id, revision) -> duration_s of every published or external revision."""
        with self._reader.connect() as connection:
            rows = connection.execute(sa.select(REVISIONS)).mappings()
            return {(row["video_id"], row["revision"]): row["duration_s"] for row in rows}

    def count(self) -> int:
        with self._reader.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(VIDEOS)) or 0

    # --- people's changes --------------------------------------------------------------------------------

    def add(
        self,
        *,
        title: str,
        source_kind: SourceKind,
        source_url: str | None = None,
        external_id: str | None = None,
        tags: Sequence[str] = (),
        metadata: Mapping[str, Any] | None = None,
        video_id: str | None = None,
    ) -> Video:
        """A new video, queued. The caller enqueues its job."""
        now = self._clock.now_ms()
        video = Video(
            id=video_id or new_video_id(), external_id=external_id, title=title, tags=list(tags),
            metadata=dict(metadata or {}), status="queued", playable=False, duration_s=None, revision=1,
            source_url=source_url, source_kind=source_kind, progress=0.0, assets={}, error_code=None,
            error_hint=None, error_retryable=None, created_at_ms=now, updated_at_ms=now,
        )  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(sa.insert(VIDEOS).values(row_of_video(video)))
        return video

    def change(
        self,
        video_id: str,
        *,
        title: str | None = None,
        external_id: str | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Video:
        """Change what people may edit; None leaves a field as it is. Raises NotFound."""
        values: dict[str, Any] = {}
        if title is not None:
            values["title"] = title
        if external_id is not None:
            values["external_id"] = external_id
        if tags is not None:
            values["tags"] = json.dumps(list(tags))
        if metadata is not None:
            values["metadata"] = json.dumps(dict(metadata))
        return self._update(video_id, values)

    def replace_source(self, video_id: str, *, source_kind: SourceKind, source_url: str | None) -> Video:
        """A new file is on its way: queued again, while what is published stays playable. Raises NotFound."""
        values = {"source_kind": source_kind, "source_url": source_url, "status": "queued", "progress": 0.0}
        cleared = {"error_code": None, "error_hint": None, "error_retryable": None}
        return self._update(video_id, {**values, **cleared})

    def remove(self, video_id: str) -> Video:
        """Take a video out of the catalog with its revisions, renditions and jobs. Events stay. Raises NotFound."""
        video = self.get(video_id)
        with self._engine.begin() as connection:
            for table, key in (
                ("jobs", "video_id"),
                ("renditions", "video_id"),
                ("segments", "video_id"),
                ("wants", "video_id"),
                ("captions", "video_id"),
                ("revisions", "video_id"),
                ("videos", "id"),
            ):
                connection.execute(sa.text(f"DELETE FROM {table} WHERE {key} = :video_id"), {"video_id": video_id})  # noqa: S608  # names from the line above
        return video

    # --- the transcoder's reports ------------------------------------------------------------------------

    def report(
        self,
        video_id: str,
        *,
        status: Status,
        progress: float,
        renditions: Sequence[Rendition] = (),
        fence: Fence | None = None,
    ) -> Video:
        """An import moves on, in one commit with the state of its renditions; an earlier error is forgotten.

        Raises JobLost, and changes nothing, when `fence` is no longer the claim that holds.
        """
        cleared = {"error_code": None, "error_hint": None, "error_retryable": None}
        values = {"status": status, "progress": progress, **cleared}
        return self._update(video_id, values, renditions=renditions, fence=fence)

    def report_failure(
        self, video_id: str, *, code: str, hint: str, retryable: bool, fence: Fence | None = None
    ) -> Video:
        """An import failed. What an earlier revision published stays playable; what this one had begun to play does
        not. Raises JobLost like `report`.
        """
        begun = VIDEOS.c.whole == 0
        values = {
            "status": "failed", "error_code": code, "error_hint": hint, "error_retryable": int(retryable),
            "playable": sa.case((begun, 0), else_=VIDEOS.c.playable),
            "assets": sa.case((begun, "{}"), else_=VIDEOS.c.assets),
            "duration_s": sa.case((begun, None), else_=VIDEOS.c.duration_s),
            "whole": 1,
        }  # fmt: skip
        return self._update(video_id, values, fence=fence, tells="video.failed")

    def publish(
        self,
        video_id: str,
        *,
        revision: int,
        duration_s: float,
        assets: Mapping[str, str],
        ready: bool,
        fence: Fence | None = None,
    ) -> Video:
        """Make a revision the current one: its assets are on disk, its master playlist answers. Raises JobLost.

        Called again for a revision whose master has grown: each call is a new `master_version`, which open players
        hear of. Not `ready`: its renditions are still made; should that fail, it is not playable any more.
        """
        values: dict[str, Any] = {
            "revision": revision, "duration_s": duration_s, "assets": json.dumps(dict(assets)), "playable": 1,
            "error_code": None, "error_hint": None, "error_retryable": None,
            "master_version": VIDEOS.c.master_version + 1, "whole": int(ready),
        }  # fmt: skip
        if ready:
            values |= {"status": "ready", "progress": 1.0}
        tells: webhooks.Type | None = "video.ready" if ready else None
        return self._update(video_id, values, published=(revision, duration_s), fence=fence, tells=tells)

    def set_captions(self, video_id: str, asset: str | None) -> Video:
        """A playable video's master names other captions: one more `master_version`. `asset`: path of the first text.

        Raises NotFound.
        """
        query = sa.select(VIDEOS.c.assets).where(VIDEOS.c.id == video_id, VIDEOS.c.playable == 1)
        if self._engine.dialect.name == "postgresql":
            query = query.with_for_update()
        with self._engine.begin() as connection:
            stored = connection.scalar(query)
            if stored is not None:
                assets = {**json.loads(stored), "captions": asset}
                values = {
                    "assets": json.dumps({name: path for name, path in assets.items() if path is not None}),
                    "master_version": VIDEOS.c.master_version + 1,
                    "updated_at_ms": self._clock.now_ms(),
                }
                connection.execute(sa.update(VIDEOS).where(VIDEOS.c.id == video_id).values(**values))
        return self.get(video_id)

    # --- videos of other players -------------------------------------------------------------------------

    def admit_external(self, video_id: str) -> bool:
        """List an unknown video that events speak of. False when today's 10,000 new ones are used up."""
        now = self._clock.now_ms()
        with self._engine.begin() as connection:
            if connection.scalar(sa.select(VIDEOS.c.id).where(VIDEOS.c.id == video_id)) is not None:
                return True
            day_start = now - now % DAY_MS
            admitted = connection.scalar(
                sa.select(sa.func.count())
                .select_from(VIDEOS)
                .where(VIDEOS.c.source_kind == "external", VIDEOS.c.created_at_ms >= day_start)
            )
            if (admitted or 0) >= MAX_EXTERNAL_PER_DAY:
                return False
            video = Video(
                id=video_id, external_id=None, title=video_id, tags=[], metadata={}, status="external",
                playable=False, duration_s=None, revision=1, source_url=None, source_kind="external", progress=1.0,
                assets={}, error_code=None, error_hint=None, error_retryable=None, created_at_ms=now, updated_at_ms=now,
            )  # fmt: skip
            connection.execute(sa.insert(VIDEOS).values(row_of_video(video)))
        return True

    def set_external_duration(self, video_id: str, duration_s: float | None) -> None:
        """What most of an external video's views report."""
        with self._engine.begin() as connection:
            set_revision(connection, video_id, 1, duration_s, self._clock.now_ms())
        self._update(video_id, {"duration_s": duration_s})

    # --- inside ------------------------------------------------------------------------------------------

    def _update(
        self,
        video_id: str,
        values: Mapping[str, Any],
        *,
        renditions: Sequence[Rendition] = (),
        published: tuple[int, float] | None = None,
        fence: Fence | None = None,
        tells: webhooks.Type | None = None,
    ) -> Video:
        now = self._clock.now_ms()
        with self._engine.begin() as connection:
            if tells is not None and self._announces:
                webhooks.post(connection, video_id, tells, now)
            if fence is not None:
                _check_fence(connection, fence)
            for rendition in renditions:
                save_rendition(connection, rendition)
            if published is not None:
                set_revision(connection, video_id, *published, now)
            connection.execute(sa.update(VIDEOS).where(VIDEOS.c.id == video_id).values(**values, updated_at_ms=now))
        return self.get(video_id)


def _check_fence(connection: Connection, fence: Fence) -> None:
    query = "SELECT 1 FROM jobs WHERE id = :job_id AND token = :token AND status = 'running'"
    if connection.execute(sa.text(query), {"job_id": fence.job_id, "token": fence.token}).first() is None:
        raise JobLost(f"job {fence.job_id} was taken over", hint="nothing of this attempt is published")


def _parse_cursor(cursor: str) -> tuple[int, str]:
    created_at_ms, dash, video_id = cursor.partition("-")
    if not dash or not created_at_ms.isdigit():
        raise InvalidInput(
            "the cursor is not one that this list gave", code="bad_cursor", hint="start without a cursor"
        )
    return int(created_at_ms), video_id
