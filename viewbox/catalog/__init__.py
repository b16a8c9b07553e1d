"""The catalog: which videos there are, what state each is in, and what was published of it. Videos are values."""

from viewbox.catalog.catalog import Catalog, Fence, VideoPage
from viewbox.catalog.rows import Rendition, Status, Video

__all__ = ["Catalog", "Fence", "Rendition", "Status", "Video", "VideoPage"]
