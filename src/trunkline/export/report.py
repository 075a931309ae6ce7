"""What a run tells: progress while it goes, and a line at the end."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


class Report:
    """Counts, and shows a bar on a terminal. `console` is where the bar and notes go. Use it as a context."""

    def __init__(self, console: Console) -> None:
        self.records = self.ties = 0
        self._console = console
        self._started = time.monotonic()
        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
        self._task = self._bar.add_task("exporting", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._bar.stop()

    @property
    def shown(self) -> bool:
        """Whether anybody sees the bar."""
        return self._console.is_terminal

    def expect(self, total: int | None) -> None:
        """So many records are to come, about."""
        self._bar.update(self._task, total=total)

    def wrote(self, records: int, ties: int) -> None:
        """So many more are in the file."""
        self.records += records
        self.ties += ties
        self._bar.update(self._task, completed=self.records, description=f"{self.records} records")

    def note(self, text: str) -> None:
        """Tells something beside the counts, on the console."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def summary(self) -> str:
        """The run in one line."""
        seconds = time.monotonic() - self._started
        ties = f", {self.ties} associations" if self.ties else ""
        return f"{self.records} records{ties}; {seconds:.1f} s, {self.records / max(seconds, 0.001):.0f} records/s"
