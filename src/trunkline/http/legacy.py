"""Definitions in the shapes from before version 3: properties in version 2, pipelines in version 1."""

from trunkline.crm import flow
from trunkline.crm.property import NON_SENSITIVE
from trunkline.errors import PropertyNotFound
from trunkline.http.call import Answer, Call
from trunkline.wire.legacy import encode, encode_list, encode_pipelines


async def list_all(call: Call) -> Answer:
    """List the property definitions of an object type as a bare array."""
    type_ = call.type
    known = [one for one in type_.properties.values() if one.sensitivity == NON_SENSITIVE]
    return Answer(call.status, encode_list(known, type_.data.searchable_properties))


async def get(call: Call) -> Answer:
    """Read a property definition as version 2 tells it."""
    type_, name = call.type, call.path["name"]
    found = type_.definition(name)
    if found.sensitivity != NON_SENSITIVE:
        raise PropertyNotFound(name)
    return Answer(call.status, encode(found, type_.data.searchable_properties))


async def list_pipelines(call: Call) -> Answer:
    """List the pipelines of an object type as version 1 told them."""
    type_ = call.type
    shipped = {pipeline.id for pipeline in type_.data.pipelines}
    return Answer(call.status, encode_pipelines(flow.live(type_), type_.name, type_.id, shipped))
