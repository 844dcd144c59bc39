"""Progress bars, on standard error, and only where that is a terminal."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

__all__ = ["bytes_bar", "counting_bar", "samples_bar"]

_NAME_WIDTH = 40


def _bar(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextlib.contextmanager
def counting_bar(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar for things done one after the other; it is told done, total and the next one's name."""
    with _bar(TextColumn("{task.completed}/{task.total}")) as bar:
        task = bar.add_task(what, total=None)

        def update(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{what} {_short(name)}")

        yield update


@contextlib.contextmanager
def samples_bar() -> Iterator[Callable[[Path, int, int], None]]:
    """A bar for each file that is worked on; it is told the file, samples done and samples in all."""
    with _bar(TextColumn("{task.percentage:>3.0f} %")) as bar:
        tasks: dict[Path, TaskID] = {}

        def update(path: Path, done: int, total: int) -> None:
            if path not in tasks:
                tasks[path] = bar.add_task(_short(path.name), total=total)
            bar.update(tasks[path], completed=done)
            if done >= total:
                bar.remove_task(tasks.pop(path))

        yield update


@contextlib.contextmanager
def bytes_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar for files that are fetched; it is told the name, bytes that are there, and bytes in all if they are known."""
    with _bar(DownloadColumn()) as bar:
        task = bar.add_task("fetching", total=None, visible=False)

        def update(name: str, done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total, description=_short(name), visible=True)

        yield update


def _short(name: str) -> str:
    return name if len(name) <= _NAME_WIDTH else f"{name[: _NAME_WIDTH - 1]}…"
