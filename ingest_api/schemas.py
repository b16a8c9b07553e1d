"""JSON bodies of the HTTP door, as OpenAPI describes them. Bounds live on the fields; answers are always complete."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ingest_api.limits import MAX_EXTERNAL_ID, MAX_METADATA_BYTES, MAX_TAG, MAX_TAGS, MAX_TITLE
from viewbox.addresses import MAX_URL_CHARACTERS


def _check_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(json.dumps(metadata, allow_nan=False).encode())
    except ValueError as error:
        raise ValueError("metadata holds a number that JSON cannot write") from error
    if size > MAX_METADATA_BYTES:
        raise ValueError(f"metadata is {size:,} bytes as JSON; {MAX_METADATA_BYTES:,} are kept")
    return metadata


def _check_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters are not kept")
    if text != text.strip() or not text:
        raise ValueError("neither empty nor with blanks at its ends")
    return text


Title = Annotated[str, Field(max_length=MAX_TITLE), AfterValidator(_check_printable)]
Tag = Annotated[str, Field(max_length=MAX_TAG), AfterValidator(_check_printable)]
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS)]
ExternalId = Annotated[str, Field(max_length=MAX_EXTERNAL_ID), AfterValidator(_check_printable)]
Metadata = Annotated[dict[str, Any], AfterValidator(_check_metadata)]
SourceUrl = Annotated[str, Field(max_length=MAX_URL_CHARACTERS, examples=["https://example.com/holiday.mp4"])]
Priority = Annotated[int, Field(ge=-100, le=100, description="higher ones are encoded first")]


class Details(BaseModel):
    """What people say about a video."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    external_id: ExternalId | None = None
    tags: Tags | None = None
    metadata: Metadata | None = None


class NewVideo(Details):
    """A video to import by URL."""

    url: SourceUrl
    priority: Priority = 0


class UploadDetails(Details):
    """The fields beside the file of a multipart upload."""

    priority: Priority = 0


class NewSource(BaseModel):
    """Another file for an existing video."""

    model_config = ConfigDict(extra="forbid")

    url: SourceUrl
    priority: Priority = 0


class RenditionState(BaseModel):
    """One rung of the ladder. `speed` is media seconds per wall second."""

    height: int
    bitrate_bps: int | None
    codec: str | None
    progress: float
    speed: float | None
    eta_s: float | None


class VideoUrls(BaseModel):
    """Paths on this host; null until there is something."""

    hls: str | None
    poster: str | None
    storyboard: str | None
    embed: str | None
    chapters: str | None
    captions: str | None
    preview: str | None


class VideoError(BaseModel):
    code: str
    hint: str
    retryable: bool


class VideoState(BaseModel):
    """A video: what it is, how far its import is, where it plays."""

    id: str
    external_id: str | None
    title: str
    tags: list[str]
    metadata: dict[str, Any]
    status: Literal["queued", "fetching", "probing", "encoding", "ready", "failed", "external"]
    playable: bool
    duration_s: float | None
    revision: int
    created_at: str = Field(examples=["2026-11-23T01:02:03.500Z"])
    progress: float
    renditions: list[RenditionState]
    urls: VideoUrls
    error: VideoError | None


class CaptionState(BaseModel):
    """Captions that players are offered. `origin`: who wrote them; `note`: what a person should look at."""

    language: str = Field(examples=["pt-BR"])
    label: str = Field(description="empty: the language's own name")
    origin: Literal["upload", "source", "speech"]
    default: bool = Field(description="shown without being chosen")
    forced: bool = Field(description="only what everybody needs translated")
    hearing_impaired: bool
    cues: int
    note: str


class KeptCaptions(CaptionState):
    """What became of a file."""

    encoding: str = Field(examples=["utf-8"])
    left_out: dict[str, int] = Field(description="blocks of the file that are no cue, by reason")
    replaced: bool = Field(description="an older upload of this language went")


class CaptionsLeftOut(BaseModel):
    """Captions of the source that were not taken over, and why."""

    language: str
    label: str
    note: str


class CaptionList(BaseModel):
    items: list[CaptionState]
    left_out: list[CaptionsLeftOut]


class VideoList(BaseModel):
    """One page, newest first. `next` is the cursor of the following page."""

    items: list[VideoState]
    next: str | None


class ViewersNow(BaseModel):
    """Open views with an interval or heartbeat in the last 15 s: of all videos, and of each by its id."""

    viewers_now: int
    videos: dict[str, int]


class Ack(BaseModel):
    """Every event of the message is on disk; `seq` is its highest."""

    view_id: str
    seq: int | None
    server_ms: int


class RejectedEvent(BaseModel):
    view_id: str
    seq: int | None
    code: str
    hint: str


class UnreadMessage(BaseModel):
    """A message that could not be read; `index` is its place in the request."""

    index: int
    code: str
    hint: str


class ViewsAnswer(BaseModel):
    """What became of each message of a POST."""

    acks: list[Ack]
    rejected: list[RejectedEvent]
    errors: list[UnreadMessage]


class SqlRequest(BaseModel):
    """One statement that reads."""

    model_config = ConfigDict(extra="forbid")

    sql: Annotated[str, Field(min_length=1, max_length=100_000, examples=["SELECT count(*) AS views FROM views"])]


class SqlColumn(BaseModel):
    name: str
    type: str


class SqlAnswer(BaseModel):
    """Rows as arrays, in the order of `columns`."""

    columns: list[SqlColumn]
    rows: list[list[Any]]
    truncated: bool
    elapsed_ms: float


class MetricColumn(BaseModel):
    name: str
    type: str
    unit: str | None


class MetricAnswer(BaseModel):
    """A metric's rows with what is needed to trust them. `/v1/metrics/{name}/schema` describes each metric's own."""

    metric: str
    version: int
    unit: str
    params: dict[str, Any]
    columns: list[MetricColumn]
    rows: list[dict[str, Any]]
    quality: dict[str, Any]
    as_of: str
    answered_by: str | None = Field(None, description="the table that the rows were read from, where that is known")


class MetricParam(BaseModel):
    """A field of a form: one of `choices` where it has any, else a number within `minimum` and `maximum`, else text."""

    name: str
    type: Literal["text", "int", "float"]
    default: str | int | float | None
    choices: list[str]
    minimum: float | None
    maximum: float | None
    meaning: str


class MetricColumnMeaning(BaseModel):
    """A column of every row. `type`: its SQL name; null where it depends on the parameters."""

    name: str
    type: str | None
    unit: str
    nullable: bool
    meaning: str


class MetricDescription(BaseModel):
    """What a metric counts, in words that someone who cannot code can check."""

    name: str
    title: str
    unit: str
    grain: list[str]
    empty: str
    rule: str
    source: str
    version: int
    interval: str | None = Field(description="bootstrap or wilson, where rows have ci_low and ci_high")
    params: list[MetricParam]
    columns: list[MetricColumnMeaning]
    grains: list[str] = Field(description="what `grain` may be")
    by: list[str] = Field(description="what `by` may be; `experiment.*` and `custom.*` stand for any key")
    dimensions: list[str] = Field(description="what can be filtered on; `*` stands for any key")
    schema_url: str = Field(description="JSON Schema of the answer", examples=["/v1/metrics/views/schema"])


class MetricList(BaseModel):
    items: list[MetricDescription]


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """`checks`: each part that taking events needs, and what is wrong with it, or null."""

    ready: bool
    checks: dict[str, str | None]
