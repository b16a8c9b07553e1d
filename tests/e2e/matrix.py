"""Which page shows what in which state: the table of docs/reference/states.md, and the page itself."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.pictures import SHOTS, file_name

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "states.md"
PICTURES = ROOT / "docs" / "images" / "states"
RENEW = "VIEWBOX_WRITE_STATES=1 .venv/bin/python -m pytest tests/e2e/test_states.py"

PAGES = {
    "library": "Library, `/`",
    "watch": "Watch page, `/watch/{id}`",
    "embed": "Embedded player, `/embed/{id}`",
    "overview": "Dashboard: overview",
    "video": "Dashboard: video",
    "metrics": "Dashboard: metrics",
    "sql": "Dashboard: SQL",
    "login": "Sign-in, `/login`",
    "docs": "API documentation, `/docs`",
}
STATES = {
    "empty": "Nothing there yet: no video, no view, no statement run. On watch and embed: no such video.",
    "loading": "The answer is on its way: the API, the stream or the dashboard's server is held back.",
    "one view": "One video with one view by one person.",
    "10 h video": "A video of ten hours, watched by a few.",
    "failed": "The import, the statement or the secret failed; on overview and metrics, the catalog cannot be read.",
    "offline": "The server is gone while the page is open.",
    "no result": "The search, the filters or the statement found nothing.",
}
_NO_DATA = "it shows neither videos nor views"
_ONE_VIDEO = "it is about one video; an unknown one is the empty state"
# Cells that make no sense, each with its reason.
LEFT_OUT = {
    ("watch", "no result"): _ONE_VIDEO,
    ("embed", "no result"): _ONE_VIDEO,
    ("login", "loading"): "a form without requests of its own",
    ("login", "one view"): _NO_DATA,
    ("login", "10 h video"): _NO_DATA,
    ("login", "offline"): "the browser's own page; the form is whole once it is there",
    ("login", "no result"): _NO_DATA,
    ("docs", "one view"): _NO_DATA,
    ("docs", "10 h video"): _NO_DATA,
    ("docs", "failed"): "the same as offline: the description of the API does not come",
    ("docs", "no result"): _NO_DATA,
}
CELLS = [(page, state) for state in STATES for page in PAGES if (page, state) not in LEFT_OUT]


def states_page() -> str:
    """docs/reference/states.md."""
    lines = [
        "# States",
        "",
        "Every page in every state that a person can meet, as the browser suite finds it: 1440 and 390 px wide,",
        "light and dark. `–` marks a state that a page cannot be in, with the reason below. The suite brings each",
        f"state about anew on every run; `{RENEW}` renews the pictures.",
        "",
        f"| page | {' | '.join(STATES)} |",
        f"|---|{'---|' * len(STATES)}",
    ]
    for page, title in PAGES.items():
        cells = [f"[●](#{anchor(page, state)})" if (page, state) in CELLS else "–" for state in STATES]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    lines += ["", *(f"- **{state}**: {meaning}" for state, meaning in STATES.items()), ""]
    lines += ["Left out:", ""]
    lines += [f"- {PAGES[page]}, {state}: {reason}." for (page, state), reason in LEFT_OUT.items()]
    for page, title in PAGES.items():
        lines += ["", f"## {title}"]
        for state in STATES:
            if (page, state) in CELLS:
                lines += ["", f'### <a id="{anchor(page, state)}"></a>{title}: {state}', ""]
                for shot in SHOTS:
                    place = f"../images/states/{file_name(page, state, shot)}"
                    lines.append(f"![{title}, {state}, {shot.width} px, {shot.scheme}]({place})")
    return "\n".join(lines) + "\n"


def anchor(page: str, state: str) -> str:
    return f"{page}-{state.replace(' ', '-')}"
