"""Events become views, intervals and seconds: incrementally for touched views, or all of them from nothing."""

from viewbox.rollups.rollups import Rollups

__all__ = ["Rollups"]
