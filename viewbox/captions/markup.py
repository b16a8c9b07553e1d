"""What may stand in a cue. Its text comes from strangers: what is not known to be harmless becomes plain text."""

from __future__ import annotations

import html
import re

MAX_CUE_CHARACTERS = 2_000  # a screen holds some two hundred
_TAG = re.compile(r"<(/?)(\w++)([^<>]*+)>|<[\d:.]++>")  # possessive: a long line costs its length
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")  # of ASS; SRT files carry them too
_TOP = re.compile(r"\{\\an[789]\}")
_KEPT = frozenset({"b", "i", "u", "ruby", "rt"})
_NUMBER = r"\d{1,3}(?:\.\d{1,3})?"
_SETTINGS = {
    "vertical": re.compile(r"rl|lr"),
    "line": re.compile(rf"(?:{_NUMBER}%|-?\d{{1,3}})(?:,(?:start|center|end))?"),
    "position": re.compile(rf"{_NUMBER}%(?:,(?:line-left|center|line-right))?"),
    "size": re.compile(rf"{_NUMBER}%"),
    "align": re.compile(r"start|center|end|left|right"),
}  # `region` names a block that is not taken over


def clean_text(text: str, *, entities: bool) -> str:
    """A cue's payload as WebVTT: bold, italic, underlined, ruby and speakers' names stay marked, all else is text.

    `entities`: the text writes & and < as WebVTT does; SRT writes them as they are.
    """
    lines = [_clean_line(line, entities=entities) for line in text.split("\n")]
    kept = "\n".join(line for line in lines if _bare(line))
    if len(kept) > MAX_CUE_CHARACTERS:
        return html.escape(html.unescape(_bare(kept))[:MAX_CUE_CHARACTERS], quote=False)
    return _balanced(kept)


def clean_settings(text: str) -> str:
    """Where a cue is shown, as far as WebVTT knows it.

    >>> clean_settings("line:90% align:start region:r1 onload:x position:200.5%")
    'line:90% align:start position:200.5%'
    """
    given = (word.partition(":") for word in text.split())
    return " ".join(
        f"{name}:{value}" for name, _, value in given if name in _SETTINGS and _SETTINGS[name].fullmatch(value)
    )


def placed_by_override(text: str) -> str:
    """Settings for what ASS's own override puts at the top."""
    return "line:0" if _TOP.search(text) else ""


def _clean_line(line: str, *, entities: bool) -> str:
    line = _OVERRIDE.sub("", line).replace("\\N", " ").replace("\\h", " ")
    parts, at = [], 0
    for match in _TAG.finditer(line):
        parts += [_escaped(line[at : match.start()], entities=entities), _clean_tag(match)]
        at = match.end()
    parts.append(_escaped(line[at:], entities=entities))
    return "".join(parts).strip()


def _clean_tag(match: re.Match[str]) -> str:
    closing, name, rest = match[1] or "", (match[2] or "").lower(), match[3] or ""
    if name in _KEPT:
        return f"<{closing}{name}>"
    if name == "v":
        speaker = _plain(rest.partition(" ")[2] if rest.startswith(".") else rest)
        return "</v>" if closing else f"<v {_escaped(speaker, entities=True)}>" if speaker else ""
    return ""


def _escaped(text: str, *, entities: bool) -> str:
    return html.escape(_plain(html.unescape(text) if entities else text), quote=False)


def _plain(text: str) -> str:
    """Without control characters; the marks of direction and joining that many scripts need stay."""
    return "".join(c for c in text if c.isprintable() or c in " \u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069")


def _bare(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text).strip()


def _balanced(text: str) -> str:
    """Every tag closed, none closed that is not open."""
    parts, open_tags, at = [], [], 0
    for match in re.finditer(r"<(/?)(\w+)[^>]*>", text):
        parts.append(text[at : match.start()])
        at = match.end()
        if not match[1]:
            open_tags.append(match[2])
            parts.append(match[0])
        elif match[2] in open_tags:
            while (name := open_tags.pop()) != match[2]:
                parts.append(f"</{name}>")
            parts.append(match[0])
    parts += [text[at:], *[f"</{name}>" for name in reversed(open_tags)]]
    return "".join(parts)
