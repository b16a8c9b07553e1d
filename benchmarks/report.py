"""What a person sees: which step of which round runs, and one short table at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.record import Spread

Tell = Callable[[str], None]  # called as each step begins


@contextmanager
def telling(name: str, steps: int) -> Iterator[Tell]:
    """Progress on stderr: a bar for a person, a line a step for a log."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: console.print(f"  {name}: {text}", highlight=False)
        return
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(name, total=steps, completed=-1)  # a step is done when the next one begins

        def tell(text: str) -> None:
            progress.update(task, advance=1, description=f"{name}: {text}")

        yield tell


def print_table(title: str, where: Mapping[str, Any], found: Sequence[Spread], record: Path) -> None:
    """Medians with their range; ratios stand out."""
    count = len(found[0].rounds)
    rounds = f"{count} round" if count == 1 else f"{count} rounds"
    load = where["load_average_before"][0]
    caption = (
        f"{rounds} · {where['at'][:10]} · {where['cpu']}, {where['cores']} cores, load {load:.1f} before\n{record}"
    )
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left")
    table.add_column("figure")
    table.add_column("median", justify="right")
    table.add_column("least – most", justify="right")
    table.add_column("unit")
    for one in found:
        median = f"[bold]{shown(one.median)}[/bold]" if one.unit == "×" else shown(one.median)
        table.add_row(one.name, median, f"{shown(one.least)} – {shown(one.most)}", one.unit)
    Console().print(table)


def shown(value: float) -> str:
    """Three digits that mean something.

    >>> shown(0.41449), shown(12.345), shown(123456.7)
    ('0.414', '12.3', '123,457')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
