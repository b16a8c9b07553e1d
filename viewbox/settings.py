"""Settings: the only reader of the environment. Names and defaults are a contract (docs/reference/settings.md)."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from viewbox.errors import SetupError

GIB = 1024**3
MIB = 1024**2
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(BaseSettings):
    """`VIEWBOX_*` from the environment or `.env`, each with a bound and a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="VIEWBOX_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="state: catalog, spools, lake, media")
    host: str = Field("127.0.0.1", description="address that the HTTP door listens on")
    port: int = Field(8000, ge=0, le=65535, description="port of API and player")
    dashboard_port: int = Field(8501, ge=0, le=65535, description="port of the dashboard")
    public_url: str | None = Field(None, description="the site's URL as browsers see it")
    dashboard_url: str | None = Field(None, description="the dashboard's URL as browsers see it")
    trusted_proxies: str = Field("", description="addresses that may send X-Forwarded-* and a country")
    embed_origins: str = Field("*", description="frame-ancestors of /embed")
    workers: int = Field(1, ge=1, le=64, description="processes of `viewbox serve`")
    database_url: str | None = Field(None, description="catalog and jobs; SQLite in the data dir")
    lake_url: str | None = Field(None, description="Delta tables; `lake` in the data dir")
    media_url: str | None = Field(None, description="HLS and pictures; `media` in the data dir")
    broker_url: str | None = Field(None, description="NATS JetStream; none")
    executor: str = Field("process", description="inline, process, ray://…")
    ffmpeg: Path | None = Field(None, description="FFmpeg to use instead of the one found")
    ffprobe: Path | None = Field(None, description="ffprobe to use instead of the one found")
    fetch_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="host:port or CIDR that URL import may reach although not public"
    )
    egress_proxy: str | None = Field(None, description="proxy for all URL imports")
    secret: SecretStr | None = Field(None, description="signs cookies and is the API's bearer token")
    secret_file: Path | None = Field(None, description="file that holds the secret")
    auth: Literal["off", "token"] | None = Field(None, description="off on loopback, else token")
    intake_token: SecretStr | None = Field(None, description="token that players must send")
    external_videos: bool = Field(True, description="accept events of videos hosted elsewhere")
    max_duration_s: float = Field(43_200, gt=0, description="longest video")
    max_source_bytes: int = Field(64 * GIB, gt=0, description="largest source file")
    intake_rate: int = Field(500, ge=0, description="messages/s per connection; 0 = off")
    captions_command: str | None = Field(None, description="speech-to-text program; none")
    webhook_url: str | None = Field(None, description="called when a video is ready or failed")
    webhook_secret: SecretStr | None = Field(None, description="signs webhooks; needed with VIEWBOX_WEBHOOK_URL")
    sql_seconds: float = Field(30, gt=0, description="time limit of a statement")
    sql_rows: int = Field(10_000, gt=0, description="row limit of a statement")
    sql_result_bytes: int = Field(64 * MIB, gt=0, description="size limit of a result")
    sql_memory: int = Field(GIB, gt=0, description="memory limit of a statement, bytes")
    timezone: str = Field("UTC", description="day boundaries in pages and --grain day")
    sample: bool = Field(True, description="add the sample to an empty catalogue")

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        # `localtime` and the files of a machine's zoneinfo folder that are no zones would mean nothing in SQL.
        if value != "UTC" and value not in available_timezones() - {"localtime"}:
            raise ValueError("not a time zone; write it like Europe/Berlin")
        return value

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the catalog."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'catalog.sqlite').absolute()}"

    @property
    def lake(self) -> str:
        """Root of the Delta tables: a directory, or a bucket URL."""
        return self.lake_url or str((self.data_dir / "lake").absolute())

    @property
    def media_dir(self) -> Path:
        """Root of the published media, local profile."""
        if self.media_url and "://" in self.media_url and not self.media_url.startswith("file://"):
            raise SetupError("VIEWBOX_MEDIA_URL must be a directory", hint="buckets come with the scaled profile")
        return Path((self.media_url or str(self.data_dir / "media")).removeprefix("file://")).absolute()

    @property
    def spool_dir(self) -> Path:
        return (self.data_dir / "spool").absolute()

    @property
    def work_dir(self) -> Path:
        """Scratch space of imports: one private folder per job."""
        return (self.data_dir / "work").absolute()

    @property
    def is_loopback(self) -> bool:
        """Whether nothing outside this machine can reach the door."""
        public_host = urlsplit(self.public_url).hostname if self.public_url else None
        return self.host in LOOPBACK_NAMES and (public_host is None or public_host in LOOPBACK_NAMES)

    @property
    def auth_mode(self) -> Literal["off", "token"]:
        return self.auth or ("off" if self.is_loopback else "token")

    @cached_property
    def secret_value(self) -> str | None:
        """From `VIEWBOX_SECRET` or `VIEWBOX_SECRET_FILE`. Raises SetupError when the file cannot be read."""
        if self.secret is not None:
            return self.secret.get_secret_value()
        if self.secret_file is None:
            return None
        try:
            return self.secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SetupError(
                f"VIEWBOX_SECRET_FILE cannot be read: {error.strerror}", hint="check path and rights"
            ) from error

    @property
    def site_url(self) -> str:
        """The site's own URL, without a trailing slash."""
        return (self.public_url or f"http://{_url_host(self.host)}:{self.port}").rstrip("/")

    @property
    def api_url(self) -> str:
        """Where this machine's own programs reach the site: loopback wherever it listens there."""
        is_here = self.host in {*LOOPBACK_NAMES, "0.0.0.0", "::"}  # noqa: S104  # compared with, not bound to
        return f"http://{_url_host(self.host)}:{self.port}" if is_here else self.site_url

    @property
    def dashboard_site_url(self) -> str:
        return (self.dashboard_url or f"http://{_url_host(self.host)}:{self.dashboard_port}").rstrip("/")


def _url_host(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # compared with, not bound to
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def in_environment(variable: str) -> bool:
    """Whether the process environment, not `.env`, sets a variable."""
    return variable in os.environ


def load() -> Settings:
    """Settings of this process. Raises SetupError, naming each setting that cannot hold and never its value."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = (
            f"VIEWBOX_{'_'.join(map(str, one['loc'])).upper()}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        )
        raise SetupError("; ".join(wrong), hint="mend it in the environment or in .env") from None
