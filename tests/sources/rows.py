"""All kinds of sources."""

from __future__ import annotations

from fractions import Fraction

from tests.sources.card import Card
from tests.sources.row import AAC, BT709, TOLD, UNTOLD, X264, Row, Sound

NTSC = Fraction(30_000, 1001)
FILM = Fraction(24_000, 1001)
LOOSE_S = 0.03  # where clocks of the source, or its rate, allow no better
UPRIGHT = Card(180, 320)
HD = Card(1280, 720, seconds=Fraction(4))
HDR = "format=gbrp,zscale=tin=bt709:pin=bt709:min=gbr:rin=pc:t={}:p=2020:m=2020_ncl:r=tv:npl=203,format=yuv420p10le"
BT601 = "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p"


def _turned(name: str, degrees: int, transpose: str, card: Card) -> Row:
    return Row(
        name, f"turned by {degrees}°, as phones film", "upright", (card.width, card.height), card=card,
        filters=f"{BT709},{transpose}", again=(("-display_rotation", str(degrees)), ("-c", "copy")),
    )  # fmt: skip


PICTURES = (
    _turned("turned-90", 90, "transpose=clock", UPRIGHT),
    _turned("turned-180", 180, "hflip,vflip", Card()),
    _turned("turned-270", 270, "transpose=cclock", UPRIGHT),
    Row("pixels-4-3", "pixels that are not square (SAR 4:3)", "square pixels, the width grows",
        (426, 240), card=Card(320, 240), filters=f"{BT709},setsar=4/3"),
    Row("odd", "odd sides", "the last line and column go: 4:2:0 has even sides only",
        (320, 180), card=Card(321, 181), container="mkv", video=("-c:v", "mpeg4", "-q:v", "2")),
    Row("portrait", "upright as stored", "its own shape; rungs go by the short side", (180, 320), card=UPRIGHT),
    Row("variable", "variable frame rate", "the next standard rate above its average, constant",
        offset_s=LOOSE_S, fps=FILM, card=Card(fps=Fraction(30)),
        filters=f"select='not(eq(mod(n,5),1)+eq(mod(n,5),3))',{BT709}", muxer=("-fps_mode", "vfr")),
    Row("interlaced", "interlaced", "a whole picture from each field: 25 become 50 a second",
        offset_s=LOOSE_S, fps=Fraction(50), card=Card(720, 576, Fraction(50)), shown=(720, 576), container="ts",
        filters=f"{BT709},interlace=lowpass=off",
        video=("-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ilme+ildct")),
    Row("deep", "10 bits", "8 bits", container="mkv", filters=BT709.replace("yuv420p", "yuv420p10le")),
    Row("full-chroma", "4:4:4", "4:2:0", container="mkv", filters=BT709.replace("yuv420p", "yuv444p")),
    Row("full-range", "full range (0–255)", "0–255 become 16–235, as screens expect",
        filters=BT709.replace("out_range=tv", "out_range=pc"), video=(*X264, "-color_range", "pc")),
    Row("sd-colours", "BT.601 colours, as of DVDs", "the same, and every rendition says so",
        filters=f"{BT601},{TOLD.format('smpte170m')}"),
    Row("untold-colours", "colours that the file does not tell", "taken for BT.601 below 720 lines, else for BT.709",
        (640, 480), card=Card(640, 480, seconds=Fraction(5)), quick="source", filters=f"{BT601},{UNTOLD}"),
    Row("hdr10", "HDR10 (PQ)", "tone-mapped to BT.709 where FFmpeg has zscale and tonemap", container="mkv",
        filters=HDR.format("smpte2084"), hdr=True, dimmed=0.82, tolerance=14),
    Row("hlg", "HLG", "tone-mapped to BT.709 where FFmpeg has zscale and tonemap", container="mkv",
        filters=HDR.format("arib-std-b67"), hdr=True, dimmed=0.82, tolerance=14),
)  # fmt: skip

RATES = (
    Row("ntsc", "29.97 pictures a second", "the same; segments of 6.006 s", fps=NTSC, card=Card(fps=NTSC)),
    Row("film", "23.976 pictures a second", "the same", fps=FILM, card=Card(fps=FILM)),
    Row("slow", "1 picture a second", "10 a second: pictures are repeated", fps=Fraction(10),
        card=Card(fps=Fraction(1), seconds=Fraction(6))),
    Row("fast", "120 pictures a second", "every second one: 60 a second; 30 up to 432 lines", (848, 480),
        fps=Fraction(60), card=Card(848, 480, Fraction(120), Fraction(2))),
    Row("second", "one second long", "one segment", card=Card(seconds=Fraction(1))),
    Row("b-frames", "B-frames, and an edit list that hides their delay", "time begins with the first picture",
        video=("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "50")),
    Row("cut", "an edit list that begins inside the first group of pictures, as phones cut",
        "begins where the edit list says", card=Card(seconds=Fraction(4)), first_s=1.2, duration_s=2.8,
        again=(("-ss", "1.2"), ("-c", "copy"))),
    Row("late-sound", "sound that begins after the picture", "silence until then",
        again=((), ("-af", "atrim=start=0.32,asetpts=PTS", "-c:v", "copy", *AAC)), again_in="mkv"),
)  # fmt: skip

SOUNDS = (
    Row("silent", "no sound", "no sound track", sounds=(), languages=()),
    Row("sound-only", "sound alone", "a picture and a poster of its waveform", (1280, 720), offset_s=LOOSE_S,
        fps=Fraction(10), picture=False, container="m4a"),
    Row("mp3", "sound alone, MP3", "a picture and a poster of its waveform", (1280, 720), offset_s=LOOSE_S,
        fps=Fraction(10), picture=False, container="mp3", audio=("-c:a", "libmp3lame", "-ar", "44100")),
    Row("surround", "5.1 channels; the beep is in the middle one", "stereo, both sides hear it", container="mkv",
        sounds=(Sound(channels=6, heard=(2,)),), audio=("-c:a", "ac3")),
    Row("two-languages", "several languages", "a track for each, named", container="mkv",
        sounds=(Sound("eng", 1000.0), Sound("deu", 1500.0)), languages=("en", "de")),
)  # fmt: skip

FILES = (
    Row("plain", "H.264 and AAC, index at the end of the file", "copied until the ladder is there", (1280, 720),
        card=HD, quick="source", sounds=(Sound(channels=2, heard=(0, 1)),)),
    Row("faststart", "index at the front", "the same", muxer=("-movflags", "+faststart")),
    Row("mkv", "Matroska: VP9 and FLAC", "360p in segments of 2 s until the ladder is there", (1280, 720),
        card=HD, container="mkv", quick="fast",
        video=("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
        audio=("-c:a", "flac")),
    Row("webm", "WebM: VP9 and Opus", "H.264 and AAC", container="webm",
        video=("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"),
        audio=("-c:a", "libopus")),
    Row("ts", "MPEG-TS whose clock begins at 90 s", "begins at 0", offset_s=LOOSE_S, container="ts",
        muxer=("-output_ts_offset", "90", "-muxdelay", "0")),
    Row("avi", "AVI: MPEG-4 and MP3", "H.264 and AAC", offset_s=LOOSE_S, container="avi",
        video=("-c:v", "mpeg4", "-q:v", "2"), filters=f"{BT601},{UNTOLD}", audio=("-c:a", "libmp3lame")),
    Row("hevc", "MOV: HEVC", "H.264 and AAC", container="mov",
        video=("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-tag:v", "hvc1",
               "-pix_fmt", "yuv420p")),
    Row("chapters", "chapters", "a WebVTT file with a cue for each",
        chapters=((0.0, 1.5, "Before"), (1.5, 3.0, "After"))),
)  # fmt: skip

LONG = (
    Row("ten-hours", "ten hours long", "plays within seconds; 6,000 segments", (160, 90), fps=Fraction(10),
        card=Card(160, 90, Fraction(10), Fraction(36_000), 16_000)),
)  # fmt: skip

ROWS = (*FILES, *PICTURES, *RATES, *SOUNDS)
