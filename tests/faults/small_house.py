"""A house in which everything that takes hours and gigabytes happens within seconds and kilobytes.

Thresholds and periods only; what is done when they are reached is the product's own.
"""

from __future__ import annotations

import importlib

VALUES: dict[str, dict[str, object]] = {
    "viewbox.maintainer.loop": {
        "BUSY_PERIOD_S": 0.05, "IDLE_PERIOD_S": 0.02, "CLOSING_PERIOD_S": 0.5, "HOUSEKEEPING_PERIOD_S": 0.2,
        "VACUUM_PERIOD_S": 0.4, "ROLE_PERIOD_S": 0.05,
    },
    "viewbox.lake.compaction": {
        "OPEN_FILES": 3, "SPARE_FILES": 4, "OPEN_TARGET_BYTES": 60_000, "RETENTION_HOURS": 0,
    },
    "viewbox.rollups.rollups": {"FOLDING_PERIOD_S": 0.3, "TIDYING_PERIOD_S": 0.7},
    "viewbox.rollups.compaction": {"SLACK_ROWS": 30},
}  # fmt: skip


def move_in() -> None:
    """Let this process see the small house."""
    for module_name, values in VALUES.items():
        module = importlib.import_module(module_name)
        for name, value in values.items():
            assert hasattr(module, name), (module_name, name)
            setattr(module, name, value)
