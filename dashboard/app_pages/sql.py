"""SQL: ask the tables anything, read-only, and take the answer away."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from dashboard import charts, page, queries
from viewbox import wording
from viewbox.errors import UsageError, ViewBoxError
from viewbox.saved_queries import MAX_NAME

EXAMPLES = {
    "Views per day": "SELECT dt, count(*) AS views\nFROM views\nWHERE is_valid\nGROUP BY dt\nORDER BY dt",
    "Where people stop": (
        "SELECT floor(last_position_s) AS second, count(*) AS exits\nFROM views\n"
        "WHERE is_valid AND closed_by IS NOT NULL AND NOT completed\nGROUP BY second\nORDER BY exits DESC\nLIMIT 20"
    ),
    "Rebuffering by browser": (
        "SELECT browser, count(*) AS views, sum(stall_ms) / sum(watch_ms) AS rebuffer_ratio\nFROM views\n"
        "WHERE played AND NOT is_bot\nGROUP BY browser\nORDER BY rebuffer_ratio DESC"
    ),
    "One view, event by event": (
        "SELECT t_ms, type, position_s, from_s, to_s, wait_ms\nFROM events\n"
        "WHERE view_id = (SELECT view_id FROM views ORDER BY started_at DESC LIMIT 1)\nORDER BY seq"
    ),
}
SHOWN_ROWS = 1_000  # the browser's table stays quick; the files hold all rows of the answer
MAX_CHARACTERS = 30_000  # the longest statement of our own charts; in the URL it stays below what servers take
PATIENCE_S = 0.5  # a statement that ends before this shows no progress

page.header("SQL", page.look())
settings = queries.current_settings()


def take_example() -> None:
    """The chosen example becomes the text."""
    if name := st.session_state["example"]:
        st.session_state["sql"] = EXAMPLES[name]
        st.session_state["example"] = None


def take_saved() -> None:
    """The chosen saved statement becomes the text."""
    chosen = next((one for one in queries.saved_queries() if one.name == st.session_state["saved"]), None)
    if chosen is not None:
        st.session_state["sql"] = chosen.sql
        st.session_state["saved_name"] = chosen.name


def save() -> None:
    """Keep what the box holds. The list chooses it then."""
    try:
        kept = queries.save_query(st.session_state["saved_name"], st.session_state["sql"])
    except UsageError as error:
        st.session_state["said_of_saving"] = error
        return
    st.session_state["saved"] = kept.name


def remove(name: str) -> None:
    """Out of the list; the text stays."""
    queries.remove_query(name)
    st.session_state["saved"] = None


def saved_statements() -> None:
    """The installation's list, and how to take from it."""
    kept = [one.name for one in queries.saved_queries()]
    if st.session_state.get("saved") not in kept:
        st.session_state["saved"] = None  # somebody else removed it
    if not kept:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            "Saved statements", kept, key="saved", on_change=take_saved, width=320, placeholder="Choose one"
        )
        if chosen:
            st.button("Remove", icon=":material/delete:", type="tertiary", on_click=remove, args=(chosen,))


def name_to_save_under() -> None:
    """Part of the form: what its box holds is kept, run or not."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Name", key="saved_name", max_chars=MAX_NAME, placeholder="what it answers", width=320)
        st.form_submit_button(
            "Save", icon=":material/bookmark:", on_click=save, type="tertiary",
            help="For everybody who uses this dashboard; one of the same name is replaced",
        )  # fmt: skip
    if (error := st.session_state.pop("said_of_saving", None)) is not None:
        page.say(error)


def settle(answer: object = None, failure: ViewBoxError | None = None, *, stopped: bool = False) -> None:
    """What came of the last statement; it outlives the page's runs, which new data cause as well."""
    st.session_state["answer"], st.session_state["failure"], st.session_state["stopped"] = answer, failure, stopped


def follow() -> Callable[[float | None], None]:
    """A bar and a Stop button that come up once the wait is worth it.

    Whatever else the page is asked for, Stop included, ends its run at the bar's next move, and the statement with it.
    """
    began = time.monotonic()
    bar = st.empty()
    button = st.empty()
    shown = False

    def show(share: float | None) -> None:
        nonlocal shown
        waited_s = time.monotonic() - began
        if waited_s < PATIENCE_S:
            return
        if not shown:
            button.button("Stop", icon=":material/stop:", on_click=settle, kwargs={"stopped": True})
            shown = True
        done = f"{wording.percent(share)} read · " if share is not None else ""
        bar.progress(share or 0.0, f"Running · {done}{waited_s:.0f} s of at most {settings.sql_seconds:g} s")

    return show


ask, schema = st.columns([5, 3], gap="large")
with schema:
    tables = queries.dictionary()
    table = st.selectbox("Tables", list(tables), index=list(tables).index("views"), key="table")
    st.table(page.described(tables[table]), border="horizontal", hide_index=True, hide_header=True)
with ask:
    st.session_state.setdefault("sql", EXAMPLES["Views per day"])
    st.pills("Examples", list(EXAMPLES), key="example", on_change=take_example)
    saved_statements()
    with st.form("ask", border=False, enter_to_submit=True):
        sql = st.text_area("SELECT …", key="sql", height=180, bind="query-params", max_chars=MAX_CHARACTERS)
        with st.container(horizontal=True, vertical_alignment="center"):
            run = st.form_submit_button("Run", type="primary", icon=":material/play_arrow:")
            st.caption(
                f"Read-only · at most {settings.sql_rows:,} rows and {settings.sql_seconds:g} s · "
                "viewbox sql, on the command line, has no row limit",
                width="content",
            )
        name_to_save_under()
    working = st.container()
    if run and not sql.strip():
        settle(failure=UsageError("there is no statement", hint="write a SELECT, or choose an example above"))
    elif run:
        settle()
        try:
            with working:
                settle(queries.run_analyst_sql(sql, follow()))
        except ViewBoxError as error:
            settle(failure=error)
        st.rerun()  # without the bar
    if st.session_state.get("stopped"):
        st.info("Stopped. Nothing was changed; change the statement, or run it again.")
    if st.session_state.get("failure") is not None:
        page.say_of_statement(st.session_state["failure"])
    answer = st.session_state.get("answer")
    if answer is not None:
        rows = answer.table.num_rows
        st.caption(
            f"{rows:,} {'row' if rows == 1 else 'rows'} · {answer.elapsed_ms:,.0f} ms"
            + (" · there are more: this is the limit" if answer.truncated else "")
            + (f" · {SHOWN_ROWS:,} shown, the files hold all {rows:,}" if rows > SHOWN_ROWS else "")
        )
        if rows == 0:
            st.info("The statement ran and found no rows.")
        else:
            st.dataframe(
                answer.table.slice(0, SHOWN_ROWS), key="result", hide_index=True, alt="Result of the statement"
            )
            figure = charts.result(answer.table.to_pylist() if rows <= SHOWN_ROWS else [], answer.table.column_names)
            if figure is not None:
                st.plotly_chart(figure, key="result_chart", config=charts.config("result"), alt="Chart of the result")
            page.downloads(answer.table, name="result", every_format=True)
