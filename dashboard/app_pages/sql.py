"""SQL: ask the tables anything, read-only, and take the answer away."""

from __future__ import annotations

import streamlit as st

from dashboard import charts, page, queries, wording
from viewbox.errors import ViewBoxError

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

page.header("SQL", page.look())
settings = queries.current_settings()


def take_example() -> None:
    """The chosen example becomes the text."""
    if name := st.session_state["example"]:
        st.session_state["sql"] = EXAMPLES[name]
        st.session_state["example"] = None


ask, schema = st.columns([5, 3], gap="large")
with schema:
    tables = queries.dictionary()
    table = st.selectbox("Tables", list(tables), index=list(tables).index("views"), key="table")
    st.dataframe(tables[table], hide_index=True, height=480, alt=f"Columns of the table {table}")
with ask:
    st.session_state.setdefault("sql", EXAMPLES["Views per day"])
    st.pills("Examples", list(EXAMPLES), key="example", on_change=take_example)
    with st.form("ask", border=False, enter_to_submit=False):
        sql = st.text_area("SELECT …", key="sql", height=180, bind="query-params", max_chars=10_000)
        with st.container(horizontal=True, vertical_alignment="center"):
            run = st.form_submit_button("Run", type="primary", icon=":material/play_arrow:")
            st.caption(
                f"Read-only · at most {settings.sql_rows:,} rows and {settings.sql_seconds:g} s · "
                "`viewbox sql` has no row limit",
                width="content",
            )
    if run and sql:
        st.session_state["answer"] = None
        try:
            with st.spinner("Running"):
                st.session_state["answer"] = queries.run_analyst_sql(sql)
        except ViewBoxError as error:
            page.say(error)
    answer = st.session_state.get("answer")
    if answer is not None:
        rows = answer.table.num_rows
        cut = f" · cut at {wording.count(rows)}, more exist" if answer.truncated else ""
        st.caption(f"{wording.number_of(rows, 'row')} · {answer.elapsed_ms:,.0f} ms{cut}")
        if rows == 0:
            st.info("The statement ran and found no rows.")
        else:
            st.dataframe(
                answer.table.slice(0, SHOWN_ROWS), key="result", hide_index=True, alt="Result of the statement"
            )
            figure = charts.result(answer.table.to_pylist() if rows <= SHOWN_ROWS else [], answer.table.column_names)
            if figure is not None:
                st.plotly_chart(figure, key="result_chart", config=charts.CONFIG, alt="Chart of the result")
            page.downloads(answer.table, name="result", every_format=True)
