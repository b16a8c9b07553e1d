"""shaka-streamer on the same clip with the same rungs: FFmpeg and Shaka packager, steered by Google's own scripts.

It encodes at x264's preset `slow` and at a fixed average bitrate, and offers no choice of either.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from transcoder.ladder import Plan

SCRIPT = Path(sys.executable).with_name("shaka-streamer")
MASTER = "hls.m3u8"


def shaka_command(planned: Plan, clip: Path, folder: Path, notes: Path) -> list[str | Path]:
    """The command line; its three configuration files are written into `notes` (JSON is YAML)."""
    rungs = {
        rung.name: {
            "max_width": rung.width, "max_height": rung.height,
            "bitrates": {"h264": f"{rung.maxrate_bps // 1000}k"},
        }
        for rung in planned.rungs
    }  # fmt: skip
    files = {
        "input": {
            "inputs": [
                {"name": str(clip), "media_type": "video"},
                *({"name": str(clip), "media_type": "audio", "track_num": n} for n in range(len(planned.audio))),
            ]
        },
        "pipeline": {
            "streaming_mode": "vod", "resolutions": list(rungs), "channel_layouts": ["stereo"],
            "video_codecs": ["h264"], "audio_codecs": ["aac"], "manifest_format": ["hls"],
            "segment_size": float(planned.segment_s), "quiet": True,
        },
        "bitrates": {"video_resolutions": rungs},
    }  # fmt: skip
    notes.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (notes / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")
    return [
        sys.executable, SCRIPT, "-i", notes / "input.yaml", "-p", notes / "pipeline.yaml",
        "-b", notes / "bitrates.yaml", "-o", folder,
    ]  # fmt: skip
