"""`python -m transcoder`: which media tools are used and what they lack, a line each. `viewbox doctor` shows it."""

import sys

from transcoder.tools import find_tools
from viewbox import settings
from viewbox.errors import SetupError

try:
    tools = find_tools(settings.load())
except SetupError as error:
    sys.exit(f"{error.message} ({error.hint})")
sys.stdout.write(f"FFmpeg {tools.ffmpeg_version} at {tools.ffmpeg}\nffprobe at {tools.ffprobe}\n")
if tools.missing():
    sys.stdout.write(f"without {', '.join(tools.missing())}\n")
