"""What is asserted of every kind of source, once it is published."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests import media
from tests.sources.card import GREY, MARK, PATCHES, Colour
from tests.sources.cinema import Cinema, Shown
from tests.sources.row import Row
from tests.sources.stream import ALL, Picture, beeps_s, joined, picture_of
from transcoder.lint import Severity, lint, load, open_folder

AAC_FRAME_S = 1024 / 44_100
COMB = 4.0  # levels of luma that neighbouring lines may differ by, after two encoders
WAVE_AT = (0.35, 0.5, 0.65)  # heights


@dataclass(frozen=True)
class Published:
    """A row's stream: its folder, whose parent is what the cinema serves."""

    row: Row
    folder: Path
    duration_s: float

    def tracks(self) -> dict[int, str]:
        """Lines → folder of each rendition, tallest first."""
        found = re.findall(r"RESOLUTION=(\d+)x(\d+).*\n(r1/\w+)/video\.m3u8", self.master)
        sizes = {min(int(width), int(height)): folder for width, height, folder in found}
        return dict(sorted(sizes.items(), reverse=True))

    @property
    def master(self) -> str:
        return (self.folder / "master.m3u8").read_text()


def check_rules(published: Published) -> None:
    """No MUST of either specification is broken."""
    found = lint(load(open_folder(published.folder)))
    broken = [finding for finding in found.findings if finding.rule.severity is Severity.MUST]
    assert not broken, "\n".join(f"{finding.rule.id}: {finding.spot}" for finding in broken)
    assert found.unread == []


def check_times(published: Published, out: Path, which: slice = ALL) -> None:
    """Flashes and beeps are where the clip has them, and together, in all segments or `which`; and in what was copied
    or made small to play first.
    """
    row = published.row
    lanes = [f"{next(iter(published.tracks().values()))}/video.m3u8"]
    lanes += [f"r1/{row.quick}/early.m3u8"] if row.quick else []
    heard = [_heard(published, out, number, which) for number in range(len(row.sounds))]
    for lane in lanes:
        picture = picture_of(joined(published.folder / lane, out / "picture.mp4", which))
        frame_s = float(1 / picture.fps)
        from_s, to_s = picture.times_s[0], picture.times_s[-1] + frame_s
        wanted_s = [event for event in row.events_s if from_s <= event < to_s]
        if lane == lanes[0]:
            assert picture.fps == row.fps
        if row.picture:
            flashes_s = picture.flashes_s()
            _check_near(flashes_s, wanted_s, frame_s + 0.001, "flashes")
            assert picture.comb() < COMB
        else:
            _check_waveform(picture, row)
        for sound in heard:
            for side in sound:
                _check_near(side, flashes_s if row.picture else wanted_s, row.offset_s, "beeps")


def check_lengths(published: Published) -> None:
    """The API says what the clip lasts, to a frame."""
    row = published.row
    assert abs(published.duration_s - row.length_s) <= 1 / row.fps + 1e-6, published.duration_s


def check_screen(published: Published, cinema: Cinema) -> None:
    """Chromium plays it: size, which side is up, colours, length, languages."""
    row = published.row
    between_s = row.events_s[0] + 0.4  # its flash is over
    shown = cinema.show(f"{published.folder.name}/master.m3u8", at_s=between_s)
    assert (shown.width, shown.height) == row.shown
    assert shown.languages == row.languages
    assert abs(shown.duration_s - row.length_s) <= max(1 / float(row.fps), AAC_FRAME_S) + 0.001, shown.duration_s
    if row.hdr and not media.tools().can_tonemap:
        assert any("HDR" in told for told in media.tools().missing()), "`viewbox doctor` says that colours stay HDR"
    elif row.picture:
        _check_colours(shown, row)
    if row.quick:
        _check_colours(cinema.show(f"{published.folder.name}/r1/{row.quick}/early.m3u8", at_s=between_s), row)


def _check_colours(shown: Shown, row: Row) -> None:
    expected: dict[str, Colour] = {**dict.fromkeys(shown.corners, GREY), "top left": MARK, **PATCHES}
    for name, colour in expected.items():
        seen = (shown.corners | shown.patches)[name]
        off = max(abs(one - other * row.dimmed) for one, other in zip(seen, colour, strict=True))
        assert off <= row.tolerance, f"{name} is {seen}, drawn as {colour}"


def check_chapters(published: Published) -> None:
    """A cue for each, at its times."""
    cues = re.findall(r"(\S+) --> (\S+)\n(.+)", (published.folder / "r1/chapters.vtt").read_text())
    assert cues == [(_clock(start_s), _clock(end_s), title) for start_s, end_s, title in published.row.chapters]


def _clock(seconds: float) -> str:
    return f"00:00:{seconds:06.3f}"


def _heard(published: Published, out: Path, number: int, which: slice) -> list[list[float]]:
    name = f"audio{number or ''}"
    track = joined(published.folder / f"r1/{name}/audio.m3u8", out / "sound.mp4", which)
    return beeps_s(track, published.row.sounds[number].pitch_hz)


def _check_near(found_s: list[float], wanted_s: list[float], within_s: float, what: str) -> None:
    told = f"{what} at {[round(each, 3) for each in found_s]}, expected at {[round(each, 3) for each in wanted_s]}"
    assert len(found_s) == len(wanted_s) > 0, told
    assert all(abs(found - wanted) <= within_s for found, wanted in zip(found_s, wanted_s, strict=True)), told


def _check_waveform(picture: Picture, row: Row) -> None:
    """Bright where it beeps, dark where it is silent."""
    _, height, width = picture.luma.shape
    line = picture.luma[-1, height // 2]

    def at(time_s: float) -> int:
        margin = width / 32
        return int(line[round(margin + (width - 2 * margin) * time_s / row.length_s)])

    for event in row.events_s:
        assert at(event + 0.05) > 2 * at(event + 0.3)
