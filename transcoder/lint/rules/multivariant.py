"""The multivariant playlist: what each variant says, and what the set of them offers (4.4.6.2 to 4.4.6.6; Apple 9)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from transcoder.lint.findings import Spot
from transcoder.lint.playlist import Variant
from transcoder.lint.rulebook import MUST, SHOULD, rule
from transcoder.lint.stream import Role, Stream

MAX_FPS = 60.0
DEFAULT_BPS = 2_000_000
DEFAULT_NEAR = 0.25  # the first variant is near enough to the one closest to 2 Mbit/s
ASPECT_NEAR = 0.02
HD_HEIGHT = 720
LAYOUTS = {"CH-STEREO": "CH", "CH-MONO": "CH", "PROJ-RECT": "PROJ", "PROJ-EQUI": "PROJ", "PROJ-HEQU": "PROJ",
           "PROJ-PRIM": "PROJ", "PROJ-AIV": "PROJ"}  # fmt: skip


def _name(stream: Stream) -> str:
    return stream.root.name if stream.root else ""


def _pictures(stream: Stream) -> list[Variant]:
    return [variant for variant in stream.variants() if stream.shows_video(variant)]


@rule(
    "codecs-missing", MUST, "Apple 9.1", "Apple 9.3",
    says="Every variant and every I-frame variant says its CODECS.",
    fix="Add CODECS with the RFC 6381 strings of all media in it.",
)  # fmt: skip
def codecs_missing(stream: Stream) -> Iterator[Spot]:
    for variant in (*stream.variants(), *stream.variants(iframes=True)):
        if "CODECS" not in variant.tag.attributes:
            yield Spot(_name(stream), f"{variant.uri} has no CODECS", variant.tag.line)


@rule(
    "resolution-missing", MUST, "Apple 9.2", "Apple 9.4",
    says="Every variant with a picture, and every I-frame variant, says its RESOLUTION.",
    fix="Add RESOLUTION=WIDTHxHEIGHT.",
)  # fmt: skip
def resolution_missing(stream: Stream) -> Iterator[Spot]:
    for variant in (*_pictures(stream), *stream.variants(iframes=True)):
        if "RESOLUTION" not in variant.tag.attributes:
            yield Spot(_name(stream), f"{variant.uri} has no RESOLUTION", variant.tag.line)


@rule(
    "average-bandwidth-missing", MUST, "Apple 9.14",
    says="Every variant says its AVERAGE-BANDWIDTH.",
    fix="Add AVERAGE-BANDWIDTH: bits of all segments by their duration, sound included.",
)  # fmt: skip
def average_bandwidth_missing(stream: Stream) -> Iterator[Spot]:
    for variant in stream.variants():
        if "AVERAGE-BANDWIDTH" not in variant.tag.attributes:
            yield Spot(_name(stream), f"{variant.uri} has no AVERAGE-BANDWIDTH", variant.tag.line)


@rule(
    "frame-rate-missing", MUST, "Apple 9.15",
    says="Every variant with a picture says its FRAME-RATE.",
    fix="Add FRAME-RATE, rounded to three decimals.",
)  # fmt: skip
def frame_rate_missing(stream: Stream) -> Iterator[Spot]:
    for variant in _pictures(stream):
        if "FRAME-RATE" not in variant.tag.attributes:
            yield Spot(_name(stream), f"{variant.uri} has no FRAME-RATE", variant.tag.line)


@rule(
    "frame-rate-high", MUST, "Apple 1.19",
    says="No more than 60 frames a second.",
    fix="Encode at 60 frames a second or fewer.",
)  # fmt: skip
def frame_rate_high(stream: Stream) -> Iterator[Spot]:
    for variant in stream.variants():
        fps = variant.tag.number("FRAME-RATE")
        media = stream.by_uri.get(variant.uri)
        track = media.track("video") if media else None
        measured = track.fps if track and track.fps else 0.0
        if (fps or 0.0) > MAX_FPS or measured > MAX_FPS * 1.01:
            yield Spot(_name(stream), f"{variant.uri} has {max(fps or 0.0, measured):g}", variant.tag.line)


@rule(
    "one-bit-rate", MUST, "Apple 9.9",
    says="A stream with a picture has variants of several bit rates.",
    fix="Add a variant of another bit rate.",
)  # fmt: skip
def one_bit_rate(stream: Stream) -> Iterator[Spot]:
    pictures = _pictures(stream)
    if pictures and len({variant.uri for variant in pictures}) < 2:
        yield Spot(_name(stream), f"{len(pictures)} variant with a picture", pictures[0].tag.line)


@rule(
    "group-unknown", MUST, "RFC 4.4.6.2",
    says="The groups that a variant names exist.",
    fix="Add the EXT-X-MEDIA tags of the group, or correct the name.",
)  # fmt: skip
def group_unknown(stream: Stream) -> Iterator[Spot]:
    for variant in (*stream.variants(), *stream.variants(iframes=True)):
        for kind in ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"):
            value = variant.tag.attributes.get(kind)
            if value and value.quoted and not stream.group(kind, value.text):
                yield Spot(_name(stream), f'{kind}="{value.text}" is no group', variant.tag.line)


@rule(
    "captions-none-partly", MUST, "RFC 4.4.6.2",
    says="When one variant says CLOSED-CAPTIONS=NONE, all say so.",
    fix="Write CLOSED-CAPTIONS=NONE on every variant, or on none.",
)  # fmt: skip
def captions_none_partly(stream: Stream) -> Iterator[Spot]:
    values = [variant.tag.attributes.get("CLOSED-CAPTIONS") for variant in stream.variants()]
    none = [value is not None and not value.quoted for value in values]
    if any(none) and not all(none):
        variant = stream.variants()[none.index(False)]
        yield Spot(_name(stream), f"{variant.uri} does not say NONE", variant.tag.line)


@rule(
    "score-partly", MUST, "Apple 9.19", "RFC 4.4.6.2",
    says="SCORE stands on every variant, or on none.",
    fix="Add SCORE to each of them.",
)  # fmt: skip
def score_partly(stream: Stream) -> Iterator[Spot]:
    scored = ["SCORE" in variant.tag.attributes for variant in stream.variants()]
    if any(scored) and not all(scored):
        variant = stream.variants()[scored.index(False)]
        yield Spot(_name(stream), f"{variant.uri} has no SCORE", variant.tag.line)


@rule(
    "video-range-wrong", MUST, "RFC 4.4.6.2", "Apple 9.16",
    says="VIDEO-RANGE tells the transfer characteristics of the picture; without it they are SDR.",
    fix="Write VIDEO-RANGE=PQ or HLG for HDR, SDR else.",
)  # fmt: skip
def video_range_wrong(stream: Stream) -> Iterator[Spot]:
    for variant in (*stream.variants(), *stream.variants(iframes=True)):
        media = stream.by_uri.get(variant.uri)
        track = media.track("video") if media else None
        declared = variant.tag.get("VIDEO-RANGE") or "SDR"
        if track and track.transfer and track.transfer != declared:
            yield Spot(_name(stream), f"{variant.uri} is {track.transfer}, declared {declared}", variant.tag.line)


@rule(
    "sdr-missing", MUST, "Apple 1.24", "Apple 6.16",
    says="Where there is HDR there is SDR too, also for trick play.",
    fix="Add SDR variants.",
)  # fmt: skip
def sdr_missing(stream: Stream) -> Iterator[Spot]:
    for variants in (_pictures(stream), stream.variants(iframes=True)):
        if variants and all((variant.tag.get("VIDEO-RANGE") or "SDR") in {"PQ", "HLG"} for variant in variants):
            yield Spot(_name(stream), "no variant is SDR", variants[0].tag.line)


@rule(
    "independent-unsaid", MUST, "Apple 9.12",
    says="Segments that begin with an IDR picture are declared independent: in the multivariant playlist, or in every "
    "video playlist.",
    fix="Add #EXT-X-INDEPENDENT-SEGMENTS to the multivariant playlist.",
)  # fmt: skip
def independent_unsaid(stream: Stream) -> Iterator[Spot]:
    if stream.root is None or stream.root.has("EXT-X-INDEPENDENT-SEGMENTS"):
        return
    for media in stream.of(Role.VARIANT, Role.VIDEO):
        tracks = [facts.track("video") for _, facts in media.pairs()]
        begins = bool(tracks) and all(track is not None and track.intra for track in tracks)
        if begins and not media.playlist.has("EXT-X-INDEPENDENT-SEGMENTS"):
            yield Spot(media.name, "its segments begin with IDR pictures, and nothing says so")


@rule(
    "independent-placed", SHOULD, "Apple 9.11", "RFC 4.4.2.1",
    says="EXT-X-INDEPENDENT-SEGMENTS stands in the multivariant playlist, and not in the others as well.",
    fix="Move the tag to the multivariant playlist.",
)  # fmt: skip
def independent_placed(stream: Stream) -> Iterator[Spot]:
    if stream.root is None:
        return
    for media in stream.media:
        if media.playlist.has("EXT-X-INDEPENDENT-SEGMENTS"):
            twice = stream.root.has("EXT-X-INDEPENDENT-SEGMENTS")
            found = "it stands in the multivariant playlist too" if twice else "the multivariant playlist has it not"
            yield Spot(media.name, found, media.playlist.line_of("EXT-X-INDEPENDENT-SEGMENTS"))


@rule(
    "session-data", MUST, "RFC 4.4.6.4",
    says="Session data have a VALUE or a URI, and stand once for each identifier and language.",
    fix="Keep one of them.",
)  # fmt: skip
def session_data(stream: Stream) -> Iterator[Spot]:
    seen = set()
    for tag in stream.root.all("EXT-X-SESSION-DATA") if stream.root else []:
        if ("VALUE" in tag.attributes) == ("URI" in tag.attributes):
            yield Spot(_name(stream), f"{tag.get('DATA-ID')} has not one of VALUE and URI", tag.line)
        identity = (tag.get("DATA-ID"), tag.get("LANGUAGE"))
        if identity in seen:
            yield Spot(_name(stream), f"{tag.get('DATA-ID')} stands twice", tag.line)
        seen.add(identity)


@rule(
    "steering-pathway", MUST, "RFC 4.4.6.6",
    says="The pathway that content steering begins with is one of the variants'.",
    fix="Correct PATHWAY-ID.",
)  # fmt: skip
def steering_pathway(stream: Stream) -> Iterator[Spot]:
    known = {variant.tag.get("PATHWAY-ID") or "." for variant in stream.variants()}
    for tag in stream.root.all("EXT-X-CONTENT-STEERING") if stream.root else []:
        pathway = tag.get("PATHWAY-ID")
        if pathway is not None and pathway not in known:
            yield Spot(_name(stream), f"no variant has PATHWAY-ID={pathway!r}", tag.line)


@rule(
    "video-layout", MUST, "RFC 4.4.6.2",
    says="REQ-VIDEO-LAYOUT lists entries of known specifiers, none empty, each kind once in an entry.",
    fix='Write REQ-VIDEO-LAYOUT="CH-STEREO", or the like.',
)  # fmt: skip
def video_layout(stream: Stream) -> Iterator[Spot]:
    for variant in (*stream.variants(), *stream.variants(iframes=True)):
        layout = variant.tag.get("REQ-VIDEO-LAYOUT")
        for entry in layout.split(",") if layout is not None else []:
            kinds = [LAYOUTS.get(word) for word in entry.split("/")]
            if None in kinds or len(set(kinds)) < len(kinds):
                yield Spot(_name(stream), f'REQ-VIDEO-LAYOUT="{layout}"', variant.tag.line)


@rule(
    "default-variant", SHOULD, "Apple 1.32",
    says="The first variant, with which players begin, is the one closest to 2 Mbit/s on average.",
    fix="List that variant first.",
)  # fmt: skip
def default_variant(stream: Stream) -> Iterator[Spot]:
    rates = [variant.tag.number("AVERAGE-BANDWIDTH") for variant in _pictures(stream)]
    known = [abs(rate - DEFAULT_BPS) for rate in rates if rate is not None]
    if not known or rates[0] is None:
        return
    if abs(rates[0] - DEFAULT_BPS) > min(known) + DEFAULT_BPS * DEFAULT_NEAR:
        variant = _pictures(stream)[0]
        yield Spot(_name(stream), f"the first variant has {rates[0] / 1e6:.2f} Mbit/s", variant.tag.line)


@rule(
    "aspect-ratio", SHOULD, "Apple 1.33",
    says="All variants have the same shape.",
    fix="Scale without changing the aspect ratio.",
)  # fmt: skip
def aspect_ratio(stream: Stream) -> Iterator[Spot]:
    shapes = [(variant, variant.resolution) for variant in _pictures(stream)]
    known = [(variant, size) for variant, size in shapes if size and all(size)]
    for (_, one), (variant, other) in pairwise(known):
        # Sides are even numbers: two pixels more or less are no other shape.
        near = ASPECT_NEAR + 2 / min(*one, *other)
        if abs(one[0] * other[1] / (one[1] * other[0]) - 1) > near:
            yield Spot(_name(stream), f"{other[0]}x{other[1]} beside {one[0]}x{one[1]}", variant.tag.line)


@rule(
    "one-top-variant", SHOULD, "Apple 9.10",
    says="HD comes in two bit rates at its highest resolution.",
    fix="Add a second variant of that size.",
)  # fmt: skip
def one_top_variant(stream: Stream) -> Iterator[Spot]:
    sizes = [(size, variant) for variant in _pictures(stream) if (size := variant.resolution)]
    if not sizes:
        return
    top, variant = max(sizes, key=lambda pair: pair[0][0] * pair[0][1])
    if min(top) >= HD_HEIGHT and sum(size == top for size, _ in sizes) < 2:
        yield Spot(_name(stream), f"one variant of {top[0]}x{top[1]}", variant.tag.line)
