"""What happens right now, pushed to open pages: who watches, what is watched again, how far an encode is."""

from ingest_api.live.hub import LiveHub
from ingest_api.live.presence import Presence
from ingest_api.live.sharing import Sharing

__all__ = ["LiveHub", "Presence", "Sharing"]
