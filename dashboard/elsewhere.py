"""A page's question as other surfaces take it: the query string of the API, the line of the command line. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from urllib.parse import urlencode

from dashboard.queries import Ask
from dashboard.question import Question

OPTIONS = {
    "video_id": "--video", "tag": "--tag", "since": "--since", "until": "--until", "grain": "--grain", "by": "--by",
}  # fmt: skip
PARAM = "param."
Pairs = Sequence[tuple[str, str]]


def pairs(question: Question, ask: Ask) -> Pairs:
    """Names and values, as `viewbox.metrics.parse_selection` reads them."""
    single = [
        ("video_id", question.video_id),
        ("tag", question.tag),
        ("since", question.since.isoformat() if question.since else None),
        ("until", question.until.isoformat() if question.until else None),
        ("grain", ask.grain),
        ("by", None if ask.by == "video" else ask.by),
    ]
    found = [(name, value) for name, value in single if value is not None]
    found += [(dimension, value) for dimension, values in question.filters for value in values]
    return [*found, *((PARAM + name, value) for name, value in ask.params)]


def cohort(question: Question) -> str:
    """The question as one query string, as the parameters `a` and `b` of `compare` take it."""
    return urlencode(pairs(question, Ask("")))


def request(name: str, asked: Pairs) -> str:
    """`GET /v1/metrics/views?grain=day`."""
    return f"GET /v1/metrics/{name}{'?' if asked else ''}{urlencode(asked)}"


def command(name: str, asked: Pairs) -> str:
    """`viewbox metric views --grain day`, quoted for a shell."""
    words = ["viewbox", "metric", name]
    for key, value in asked:
        if key in OPTIONS:
            words += [OPTIONS[key], value]
        elif key.startswith(PARAM):
            words += ["--param", f"{key.removeprefix(PARAM)}={value}"]
        else:
            words += ["--filter", f"{key}={value}"]
    return shlex.join(words)
