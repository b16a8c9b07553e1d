"""Loading a stream: playlists first, then every segment once, within bounds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from transcoder.lint.media import read_media, read_section
from transcoder.lint.media.facts import MediaFacts, Section
from transcoder.lint.playlist import Form, MapSection, Playlist, Problem, Segment, Tag
from transcoder.lint.reader import read_playlist
from transcoder.lint.source import Answer, NotRead, Source, Unavailable, Unreadable
from transcoder.lint.stream import Media, Role, Stream

MIB = 1024 * 1024
MAX_PLAYLIST_BYTES = 16 * MIB  # ten hours in two-second segments take one
MAX_PLAYLISTS = 200
MAX_SEGMENT_BYTES = 64 * MIB  # read whole; of a larger one only its size is known
MAX_SECTION_BYTES = MIB
MAX_KEY_BYTES = 1024
MAX_MEDIA_BYTES = 16 * 1024 * MIB  # in all; segments beyond are not read
MAX_UNREAD_NOTES = 20
NOTE_CHARACTERS = 200
TAG = b"#EXT"
GROUPED = ("AUDIO", "VIDEO", "SUBTITLES")


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known of a segment. `facts` is None when its bytes could not be understood or were not read."""

    size_bytes: int | None = None
    facts: MediaFacts | None = None
    section: Section | None = None


Measure = Callable[[Playlist, Segment], Measured]


@dataclass
class _Loader:
    source: Source
    stream: Stream
    max_media_bytes: int
    measure: Measure | None
    sections: dict[tuple[str, object], Section | None] = field(default_factory=dict)
    read_bytes: int = 0
    skipped: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def skip(self, what: str, why: str) -> None:
        with self.lock:
            if len(self.stream.unread) < MAX_UNREAD_NOTES:
                self.stream.unread.append(f"{what[:NOTE_CHARACTERS]}: {why}")
            else:
                self.skipped += 1

    def playlist(self, location: str, imported: dict[str, str] | None) -> Playlist:
        """Raises Unavailable, NotRead."""
        answer = self.source.read(location, None, MAX_PLAYLIST_BYTES)
        if not answer.whole:
            raise NotRead(f"it is longer than {MAX_PLAYLIST_BYTES} bytes")
        if TAG not in answer.data:
            raise Unavailable("it is no playlist: no line begins with #EXT")
        label = self.source.label(location)
        playlist = read_playlist(answer.data, label, location, imported)
        path = urlsplit(location).path
        typed = answer.delivery.content_type.split(";")[0].strip().lower() if answer.delivery else ""
        if not path.endswith((".m3u8", ".m3u")) and typed not in {"application/vnd.apple.mpegurl", "audio/mpegurl"}:
            playlist.problems.append(Problem("playlist-unmarked", 0, f"its name is {path.rsplit('/', 1)[-1]!r}"))
        if answer.delivery:
            self.stream.deliveries.append((label, "playlist", answer.delivery))
        return playlist

    def children(self, root: Playlist) -> None:
        """Every media playlist that a multivariant playlist names, once."""
        wanted = [
            (uri, tag.line, Role[kind])
            for tag in root.all("EXT-X-MEDIA")
            if (uri := tag.get("URI")) and (kind := tag.get("TYPE")) in GROUPED
        ]
        wanted += [
            (variant.uri, variant.tag.line, Role.IFRAMES if variant.iframes else Role.VARIANT)
            for variant in root.variants
            if variant.uri
        ]
        wanted.sort(key=lambda item: item[2] is not Role.VARIANT)  # a variant's playlist may be a group's too
        found: dict[str, Media] = {}
        for uri, line, role in wanted:
            location = self.source.resolve(root.location, uri)
            if location not in found:
                if len(found) >= MAX_PLAYLISTS:
                    self.skip(self.source.label(location), f"the stream has more than {MAX_PLAYLISTS} playlists")
                    continue
                media = self.child(root, uri, location, line, role)
                if media is None:
                    continue
                found[location] = media
            self.stream.by_uri[uri] = found[location]
        self.stream.media = list(found.values())

    def child(self, root: Playlist, uri: str, location: str, line: int, role: Role) -> Media | None:
        try:
            playlist = self.playlist(location, root.variables)
        except Unavailable as error:
            self.stream.missing.append((root.name, line, uri, str(error)))
            return None
        except NotRead as error:
            self.skip(self.source.label(location), str(error))
            return None
        if playlist.form is Form.MULTIVARIANT:
            playlist.problems.append(
                Problem("tag-misplaced", 1, "a multivariant playlist where a media playlist is named")
            )
        return Media(playlist, role)

    def segments(self, media: Media) -> None:
        segments = media.playlist.segments
        work: Measure = self.measure or self.measured
        if self.source.threads > 1 and self.measure is None:
            with ThreadPoolExecutor(self.source.threads) as pool:
                results = list(pool.map(lambda segment: work(media.playlist, segment), segments))
        else:
            results = [work(media.playlist, segment) for segment in segments]
        media.sizes = [result.size_bytes for result in results]
        media.facts = [result.facts for result in results]
        media.sections = [result.section for result in results]

    def measured(self, playlist: Playlist, segment: Segment) -> Measured:
        """Read a segment and its initialization section."""
        if segment.gap or segment.undefined:
            return Measured()
        section = self.section(playlist, segment.section) if segment.section else None
        answer = self.segment_bytes(playlist, segment)
        if answer is None:
            return Measured(None, None, section)
        if segment.whole_file_encrypted or not answer.whole:
            return Measured(answer.size_bytes, None, section)
        facts = read_media(answer.data, section, iframe=playlist.iframes_only)
        return Measured(answer.size_bytes, facts, section)

    def segment_bytes(self, playlist: Playlist, segment: Segment) -> Answer | None:
        """A segment's bytes within all bounds; None, with a note of why, when they are not to be had."""
        location = self.source.resolve(playlist.location, segment.uri)
        label = self.source.label(location)
        with self.lock:
            full = self.read_bytes >= self.max_media_bytes
        if full:
            self.skip(label, f"{self.max_media_bytes // MIB} MiB were read before it")
            return None
        try:
            answer = self.source.read(location, segment.byte_range, MAX_SEGMENT_BYTES)
        except Unavailable as error:
            with self.lock:
                self.stream.missing.append((playlist.name, segment.line, segment.uri, str(error)))
            return None
        except NotRead as error:
            self.skip(label, str(error))
            return None
        with self.lock:
            self.read_bytes += len(answer.data)
            if answer.delivery:
                self.stream.deliveries.append((label, "segment", answer.delivery))
        if not answer.whole:
            self.skip(label, f"it is larger than {MAX_SEGMENT_BYTES // MIB} MiB")
        return answer

    def section(self, playlist: Playlist, wanted: MapSection) -> Section | None:
        location = self.source.resolve(playlist.location, wanted.uri)
        key = (location, wanted.byte_range)
        with self.lock:
            if key not in self.sections:
                self.sections[key] = self.read_section(playlist, location, wanted)
            return self.sections[key]

    def read_section(self, playlist: Playlist, location: str, wanted: MapSection) -> Section | None:
        try:
            answer = self.source.read(location, wanted.byte_range, MAX_SECTION_BYTES)
        except Unavailable as error:
            self.stream.missing.append((playlist.name, wanted.line, wanted.uri, str(error)))
            return None
        except NotRead as error:
            self.skip(self.source.label(location), str(error))
            return None
        if any(tag.get("METHOD") in {"AES-128", "AES-256-GCM"} for tag in wanted.keys):
            return None
        if not answer.whole:
            self.skip(self.source.label(location), "the media initialization section is larger than 1 MiB")
            return None
        section = read_section(answer.data)
        playlist.problems.extend(Problem(rule, wanted.line, found, wanted.uri) for rule, found in section.faults)
        return section

    def key_files(self) -> None:
        """Sizes of the key files of identity keys."""
        for media in self.stream.media:
            for tag in media.playlist.all("EXT-X-KEY"):
                self.key_file(media.playlist, tag)

    def key_file(self, playlist: Playlist, tag: Tag) -> None:
        uri = tag.get("URI")
        if not uri or uri in self.stream.keys or (tag.get("KEYFORMAT") or "identity") != "identity":
            return
        location = self.source.resolve(playlist.location, uri)
        if urlsplit(location).scheme not in {"", "http", "https"}:
            self.skip(uri[:80], "its scheme is the player's matter")
            return
        try:
            self.stream.keys[uri] = self.source.read(location, None, MAX_KEY_BYTES).size_bytes
        except Unavailable as error:
            self.stream.missing.append((playlist.name, tag.line, uri, str(error)))
        except NotRead as error:
            self.skip(uri[:80], str(error))


def load(
    source: Source, *, max_media_bytes: int = MAX_MEDIA_BYTES, measure: Measure | None = None, name: str = ""
) -> Stream:
    """Read a whole stream. `measure` takes the place of reading segments where they are known already.

    Raises Unreadable when there is no playlist at the source's start.
    """
    stream = Stream(name or source.label(source.start), None)
    scheme = urlsplit(source.start).scheme
    stream.secure = scheme == "https" if scheme in {"http", "https"} else None
    loader = _Loader(source, stream, max_media_bytes, measure)
    try:
        first = loader.playlist(source.start, None)
    except Unavailable as error:
        raise Unreadable(f"{source.start}: {error}", hint="give the address of a playlist (.m3u8)") from error
    except NotRead as error:
        raise Unreadable(f"{source.start}: {error}", hint="") from error
    if first.form is Form.MULTIVARIANT:
        stream.root = first
        loader.children(first)
    else:
        stream.media = [Media(first, Role.ALONE)]
    for media in stream.media:
        loader.segments(media)
    if measure is None:
        loader.key_files()
    if loader.skipped:
        stream.unread.append(f"{loader.skipped} more files")
    return stream
