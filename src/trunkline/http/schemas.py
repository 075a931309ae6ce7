"""The operations on the schemas of custom objects."""

from collections.abc import Sequence

from trunkline.crm import custom
from trunkline.crm.catalog import Catalog, Definition, ObjectType
from trunkline.crm.check import LARGEST_BATCH
from trunkline.errors import TooManyInputs
from trunkline.http.call import Answer, Call, with_newest
from trunkline.wire import schema as wire


async def list_all(call: Call) -> Answer:
    """List the schemas of all custom objects."""
    catalog, included, archived = _catalog(call), _included(call), call.flag("archived")
    found = (schema for schema in catalog.schemas if (schema.archived is not None) == archived)
    shown = (wire.show(catalog.of_schema(schema), schema, catalog.links, included) for schema in found)
    return Answer(call.status, wire.encode_list(shown))


async def get(call: Call) -> Answer:
    """Read the schema of an object type, be it a custom object or not."""
    return Answer(call.status, wire.encode(_shown(call.type, _catalog(call), _included(call))))


async def read_batch(call: Call) -> Answer:
    """Read the schemas of several object types."""
    names, included = wire.decode_read(call.body)
    if len(names) > LARGEST_BATCH:
        raise TooManyInputs(LARGEST_BATCH)
    catalog = _catalog(call)
    types = dict.fromkeys(catalog.type(name).id for name in names)
    shown = [_shown(catalog.type(id_), catalog, included) for id_ in types]
    return Answer(call.status, wire.encode_list(shown))


async def create(call: Call) -> Answer:
    """Define a custom object, with its properties and what it can be associated with."""
    draft, now = wire.decode_draft(call.body), call.now()

    async def attempt(catalog: Catalog) -> custom.Made:
        made = custom.created(draft, catalog, call.caller.user, now)
        kept: list[Definition] = [made.schema, *made.properties, *made.links]
        await _keep(call, catalog, made.schema.type_id, kept, "schema.create")
        return made

    made = await with_newest(call.state, call.portal, attempt)
    catalog, id_ = _catalog(call), made.schema.type_id
    shown = _shown(catalog.type(id_), catalog, wire.Included())
    return Answer(call.status, wire.encode(shown), {"location": f"{call.request.url.path}/{id_}"})


async def update(call: Call) -> Answer:
    """Change the schema of a custom object; its name stays."""
    patch, now, alias = wire.decode_patch(call.body), call.now(), call.path["type"]

    async def attempt(catalog: Catalog) -> Answer:
        schema = custom.found(alias, catalog)
        type_ = catalog.of_schema(schema)
        after = custom.changed(patch, schema, type_, call.caller.user, now)
        if after is not schema:
            await _keep(call, catalog, schema.type_id, [after], "schema.update")
        return Answer(call.status, wire.definition(_catalog(call).of_schema(after), after, call.portal))

    return await with_newest(call.state, call.portal, attempt)


async def delete(call: Call) -> Answer:
    """Delete the schema of a custom object that has no records; for good, which frees its name, if asked so."""
    for_good, now, alias = call.flag("archived"), call.now(), call.path["type"]

    async def attempt(catalog: Catalog) -> None:
        schema = custom.found(alias, catalog, archived=for_good)
        after, links = custom.removed(schema, catalog.links, now, for_good=for_good)
        await _keep(call, catalog, schema.type_id, [after, *links], "schema.archive")

    await with_newest(call.state, call.portal, attempt)
    return Answer(call.status, None)


async def create_association(call: Call) -> Answer:
    """Define an association between a custom object and another object type, in both directions."""
    draft = wire.decode_link(call.body)

    async def attempt(catalog: Catalog) -> Answer:
        type_ = catalog.type(call.path["type"])
        made = custom.tied(draft, type_, catalog)
        await _keep(call, catalog, type_.id, made, "label.create")
        return Answer(call.status, wire.encode_link(made[0], _catalog(call).links))

    return await with_newest(call.state, call.portal, attempt)


async def delete_association(call: Call) -> Answer:
    """Delete an association of a custom object; what was associated so is not any more."""
    identifier, now = call.path["association"], call.now()

    async def attempt(catalog: Catalog) -> None:
        type_ = catalog.type(call.path["type"])
        await _keep(call, catalog, type_.id, custom.untied(identifier, type_, catalog.links, now), "label.archive")

    await with_newest(call.state, call.portal, attempt)
    return Answer(call.status, None)


def _catalog(call: Call) -> Catalog:
    return call.state.catalog(call.portal)


def _included(call: Call) -> wire.Included:
    """How much of a schema the query asks for: all of it, unless it says otherwise."""
    names = ("includePropertyDefinitions", "includeAssociationDefinitions", "includeAuditMetadata")
    return wire.Included(*(call.flag(name, default=True) for name in names))


def _shown(type_: ObjectType, catalog: Catalog, included: wire.Included) -> wire.ObjectSchema:
    return wire.show(type_, catalog.schema(type_), catalog.links, included)


async def _keep(call: Call, catalog: Catalog, type_id: str, made: Sequence[Definition], kind: str) -> None:
    """Keeps definitions, and loads the catalog that has them."""
    version = await call.state.store.define(call.portal, type_id, catalog.version, made, kind, call.caller.app)
    await call.state.refresh(call.portal, version)
