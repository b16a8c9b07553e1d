"""Which renditions a source deserves. Pure: the same probe gives the same plan.

The rungs are those of the H.264 table in Apple's HLS Authoring Specification. Never taller, faster or
richer in bits than the source.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from transcoder.probe import HDR_TRANSFERS, AudioStream, Probe, VideoStream

GOP_S = 2  # a keyframe every 2 s: where a player may seek and switch
SEGMENT_GOPS = 3  # 6 s segments, Apple's target; 6.006 s at NTSC rates
MAX_FPS = 60  # Apple 1.19; phones shoot 120 and 240, screens show 60
CLOCK_FPS = 300  # above, it is the tick of a clock (browsers record WebM "at 1000 fps"), not a rate
USUAL_FPS = Fraction(30)  # where the source does not say
MIN_FPS = 10  # below, a 2 s group has too few frames for x264 to work with; repeated frames cost nothing
SMALL_RUNG_FPS = 30  # Apple's rungs up to 432p stop here: half the frames of a 60 fps source
SMALL_RUNG_HEIGHT = 432
IGNORED_TAIL_S = 0.5  # sound this little longer than the picture is cut with it
LEAST_PX = 32  # a picture with fewer lines has no half that anybody could see
SAME_SIZE = 0.85  # a rung closer than this to the top one (by width) is left out: it would look the same
SOURCE_HEADROOM = 1.2  # a re-encode needs a little more than the source to look like it
STANDARD_RATES = tuple(
    Fraction(*pair)
    for pair in ((10, 1), (12, 1), (15, 1), (24_000, 1001), (24, 1), (25, 1), (30_000, 1001), (30, 1), (48, 1),
                 (50, 1), (60_000, 1001), (60, 1))
)  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A size class: a rung fits inside it, upright or lying. `cap_bps` is Apple's average for a full 16:9 frame."""

    long: int
    short: int
    cap_bps: int


BOXES = (
    Box(1920, 1080, 6_000_000),
    Box(1280, 720, 3_000_000),
    Box(960, 540, 2_000_000),
    Box(768, 432, 1_100_000),
    Box(640, 360, 600_000),
    Box(416, 234, 200_000),
)
# Apple writes 365 and 145 kb/s for the last two, averages of slow encoders; at preset veryfast they need more.
LEAST_CAP_BPS = 120_000  # below, x264 cannot hold a moving picture together at any size


@dataclass(frozen=True)
class Rung:
    """One rendition to make. `maxrate_bps` bounds its bitrate over a 2 s window; simple pictures take less."""

    width: int
    height: int
    fps: Fraction
    maxrate_bps: int

    @property
    def name(self) -> str:
        """Folder and playlist name: the short side, as people call it."""
        return f"{min(self.width, self.height)}p"

    @property
    def gop_frames(self) -> int:
        return round(self.fps * GOP_S)


@dataclass(frozen=True)
class Colours:
    """What a rendition says of its colours, in FFmpeg's words: players that are told nothing guess."""

    primaries: str
    transfer: str
    matrix: str


BT709 = Colours("bt709", "bt709", "bt709")
BT601 = Colours("smpte170m", "smpte170m", "smpte170m")
TOLD_AS = {"bt709": BT709, "smpte170m": BT601, "bt470bg": Colours("bt470bg", "smpte170m", "bt470bg")}  # by matrix
UNTOLD = frozenset({"", "unknown", "reserved", "gbr"})  # gbr: what we make of it is no longer
HD_LINES = 720  # sources that say nothing: BT.601 below, as players of files assume


@dataclass(frozen=True)
class Plan:
    """Everything the encode command needs to know beside paths."""

    duration_s: float
    fps: Fraction
    rungs: tuple[Rung, ...]  # tallest first
    audio: tuple[AudioStream, ...]
    video_index: int
    deinterlace: bool
    tonemap: bool
    hold_last_frame_s: float  # sound that goes on after the picture ended
    segment_gops: int = SEGMENT_GOPS
    colours: Colours = BT709
    says_colours: bool = True  # the source itself, all of them

    @property
    def segment_s(self) -> Fraction:
        """Exactly that many groups of pictures, so that segments never drift off the keyframes."""
        top = self.rungs[0]
        return Fraction(top.gop_frames * self.segment_gops) / top.fps


def plan(source: Probe, *, can_tonemap: bool = True, can_deinterlace: bool = True) -> Plan:
    """The ladder of a source, for a build of FFmpeg that can or cannot tone-map and deinterlace."""
    video = source.video
    deinterlace = video.interlaced and can_deinterlace
    fps = frame_rate(video, doubled=deinterlace)
    picture_end_s = video.start_s + (video.duration_s or source.duration_s)
    sound_end_s = max((audio.duration_s or 0.0 for audio in source.audio), default=0.0)
    hold_s = sound_end_s - picture_end_s
    if hold_s < IGNORED_TAIL_S:
        hold_s = 0.0
    tonemap = video.transfer in HDR_TRANSFERS and can_tonemap
    return Plan(
        duration_s=picture_end_s + hold_s,
        fps=fps,
        rungs=rungs(display_size(video), fps, _video_bitrate(source)),
        audio=source.audio,
        video_index=video.index,
        deinterlace=deinterlace,
        tonemap=tonemap,
        hold_last_frame_s=hold_s,
        colours=BT709 if tonemap else colours(video),
        says_colours=not UNTOLD & {video.primaries, video.transfer, video.matrix},
    )


def colours(video: VideoStream) -> Colours:
    """What the source says; where it does not, what goes with the rest of it, or with its size.

    HDR that could not be tone-mapped is not called HDR: in 8 bits it is none, and would need VIDEO-RANGE (Apple 9.16).

    >>> [TOLD_AS[matrix].primaries for matrix in ("bt709", "smpte170m")]
    ['bt709', 'smpte170m']
    """
    usual = BT709 if min(video.width, video.height) >= HD_LINES else BT601
    told = TOLD_AS.get(video.matrix, usual)
    return Colours(
        video.primaries if video.primaries not in UNTOLD else told.primaries,
        video.transfer if video.transfer not in UNTOLD | HDR_TRANSFERS else told.transfer,
        video.matrix if video.matrix not in UNTOLD else told.matrix,
    )


def display_size(video: VideoStream) -> tuple[int, int]:
    """Width and height as seen: pixels made square, rotation applied."""
    width, height = round(video.width * video.sample_aspect), video.height
    return (height, width) if video.rotation in {90, 270} else (width, height)


def frame_rate(video: VideoStream, *, doubled: bool = False) -> Fraction:
    """A constant rate of at most 60: the source's own, or for a variable one the next standard rate."""
    average = video.average_fps or video.base_fps or USUAL_FPS
    if average > CLOCK_FPS:
        average = USUAL_FPS
    rate = average * (2 if doubled else 1)
    while rate > MAX_FPS * Fraction(1001, 1000):
        rate /= 2
    nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - rate))
    if abs(nearest - rate) / rate < Fraction(1, 500):
        return nearest
    constant = video.base_fps is not None and abs(video.base_fps - average) / average < Fraction(1, 500)
    if constant and rate >= MIN_FPS:
        return rate.limit_denominator(1001)
    return next((standard for standard in STANDARD_RATES if standard >= rate), STANDARD_RATES[-1])


def rungs(size: tuple[int, int], fps: Fraction, source_bps: int | None) -> tuple[Rung, ...]:
    """The top rung is the source's own size (1080p at most); below it every box that is visibly smaller."""
    width, height = size
    top = fit(size, BOXES[0])
    found: list[Rung] = []
    for box in BOXES:
        fitted = fit(size, box)
        if fitted == top:
            found = [_rung(fitted, _cap(box, fitted), fps, box)]  # the smallest box that holds the whole source
        elif fitted[0] <= top[0] * SAME_SIZE and min(fitted) >= 2:
            found.append(_rung(fitted, _cap(box, fitted), fps, box))
    if len(found) == 1 and min(top) >= LEAST_PX:
        half = _even(Fraction(top[0], 2)), _even(Fraction(top[1], 2))  # Apple 9.9: never one bit rate alone
        found.append(_rung(half, _cap(BOXES[-1], half), fps, BOXES[-1]))
    if source_bps is None:
        return tuple(found)
    return tuple(_within(rung, source_bps, width * height, fps) for rung in found)


def fit(size: tuple[int, int], box: Box) -> tuple[int, int]:
    """The largest even size of that shape inside the box and not above the source."""
    long, short = max(size), min(size)
    scale = min(Fraction(box.long, long), Fraction(box.short, short), Fraction(1))
    return _even(size[0] * scale), _even(size[1] * scale)


def _even(pixels: Fraction | int) -> int:
    """4:2:0 pictures have even sides. Rounds to the nearest, an odd source side down."""
    return max(2, math.floor(pixels / 2 + Fraction(1, 2) - Fraction(1, 1000)) * 2)


def _cap(box: Box, size: tuple[int, int]) -> int:
    """Bits follow pixels to the power 0.75: halving the picture does not halve what it takes."""
    share = min(1.0, size[0] * size[1] / (box.long * box.short))
    return int(box.cap_bps * share**0.75)


def _rung(size: tuple[int, int], cap_bps: int, fps: Fraction, box: Box) -> Rung:
    if fps > SMALL_RUNG_FPS and box.short <= SMALL_RUNG_HEIGHT:
        fps /= 2
    elif fps > SMALL_RUNG_FPS:
        cap_bps = int(cap_bps * 1.5)  # twice the frames, most of them cheap
    return Rung(size[0], size[1], fps, max(LEAST_CAP_BPS, cap_bps))


def _within(rung: Rung, source_bps: int, source_pixels: int, fps: Fraction) -> Rung:
    share = min(1.0, rung.width * rung.height / source_pixels)
    bound = int(source_bps * SOURCE_HEADROOM * share**0.75 * float(rung.fps / fps) ** 0.5)
    return Rung(rung.width, rung.height, rung.fps, max(LEAST_CAP_BPS, min(rung.maxrate_bps, bound)))


def _video_bitrate(source: Probe) -> int | None:
    """What the picture takes; from the file's size when the container does not say."""
    if source.video.bitrate_bps:
        return source.video.bitrate_bps
    return int(source.size_bytes * 8 / source.duration_s) if source.size_bytes else None
