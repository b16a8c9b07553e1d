"""Library: import by URL or file, follow the encoding, mend what failed, name and tag; all through the site's API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboard import imports, page, queries, sentences
from dashboard.site_api import SiteApi
from viewbox import wording
from viewbox.errors import ViewBoxError

REFRESH_S, QUIET_S = 2, 10  # while something is imported, and otherwise: imports begin elsewhere too
MAX_UPLOAD_MB = 500  # it is held in memory here; larger files go through the site, which goes on after a break
CARD_PX = 300
STEP, MOST = 24, 200  # cards at first and per click; the API's longest page
MAX_TITLE, MAX_TAGS_TEXT, MAX_URL = 256, 1_400, 2_000

now = page.look()
page.header("Library", now)
settings = queries.current_settings()
api = SiteApi(settings)
views = queries.views_by_video(now.stamp)


def attempt(action: Callable[[], Any], done: str) -> None:
    """Ask the API; what came of it is said at the top of the page after this run."""
    try:
        action()
        st.session_state["importing"] = True
        st.session_state["said"] = ("done", done)
    except ViewBoxError as error:
        st.session_state["said"] = ("error", error)


def add() -> None:
    """Import what the form holds: the file when there is one, else the URL."""
    state = st.session_state
    details = {"title": state["new_title"].strip(), "tags": imports.tags(state["new_tags"])}
    if file := state.get("new_file"):
        attempt(
            lambda: api.upload(file, file.name, file.size, **details),
            f"“{details['title'] or file.name}” is being imported.",
        )
    else:
        attempt(lambda: api.add(state["new_url"].strip(), **details), "The import has begun.")


with st.container(border=True), st.form("add", border=False, clear_on_submit=True, enter_to_submit=True):
    st.text_input("Video URL", key="new_url", placeholder="https://… .mp4, .mov, .mkv or .webm", max_chars=MAX_URL)
    with st.expander("Upload a file, title, tags"):
        st.file_uploader(
            "File", key="new_file", max_upload_size=MAX_UPLOAD_MB,
            help=f"Up to {MAX_UPLOAD_MB} MB here; larger ones on the site, where an upload goes on after a break",
        )  # fmt: skip
        st.text_input("Title", key="new_title", placeholder="from the file's name", max_chars=MAX_TITLE)
        st.text_input("Tags", key="new_tags", placeholder="parted by commas", max_chars=MAX_TAGS_TEXT)
    st.form_submit_button("Import", type="primary", icon=":material/add:", on_click=add)
kind, words = st.session_state.pop("said", (None, None))
if kind == "done":
    st.success(sentences.plain(words))
elif kind == "error":
    page.say(words)

wanted = st.text_input("Search", key="q", bind="query-params", placeholder="a word of a title or tag", width=360) or ""


def card(video: dict[str, Any]) -> None:
    """One video: what it is, how far it is, what can be done."""
    video_id = video["id"]
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card_{video_id}"):
        if video["urls"]["poster"]:
            st.image(f"{settings.site_url}{video['urls']['poster']}", width="stretch", alt="")
        st.page_link(
            "app_pages/video.py", label=f"**{sentences.plain(video['title'])}**", query_params={"video": video_id}
        )
        st.caption(imports.facts(video, views.get(video_id, 0)))
        if video["tags"]:
            st.markdown(" ".join(f":gray-badge[{sentences.plain(tag)}]" for tag in video["tags"]))
        if video["status"] in imports.BUSY:
            progress(video)
        elif video["status"] == "failed":
            failure(video)
        with st.container(horizontal=True, vertical_alignment="center"):
            if video["status"] in imports.BUSY:
                st.button(
                    "Cancel", key=f"cancel_{video_id}", icon=":material/stop:", on_click=attempt,
                    args=(lambda: api.cancel(video_id), f"The import of “{video['title']}” is cancelled."),
                )  # fmt: skip
            elif video["status"] == "failed" and (video["error"] or {}).get("retryable"):
                st.button(
                    "Retry", key=f"retry_{video_id}", icon=":material/replay:", on_click=attempt,
                    args=(lambda: api.retry(video_id), f"“{video['title']}” is imported again."),
                )  # fmt: skip
            if video["playable"]:
                st.link_button("Watch", f"{settings.site_url}/watch/{video_id}", icon=":material/play_arrow:")
            edit(video)


def progress(video: dict[str, Any]) -> None:
    """How far it is, whole and by rendition."""
    if not video["renditions"]:
        st.progress(min(1.0, video["progress"]), imports.state(video))
        return
    st.caption(imports.state(video))
    for one in video["renditions"]:
        st.progress(min(1.0, one["progress"]), imports.rendition(one))


def failure(video: dict[str, Any]) -> None:
    """Why, and what to do."""
    error = video["error"] or {"code": "failed", "hint": ""}
    words = f"{wording.sentence(error['code'].replace('_', ' '))} {wording.sentence(error['hint'])}"
    st.error(sentences.plain(words.strip()))


def edit(video: dict[str, Any]) -> None:
    """Title and tags."""
    video_id = video["id"]
    with st.popover("Edit", type="tertiary", key=f"edit_{video_id}"), st.form(f"form_{video_id}", border=False):
        st.text_input("Title", video["title"], key=f"title_{video_id}", max_chars=MAX_TITLE)
        st.text_input("Tags", ", ".join(video["tags"]), key=f"tags_{video_id}", max_chars=MAX_TAGS_TEXT)
        st.form_submit_button("Save", key=f"save_{video_id}", on_click=save, args=(video_id,))


def save(video_id: str) -> None:
    """What the form of a video holds."""
    title, tags = (st.session_state[f"{field}_{video_id}"] for field in ("title", "tags"))
    attempt(lambda: api.edit(video_id, title=title.strip(), tags=imports.tags(tags)), "Saved.")


def show_more() -> None:
    """Another row of cards."""
    st.session_state["cards"] = min(MOST, st.session_state.get("cards", STEP) + STEP)


@st.fragment(run_every=REFRESH_S if st.session_state.get("importing", True) else QUIET_S)
def videos() -> None:
    """The cards; they follow the encoding by themselves."""
    most = st.session_state.get("cards", STEP)
    try:
        found, more = api.videos(search=wanted.strip(), most=most)
    except ViewBoxError as error:
        page.say(error)
        return
    if st.session_state.get("said"):
        st.rerun()
    busy = sum(video["status"] in imports.BUSY for video in found)
    st.session_state["importing"] = busy > 0  # the pace from the page's next run on
    if not found:
        st.info(f"No title or tag holds “{sentences.plain(wanted)}”." if wanted else "No video yet: paste a URL above.")
        return
    failed = sum(video["status"] == "failed" for video in found)
    said = [wording.number_of(len(found), "video") + (" shown, there are more" if more else "")]
    said += [f"{busy} in work"] if busy else []
    said += [f"{failed} failed"] if failed else []
    st.caption(" · ".join(said))
    with st.grid("auto", min_column_width=CARD_PX, gap="small"):
        for video in found:
            card(video)
    if more and most < MOST:
        st.button("Show more", on_click=show_more)


videos()
