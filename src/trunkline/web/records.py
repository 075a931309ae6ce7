"""The table of the records of one type, and the same as a file."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence

from msgspec.structs import replace
from starlette.responses import Response, StreamingResponse

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.filter import Filter
from trunkline.crm.record import Record
from trunkline.crm.search import LARGEST_PAGE, MOST_RESULTS, Order
from trunkline.crm.view import ID, View
from trunkline.errors import Refusal
from trunkline.store.protocol import Hits
from trunkline.web.asked import OPERATORS, PAGE, Table, table
from trunkline.web.heading import called
from trunkline.web.people import owners
from trunkline.web.shown import shown
from trunkline.web.visit import Visit

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the start of a formula."""


async def show(visit: Visit) -> Response:
    """Shows a page of the records that the address asks for."""
    type_, catalog = await visit.type(), await visit.catalog()
    asked = table(visit.query, type_)
    hits, refusal = Hits(0, []), None
    try:
        hits = await _found(visit, type_, catalog, asked)
    except Refusal as cause:
        refusal = cause
    end = min(asked.after + PAGE, hits.total)
    return visit.page(
        "records.html",
        status=200 if refusal is None else refusal.status,
        type=type_,
        asked=asked,
        operators=OPERATORS,
        refusal=refusal,
        total=hits.total,
        end=end,
        more=end < min(hits.total, MOST_RESULTS - PAGE + 1),
        step=PAGE,
        rows=_rows(hits.records, type_, asked, await owners(visit)),
    )


async def _found(visit: Visit, type_: ObjectType, catalog: Catalog, asked: Table) -> Hits:
    return await visit.state.store.search(type_, visit.portal.id, asked.compiled(asked.search(type_), type_, catalog))


def _rows(
    records: Sequence[Record], type_: ObjectType, asked: Table, owners: Mapping[str, str]
) -> list[tuple[int, str, list[str]]]:
    """The id, the name and the cells of each record."""
    view, definitions = View(type_, asked.columns), [type_.properties[name] for name in asked.columns]
    told = []
    for record in records:
        values = view.of(record)
        cells = [shown(one, values.get(one.name), owners) for one in definitions]
        told.append((record.id, called(record, type_), cells))
    return told


async def export(visit: Visit) -> Response:
    """Sends all records that the address asks for, as a CSV file, with the values as the API has them."""
    type_, catalog = await visit.type(), await visit.catalog()
    asked = table(visit.query, type_)
    asked.compiled(asked.search(type_), type_, catalog)
    name = f"{type_.data.plural.rpartition('_')[2]}.csv"
    headers = {
        "content-type": "text/csv;charset=utf-8",
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    return StreamingResponse(_lines(visit, type_, catalog, asked), 200, headers)


async def _lines(visit: Visit, type_: ObjectType, catalog: Catalog, asked: Table) -> AsyncIterator[str]:
    """The lines of the file, a page of records at a time, in the order of their ids."""
    names = [ID, *(name for name in asked.columns if name != ID)]
    view, last = View(type_, names), 0
    yield _line(names)
    while True:
        hits = await _after(visit, type_, catalog, asked, last)
        yield "".join(_line([view.of(record).get(name) or "" for name in names]) for record in hits.records)
        if len(hits.records) < LARGEST_PAGE:
            return
        last = hits.records[-1].id
        await asyncio.sleep(0)


async def _after(visit: Visit, type_: ObjectType, catalog: Catalog, asked: Table, last: int) -> Hits:
    search = replace(asked, after=0).search(type_, LARGEST_PAGE)
    beyond = Filter(name=ID, operator="GT", value=str(last))
    groups = [[*group, beyond] for group in search.groups or ((),)]
    query = asked.compiled(replace(search, groups=groups, sorts=[Order(ID)]), type_, catalog)
    return await visit.state.store.search(type_, visit.portal.id, query)


def _line(cells: Sequence[str]) -> str:
    """One line, quoted throughout. What a spreadsheet would take for a formula gets an apostrophe, as is usual."""
    out = io.StringIO()
    safe = [f"'{cell}" if cell.startswith(RISKY) and not _signed(cell) else cell for cell in cells]
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow(safe)
    return out.getvalue()


def _signed(text: str) -> bool:
    """Whether a text is a number with a sign, or a telephone number, which no spreadsheet can misuse."""
    return text[1:].replace(" ", "").replace(".", "").isdigit()
