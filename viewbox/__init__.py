"""ViewBox: exact, self-hosted video analytics. The notebook API is `viewbox.connect()`."""

__version__ = "0.1.0"
