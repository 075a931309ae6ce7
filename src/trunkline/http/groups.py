"""The operations on property groups."""

from collections.abc import Callable

from trunkline.crm import group
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.property import Group
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.wire import group as wire


async def list_all(call: Call) -> Answer:
    """List the property groups of an object type."""
    return Answer(call.status, wire.encode_list(call.type.groups.values()))


async def get(call: Call) -> Answer:
    """Read a property group."""
    return Answer(call.status, wire.encode(group.found(call.path["group"], call.type)))


async def create(call: Call) -> Answer:
    """Create a property group."""
    draft = wire.decode_draft(call.body)
    made = await _define(call, "group.create", lambda type_: group.created(draft, type_))
    return Answer(call.status, wire.encode(made), {"location": f"{call.request.url.path}/{made.name}"})


async def update(call: Call) -> Answer:
    """Change the label or the place of a property group."""
    patch = wire.decode_patch(call.body)
    name = call.path["group"]
    made = await _define(call, "group.update", lambda type_: group.changed(name, patch, type_))
    return Answer(call.status, wire.encode(made))


async def archive(call: Call) -> Answer:
    """Archive a property group that holds no property."""
    name, now = call.path["group"], call.now()
    await _define(call, "group.archive", lambda type_: group.archived(name, type_, now))
    return Answer(call.status, None)


async def _define(call: Call, kind: str, make: Callable[[ObjectType], Group]) -> Group:
    """Makes a group against the newest catalog, keeps it if it is new or changed, and loads the catalog that has it."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> Group:
        made = make(type_)
        if type_.groups.get(made.name) is not made:
            version = await call.state.store.define(
                call.portal, type_.id, catalog.version, [made], kind, call.caller.app
            )
            await call.state.refresh(call.portal, version)
        return made

    return await with_catalog(call, attempt)
