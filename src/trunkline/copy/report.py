"""What a copy shows: a bar while it goes, and a table of what was compared."""

from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from trunkline.copy.copying import Compared


class Bar:
    """A bar over all rows, on a terminal. Use it as a context, and call it with a table and how many rows are done."""

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("counting", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._bar.stop()

    def expect(self, rows: int) -> None:
        """There are so many rows in all; those that are copied are read once more to be compared."""
        self._bar.update(self._task, total=rows)

    def __call__(self, table: str, rows: int) -> None:
        """Some more rows are done."""
        self._bar.update(self._task, description=table, advance=rows)


def shown(compared: Iterable[Compared], console: Console) -> None:
    """Prints a line for each table: the rows on either side, and the checksum, or both where they differ."""
    table = Table("table", box=None, pad_edge=False)
    for name in ("rows", "rows there"):
        table.add_column(name, justify="right")
    table.add_column("checksum", no_wrap=True)
    for one in compared:
        checksum = one.source.digest if one.same else f"{one.source.digest} / {one.target.digest}"
        table.add_row(one.table, str(one.source.rows), str(one.target.rows), checksum)
    console.print(table)
