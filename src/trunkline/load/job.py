"""One run: a file goes into a service."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import BinaryIO, NamedTuple

from rich.console import Console

from trunkline.load.batches import Batches
from trunkline.load.flight import Flight
from trunkline.load.formats import Format
from trunkline.load.key import ensure_key, ensure_known
from trunkline.load.lines import Lines
from trunkline.load.mapping import Columns, Plan, Unmappable, Wishes
from trunkline.load.remote import Remote
from trunkline.load.report import Rejects, Report
from trunkline.load.rows import Row, Rows
from trunkline.load.sender import Sender
from trunkline.load.stopped import Stopped

PATIENCE = 10.0
"""Seconds that requests in flight get to be answered when a run stops."""

_BREATH = 100
"""Rows between two looks at the rest of the program, so that Ctrl-C works while every row is bad."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to load, where to and how. `key` is the unique property; `zone` is for times that name none."""

    file: Path
    rejects: Path
    to: str
    key: str
    token: str | None = None
    wishes: Wishes = field(default_factory=dict)
    format: Format = Format.AUTO
    zone: tzinfo = UTC
    concurrency: int = 4
    create_property: bool = False


class Ending(NamedTuple):
    """How a run ended: why it stopped before the end of the file, if it did, and what became of the rows."""

    stopped: str | None
    report: Report

    @property
    def exit_code(self) -> int:
        """0 when every row is in, 1 when some were rejected, 2 when the run stopped."""
        if self.stopped is not None:
            return 2
        return 1 if self.report.rejected else 0


async def carry_out(order: Order, console: Console, pause: Callable[[float], Awaitable[None]] | None = None) -> Ending:
    """Loads a file. `console` gets the progress and the notes; `pause` replaces the waiting between tries.

    Cancelling it, as Ctrl-C does, stops it in good order: what is in flight gets ten seconds to be answered and
    counted. Raises Stopped or OSError when the run cannot even begin.
    """
    halt = asyncio.Event()
    with order.file.open("rb") as file:
        lines = Lines(file)
        rows = Rows(lines, order.format)
        with Report(console, Rejects(order.rejects, rows), _size(file)) as report:
            remote = Remote(order.to, order.token, halt=halt, note=report.note, pause=pause)
            async with remote:
                return await Job(order, lines, rows, remote, report).run(halt)


class Job:
    """Reads rows, makes calls of them and upserts these. Runs once."""

    def __init__(self, order: Order, lines: Lines, rows: Rows, remote: Remote, report: Report) -> None:
        self._order = order
        self._lines = lines
        self._rows = rows
        self._columns = Columns(rows.layout.format, order.key, order.wishes, order.zone)
        self._remote = remote
        self._report = report
        self._flight = Flight(Batches(), Sender(remote, order.key, report.settle).upsert, order.concurrency)

    async def run(self, halt: asyncio.Event) -> Ending:
        """Does it all; sets `halt`, the event that the remote looks at, when it ends early."""
        stopped = await self._attempt()
        if stopped is not None:
            halt.set()
            await self._flight.land(PATIENCE)
        self._tell_unused()
        return Ending(stopped, self._report)

    async def _attempt(self) -> str | None:
        try:
            self._check_header()
            await self._check_properties()
            await self._load()
        except Stopped as cause:
            return str(cause)
        except asyncio.CancelledError:
            if task := asyncio.current_task():
                task.uncancel()
            return "Interrupted."
        return None

    def _check_header(self) -> None:
        """Raises Stopped when the header shows already that nothing can be sent as wished."""
        columns = self._rows.columns
        if not columns:
            return
        missing = [column for column in self._order.wishes if column not in columns]
        known = f"The columns are: {', '.join(columns)}."
        if missing:
            raise Stopped(f"--map: there is no column {', '.join(missing)}. {known}")
        plan = self._columns.plan(columns)
        if plan.key is None:
            key = self._order.key
            raise Stopped(f"No column is known to hold {key}; say which with --map COLUMN={key}. {known}")
        self._report.note(f"Reading {self._rows.layout.format}: {described(plan, self._order.key)}.")

    async def _check_properties(self) -> None:
        key = self._order.key
        if await ensure_key(self._remote, key, self._order.create_property):
            self._report.note(f"Created the property {key} of calls, with unique values.")
        wished = (target for targets in self._order.wishes.values() for target in targets)
        await ensure_known(self._remote, dict.fromkeys(target for target in wished if target != key))

    async def _load(self) -> None:
        for row in self._rows:
            self._report.read += 1
            await self._take(row)
            if self._report.read % _BREATH == 0:
                self._report.reading(self._lines.bytes_read)
                await asyncio.sleep(0)
        await self._flight.finish()

    async def _take(self, row: Row) -> None:
        try:
            call = self._columns.call(row)
        except Unmappable as cause:
            self._report.reject(row, str(cause))
        else:
            await self._flight.put(call)

    def _tell_unused(self) -> None:
        if self._columns.ignored:
            self._report.note(f"Columns not loaded: {_listed(list(self._columns.ignored))}.")
        if self._report.read and self._columns.unmet:
            self._report.note(f"Mapped, but not in the file: {_listed(list(self._columns.unmet))}.")


def described(plan: Plan, key: str) -> str:
    """A plan in one line, for the user to see what goes where."""
    parts = [f"{plan.key.column} -> {key} (the key)"] if plan.key else []
    parts += [f"{field.column} -> {field.target}" for field in plan.fields if field.column != field.target]
    parts += [field.target for field in plan.fields if field.column == field.target]
    return ", ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:30]) + (f" and {len(names) - 30} more" if len(names) > 30 else "")


def _size(file: BinaryIO) -> int | None:
    """The file's length; None for what has none, as a pipe."""
    if not file.seekable():
        return None
    return Path(file.name).stat().st_size or None
