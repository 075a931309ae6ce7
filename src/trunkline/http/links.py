"""What the query parameter `associations` asks for: the records that others are tied to."""

from collections.abc import Sequence

from msgspec import UNSET

from trunkline.crm.association import Linked
from trunkline.crm.catalog import ObjectType
from trunkline.http.call import Call
from trunkline.wire.named import objects as named
from trunkline.wire.record import CollectionResponseAssociatedId, NextPage, Paging

MOST = 500
"""Associations of one record with one type that a read shows (chosen: differences)."""


async def linked(
    call: Call, type_: ObjectType, ids: Sequence[int]
) -> dict[int, dict[str, CollectionResponseAssociatedId]]:
    """By record, and by the other type's name, the associations that the query asks for (behaviour 3.12).

    What is not tied to anything is left out. Raises `UnknownObjectType`.
    """
    catalog = call.state.catalog(call.portal)
    # Each type once, however often and in however many spellings the query names it.
    others = {other.id: other for other in map(catalog.type, call.names("associations"))}
    return await linked_to(call, type_, ids, list(others.values()))


async def linked_to(
    call: Call, type_: ObjectType, ids: Sequence[int], others: Sequence[ObjectType]
) -> dict[int, dict[str, CollectionResponseAssociatedId]]:
    """The same for object types that are given."""
    links = call.state.catalog(call.portal).links
    found: dict[int, dict[str, CollectionResponseAssociatedId]] = {}
    for other in others:
        ties = await call.state.store.links(call.portal, type_.id, ids, other.id, MOST + 1)
        for id_, ends in ties.items():
            if ends:
                shown, after = first_of(ends, MOST)
                paging = UNSET if after is None else following(call, (type_, other), id_, after)
                found.setdefault(id_, {})[other.data.plural] = CollectionResponseAssociatedId(
                    named(shown, links), paging
                )
    return found


def first_of(ends: Sequence[Linked], limit: int) -> tuple[Sequence[Linked], int | None]:
    """The first records of those that one is tied to, and the id of the one that the next page starts with."""
    ids = list(dict.fromkeys(end.id for end in ends))
    if len(ids) <= limit:
        return ends, None
    shown = set(ids[:limit])
    return [end for end in ends if end.id in shown], ids[limit]


def following(call: Call, types: tuple[ObjectType, ObjectType], id_: int, after: int) -> Paging:
    """Where the next page of a record's associations starts, with the address of a read that shows it."""
    path = f"/crm/v3/objects/{types[0].data.plural}/{id_}/associations/{types[1].data.plural}"
    return Paging(NextPage(str(after), str(call.request.url.replace(path=path, query=f"after={after}"))))
