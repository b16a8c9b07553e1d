"""Captions of a video: from a file that anybody may have written to subtitle renditions of its stream.

decoding    bytes → text, whatever they are encoded in
cues        SRT or WebVTT → cues, with what was left out
markup      what may stand in a cue; everything else becomes plain text or goes
webvtt      cues → the one file that players read
store       the catalog's table: uploaded, from the source, and by speech-to-text
playlists   captions in a master playlist, and their own playlists
uploading   a file that somebody hands in
publishing  files beside the video, its master, and the catalog that tells open players
"""

from viewbox.captions.cues import Captioned, read_captions
from viewbox.captions.publishing import dress, republish
from viewbox.captions.store import Captions, CaptionTrack
from viewbox.captions.uploading import Kept, Wish, keep, remove

__all__ = [
    "CaptionTrack",
    "Captioned",
    "Captions",
    "Kept",
    "Wish",
    "dress",
    "keep",
    "read_captions",
    "remove",
    "republish",
]
