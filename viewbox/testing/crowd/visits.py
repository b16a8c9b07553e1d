"""Who comes when, to which video, with what: one row per view, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viewbox.testing.crowd.arrays import Bools, Floats, Ints, Words, chosen, cumulative, mixed, uniform
from viewbox.testing.crowd.plan import Chunk, quantiles
from viewbox.testing.devices import DEVICES, HOMES, ROBOT

PAGE_SHARE = 0.2  # viewers whose id lives as long as their page: they never return
KNOWN_SHARE = 0.25  # viewers whom the host page names
FAITHFUL = 1.8  # power by which some viewers come more often than others
KINDS = ("page", "stored", "known")
MACHINES = (*DEVICES, ROBOT)

_DEVICE, _HOME, _KIND, _PATIENCE, _LINE, _SPEED, _VIEWER_ID, _TRANSIT, _SKEW = range(201, 210)


@dataclass
class Visits:
    """Sorted by view_id, hence by start. What belongs to a viewer is the same at each of his visits."""

    start_ms: Ints
    random: tuple[Words, Words]  # 12 and 62 bits of the view's id
    session: tuple[Words, Words]
    viewer: Ints
    viewer_id: tuple[Words, Words]
    kind: Ints  # of KINDS
    device: Ints  # of MACHINES
    home: Ints
    video: Ints
    patience: Floats  # of the viewer: standard normal; high ones watch on
    line_bps: Floats  # what the viewer's line carries at this visit
    speed_draw: Floats  # of the viewer, in [0, 1): who watches faster always does
    transit_ms: Ints  # shortest way to the server
    skew_ms: Ints  # how far the viewer's clock is behind
    robot: Bools

    @property
    def count(self) -> int:
        return len(self.start_ms)


def visits(chunk: Chunk, chance: np.random.Generator) -> Visits:
    part, count = chunk.part, chunk.views
    crowd, library = part.crowd, part.crowd.library
    shares = chunk.low + (chunk.high - chunk.low) * np.sort(chance.random(count))
    start_ms = quantiles(part.from_ms, part.to_ms, shares)
    seed = crowd.seed
    viewer = (part.viewers * chance.random(count) ** FAITHFUL).astype(np.int64)
    kind_draw = uniform(viewer, _salt(seed, _KIND))
    page = part.robots | (kind_draw < PAGE_SHARE)
    kind = np.where(page, 0, np.where(kind_draw < PAGE_SHARE + KNOWN_SHARE, 2, 1)).astype(np.int64)
    # A page's viewer is somebody new each time: his number is one that no other visit has.
    own = part.viewers + (np.int64(part.number) << 40) + (np.int64(chunk.number) << 24) + np.arange(count)
    viewer = np.where(kind == 0, own, viewer)
    line = 1.15 * _normal(viewer, _salt(seed, _LINE)) + 0.35 * chance.standard_normal(count)
    return Visits(
        start_ms=start_ms,
        random=_sorted_within(start_ms, _words(chance, count), _words(chance, count)),
        session=(_words(chance, count), _words(chance, count)),
        viewer=viewer,
        viewer_id=(mixed(viewer, _salt(seed, _VIEWER_ID)), mixed(viewer, _salt(seed, _VIEWER_ID + 50))),
        kind=kind,
        device=np.full(count, len(DEVICES)) if part.robots else _devices(viewer, seed),
        home=chosen(cumulative([home.weight for home in HOMES]), uniform(viewer, _salt(seed, _HOME))),
        video=chosen(np.cumsum(library.share), chance.random(count)),
        patience=_normal(viewer, _salt(seed, _PATIENCE)),
        line_bps=9_000_000 * np.exp(line),
        speed_draw=uniform(viewer, _salt(seed, _SPEED)),
        transit_ms=(8 + 60 * uniform(viewer, _salt(seed, _TRANSIT)) ** 2).astype(np.int64),
        skew_ms=_skew(viewer, seed),
        robot=np.full(count, part.robots),
    )


def _devices(viewer: Ints, seed: int) -> Ints:
    shares = cumulative([device.weight for device in DEVICES])
    return chosen(shares, uniform(viewer, _salt(seed, _DEVICE)))


def _skew(viewer: Ints, seed: int) -> Ints:
    """Most clocks are right within a fifth of a second; one in fifty is minutes wrong."""
    draw = _normal(viewer, _salt(seed, _SKEW))
    wrong: Bools = uniform(viewer, _salt(seed, _SKEW + 50)) < 0.02
    return np.rint(np.where(wrong, draw * 200_000, draw * 80)).astype(np.int64)


def _normal(numbers: Ints, salt: int) -> Floats:
    """Standard normal numbers, by Box and Muller."""
    radius = np.sqrt(-2 * np.log(1 - uniform(numbers, salt)))
    angle: Floats = np.cos(2 * np.pi * uniform(numbers, salt + 25))
    normal: Floats = radius * angle
    return normal


def _sorted_within(start_ms: Ints, high: Words, low: Words) -> tuple[Words, Words]:
    """Random parts of view ids, such that the ids ascend: views of one millisecond are ordered by them."""
    high, low = high & np.uint64(0x0FFF), low & np.uint64((1 << 62) - 1)
    order = np.lexsort((low, high, start_ms))
    return high[order], low[order]


def _words(chance: np.random.Generator, count: int) -> Words:
    return chance.integers(0, 1 << 64, count, dtype=np.uint64)


def _salt(seed: int, of: int) -> int:
    return (seed * 1000 + of) & ((1 << 63) - 1)
