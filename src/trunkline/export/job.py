"""One run: the records of a type go into a file."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from msgspec import Struct
from rich.console import Console

from trunkline.export.pages import Pages
from trunkline.export.report import Report
from trunkline.export.target import written
from trunkline.export.text import Csv, Ndjson
from trunkline.export.ties import Ties
from trunkline.export.wanted import Wanted, content
from trunkline.load.account import Account
from trunkline.load.exported import Content, Form, require_arrow
from trunkline.load.pace import Pace
from trunkline.load.remote import Remote
from trunkline.load.stopped import Stopped


class Order(Struct, frozen=True, kw_only=True):
    """What to export, from where and into what. `rate` is how many requests may be sent in ten seconds, if not any."""

    file: Path
    form: Form
    source: str
    wanted: Wanted
    token: str | None = None
    rate: int | None = None


class Sink(Protocol):
    """What writes one kind of file; `kind` is what it wants to be made of records."""

    kind: Any

    def write(self, records: Sequence[Any]) -> None:
        """Adds records."""

    def close(self) -> None:
        """Ends the file."""


async def carry_out(order: Order, console: Console, pause: Callable[[float], Awaitable[None]] | None = None) -> Report:
    """Exports. `console` gets the progress and the notes; `pause` replaces the waiting between tries.

    Raises `Stopped` or `OSError` when it cannot go on; then there is no file.
    """
    if order.form is Form.PARQUET:
        require_arrow()
    pace = None if order.rate is None else Pace(order.rate)
    with Report(console) as report:
        remote = Remote(order.source, order.token, halt=asyncio.Event(), note=report.note, pause=pause, pace=pace)
        async with remote:
            await _export(order, Account(remote), report)
    return report


async def _export(order: Order, account: Account, report: Report) -> None:
    has = await content(account, order.wanted)
    if report.shown:
        report.expect(await total(account, order.wanted))
    with written(order.file) as out, closing(sink_of(order.form, out, has)) as sink:
        async for records in _records(order, account, has, sink.kind):
            # In a thread, so that the next page is on its way meanwhile.
            await asyncio.to_thread(sink.write, records)
            report.wrote(len(records), sum(len(ties) for one in records for ties in (one.associations or {}).values()))


def _records(order: Order, account: Account, has: Content, kind: Any) -> AsyncIterator[list[Any]]:
    pages: AsyncIterator[list[Any]] = aiter(Pages(account, order.wanted, has.properties, kind))
    if not order.wanted.associations:
        return pages
    return Ties(account, order.wanted.type, order.wanted.associations).of(pages)


def sink_of(form: Form, out: BinaryIO, has: Content) -> Sink:
    """What writes such a file."""
    if form is Form.PARQUET:
        from trunkline.export.parquet import Parquet

        return Parquet(out, has)
    return Csv(out, has) if form is Form.CSV else Ndjson(out, has)


async def total(account: Account, wanted: Wanted) -> int | None:
    """How many records there are, about; None where the service does not say."""
    if wanted.archived:
        return wanted.limit
    found = None
    with suppress(Stopped):
        answer = await account.ask("POST", f"/crm/v3/objects/{wanted.type}/search", {"filterGroups": [], "limit": 1})
        found = answer.get("total")
    return min(found, wanted.limit or found) if isinstance(found, int) else wanted.limit
