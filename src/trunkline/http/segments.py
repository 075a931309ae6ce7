"""The operations on lists themselves (behaviour 14)."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from trunkline.crm import segment as rules
from trunkline.crm.branch import AnyBranch, InListFilter
from trunkline.crm.segment import Change, Segment, Shelf, Who
from trunkline.errors import InvalidList, LimitOutOfRange, TooManyInputs
from trunkline.http.call import Answer, Call
from trunkline.http.population import Population
from trunkline.wire import segment as wire

LARGEST_COUNT = 500
"""Lists of one page of a search (behaviour 14.6); who asks for more, as an ETL tool does, gets these."""

LARGEST_MAPPING = 10_000
"""Ids of one request for those of version 1 (behaviour 14.8)."""


async def create(call: Call) -> Answer:
    """Make a list; one of the kind SNAPSHOT is filled with what passes its filters now."""
    draft, people = wire.decode_draft(call.body), Population(call.state, call.portal)
    type_ = call.state.catalog(call.portal).type(draft.type)
    draft = replace(draft, type=type_.id)
    change = rules.created(draft, who(call))
    members: list[int] = []
    if draft.branch is not None:
        shelf = await people.shelf()
        people.require_sound(draft.branch, type_.id, shelf)
        if draft.processing == "SNAPSHOT":
            change(shelf)  # what stands against the list is told before its members are looked for
            members = await people.passing(draft.branch, type_, shelf)
    made = await changed(call, change, "list.create", members)
    return Answer(call.status, wire.encode(wire.ListEnvelope(await _told(call, made, filters=True))))


async def get(call: Call) -> Answer:
    """Read a list by its id."""
    one = (await Population(call.state, call.portal).shelf()).list(call.path["listId"])
    return Answer(call.status, wire.encode(wire.ListEnvelope(await _told(call, one))))


async def get_by_name(call: Call) -> Answer:
    """Read a list by its object type and its name, in any case."""
    type_ = call.state.catalog(call.portal).type(call.path["objectTypeId"])
    one = rules.named(call.path["listName"], type_.id, await Population(call.state, call.portal).shelf())
    return Answer(call.status, wire.encode(wire.ListEnvelope(await _told(call, one))))


async def get_many(call: Call) -> Answer:
    """Read several lists by their ids; those that are not there are left out."""
    shelf = await Population(call.state, call.portal).shelf()
    there = {str(one.id): one for one in shelf.live()}
    lists = [await _told(call, there[id_]) for id_ in call.names("listIds") if id_ in there]
    return Answer(call.status, wire.encode(wire.ListsAnswer(lists)))


async def search(call: Call) -> Answer:
    """Find lists by name, id, kind and object type, a page at a time, in the order of their ids."""
    asked, shelf = wire.decode_search(call.body), await Population(call.state, call.portal).shelf()
    if asked.count < 0:
        raise LimitOutOfRange(str(asked.count), LARGEST_COUNT)
    if asked.offset < 0:
        raise InvalidList("offset must not be negative", "offset")
    type_id = call.state.catalog(call.portal).type(asked.type).id if asked.type else ""
    found = [one for one in shelf.live() if _sought(one, asked, type_id)]
    page = found[asked.offset : asked.offset + min(asked.count, LARGEST_COUNT)]
    shown = [wire.found(one, await _further(call, one, shelf, asked.also)) for one in page]
    end = asked.offset + len(page)
    return Answer(call.status, wire.encode(wire.ListsFound(end, end < len(found), len(found), shown)))


def _sought(one: Segment, asked: wire.Sought, type_id: str) -> bool:
    return (
        asked.query.strip().casefold() in one.name.casefold()
        and (not asked.ids or str(one.id) in asked.ids)
        and (not asked.kinds or one.processing in asked.kinds)
        and (not type_id or one.type == type_id)
    )


async def _further(call: Call, one: Segment, shelf: Shelf, also: frozenset[str]) -> dict[str, str]:
    """The further properties of a list, those that are not empty."""
    size = await Population(call.state, call.portal).size(one, shelf)
    folder = shelf.folders.get(one.folder)
    told = {
        "hs_list_size": str(size),
        "hs_folder_name": "" if folder is None else folder.name,
        "hs_list_reference_count": str(sum(one.id in set(_named(other.branch)) for other in shelf.live())),
    }
    own = {name: value for name, value in one.extra.items() if name in also}
    return {name: value for name, value in {**own, **told}.items() if value}


def _named(branch: AnyBranch | None) -> Iterator[int]:
    """The ids of the lists that filters name."""
    if branch is not None:
        yield from (rules.number(str(one.list_id)) for one in branch.filters if isinstance(one, InListFilter))
        for inner in branch.filter_branches:
            yield from _named(inner)


async def rename(call: Call) -> Answer:
    """Give a list another name."""
    change = rules.renamed(call.path["listId"], call.request.query_params.get("listName", ""), who(call))
    made = await changed(call, change, "list.update")
    return Answer(call.status, wire.encode(wire.ListUpdated(await _told(call, made))))


async def refilter(call: Call) -> Answer:
    """Give a list of the kind DYNAMIC other filters; its members follow at once."""
    branch, people = wire.decode_filters(call.body), Population(call.state, call.portal)
    change = rules.refiltered(call.path["listId"], branch, who(call))
    shelf = await people.shelf()
    one = shelf.list(call.path["listId"])
    change(shelf)
    people.require_sound(branch, one.type, shelf, one.id)
    made = await changed(call, change, "list.update")
    return Answer(call.status, wire.encode(wire.ListUpdated(await _told(call, made, filters=True))))


async def delete(call: Call) -> Answer:
    """Delete a list; it can be restored for 90 days."""
    await changed(call, rules.deleted(call.path["listId"], who(call)), "list.delete")
    return Answer(call.status, None)


async def restore(call: Call) -> Answer:
    """Bring a deleted list back, with its members."""
    await changed(call, rules.restored(call.path["listId"], who(call)), "list.restore")
    return Answer(call.status, None)


async def translate(call: Call) -> Answer:
    """Tell the id of a list that had another one in version 1 of the API; here they are the same."""
    id_ = call.request.query_params.get("legacyListId", "")
    one = (await Population(call.state, call.portal).shelf()).list(id_)
    return Answer(call.status, wire.encode(wire.Mapped(id_, str(one.id))))


async def translate_many(call: Call) -> Answer:
    """The same for many lists; those that are not there are told apart."""
    ids = wire.decode_ids(call.body)
    if len(ids) > LARGEST_MAPPING:
        raise TooManyInputs(LARGEST_MAPPING)
    there = {str(one.id) for one in (await Population(call.state, call.portal).shelf()).live()}
    mapped = [wire.Mapped(id_, id_) for id_ in ids if id_ in there]
    return Answer(call.status, wire.encode(wire.ManyMapped(mapped, [id_ for id_ in ids if id_ not in there])))


def who(call: Call) -> Who:
    """When something is changed, and for which person."""
    return Who(call.now(), call.caller.user)


async def changed(call: Call, change: Change, kind: str, members: Sequence[int] = ()) -> Segment:
    """Keeps what becomes of a list, and returns it."""
    now = call.now()
    made = await call.state.store.lists.change(call.portal, change, kind, now, call.caller.app, members)
    assert isinstance(made, Segment), "a change of a list makes a list"
    return made


async def _told(call: Call, one: Segment, *, filters: bool | None = None) -> wire.ListAnswer:
    """A list as it is shown; with its filters where the query asks for them, unless that is said."""
    people = Population(call.state, call.portal)
    shown = call.flag("includeFilters") if filters is None else filters
    return wire.answer(one, await people.size(one, await people.shelf()), filters=shown)
