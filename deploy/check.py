"""`make check`: everything that can be said about the code without running it. Prints one line a check."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import bootstrap

PYTHON = str(bootstrap.BIN / "python")


def tool(name: str) -> str:
    return str(bootstrap.BIN / name)


def checks() -> dict[str, list[str]]:
    return {
        "format (ruff)": [tool("ruff"), "format", "--check", "."],
        "lint (ruff)": [tool("ruff"), "check", "."],
        "SQL (sqlfluff)": [tool("sqlfluff"), "lint", "--disable-progress-bar", "viewbox/sql"],
        "types (mypy)": [tool("mypy")],
        "import rules (import-linter)": [tool("lint-imports")],
        "player (Biome, TypeScript)": [bootstrap.find_npm(), "--prefix", "player", "run", "check"],
        "player sizes": [bootstrap.find_npm(), "--prefix", "player", "run", "size"],
        "generated files": [PYTHON, "deploy/generated.py", "--check"],
        "docs": [tool("mkdocs"), "build", "--quiet", "--strict", "--config-file", "deploy/mkdocs.yml"],
    }


def main() -> int:
    environment = {**os.environ, "PATH": f"{bootstrap.BIN}:{os.environ.get('PATH', '')}"}
    failed = []
    for name, command in checks().items():
        started = time.monotonic()
        result = subprocess.run(
            command, cwd=bootstrap.ROOT, env=environment, capture_output=True, text=True, check=False
        )
        verdict = "FAILED" if result.returncode else "ok"
        print(f"  {name:<30} {verdict}  {time.monotonic() - started:.1f} s", flush=True)
        if result.returncode:
            failed.append(name)
            print((result.stdout + result.stderr)[-6000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
