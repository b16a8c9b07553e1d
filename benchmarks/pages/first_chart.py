"""When a page shows its first chart: seen by the page itself, in the frame in which Plotly has drawn a trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext

PATIENCE_MS = 120_000
# The player panel draws in a shadow root, so every root is looked through. A trace is what stands for data.
FIRST_CHART = """
(() => {
  window.__firstChartMs = null;
  const roots = [document];
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    roots.push(root);
    return root;
  };
  const look = (nowMs) => {
    if (roots.some((root) => root.querySelector('.js-plotly-plot .trace'))) window.__firstChartMs = nowMs;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


@contextmanager
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody who was here before: all visits share one profile, so scripts come from the browser's cache."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(FIRST_CHART)
        yield context
    finally:
        context.close()


def first_chart_ms(context: BrowserContext, url: str) -> float:
    """From the navigation's start to the frame with the first chart. Raises playwright's TimeoutError without one."""
    page = context.new_page()
    try:
        page.goto(url, wait_until="commit")
        page.wait_for_function("window.__firstChartMs !== null")
        return float(page.evaluate("window.__firstChartMs"))
    finally:
        page.close()
