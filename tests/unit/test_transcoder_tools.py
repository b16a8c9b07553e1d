"""Which ffmpeg is taken."""

from pathlib import Path

import pytest

from transcoder import tools as module
from transcoder.tools import Tools, find_tools
from viewbox.errors import SetupError
from viewbox.settings import Settings


def program(path: Path, words: str) -> Path:
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)
    return path


def test_the_wheels_serve_where_path_has_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    tools = module._find.__wrapped__(None, None)  # past the cache of this process
    assert tools.ffmpeg.is_file()
    assert tools.ffprobe.is_file()
    assert {"libx264", "aac"} <= tools.encoders
    assert "scale" in tools.filters


def test_a_persons_choice_is_refused_rather_than_replaced(tmp_path):
    old = program(tmp_path / "ffmpeg", 'echo "ffmpeg version 7.1 Copyright"')
    with pytest.raises(SetupError, match=r"VIEWBOX_FFMPEG: lacks .*libx264"):
        find_tools(Settings(_env_file=None, ffmpeg=old))
    with pytest.raises(SetupError, match="does not run"):
        find_tools(Settings(_env_file=None, ffmpeg=tmp_path / "nothing"))
    with pytest.raises(SetupError, match="no usable ffprobe"):
        find_tools(Settings(_env_file=None, ffprobe=tmp_path / "nothing"))


def test_what_a_build_lacks_is_told_with_what_comes_of_it():
    poor = Tools(Path("ffmpeg"), Path("ffprobe"), "9.0", frozenset(), frozenset({"bwdif", "tonemap"}))
    assert poor.missing() == [
        "libwebp_anim (videos get no animated preview)",
        "zscale (HDR stays HDR, pale on usual screens)",
    ]
    assert not poor.can_tonemap
    assert poor.can_deinterlace


def test_an_old_ffmpeg_on_path_is_passed_over(monkeypatch, tmp_path):
    program(tmp_path / "ffmpeg", 'echo "ffmpeg version 5.1.9-0+deb12u1 Copyright"')
    program(tmp_path / "ffprobe", 'echo "ffprobe version 5.1.9-0+deb12u1 Copyright"')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = module._find_ffmpeg(None, module._find_ffprobe(None))
    assert found.ffmpeg.parent != tmp_path
    assert found.ffprobe.parent != tmp_path
