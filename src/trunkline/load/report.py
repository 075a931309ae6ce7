"""What a run tells: progress while it goes, rejected rows in a file, and a summary."""

import csv
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from trunkline.load.exported import NULL, REJECTED
from trunkline.load.private import private
from trunkline.load.rows import Row
from trunkline.load.sender import Fate
from trunkline.load.source import Source
from trunkline.load.stopped import Stopped


class Rejects:
    """The file of rejected rows: line, reason and the original cells. It appears with the first of them."""

    def __init__(self, path: Path, rows: Source) -> None:
        self.path = path
        self._exact = rows.layout.exported
        self._rows = rows
        self._file: TextIO | None = None

    def add(self, row: Row, reason: str) -> None:
        """Writes one row. Raises Stopped when the file cannot be written."""
        try:
            if self._file is None:
                # Bytes that were not UTF-8 in the source are written as they were.
                self._file = open(  # noqa: SIM115
                    self.path, "w", encoding="utf-8", errors="surrogateescape", newline="", opener=private
                )
                self._write((*REJECTED, *self._rows.kept_columns))
            self._write((str(row.line), reason, *self._rows.kept(row)))
        except OSError as cause:
            raise Stopped(f"The rejects file cannot be written: {cause}") from cause

    def close(self) -> None:
        """Ends the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def _write(self, cells: Iterable[str | None]) -> None:
        assert self._file is not None
        if self._exact:
            told = (NULL if cell is None else cell for cell in cells)
            csv.writer(self._file, quoting=csv.QUOTE_NONNUMERIC).writerow(told)
        else:
            csv.writer(self._file).writerow(cells)


class Report:
    """Counts, and shows a bar on a terminal. `console` is where the bar and notes go. Use it as a context.

    `size` is the file's length in bytes, None if unknown.
    """

    def __init__(self, console: Console, rejects: Rejects, size: int | None) -> None:
        self.read = self.created = self.updated = self.rejected = self.tied = self.untied = 0
        self._console = console
        self._rejects = rejects
        self._started = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("loading", total=size)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._bar.stop()
        self._rejects.close()

    def reading(self, bytes_read: int) -> None:
        """So many bytes of the file have been read."""
        self._bar.update(self._task, completed=bytes_read)

    def settle(self, fate: Fate) -> None:
        """Some rows have their fate. Raises Stopped when the rejects file cannot be written."""
        self.created += fate.created
        self.updated += fate.updated
        for call, reason in fate.rejected:
            self.reject(call.row, reason)
        self.tied += fate.tied
        for call, reason in fate.untied:
            self.untied += 1
            self._rejects.add(call.row, f"it is in, but {reason}")
        self._bar.update(self._task, description=self._counts())

    def reject(self, row: Row, reason: str) -> None:
        """One row does not go in."""
        self.rejected += 1
        self._rejects.add(row, reason)

    def note(self, text: str) -> None:
        """Tells something beside the counts, on the console."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @property
    def unsettled(self) -> int:
        """Rows that were read and of which nothing is known: not sent yet, or not answered."""
        return self.read - self.created - self.updated - self.rejected

    def summary(self) -> str:
        """The run in one line."""
        where = f" (see {self._rejects.path})" if self.rejected or self.untied else ""
        unsettled = f", {self.unsettled} not confirmed" if self.unsettled else ""
        seconds = time.monotonic() - self._started
        return f"{self.read} rows read: {self._counts()}{where}{unsettled}; {seconds:.1f} s"

    def _counts(self) -> str:
        ties = f", {self.tied} associations" if self.tied or self.untied else ""
        ties += f" and {self.untied} not" if self.untied else ""
        return f"{self.created} created, {self.updated} updated, {self.rejected} rejected{ties}"
