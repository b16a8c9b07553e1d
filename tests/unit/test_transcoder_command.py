"""FFmpeg's argument lists, whole: a changed flag is a changed test, with its reason beside it in the code."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from transcoder.command import Piece, copy_command, encode_command
from transcoder.ladder import BT601, Plan, Rung
from transcoder.probe import CODECS, FORMATS, AudioStream, probe_arguments
from transcoder.storyboard import lay_out, storyboard_command

SOUND = AudioStream(index=1, codec="aac", channels=6, language="eng", title="", duration_s=20.0)
TALL = Rung(1280, 720, Fraction(50), 4_500_000)
SMALL = Rung(640, 360, Fraction(25), 600_000)
PLAIN = Plan(20.0, Fraction(50), (TALL, SMALL), (SOUND,), 0, False, False, 0.0)
GUARDS = ["-codec_whitelist", CODECS, "-format_whitelist", FORMATS, "-max_pixels", "67108864", "-max_streams", "64",
          "-protocol_whitelist", "file"]  # fmt: skip


def test_one_process_decodes_once_and_encodes_every_rendition():
    command = encode_command(Path("/bin/ffmpeg"), PLAIN, Path("/in/source"), Path("/out"))
    assert command == [
        "/bin/ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "warning", "-nostats", "-progress", "pipe:1",
        "-stats_period", "0.5", *GUARDS, "-i", "file:/in/source",
        "-filter_complex",
        f"[0:0]fps=fps=50:start_time=0[s0];[s0]{TOLD}[s1];[s1]split=2[s2][s3];"
        "[s2]scale=1280:720:flags=bicubic:out_range=tv[s4];[s4]setsar=1[s5];[s5]format=pix_fmts=yuv420p[s6];"
        "[s3]fps=fps=25[s7];[s7]scale=640:360:flags=bicubic:out_range=tv[s8];[s8]setsar=1[s9];"
        "[s9]format=pix_fmts=yuv420p[s10];"
        "[0:1]aresample=async=1000:first_pts=0[s11];"
        "[s11]aformat=channel_layouts=stereo:sample_rates=48000[s12];[s12]atrim=start_sample=1024[s13];"
        "[s13]asetpts=PTS-STARTPTS[s14];[s14]apad[s15]",
        "-map", "[s6]", "-map", "[s10]", "-map", "[s15]", "-f", "hls",
        "-b:a", "128000", "-bufsize:v:0", "9000000", "-bufsize:v:1", "1200000", "-c:a", "aac", "-c:v", "libx264",
        "-crf:v", "23", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-flags:v", "+cgop+bitexact",
        "-g:v:0", "100", "-g:v:1", "50", "-hls_flags", "independent_segments+temp_file",
        "-hls_fmp4_init_filename", "init.mp4", "-hls_list_size", "0", "-hls_playlist_type", "vod",
        "-hls_segment_filename", "/out/%v/%05d.m4s", "-hls_segment_options", "movflags=+negative_cts_offsets",
        "-hls_segment_type", "fmp4", "-hls_time", "6", "-keyint_min:v:0", "100", "-keyint_min:v:1", "50",
        "-map_chapters", "-1", "-map_metadata", "-1", "-max_muxing_queue_size", "4096",
        "-maxrate:v:0", "4500000", "-maxrate:v:1", "600000", "-preset:v", "veryfast", "-profile:v", "high",
        "-sc_threshold:v", "0", "-t", "20", "-threads:v", "1",
        "-var_stream_map", "v:0,agroup:audio,name:720p v:1,agroup:audio,name:360p a:0,agroup:audio,name:audio",
        "/out/%v/video.m3u8",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("picture", "stream", "streams", "silence"),
    [
        ("source", "0:0", "v:0,name:source", []),
        (None, "0:1", "a:0,agroup:audio,name:audio", ["-bsf:a", "noise=drop=lt(pts\\,-512)"]),
    ],
)
def test_what_is_fit_already_is_copied(picture: str | None, stream: str, streams: str, silence: list[str]):
    command = copy_command(Path("/bin/ffmpeg"), PLAIN, Path("/in/source"), Path("/out"), picture=picture)
    assert command == [
        "/bin/ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "warning", "-nostats", "-progress", "pipe:1",
        "-stats_period", "0.5", *GUARDS, "-i", "file:/in/source", "-map", stream, "-f", "hls",
        *silence, "-c", "copy", "-fflags", "+bitexact", "-hls_flags", "independent_segments+temp_file",
        "-hls_fmp4_init_filename", "init.mp4", "-hls_list_size", "0", "-hls_playlist_type", "vod",
        "-hls_segment_filename", "/out/%v/%05d.m4s", "-hls_segment_options", "movflags=+negative_cts_offsets",
        "-hls_segment_type", "fmp4", "-hls_time", "6", "-map_chapters", "-1", "-map_metadata", "-1", "-t", "20",
        "-var_stream_map", streams, "/out/%v/video.m3u8",
    ]  # fmt: skip


TOLD = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"


def test_a_copied_picture_that_says_nothing_of_its_colours_is_told_what_the_ladder_says():
    silent = replace(PLAIN, colours=BT601, says_colours=False)
    command = copy_command(Path("ffmpeg"), silent, Path("/in"), Path("/out"), picture="source", until_s=12.5)
    numbers = "h264_metadata=colour_primaries=6:transfer_characteristics=6:matrix_coefficients=6"
    assert command[command.index("-bsf:v") + 1] == numbers
    assert command[command.index("-t") + 1] == "12.5"
    assert "-bsf:v" not in copy_command(Path("ffmpeg"), silent, Path("/in"), Path("/out"))


def graph(plan: Plan) -> str:
    command = encode_command(Path("ffmpeg"), plan, Path("/in"), Path("/out"))
    return command[command.index("-filter_complex") + 1]


def test_difficult_pictures_are_mended_once_before_the_split():
    difficult = Plan(20.0, Fraction(50), (TALL, SMALL), (), 2, True, True, 3.5)
    assert graph(difficult).startswith(
        "[0:2]bwdif=mode=send_field[s0];[s0]fps=fps=50:start_time=0[s1];"
        "[s1]tpad=stop_duration=3.5:stop_mode=clone[s2];[s2]zscale=npl=100:t=linear[s3];"
        "[s3]format=pix_fmts=gbrpf32le[s4];[s4]zscale=p=bt709[s5];[s5]tonemap=desat=0:tonemap=hable[s6];"
        f"[s6]zscale=m=bt709:r=tv:t=bt709[s7];[s7]{TOLD}[s8];[s8]split=2"
    )


def test_a_silent_single_rendition_needs_neither_split_nor_audio_group():
    silent = Plan(20.0, Fraction(25), (SMALL,), (), 0, False, False, 0.0)
    command = encode_command(Path("ffmpeg"), silent, Path("/in"), Path("/out"))
    assert "split" not in graph(silent)
    assert command[command.index("-var_stream_map") + 1] == "v:0,name:360p"
    assert "-c:a" not in command


def test_ntsc_segments_last_three_groups_exactly():
    ntsc = Plan(20.0, Fraction(30000, 1001), (Rung(640, 360, Fraction(30000, 1001), 1),), (), 0, False, False, 0.0)
    command = encode_command(Path("ffmpeg"), ntsc, Path("/in"), Path("/out"))
    assert command[command.index("-hls_time") + 1] == "6.006"
    assert command[command.index("-g:v:0") + 1] == "60"


def test_a_chunk_begins_with_the_pictures_before_it():
    command = encode_command(
        Path("ffmpeg"), PLAIN, Path("/in"), Path("/out"), only="pictures", piece=Piece(Fraction(11), 50, Fraction(6))
    )
    assert command[command.index("-ss") + 1] == "11"
    assert command.index("-ss") < command.index("-i")
    assert command[command.index("-t") + 1] == "6"
    assert command[command.index("-filter_complex") + 1].startswith(
        "[0:0]fps=fps=50:start_time=0[s0];[s0]trim=start_frame=50[s1];[s1]setpts=PTS-STARTPTS[s2];"
        f"[s2]{TOLD}[s3];[s3]split=2"
    )
    assert command[command.index("-var_stream_map") + 1] == "v:0,name:720p v:1,name:360p"
    assert "-c:a" not in command


def test_sound_alone_has_no_picture():
    command = encode_command(Path("ffmpeg"), PLAIN, Path("/in"), Path("/out"), only="sounds")
    assert command[command.index("-var_stream_map") + 1] == "a:0,agroup:audio,name:audio"
    assert "-c:v" not in command
    assert "split" not in command[command.index("-filter_complex") + 1]
    assert command[command.index("-t") + 1] == "19.978667"  # the encoder adds 1024 samples at the front


def test_a_file_name_can_be_no_option_and_no_protocol():
    command = encode_command(Path("ffmpeg"), PLAIN, Path("-i"), Path("/out"))
    assert command[command.index("-i") + 1] == "file:-i"


def test_ffprobe_reads_nothing_but_the_file():
    arguments = probe_arguments(Path("/bin/ffprobe"), Path("/in/source"))
    assert arguments[-1] == "file:/in/source"
    for name, value in zip(GUARDS[::2], GUARDS[1::2], strict=True):
        assert arguments[arguments.index(name) + 1] == value


def test_no_list_of_formats_lets_a_file_name_other_files():
    forbidden = {"concat", "hls", "dash", "image2", "image2pipe", "lavfi", "tee", "ffmetadata", "data", "sdp", "rtsp"}
    assert not forbidden & set(FORMATS.split(","))


def test_storyboard_is_one_pass_over_keyframes():
    command = storyboard_command(Path("ffmpeg"), Path("/in/video.m3u8"), lay_out(20.0, 416, 234))
    assert command[command.index("-skip_frame") + 1] == "nokey"
    assert command[command.index("-filter_complex") + 1] == (
        "[0]signalstats[s0];[s0]metadata=file=pipe\\\\:1:mode=print[s1];[s1]select=not(mod(n\\,1))[s2];"
        "[s2]scale=160:90:flags=area[s3];[s3]tile=10x1[s4]"
    )
