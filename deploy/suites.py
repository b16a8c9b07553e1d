"""Every suite, one after the other: player units, then Python, SQL and browser. Run by `make test`.

VIEWBOX_E2E=skip leaves the browser suite out and says so on the last line.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bootstrap

WORKERS = "2"  # processes of pytest; more make timing-sensitive browser tests wait for each other


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
    pytest = [str(bootstrap.BIN / "python"), "-m", "pytest", "-q", "-n", WORKERS, "--dist", "loadgroup", *sys.argv[1:]]
    # Two runs: while a browser is open, its driver occupies the thread's event loop, which other tests start anew.
    runs = [[*pytest, "-m", "not e2e"]] + ([] if without_browser else [[*pytest, "-m", "e2e"]])
    code = max(subprocess.run(run, cwd=bootstrap.ROOT, env=environment, check=False).returncode for run in runs)
    if without_browser:
        print("browser suite NOT RUN")
    return code


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
