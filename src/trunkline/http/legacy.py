"""Version 2 of the properties API: the definitions that version 3 has, in the shape from before."""

from trunkline.crm.property import NON_SENSITIVE
from trunkline.errors import PropertyNotFound
from trunkline.http.call import Answer, Call
from trunkline.wire.legacy import encode, encode_list


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
