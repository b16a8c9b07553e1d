"""The router: who may enter, which pages there are, which one is shown."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import oidc, queries, signin

st.set_page_config(page_title="ViewBox", page_icon=str(Path(__file__).with_name("favicon.svg")), layout="wide")
# Streamlit writes white on every main button; on the dark theme's light blue nobody could read it.
st.html("<style>[data-testid^=stBaseButton-primary] * { color: light-dark(#FFFFFF, #0F1115); }</style>")

overview = st.Page(
    "app_pages/overview.py", title="Overview", icon=":material/monitoring:", default=True,
    help="All videos: how much is watched, how well it plays, and which videos lead.",
)  # fmt: skip
video = st.Page(
    "app_pages/video.py", title="Video", icon=":material/smart_display:",
    help="One video, second by second: what is watched, replayed, skipped, and where it stalls.",
)  # fmt: skip
compare = st.Page(
    "app_pages/compare.py", title="Compare", icon=":material/compare_arrows:",
    help="Two videos, revisions, periods or groups of viewers: what differs, and how sure that is.",
)  # fmt: skip
quality = st.Page(
    "app_pages/quality.py", title="Quality", icon=":material/network_check:",
    help="Start-up, stalls, failures, renditions: for whom, where, since when; and how complete the data are.",
)  # fmt: skip
library = st.Page(
    "app_pages/library.py", title="Library", icon=":material/video_library:",
    help="Import videos, follow their encoding, mend what failed, name and tag them.",
)  # fmt: skip
metrics = st.Page(
    "app_pages/metrics.py", title="Metrics", icon=":material/functions:",
    help="Every number by name: how it counts, and its answer for any period, filter and group.",
)  # fmt: skip
sql = st.Page(
    "app_pages/sql.py", title="SQL", icon=":material/database:",
    help="Ask the tables anything, read-only; take results away as CSV, JSON or Parquet.",
)  # fmt: skip

settings = queries.current_settings()
report = st.Page("app_pages/report.py", title="Report", visibility="hidden")

guests = oidc.guests()
user = st.user.to_dict() if guests is not None else {}
by_cookie = signin.is_signed_in(settings, st.context.cookies)
signed_in = by_cookie or signin.is_guest(user, guests)
leave = st.Page(signin.sign_out, title="Sign out", icon=":material/logout:", url_path="sign-out")
page = st.navigation(
    [overview, video, compare, quality, library, metrics, sql, report, *([] if by_cookie else [leave])],
    position="top" if signed_in else "hidden",
)
if not signed_in:
    signin.show(settings, user, guests)
    st.stop()
if page == overview and "video" in st.query_params:
    st.switch_page(video, query_params=st.query_params.to_dict())
page.run()
