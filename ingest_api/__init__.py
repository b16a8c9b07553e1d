"""The only HTTP door: videos, media, player events, metrics, SQL, the site."""
