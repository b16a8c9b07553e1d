"""What makes a page a sheet of paper: the print button, and the rules by which browsers print it."""

from __future__ import annotations

import streamlit as st

HIDDEN = "screen_only"  # the key of a container that stays on the screen
SHEET_PX = 700  # as wide as A4 between its margins
# Streamlit has no word for print: these rules hide its own controls and give paper dark ink, whatever the theme is.
RULES = f"""<style>
@page {{ size: A4; margin: 10mm; }}
@media print {{
  header, .st-key-{HIDDEN}, [data-testid=stToolbar], [data-testid=stStatusWidget] {{ display: none !important; }}
  html, body, .stApp, [data-testid=stAppViewContainer], [data-testid=stMain] {{
    position: static !important; overflow: visible !important; height: auto !important; background: #fff !important;
  }}
  [data-testid=stMainBlockContainer] {{ padding: 0 !important; max-width: none !important; }}
  h1 {{ font-size: 20px !important; padding: 0 !important; }}
  [data-testid=stTooltipIcon] {{ display: none !important; }}
  * {{ color: #16181d !important; }}
  svg text {{ fill: #16181d !important; }}
  .js-plotly-plot .main-svg {{ background: transparent !important; }}
  .js-plotly-plot .bg {{ fill: transparent !important; }}
  [data-testid=stPlotlyChart], tr {{ break-inside: avoid; }}
}}
</style>"""
_button = st.components.v2.component(
    "viewbox_print_button",
    html='<button type="button">Print</button>',
    css=(
        "button { min-height: 36px; padding: 0 16px; border: 1px solid var(--st-border-color); font: inherit;"
        " border-radius: var(--st-base-radius); background: var(--st-secondary-background-color);"
        " color: var(--st-text-color); cursor: pointer; }"
        " button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }"
    ),
    js="export default ({ parentElement }) => {"
    " parentElement.querySelector('button').onclick = () => window.print(); }",
)


def printable() -> None:
    """Make the page print as one sheet."""
    st.html(RULES)


def button() -> None:
    """A button that opens the browser's print dialogue."""
    _button(key="print", width="content")
