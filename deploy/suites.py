"""Every suite, one after the other: player units, then Python, SQL and browser. Run by `make test`.

VIEWBOX_E2E=skip leaves the browser suite out and says so on the last line.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bootstrap

TESTS_FAILED = 1  # pytest's exit code
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
    # Two runs: while a browser is open, its driver occupies the thread's event loop, which other tests start anew.
    markers = ["not e2e"] if without_browser else ["not e2e", "e2e"]
    code = max(run_pytest(marker, environment) for marker in markers)
    if without_browser:
        print("browser suite NOT RUN")
    return code


def run_pytest(marker: str, environment: dict[str, str]) -> int:
    """Run the tests of a marker side by side; those that fail once more, alone.

    Tests of deadlines (a pause reaches the dashboard within 8 s) also fail when the machine is busy with something
    else. A second failure is a failure; a test that needed its second try is named, so that nobody overlooks it.
    """
    pytest = [str(bootstrap.BIN / "python"), "-m", "pytest", "-q", "-m", marker, *sys.argv[1:]]
    first = [*pytest, "-n", WORKERS, "--dist", "loadgroup"]
    code = subprocess.run(first, cwd=bootstrap.ROOT, env=environment, check=False).returncode
    if code != TESTS_FAILED:
        return code
    print("once more, alone, what failed:", flush=True)
    second = [*pytest, "-v", "--last-failed", "--last-failed-no-failures", "none"]
    return subprocess.run(second, cwd=bootstrap.ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    sys.exit(main())
