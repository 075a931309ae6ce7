"""The operations on the types of association between two object types, and the labels of a portal's own."""

from collections.abc import Callable

from trunkline.crm import labelling
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.link import Links, LinkType
from trunkline.crm.tying import Ends
from trunkline.errors import InvalidParameter
from trunkline.http import ties
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.wire import label as wire


async def list_all(call: Call) -> Answer:
    """List the types of association from one object type to another, with their labels."""
    type_, other = ties.ends(call)
    return Answer(call.status, wire.encode(call.state.catalog(call.portal).links.between(type_.id, other.id)))


async def create(call: Call) -> Answer:
    """Create an association label, for both directions."""
    draft = wire.decode_draft(call.body)
    made = await _define(call, "label.create", lambda ends, links: labelling.created(draft, ends, links))
    return Answer(call.status, wire.encode(made))


async def update(call: Call) -> Answer:
    """Change what an association label is called."""
    patch = wire.decode_patch(call.body)
    await _define(call, "label.update", lambda ends, links: labelling.changed(patch, ends, links))
    return Answer(call.status, None)


async def archive(call: Call) -> Answer:
    """Delete an association label; the records that had it stay associated."""
    text, now = call.path["typeId"], call.now()
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidParameter("path", "associationTypeId")
    await _define(call, "label.archive", lambda ends, links: labelling.archived(int(text), ends, links, now))
    return Answer(call.status, None)


async def _define(call: Call, kind: str, make: Callable[[Ends, Links], list[LinkType]]) -> list[LinkType]:
    """Makes types of association against the newest catalog, keeps them, and loads the catalog that has them."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> list[LinkType]:
        made = make((type_, catalog.type(call.path["to"])), catalog.links)
        if not made:
            return made
        version = await call.state.store.define(call.portal, type_.id, catalog.version, made, kind, call.caller.app)
        await call.state.refresh(call.portal, version)
        return made

    return await with_catalog(call, attempt)
