"""What the query parameter `associations` asks for: the records that others are tied to."""

from collections.abc import Sequence

from trunkline.crm.association import Linked
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.http.call import Call
from trunkline.wire.record import AssociatedId, CollectionResponseAssociatedId

MOST = 500
"""Associations of one record with one type that a read shows (chosen: differences)."""


async def linked(
    call: Call, type_: ObjectType, ids: Sequence[int]
) -> dict[int, dict[str, CollectionResponseAssociatedId]]:
    """By record, and by the other type's name, the associations that the query asks for (behaviour 3.12).

    What is not tied to anything is left out. Raises `UnknownObjectType`.
    """
    catalog = call.state.catalog(call.portal)
    found: dict[int, dict[str, CollectionResponseAssociatedId]] = {}
    # Each type once, however often and in however many spellings the query names it.
    for other in {other.id: other for other in map(catalog.type, call.names("associations"))}.values():
        ties = await call.state.store.links(call.portal, type_.id, ids, other.id, MOST)
        for id_, ends in ties.items():
            if ends:
                found.setdefault(id_, {})[other.data.plural] = _named(ends, catalog)
    return found


def _named(ends: Sequence[Linked], catalog: Catalog) -> CollectionResponseAssociatedId:
    links = ((end.id, catalog.links.by_id("HUBSPOT_DEFINED", end.kind)) for end in ends)
    return CollectionResponseAssociatedId([AssociatedId(str(id_), link.name) for id_, link in links if link])
