"""Records page by page, in the order of their ids."""

from collections.abc import Sequence

from msgspec import UNSET

from trunkline.crm import oversight
from trunkline.crm.catalog import ObjectType
from trunkline.crm.check import LARGEST_WITH_HISTORY
from trunkline.crm.record import Record
from trunkline.crm.view import View
from trunkline.errors import LimitOutOfRange
from trunkline.http.call import Answer, Call
from trunkline.http.carrying import histories, known
from trunkline.http.links import linked
from trunkline.http.paging import next_page, start
from trunkline.wire import batch
from trunkline.wire.record import CollectionResponse, SimplePublicObject, read

DEFAULT_LIMIT = 10
LARGEST_LIMIT = 100
"""Records of one page (behaviour 8.1, 8.5); 50 with their histories (behaviour 2.10)."""


async def page(call: Call) -> Answer:
    """Read a page of records, in the order of their ids."""
    type_, limit = call.type, _limit(call)
    first, archived = start(call), call.flag("archived")
    records = await call.state.store.page(call.portal, type_.id, first, limit + 1, archived=archived)
    results = await _results(call, type_, records[:limit])
    paging = next_page(call, records[limit - 1].id + 1) if len(records) > limit else UNSET
    return Answer(call.status, batch.encode(CollectionResponse(results, paging)))


def _limit(call: Call) -> int:
    limit = call.number("limit", DEFAULT_LIMIT)
    largest = LARGEST_WITH_HISTORY if call.names("propertiesWithHistory") else LARGEST_LIMIT
    if not 1 <= limit <= largest:
        raise LimitOutOfRange(str(limit), largest)
    return limit


async def _results(call: Call, type_: ObjectType, records: Sequence[Record]) -> list[SimplePublicObject]:
    past = known(call.names("propertiesWithHistory"), type_)
    call.warnings += oversight.of_names([*call.names("properties"), *call.names("propertiesWithHistory")], type_)
    view = View(type_, [*call.names("properties"), *past])
    ties = await linked(call, type_, [record.id for record in records])
    results = []
    for record in records:
        versions = await histories(call.state, call.portal, type_, record, past) if past else UNSET
        answer = read(record, type_, call.portal, view.of(record), versions)
        answer.associations = ties.get(record.id, UNSET)
        results.append(answer)
    return results
