"""BANDWIDTH and AVERAGE-BANDWIDTH against the measured bit rates (4.1, 4.4.6.2; Apple 1.26 to 1.30, 6.9, 9.13)."""

from __future__ import annotations

from collections.abc import Iterator

from transcoder.lint.findings import Spot
from transcoder.lint.playlist import Variant
from transcoder.lint.rulebook import MUST, SHOULD, rule
from transcoder.lint.stream import Media, Stream

NEAR = 0.1  # Apple's tolerance
LIVE_PEAK = 1.25
ROUNDING = 0.001  # durations in playlists are rounded; so is what follows from them
BURST = 2.0


def _rates(stream: Stream, variant: Variant) -> tuple[float, float] | None:
    """Largest sum of peaks and of averages of any playable combination; None when a size is not known."""
    own = stream.by_uri.get(variant.uri)
    if own is None:
        return None
    choices: list[list[Media]] = [[own]]
    for kind in ("AUDIO", "VIDEO", "SUBTITLES"):
        group = stream.group(kind, variant.tag.get(kind))
        media = [found for tag in group if (found := stream.by_uri.get(tag.get("URI") or ""))]
        if kind == "VIDEO":
            choices[0] += media  # an angle takes the place of the variant's own picture
        else:
            choices.append([found for found in media if found is not own])
    peak = average = 0.0
    for media in filter(None, choices):
        peaks, averages = [one.peak_bps for one in media], [one.average_bps for one in media]
        if None in peaks or None in averages:
            return None
        peak += max(rate or 0.0 for rate in peaks)
        average += max(rate or 0.0 for rate in averages)
    return peak, average


def _measured(stream: Stream) -> Iterator[tuple[Variant, float, float, bool]]:
    """Every variant with its measured peak and average, and whether it is complete."""
    for variant in (*stream.variants(), *stream.variants(iframes=True)):
        rates = _rates(stream, variant)
        if rates is not None:
            yield variant, *rates, stream.by_uri[variant.uri].playlist.ended


@rule(
    "bandwidth-understated", MUST,
    "RFC 4.4.6.2", "RFC 4.4.6.2.1", "Apple 9.13", "Apple 1.27", "Apple 1.29", "Apple 6.9",
    says="BANDWIDTH is the largest sum of peak bit rates that any playable combination of renditions has.",
    fix="Raise BANDWIDTH to the measured peak, audio and subtitles added.",
)  # fmt: skip
def bandwidth_understated(stream: Stream) -> Iterator[Spot]:
    for variant, peak, _, complete in _measured(stream):
        declared = variant.tag.number("BANDWIDTH")
        limit = 1 + ROUNDING if complete else LIVE_PEAK
        if declared is not None and stream.root and peak > declared * limit:
            yield Spot(
                stream.root.name, f"{variant.uri} peaks at {peak:.0f} bit/s, BANDWIDTH={declared:.0f}", variant.tag.line
            )


@rule(
    "bandwidth-overstated", MUST, "Apple 1.27", "RFC 4.4.6.2",
    says="The measured peak of a complete stream is within 10 % of BANDWIDTH.",
    fix="Lower BANDWIDTH to the measured peak.",
)  # fmt: skip
def bandwidth_overstated(stream: Stream) -> Iterator[Spot]:
    for variant, peak, _, complete in _measured(stream):
        declared = variant.tag.number("BANDWIDTH")
        if complete and declared is not None and stream.root and peak < declared * (1 - NEAR):
            yield Spot(
                stream.root.name, f"{variant.uri} peaks at {peak:.0f} bit/s, BANDWIDTH={declared:.0f}", variant.tag.line
            )


@rule(
    "average-bandwidth-wrong", MUST, "Apple 1.26", "Apple 1.28", "RFC 4.4.6.2",
    says="AVERAGE-BANDWIDTH is within 10 % of the average bit rate, in live streams no more than 10 % below it.",
    fix="Write the measured average, audio and subtitles added.",
)  # fmt: skip
def average_bandwidth_wrong(stream: Stream) -> Iterator[Spot]:
    for variant, _, average, complete in _measured(stream):
        declared = variant.tag.number("AVERAGE-BANDWIDTH")
        if declared is None or stream.root is None:
            continue
        if average > declared * (1 + NEAR) or (complete and average < declared * (1 - NEAR)):
            found = f"{variant.uri} has {average:.0f} bit/s on average, AVERAGE-BANDWIDTH={declared:.0f}"
            yield Spot(stream.root.name, found, variant.tag.line)


@rule(
    "bit-rate-bursts", SHOULD, "Apple 1.30",
    says="The peak of a complete stream is no more than twice its average.",
    fix="Encode with a tighter cap (maxrate, bufsize).",
)  # fmt: skip
def bit_rate_bursts(stream: Stream) -> Iterator[Spot]:
    for variant, peak, average, complete in _measured(stream):
        if complete and not variant.iframes and stream.root and average and peak > average * BURST:
            found = f"{variant.uri} peaks at {peak / average:.1f} times its average"
            yield Spot(stream.root.name, found, variant.tag.line)
