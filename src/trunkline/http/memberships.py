"""The operations on the records in lists, and on the lists that records are in (behaviour 14.5)."""

from collections.abc import Sequence

from msgspec import UNSET, UnsetType

from trunkline.crm import segment as rules
from trunkline.crm.association import record_number
from trunkline.crm.segment import Segment, number
from trunkline.crm.values import moment
from trunkline.errors import InvalidList, LimitOutOfRange, MalformedCursor, TooManyInputs, TooManyMembers
from trunkline.http.call import Answer, Call
from trunkline.http.population import Population
from trunkline.store.lists import Member, Moved, Span
from trunkline.wire import membership as wire
from trunkline.wire.record import NextPage
from trunkline.wire.segment import decode_ids

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 250
"""Records of one page (behaviour 14.5)."""

LARGEST_CHANGE = 100_000
"""Records that one request adds or removes, and members of a list that is copied or cleared (behaviour 14.5)."""

LARGEST_BATCH = 100
"""Records whose lists one request reads (chosen: differences)."""


async def page(call: Call) -> Answer:
    """Read the records in a list, in the order of their ids."""
    return await _page(call, joined=False)


async def page_joined(call: Call) -> Answer:
    """Read the records in a list, in the order in which they came there."""
    return await _page(call, joined=True)


async def _page(call: Call, *, joined: bool) -> Answer:
    limit = call.number("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise LimitOutOfRange(str(limit), LARGEST_LIMIT)
    people = Population(call.state, call.portal)
    shelf = await people.shelf()
    one = shelf.list(call.path["listId"])
    span = _span(call, limit, joined=joined)
    found, total = await people.page(one, shelf, span), await people.size(one, shelf)
    results = [wire.joined(member.record, member.at) for member in found[:limit]]
    return Answer(call.status, wire.encode(wire.MembersPage(total, results, _paging(call, span, found))))


def _span(call: Call, limit: int, *, joined: bool) -> Span:
    """What the query asks for; `after` counts where `before` is named as well (behaviour 14.5)."""
    after, before = (call.request.query_params.get(name, "") for name in ("after", "before"))
    falling, cursor = bool(before and not after), after or before
    start = _start(cursor, joined=joined) if cursor else None
    return Span(limit, "joined" if joined else "id", start, falling)


def _start(cursor: str, *, joined: bool) -> Member:
    """Where a page starts; raises `MalformedCursor` for what no page gave."""
    at, dash, id_ = cursor.rpartition("-")
    if bool(dash) != joined or number(id_) < 0 or (joined and not 0 <= number(at) < 1 << 62):
        raise MalformedCursor(cursor)
    return Member(number(id_), number(at) if joined else 0)


def _paging(call: Call, span: Span, found: Sequence[Member]) -> wire.BothWays | UnsetType:
    shown = found[: span.limit]
    if not shown or (len(found) <= span.limit and span.start is None):
        return UNSET
    first, last = (shown[-1], shown[0]) if span.falling else (shown[0], shown[-1])
    more_after = span.falling or len(found) > span.limit
    more_before = len(found) > span.limit if span.falling else span.start is not None
    after, before = _cursor(last, span), _cursor(first, span)
    return wire.BothWays(
        NextPage(after, _link(call, "after", after)) if more_after else UNSET,
        wire.PreviousPage(before, _link(call, "before", before)) if more_before else UNSET,
    )


def _cursor(member: Member, span: Span) -> str:
    return f"{member.at}-{member.record}" if span.by == "joined" else str(member.record)


def _link(call: Call, name: str, cursor: str) -> str:
    url = call.request.url.remove_query_params(("after", "before"))
    query = f"{url.query}&{name}={cursor}" if url.query else f"{name}={cursor}"
    return str(url.replace(query=query))


async def add(call: Call) -> Answer:
    """Put records into a list."""
    return await _move(call, decode_ids(call.body), [])


async def remove(call: Call) -> Answer:
    """Take records out of a list."""
    return await _move(call, [], decode_ids(call.body))


async def add_and_remove(call: Call) -> Answer:
    """Take records out of a list, and put others into it."""
    added, removed = wire.decode_change(call.body)
    return await _move(call, added, removed)


async def _move(call: Call, added: Sequence[str], removed: Sequence[str]) -> Answer:
    one = await _kept(call)
    if len(added) + len(removed) > LARGEST_CHANGE:
        raise TooManyMembers(LARGEST_CHANGE)
    numbers = {id_: record_number(id_) for id_ in (*added, *removed)}
    moved = await call.state.store.lists.move(
        call.portal,
        one.id,
        one.type,
        call.now(),
        [numbers[id_] for id_ in added if numbers[id_]],
        [numbers[id_] for id_ in removed if numbers[id_]],
    )
    unread = [id_ for id_, found in numbers.items() if not found]
    return Answer(call.status, wire.encode(_told(moved, unread)))


def _told(moved: Moved, unread: Sequence[str]) -> wire.MembersMoved:
    """What became of the ids; those that are none are missing, too."""
    added, removed, missing = ([str(id_) for id_ in ids] for ids in (moved.added, moved.removed, moved.missing))
    return wire.MembersMoved(added, removed, [*missing, *unread])


async def add_from(call: Call) -> Answer:
    """Put all records of another list into a list."""
    people, one = Population(call.state, call.portal), await _kept(call)
    shelf = await people.shelf()
    source = shelf.list(call.path["sourceListId"])
    if source.id == one.id or source.type != one.type:
        raise InvalidList("The source list must be another list of the same object type", "sourceListId")
    ids = await people.ids(source, shelf, LARGEST_CHANGE)
    if len(ids) >= LARGEST_CHANGE:
        raise TooManyMembers(LARGEST_CHANGE)
    await call.state.store.lists.move(call.portal, one.id, one.type, call.now(), ids)
    return Answer(call.status, None)


async def remove_all(call: Call) -> Answer:
    """Take all records out of a list, which stays."""
    people, one = Population(call.state, call.portal), await _kept(call)
    if await people.size(one, await people.shelf()) >= LARGEST_CHANGE:
        raise TooManyMembers(LARGEST_CHANGE)
    await call.state.store.lists.clear(call.portal, one.id)
    return Answer(call.status, None)


async def _kept(call: Call) -> Segment:
    """The list of the path; raises `ListNotFound`, and `InvalidList` for one whose members follow from its filters."""
    one = (await Population(call.state, call.portal).shelf()).list(call.path["listId"])
    rules.require_kept(one)
    return one


async def of_record(call: Call) -> Answer:
    """Read the lists that a record is in."""
    results = (await _of(call, [(call.path["objectTypeId"], call.path["recordId"])]))[0].record_list_memberships
    return Answer(call.status, wire.encode(wire.Memberships(len(results), results)))


async def of_records(call: Call) -> Answer:
    """Read the lists that many records are in."""
    started, inputs = call.now(), wire.decode_records(call.body)
    if len(inputs) > LARGEST_BATCH:
        raise TooManyInputs(LARGEST_BATCH)
    results = await _of(call, inputs)
    ended = call.now()
    answer = wire.MembershipsOfMany(results=results, started_at=moment(started), completed_at=moment(ended))
    return Answer(call.status, wire.encode(answer))


async def _of(call: Call, inputs: Sequence[tuple[str, str]]) -> list[wire.MembershipsOf]:
    """The lists of records, in the order of the inputs; what is no record is in none."""
    catalog, people = call.state.catalog(call.portal), Population(call.state, call.portal)
    types = {alias: catalog.type(alias) for alias, _ in inputs}
    successor = call.state.store.successor
    meant = [
        (types[alias].id, await successor(call.portal, types[alias].id, record_number(id_))) for alias, id_ in inputs
    ]
    found = {}
    for type_id in dict.fromkeys(type_id for type_id, _ in meant):
        ids = dict.fromkeys(id_ for of, id_ in meant if of == type_id)
        found[type_id] = await people.lists_of(catalog.type(type_id), list(ids))
    return [
        wire.MembershipsOf(of, id_, [wire.membership(*entry) for entry in found[of][record]])
        for (of, record), (_, id_) in zip(meant, inputs, strict=True)
    ]
