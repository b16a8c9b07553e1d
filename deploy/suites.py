"""Every suite, one after the other: player units, then Python, SQL and browser. Run by `make test`.

VIEWBOX_E2E=skip leaves the browser suite out and says so on the last line.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bootstrap

# Markers and processes of each run of pytest. Browser tests have runs of their own: an open browser's driver occupies
# the thread's event loop. What is measured against real time has the machine to itself.
RUNS = (("not e2e", "2"), ("e2e and not exact", "2"), ("e2e and exact", "0"))


def main() -> int:
    without_browser = os.environ.get("VIEWBOX_E2E") == "skip"
    environment = {**os.environ, "PATH": f"{bootstrap.BIN}:{os.environ.get('PATH', '')}"}
    chromium = bootstrap.find_chromium()
    if not without_browser:
        if chromium is None:
            print(
                "make test: no Chromium runs here; install one (`apt-get install chromium`) or set VIEWBOX_E2E=skip",
                file=sys.stderr,
            )
            return 1
        environment["CHROMIUM"] = chromium
    if subprocess.run([bootstrap.find_npm(), "test"], cwd=bootstrap.PLAYER, env=environment, check=False).returncode:
        return 1
    runs = RUNS[:1] if without_browser else RUNS
    code = max(run_pytest(marker, workers, environment) for marker, workers in runs)
    if without_browser:
        print("browser suite NOT RUN")
    return code


def run_pytest(marker: str, workers: str, environment: dict[str, str]) -> int:
    pytest = [str(bootstrap.BIN / "python"), "-m", "pytest", "-q", "-m", marker, *sys.argv[1:]]
    command = [*pytest, "-n", workers, "--dist", "loadgroup"]
    return subprocess.run(command, cwd=bootstrap.ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
