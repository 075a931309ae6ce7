"""What a token's own account is."""

from trunkline.http.call import Answer, Call
from trunkline.http.guard import portal_of
from trunkline.wire.account import encode_details


async def details(call: Call) -> Answer:
    """Tell which account a token belongs to, with its time zone and currency."""
    return Answer(call.status, encode_details(await portal_of(call.state, call.caller)))
