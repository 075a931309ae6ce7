"""What a token's own account is."""

from trunkline.errors import Unauthenticated
from trunkline.http.call import Answer, Call
from trunkline.wire.account import encode_details


async def details(call: Call) -> Answer:
    """Tell which account a token belongs to, with its time zone and currency."""
    portal = call.state.gate.portal(call.portal)
    if portal is None:
        raise Unauthenticated
    return Answer(call.status, encode_details(portal))
