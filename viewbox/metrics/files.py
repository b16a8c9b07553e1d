"""Metric files: one `.sql` file is one metric. Its header says in words what the query below it computes.

A header is the comment lines at the top of the file, `-- key: value`; several keys may share a line when two
spaces part them, and a line without a key continues the one above. Keys:

    title, unit, source, version, rule        words for people; `version` rises whenever a number can change
    grain       columns that name a row; `video_id` alone means one row per video (or per whatever `by` asks)
    empty       the value for no views: `null`, a number, or `no rows`
    scope       `selection` (unless told), or `library`: the query sees the views of every video that the filters keep,
                and only then are the rows of the video or tag that was asked for picked out
    interval    `none`, or `bootstrap` (means) or `wilson` (rates); then the sample it is drawn from:
    population, numerator, denominator        the metric's value is sum(numerator) / sum(denominator)
    param       `name type default: meaning`, any number of times; reaches the query as `$name`; the type is `a|b|…`,
                or `int<=MOST` or `float<=MOST`, from 0 up, or `int>=LEAST<=MOST`, or `text<=MOST` characters
    column      `name unit: meaning`, any number of times
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from viewbox.errors import InvalidInput, NotFound

ParamValue = str | int | float | None
KEYS = frozenset({
    "title", "unit", "grain", "empty", "rule", "source", "version", "interval", "population", "numerator",
    "denominator", "param", "column", "scope",
})  # fmt: skip
REQUIRED_KEYS = ("title", "unit", "grain", "empty", "rule", "source", "version")
REPEATED_KEYS = frozenset({"param", "column"})
SCOPES = ("selection", "library")
KEY = re.compile(r"(?:^|\s{2,})([a-z]+): ")
PARAM_TYPE = re.compile(r"(int|float|text)(?:>=([0-9.]+))?<=([0-9.]+)")


class MetricFileError(ValueError):
    """A metric file's header does not say what it must; raised when the files are read, never to a caller."""


@dataclass(frozen=True, slots=True)
class Param:
    """One `-- param:` line. `choices` is empty unless the type lists them as `a|b`."""

    name: str
    type: str
    default: ParamValue
    meaning: str
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 0

    def parse(self, text: str) -> ParamValue:
        """The value that `text` stands for. Raises InvalidInput when it is not one of this parameter's."""
        if self.choices:
            if text not in self.choices:
                raise InvalidInput(f"{self.name} cannot be {text!r}", hint=f"one of {', '.join(self.choices)}")
            return text
        if self.type == "text":
            if len(text) > self.most:
                longest = f"at most {self.most:,.0f} characters"
                raise InvalidInput(f"{self.name} is too long", hint=longest)
            return text
        try:
            value = int(text) if self.type == "int" else float(text)
        except ValueError as error:
            raise InvalidInput(f"{self.name} cannot be {text!r}", hint=self._range) from error
        if not self.least <= value <= self.most:  # NaN is not either
            raise InvalidInput(f"{self.name} cannot be {text!r}", hint=self._range)
        return value

    @property
    def _range(self) -> str:
        least, most = (f"{end:,.0f}" if self.type == "int" else f"{end:g}" for end in (self.least, self.most))
        return f"a {'whole number' if self.type == 'int' else 'number'} from {least} to {most}"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Interval:
    """How the confidence interval is made; numerator and denominator are SQL over one row of `population`."""

    kind: str
    population: str
    numerator: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as its file declares it. `body` is the query without the header."""

    name: str
    title: str
    unit: str
    grain: tuple[str, ...]
    empty: str
    rule: str
    source: str
    version: int
    params: Mapping[str, Param]
    columns: tuple[Column, ...]
    interval: Interval | None
    body: str
    scope: str = "selection"

    @property
    def is_scalar(self) -> bool:
        """One row per group, so that a group without views still has a value: the declared empty one."""
        return self.grain == ("video_id",)

    @property
    def empty_sql(self) -> str | None:
        """The declared empty value as SQL; None where no views means NULL or no rows."""
        return None if self.empty in {"null", "no rows"} else self.empty


def parse_metric(name: str, text: str) -> Metric:
    """Read one file. Raises MetricFileError naming what its header lacks."""
    lines = text.splitlines()
    end = next((index for index, line in enumerate(lines) if not line.startswith("--")), len(lines))
    pairs = _header_pairs(name, lines[:end])
    single = {key: value for key, value in pairs if key not in REPEATED_KEYS}
    missing = [key for key in REQUIRED_KEYS if key not in single]
    if missing:
        raise MetricFileError(f"{name}.sql: no {', '.join(missing)} in its header")
    interval = None
    if single.get("interval", "none") != "none":
        interval = Interval(
            single["interval"], single["population"], single["numerator"], single.get("denominator", "1")
        )
    scope = single.get("scope", "selection")
    if scope not in SCOPES:
        raise MetricFileError(f"{name}.sql: scope is one of {', '.join(SCOPES)}, not {scope!r}")
    params = [_parse_param(name, value) for key, value in pairs if key == "param"]
    return Metric(
        name=name, title=single["title"], unit=single["unit"], empty=single["empty"], rule=single["rule"],
        source=single["source"], version=int(single["version"]), interval=interval,
        grain=tuple(part.strip() for part in single["grain"].split(",")),
        params={param.name: param for param in params},
        columns=tuple(_parse_column(value) for key, value in pairs if key == "column"),
        body="\n".join(lines[end:]).strip().removesuffix(";"), scope=scope,
    )  # fmt: skip


@cache
def metrics() -> Mapping[str, Metric]:
    """Every metric that exists, by name, in alphabetical order."""
    folder = files("viewbox") / "sql" / "metrics"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return {
        (name := entry.name.removesuffix(".sql")): parse_metric(name, entry.read_text(encoding="utf-8"))
        for entry in found
    }


def find_metric(name: str) -> Metric:
    """The metric called `name`. Raises NotFound (404) with the nearest names."""
    known = metrics()
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "`viewbox metrics` lists them all"
    raise NotFound(f"there is no metric {name!r}", code="unknown_metric", hint=hint)


def _header_pairs(name: str, lines: list[str]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for line in lines:
        words = line.removeprefix("--").strip()
        parts = KEY.split(words)
        if parts[0].strip():
            if not pairs:
                raise MetricFileError(f"{name}.sql: its header does not start with a key")
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {parts[0].strip()}")
        for key, value in zip(parts[1::2], parts[2::2], strict=True):
            if key not in KEYS:
                raise MetricFileError(f"{name}.sql: unknown header key {key!r}")
            pairs.append((key, value.strip()))
    return pairs


def _parse_param(metric: str, value: str) -> Param:
    declared, _, meaning = value.partition(": ")
    words = declared.split()
    if len(words) != 3:
        raise MetricFileError(f"{metric}.sql: a parameter is `name type default: meaning`, not {value!r}")
    name, kind, default = words
    bounded = PARAM_TYPE.fullmatch(kind)
    if "|" in kind:
        param = Param(name, "text", None, meaning, tuple(kind.split("|")))
    elif bounded:
        param = Param(name, bounded[1], None, meaning, (), float(bounded[2] or 0), float(bounded[3]))
    else:
        raise MetricFileError(f"{metric}.sql: a parameter has choices or a bound, not {kind!r}")
    return replace(param, default=None if default == "null" else param.parse(default))


def _parse_column(value: str) -> Column:
    declared, _, meaning = value.partition(": ")
    name, _, unit = declared.strip().partition(" ")
    return Column(name, unit.strip(), meaning.strip())
