"""Pictures of a page in two widths and two colour schemes, small enough to be kept in the repository."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.e2e.browser import Scheme

SIZES = {1440: 1000, 390: 844}  # CSS pixels: a desk, a phone
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
MAX_BYTES = 60 * 1024
COLOURS = (256, 128, 64, 32, 16, 8)  # tried in this order until a picture is small enough
MIN_MARKED_PIXELS = 100  # fewer that differ from the commonest colour show nothing


@dataclass(frozen=True)
class Shot:
    """One of the four pictures of a cell."""

    width: int
    scheme: Scheme

    @property
    def suffix(self) -> str:
        return f"{self.width}-{self.scheme}"


SHOTS = tuple(Shot(width, scheme) for width in SIZES for scheme in SCHEMES)


def file_name(page_name: str, state: str, shot: Shot) -> str:
    """`watch-one-view-390-dark.png`."""
    return f"{page_name}-{state.replace(' ', '-')}-{shot.suffix}.png"


def dress(page: Page, shot: Shot) -> None:
    """Give the page the size and colour scheme of a shot."""
    page.set_viewport_size({"width": shot.width, "height": SIZES[shot.width]})
    page.emulate_media(color_scheme=shot.scheme, reduced_motion="reduce")


def save(page: Page, place: Path) -> None:
    """Take the picture. Raises AssertionError when there is nothing on it."""
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    most = max(count for count, _ in picture.getcolors(maxcolors=picture.width * picture.height) or [(0, None)])
    assert picture.width * picture.height - most >= MIN_MARKED_PIXELS, f"{place.name} is blank"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(small_png(picture))


def small_png(picture: Image.Image) -> bytes:
    """A palette PNG of at most MAX_BYTES, or the smallest there is."""
    content = b""
    for colours in COLOURS:
        stream = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
        content = stream.getvalue()
        if len(content) <= MAX_BYTES:
            break
    return content
