"""The one process that commits to the lake: spools → events and dead letters → rollups → compaction.

`python -m viewbox.maintainer` is what the server starts; `viewbox ingest` and `viewbox rollup` take the role when
nobody holds it.
"""

from viewbox.maintainer.counters import counters, spooled_to
from viewbox.maintainer.loop import Maintainer, Refresher, Step
from viewbox.maintainer.role import RoleTaken
from viewbox.maintainer.settle import settle

__all__ = ["Maintainer", "Refresher", "RoleTaken", "Step", "counters", "settle", "spooled_to"]
