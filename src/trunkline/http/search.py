"""The operation that finds records by what they hold."""

from msgspec import UNSET

from trunkline.crm.search import after, compiled
from trunkline.crm.seeking import of_search
from trunkline.crm.view import View
from trunkline.http.call import Answer, Call
from trunkline.stopwatch import stopwatch
from trunkline.wire.record import read
from trunkline.wire.search import decode, encode


async def search(call: Call) -> Answer:
    """Find records by filters and words, a page at a time."""
    asked = decode(call.body)
    stopwatch().lap("decode")
    type_ = call.type
    query = compiled(asked, type_, call.state.catalog(call.portal))
    call.warnings += of_search(asked, type_)
    hits = await call.state.store.search(type_, call.portal, query)
    view = View(type_, asked.properties)
    results = [read(record, type_, call.portal, view.of(record), UNSET) for record in hits.records]
    return Answer(call.status, encode(hits.total, results, after(query, hits.total)))
