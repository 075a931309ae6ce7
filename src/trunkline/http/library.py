"""Which object types are in use: all that are served (behaviour 17.8)."""

from trunkline.http.call import Answer, Call
from trunkline.wire import rule as wire


async def list_all(call: Call) -> Answer:
    """List the object types that an account may go without, each with whether it is in use."""
    types = call.state.catalog(call.portal).types
    return Answer(call.status, wire.encode_enablement(type_ for type_ in types if type_.data.activatable))


async def get(call: Call) -> Answer:
    """Tell whether an object type is in use."""
    _ = call.type
    return Answer(call.status, wire.encode_enabled())
