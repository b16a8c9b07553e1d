"""EXT-X-DATERANGE (4.4.5.1) and the interstitials built on it (appendix D)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from transcoder.lint.findings import Spot
from transcoder.lint.playlist import Playlist, Tag
from transcoder.lint.reader import parse_date
from transcoder.lint.rulebook import MUST, rule
from transcoder.lint.stream import Stream

INTERSTITIAL = "com.apple.hls.interstitial"
PRELOAD = "com.apple.hls.preload"
ASSETS = ("X-ASSET-URI", "X-ASSET-LIST")
CLOSE_S = 0.001


def ranges(playlist: Playlist) -> dict[str, list[Tag]]:
    """Tags by ID: several may describe one date range."""
    found: dict[str, list[Tag]] = {}
    for tag in playlist.all("EXT-X-DATERANGE"):
        found.setdefault(tag.get("ID") or "", []).append(tag)
    return found


def merged(tags: list[Tag]) -> dict[str, str]:
    """All attributes of a date range."""
    return {name: value.text for tag in reversed(tags) for name, value in tag.attributes.items()}


@rule(
    "daterange-without-dates", MUST, "RFC 4.4.5.1",
    says="A playlist with date ranges has EXT-X-PROGRAM-DATE-TIME: else nobody knows where they are.",
    fix="Add EXT-X-PROGRAM-DATE-TIME to the first segment.",
)  # fmt: skip
def daterange_without_dates(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        if media.playlist.has("EXT-X-DATERANGE") and not media.playlist.has("EXT-X-PROGRAM-DATE-TIME"):
            line = media.playlist.line_of("EXT-X-DATERANGE")
            yield Spot(media.name, "EXT-X-DATERANGE without EXT-X-PROGRAM-DATE-TIME", line)


@rule(
    "daterange-times", MUST, "RFC 4.4.5.1",
    says="A date range starts at its START-DATE and ends no earlier; END-DATE is START-DATE plus DURATION.",
    fix="Correct START-DATE, END-DATE or DURATION.",
)  # fmt: skip
def daterange_times(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for tags in ranges(media.playlist).values():
            facts, line = merged(tags), tags[0].line
            dates = {name: parse_date(facts[name]) for name in ("START-DATE", "END-DATE") if name in facts}
            for name, date in dates.items():
                if date is None:
                    yield Spot(media.name, f"{name}={facts[name][:80]!r} is no ISO 8601 date", line)
            start, end = dates.get("START-DATE"), dates.get("END-DATE")
            if "START-DATE" not in tags[0].attributes:
                yield Spot(media.name, "the first tag of the range has no START-DATE", line)
            if start and end:
                span = (end - start).total_seconds()
                if span < 0:
                    yield Spot(media.name, f"END-DATE is {-span:g} s before START-DATE", line)
                elif "DURATION" in facts and abs(span - _seconds(facts["DURATION"], span)) > CLOSE_S:
                    yield Spot(media.name, f"END-DATE says {span:g} s, DURATION {facts['DURATION'][:20]}", line)


def _seconds(text: str, otherwise: float) -> float:
    try:
        return float(text)
    except ValueError:  # a breach of the attribute's type, told there
        return otherwise


@rule(
    "daterange-end-on-next", MUST, "RFC 4.4.5.1",
    says="END-ON-NEXT comes with CLASS, and without DURATION and END-DATE.",
    fix="Add CLASS; remove DURATION and END-DATE.",
)  # fmt: skip
def daterange_end_on_next(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for tags in ranges(media.playlist).values():
            facts = merged(tags)
            if facts.get("END-ON-NEXT") != "YES":
                continue
            if "CLASS" not in facts:
                yield Spot(media.name, "END-ON-NEXT without CLASS", tags[0].line)
            if "DURATION" in facts or "END-DATE" in facts:
                yield Spot(media.name, "END-ON-NEXT with DURATION or END-DATE", tags[0].line)


@rule(
    "daterange-cue", MUST, "RFC 4.4.5.1",
    says="A CUE is before or after the programme, not both.",
    fix="Keep PRE or POST.",
)  # fmt: skip
def daterange_cue(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for tag in media.playlist.all("EXT-X-DATERANGE"):
            if {"PRE", "POST"} <= set((tag.get("CUE") or "").split(",")):
                yield Spot(media.name, f'CUE="{tag.get("CUE")}"', tag.line)


@rule(
    "daterange-contradiction", MUST, "RFC 4.4.5.1",
    says="Tags with the same ID describe one date range: what both say is the same.",
    fix="Give another ID to another range.",
)  # fmt: skip
def daterange_contradiction(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for name, tags in ranges(media.playlist).items():
            known: dict[str, str] = {}
            for tag in tags:
                for attribute, value in tag.attributes.items():
                    if known.setdefault(attribute, value.text) != value.text:
                        yield Spot(media.name, f"{attribute} of {name!r} changes", tag.line)


@rule(
    "interstitial-asset", MUST, "RFC D.2",
    says="An interstitial names its asset or a list of assets, one of the two.",
    fix="Keep X-ASSET-URI or X-ASSET-LIST.",
)  # fmt: skip
def interstitial_asset(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for tags in ranges(media.playlist).values():
            facts = merged(tags)
            if facts.get("CLASS") != INTERSTITIAL:
                continue
            assets = sum(name in facts for name in ASSETS)
            if assets != 1:
                yield Spot(media.name, f"{assets} of X-ASSET-URI and X-ASSET-LIST", tags[0].line)
            elif "X-ASSET-URI" in facts and not urlsplit(facts["X-ASSET-URI"]).scheme:
                yield Spot(media.name, f"X-ASSET-URI={facts['X-ASSET-URI'][:80]!r} is not absolute", tags[0].line)


@rule(
    "preload-range",
    MUST,
    "RFC F",
    says="A preload range names its URI, target and target's class, has an end, and neither CUE nor END-ON-NEXT.",
    fix="Add X-URI, X-TARGET-ID, X-TARGET-CLASS and DURATION; remove CUE and END-ON-NEXT.",
)
def preload_range(stream: Stream) -> Iterator[Spot]:
    for media in stream.media:
        for tags in ranges(media.playlist).values():
            facts = merged(tags)
            if facts.get("CLASS") != PRELOAD:
                continue
            lacking = [name for name in ("X-URI", "X-TARGET-ID", "X-TARGET-CLASS") if name not in facts]
            if not {"DURATION", "END-DATE"} & facts.keys():
                lacking.append("DURATION")
            wrong = sorted({"CUE", "END-ON-NEXT"} & facts.keys())
            if lacking:
                yield Spot(media.name, f"it lacks {', '.join(lacking)}", tags[0].line)
            if wrong:
                yield Spot(media.name, f"it has {', '.join(wrong)}", tags[0].line)


@rule(
    "dateranges-differ", MUST, "RFC 6.2.4",
    says="Playlists that have date ranges have the same ones.",
    fix="Write the same EXT-X-DATERANGE tags into each, or into the video playlists alone.",
)  # fmt: skip
def dateranges_differ(stream: Stream) -> Iterator[Spot]:
    having = [media for media in stream.media if media.playlist.has("EXT-X-DATERANGE")]
    if not having:
        return
    wanted = {name: merged(tags) for name, tags in ranges(having[0].playlist).items()}
    for media in having[1:]:
        found = {name: merged(tags) for name, tags in ranges(media.playlist).items()}
        odd = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
        if odd:
            line = media.playlist.line_of("EXT-X-DATERANGE")
            yield Spot(media.name, f"{', '.join(odd[:5])} as in {having[0].name}", line)
