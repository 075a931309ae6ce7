"""The operations on property definitions."""

from collections.abc import Callable

from trunkline.crm import definition
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.property import Property
from trunkline.errors import PropertyNotFound
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.wire import property as wire


async def list_all(call: Call) -> Answer:
    """GET /crm/v3/properties/{type}"""
    return Answer(200, wire.encode_list(_definitions(call).values()))


async def get(call: Call) -> Answer:
    """GET /crm/v3/properties/{type}/{name}"""
    name = call.path["name"]
    found = _definitions(call).get(name)
    if found is None:
        raise PropertyNotFound(name)
    return Answer(200, wire.encode(found))


async def create(call: Call) -> Answer:
    """POST /crm/v3/properties/{type}"""
    draft = wire.decode_draft(call.body)
    now = call.state.clock.now()
    kept = await _define(call, "property.create", lambda type_: definition.created(draft, type_, now))
    return Answer(201, wire.encode(kept))


async def update(call: Call) -> Answer:
    """PATCH /crm/v3/properties/{type}/{name}"""
    patch = wire.decode_patch(call.body)
    name, now = call.path["name"], call.state.clock.now()
    kept = await _define(call, "property.update", lambda type_: definition.changed(name, patch, type_, now))
    return Answer(200, wire.encode(kept))


async def archive(call: Call) -> Answer:
    """DELETE /crm/v3/properties/{type}/{name}"""
    name, now = call.path["name"], call.state.clock.now()
    await _define(call, "property.archive", lambda type_: definition.archived(name, type_, now))
    return Answer(204, None)


def _definitions(call: Call) -> dict[str, Property]:
    type_ = call.state.catalog(call.portal).type(call.path["type"])
    return dict(type_.archived if call.flag("archived") else type_.properties)


async def _define(call: Call, kind: str, make: Callable[[ObjectType], Property]) -> Property:
    """Makes a definition against the newest catalog, keeps it, and loads the catalog that has it."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> Property:
        kept = make(type_)
        await call.state.store.define(call.portal, type_.id, catalog.version, kept, kind, call.caller.app)
        return kept

    kept = await with_catalog(call, attempt)
    call.state.refresh(call.portal)
    return kept
