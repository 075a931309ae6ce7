"""One run: a file goes into a service."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from trunkline.load.account import Account
from trunkline.load.batches import Batches
from trunkline.load.flight import Flight
from trunkline.load.formats import Format
from trunkline.load.key import definitions, ensure_key, ensure_known
from trunkline.load.mapping import Columns, Plan, Unmappable, Wishes
from trunkline.load.named import RECORD_ID, Named
from trunkline.load.remote import Remote
from trunkline.load.report import Rejects, Report
from trunkline.load.rows import Row
from trunkline.load.sender import Sender
from trunkline.load.source import Source, opened, size
from trunkline.load.stopped import Stopped
from trunkline.load.tying import Tying

PATIENCE = 10.0
"""Seconds that requests in flight get to be answered when a run stops."""

UNKEYED = (
    "associations were not made: the file has the ids of the other ends and no key of theirs, and in another account an"
    " id may be anybody's. Export with --associations TYPE:PROPERTY, or say --same-account."
)
_PARQUET = Format.PARQUET

_BREATH = 100
"""Rows between two looks at the rest of the program, so that Ctrl-C works while every row is bad."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to load, where to and how. `key` is the unique property, without which every row is a new record.

    `zone` is for times that name none. `same_account` means that the file's record ids are those of the account.
    """

    file: Path
    rejects: Path
    to: str
    key: str | None = None
    type: str = "calls"
    token: str | None = None
    wishes: Wishes = field(default_factory=dict)
    format: Format = Format.AUTO
    zone: tzinfo = UTC
    concurrency: int = 4
    create_property: bool = False
    same_account: bool = False


class Ending(NamedTuple):
    """How a run ended: why it stopped before the end of the file, if it did, and what became of the rows."""

    stopped: str | None
    report: Report

    @property
    def exit_code(self) -> int:
        """0 when every row is in, 1 when some were rejected, 2 when the run stopped."""
        if self.stopped is not None:
            return 2
        return 1 if self.report.rejected or self.report.untied else 0


async def carry_out(order: Order, console: Console, pause: Callable[[float], Awaitable[None]] | None = None) -> Ending:
    """Loads a file. `console` gets the progress and the notes; `pause` replaces the waiting between tries.

    Cancelling it, as Ctrl-C does, stops it in good order: what is in flight gets ten seconds to be answered and
    counted. Raises Stopped or OSError when the run cannot even begin.
    """
    halt = asyncio.Event()
    with order.file.open("rb") as file:
        rows = opened(file, order.format)
        with Report(console, Rejects(order.rejects, rows), size(file)) as report:
            remote = Remote(order.to, order.token, halt=halt, note=report.note, pause=pause)
            async with remote:
                return await Job(order, rows, remote, report).run(halt)


class Job:
    """Reads rows, makes records of them and writes these. Runs once."""

    def __init__(self, order: Order, rows: Source, remote: Remote, report: Report) -> None:
        self._order = order
        self._rows = rows
        self._columns = Columns(rows.layout.format, order.key or "", order.wishes, order.zone)
        self._remote = remote
        self._report = report
        exported = rows.layout.exported
        self._tying = Tying(Account(remote), order.type, order.same_account, report.note) if exported else None
        sender = Sender(remote, order.type, order.key, report.settle, self._tying)
        self._flight = Flight(Batches(), sender.send, order.concurrency)

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
            await self._learn()
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

    async def _learn(self) -> None:
        """What columns are called like properties is asked of the service, but for files of calls from elsewhere."""
        order, layout = self._order, self._rows.layout
        if order.type == "calls" and order.key is not None and not layout.exported and layout.format is not _PARQUET:
            return
        if order.key is None and layout.format in (Format.ASTERISK, Format.TWILIO):
            raise Stopped(f"A file of {layout.format} needs --id-property: the property that holds each row's key.")
        if order.create_property and order.key is not None:
            await self._ensure_key(order.key)
        known = await definitions(self._remote, order.type)
        self._columns = Named(layout, order.key, order.wishes, order.zone, known)

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
        key = self._order.key
        if plan.key is None and key is not None:
            raise Stopped(f"No column is known to hold {key}; say which with --map COLUMN={key}. {known}")
        self._report.note(f"Reading {self._rows.layout.format}: {described(plan, key)}.")

    async def _check_properties(self) -> None:
        key = self._order.key
        if key is None:
            self._report.note("Without a key every row is a new record: loading the file again makes them all again.")
        elif key != RECORD_ID:
            await self._ensure_key(key)
        wished = (target for targets in self._order.wishes.values() for target in targets)
        await ensure_known(self._remote, self._order.type, dict.fromkeys(name for name in wished if name != key))

    async def _ensure_key(self, key: str) -> None:
        type_ = self._order.type
        if await ensure_key(self._remote, type_, key, self._order.create_property):
            self._report.note(f"Created the property {key} of {type_}, with unique values.")

    async def _load(self) -> None:
        for row in self._rows:
            self._report.read += 1
            await self._take(row)
            if self._report.read % _BREATH == 0:
                self._report.reading(self._rows.place)
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
        if self._tying and self._tying.unkeyed:
            self._report.note(f"{self._tying.unkeyed} {UNKEYED}")


def described(plan: Plan, key: str | None) -> str:
    """A plan in one line, for the user to see what goes where."""
    parts = [f"{plan.key.column} -> {key} (the key)"] if plan.key else []
    parts += [f"{field.column} -> {field.target}" for field in plan.fields if field.column != field.target]
    parts += [field.target for field in plan.fields if field.column == field.target]
    return ", ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:30]) + (f" and {len(names) - 30} more" if len(names) > 30 else "")
