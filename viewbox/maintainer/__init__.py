"""The one process that commits to the lake: spools → events and dead letters → rollups → compaction.

`python -m viewbox.maintainer` is what the server starts; `viewbox ingest` and `viewbox rollup` take the role when
nobody holds it.
"""

from viewbox.maintainer.counters import counters
from viewbox.maintainer.loop import Maintainer, Step
from viewbox.maintainer.role import RoleTaken

__all__ = ["Maintainer", "RoleTaken", "Step", "counters"]
