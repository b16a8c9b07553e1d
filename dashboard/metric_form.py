"""Which metric, about what, with which parameters: boxes whose state is the URL. `?metric=…&video=…&by=…&grain=…`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dashboard import filters, video_choice, wording
from dashboard.queries import Ask, Listed
from viewbox.metrics import GRAINS, Metric
from viewbox.metrics.files import Param

METRIC, BY, GRAIN = "metric", "by", "grain"
ALL_VIDEOS, WHOLE = "", ""  # values of boxes that ask for nothing in particular
MAX_TEXT = 2_000
BOX = "box_of_"  # keys of boxes; the URL's own names stay free for the URL


def chosen_metric(all_metrics: Mapping[str, Metric]) -> Metric | None:
    """The metric that the URL names; None for none. An unknown one is said."""
    wanted = st.query_params.get(METRIC)
    if wanted is not None and wanted not in all_metrics:
        st.warning(f"There is no metric `{wanted[:64]}`.")
    return all_metrics.get(wanted or "")


def open_metric(name: str | None) -> None:
    """Another metric, or the list: parameters of the one before do not go along."""
    for key in [key for key in st.query_params if key.startswith("param.") or key in {METRIC, BY, GRAIN}]:
        del st.query_params[key]
    for key in [str(key) for key in st.session_state if str(key).startswith(("param.", BOX))]:
        del st.session_state[key]
    if name is not None:
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


def _by_label(by: str, *, one_video: bool) -> str:
    if by == "all":
        return "Nothing: all together"
    if by == "video":
        return "Nothing: the video" if one_video else "Video"
    return filters.label(by)


def _param(param: Param) -> str | None:
    """A parameter's box, bounds and all; None where nothing but the default is asked."""
    key, title = f"param.{param.name}", wording.sentence(param.name.replace("_", " ")).rstrip(".")
    if param.choices:
        chosen = st.selectbox(
            title, param.choices, index=param.choices.index(str(param.default)) if param.default is not None else None,
            key=key, bind="query-params", help=param.meaning, width=160,
        )  # fmt: skip
        return None if chosen == param.default else chosen
    if param.type in {"int", "float"}:
        whole = param.type == "int"
        number = int if whole else float
        entered = st.number_input(
            title, number(0), number(param.most), None if param.default is None else number(param.default),
            step=1 if whole else 0.05, key=key, bind="query-params", help=param.meaning, width=160,
            placeholder="default",
        )  # fmt: skip
        return None if entered is None or entered == param.default else str(entered)
    text = st.text_input(
        title, "" if param.default is None else str(param.default), key=key, bind="query-params",
        help=param.meaning, max_chars=MAX_TEXT, width=260,
    )  # fmt: skip
    return text or None


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
        on_change=on_change or (lambda: _remember(name, options[0])),
    )  # fmt: skip
    return current


def _remember(name: str, default: str) -> None:
    chosen = st.session_state[BOX + name]
    if (chosen == default and name != video_choice.PARAM) or not chosen:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = chosen


def _reopen() -> None:
    open_metric(st.session_state[BOX + METRIC])
