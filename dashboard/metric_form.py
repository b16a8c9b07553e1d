"""Which metric, about what, with which parameters: boxes whose state is the URL. `?metric=…&video=…&by=…&grain=…`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import filters, video_choice
from dashboard.queries import Ask, Listed
from viewbox import wording
from viewbox.errors import InvalidInput
from viewbox.metrics import GRAINS, Metric
from viewbox.metrics.files import Param, ParamValue

METRIC, BY, GRAIN = "metric", "by", "grain"
ALL_VIDEOS, WHOLE = "", ""  # values of boxes that ask for nothing in particular
BOX_PX = 160
BOX = "box_of_"  # keys of boxes; the URL's own names stay free for the URL


def chosen_metric(all_metrics: Mapping[str, Metric]) -> Metric | None:
    """The metric that the URL names; None for none. An unknown one is said."""
    wanted = st.query_params.get(METRIC)
    if wanted is not None and wanted not in all_metrics:
        st.warning(f"There is no metric `{wanted[:64]}`.")
    return all_metrics.get(wanted or "")


def open_metric(name: str | None) -> None:
    """Another metric, or the list. How it was split and its parameters stay: what fits the next one holds there too."""
    if name is None:
        st.query_params.pop(METRIC, None)
    else:
        st.query_params[METRIC] = name


def chosen_video(listed: Sequence[Listed], views: Mapping[str, int], *, needs_one: bool) -> Listed | None:
    """The video that the URL names; without one the most viewed where rows are about one video, else None: all."""
    if not needs_one and video_choice.PARAM not in st.query_params:
        return None
    return video_choice.chosen(video_choice.most_viewed(listed, views))


def boxes(
    all_metrics: Mapping[str, Metric], metric: Metric, listed: Sequence[Listed], views: Mapping[str, int],
    video: Listed | None,
) -> None:  # fmt: skip
    """Another metric, another video or all of them."""
    titles = {name: one.title for name, one in all_metrics.items()}
    ordered = sorted(titles, key=titles.__getitem__)
    _linked("Metric", ordered, METRIC, metric.name, titles.__getitem__, on_change=_reopen)
    labels = {one.id: video_choice.label(one, views.get(one.id, 0)) for one in video_choice.most_viewed(listed, views)}
    _linked(
        "Video", [*([ALL_VIDEOS] if metric.is_scalar else []), *labels], video_choice.PARAM,
        video.id if video else ALL_VIDEOS, lambda one: labels.get(one, "All videos"), width=300,
    )  # fmt: skip


def ask(metric: Metric, dimensions: Sequence[str], *, one_video: bool) -> Ask:
    """The boxes of a metric's own question: what rows are about, per which period, and its parameters."""
    by, grain = "video", WHOLE
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if metric.is_scalar:
            choices = [*(["video"] if one_video else ["all", "video"]), *dimensions]
            by = _linked(
                "Split by", choices, BY, _current(BY, choices), lambda one: _by_label(one, one_video=one_video)
            )
            grain = _linked(
                "Over time", [WHOLE, *GRAINS], GRAIN, _current(GRAIN, [WHOLE, *GRAINS]),
                lambda one: {WHOLE: "Whole period", "hour": "By hour", "day": "By day"}.get(one, f"By {one}"),
            )  # fmt: skip
        given = [(param.name, _param(param)) for param in metric.params.values()]
    params = tuple((name, text) for name, text in given if text is not None)
    return Ask(metric.name, by, grain or None, params)


def missing(metric: Metric, asked: Ask) -> list[Param]:
    """Parameters that nothing can be answered without, and that are not given: texts without a default."""
    given = {name for name, _ in asked.params}
    texts = [param for param in metric.params.values() if param.type == "text" and not param.choices]
    return [param for param in texts if param.default is None and param.name not in given]


def _by_label(by: str, *, one_video: bool) -> str:
    if by == "all":
        return "Nothing: all together"
    if by == "video":
        return "Nothing: the video" if one_video else "Video"
    return filters.label(by)


def _param(param: Param) -> str | None:
    """A parameter's box, bounds and all; None where nothing but the default is asked."""
    name, title = f"param.{param.name}", wording.sentence(param.name.replace("_", " ")).rstrip(".")
    st.session_state[BOX + name] = value = _current_param(param)
    named: dict[str, Any] = {
        "key": BOX + name, "help": param.meaning, "width": BOX_PX, "on_change": _remember,
        "args": (name, param.default),
    }  # fmt: skip
    if param.choices:
        st.selectbox(title, param.choices, index=None, placeholder="default", **named)
    elif param.type in {"int", "float"}:
        number, step = (int, 1) if param.type == "int" else (float, 0.05)
        st.number_input(title, number(param.least), number(param.most), step=step, placeholder="default", **named)
    else:
        st.text_input(title, max_chars=int(param.most), **named)
    return None if value is None or value == param.default else str(value)


def _current_param(param: Param) -> ParamValue:
    """What the URL says of a parameter; its default where it says nothing, or nothing that can be."""
    text = st.query_params.get(f"param.{param.name}")
    if text is None:
        return param.default
    try:
        return param.parse(text)
    except InvalidInput as error:
        st.warning(f"{wording.sentence(error.message)} {wording.sentence(error.hint)}")
        return param.default


def _current(name: str, options: Sequence[str]) -> str:
    """What the URL says, when it is one of the options; else the first."""
    wanted = st.query_params.get(name, "")
    return wanted if wanted in options else options[0]


def _linked(
    title: str, options: Sequence[str], name: str, current: str, format_func: Callable[[str], str], *,
    width: int = 220, on_change: Callable[[], None] | None = None,
) -> str:  # fmt: skip
    """A box that shows what the URL says and writes what is chosen there."""
    st.session_state[BOX + name] = current
    st.selectbox(
        title, list(options), key=BOX + name, format_func=format_func, width=width,
        on_change=on_change or _remember, args=None if on_change else (name, options[0]),
    )  # fmt: skip
    return current


def _remember(name: str, default: ParamValue) -> None:
    """The box's value into the URL, which need not say what goes without saying."""
    chosen = st.session_state[BOX + name]
    if chosen in {None, ""} or (chosen == default and name != video_choice.PARAM):
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(chosen)


def _reopen() -> None:
    open_metric(st.session_state[BOX + METRIC])
