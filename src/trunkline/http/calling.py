"""The operations of the calling API."""

from trunkline.http.call import Answer, Call
from trunkline.wire.calling import encode_dispositions

PROPERTY = "hs_call_disposition"


async def dispositions(call: Call) -> Answer:
    """List the outcomes that a call may have."""
    outcome = call.state.catalog(call.portal).type("calls").definition(PROPERTY)
    return Answer(call.status, encode_dispositions(outcome.options))
