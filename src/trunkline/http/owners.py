"""The operations on owners: the people who decide for a portal. An owner has the id of the person (behaviour 12.11)."""

from msgspec import UNSET

from trunkline.errors import InvalidParameter, LimitOutOfRange, OwnerNotFound
from trunkline.http.call import Answer, Call
from trunkline.http.paging import next_page, start
from trunkline.identity.person import Person
from trunkline.wire import owner as wire

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 500
"""Owners of one page (HubSpot's documentation)."""

ID_PROPERTIES = ("", "id", "userId")


async def page(call: Call) -> Answer:
    """List the owners of the account."""
    limit, first = call.number("limit", DEFAULT_LIMIT), start(call)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise LimitOutOfRange(str(limit), LARGEST_LIMIT)
    email = call.request.query_params.get("email", "").casefold()
    found = [
        person
        for person in await _people(call)
        if person.id >= first and (not email or person.email.casefold() == email)
    ]
    paging = next_page(call, found[limit].id) if len(found) > limit else UNSET
    return Answer(call.status, wire.encode_page(found[:limit], call.state.catalog(call.portal).teams, paging))


async def get(call: Call) -> Answer:
    """Read an owner by its id or by that of the person."""
    if call.request.query_params.get("idProperty", "") not in ID_PROPERTIES:
        raise InvalidParameter("query", "idProperty")
    id_ = call.path["owner"]
    for person in await _people(call):
        if str(person.id) == id_:
            return Answer(call.status, wire.encode(person, call.state.catalog(call.portal).teams))
    raise OwnerNotFound(id_)


async def _people(call: Call) -> list[Person]:
    """Those who decide for the caller's portal, or, if the query asks for these, did so when they were removed."""
    gone = call.flag("archived")
    people = await call.state.accounts.people()
    return [one for one in people if (one.removed is not None) == gone and one.may_decide_for(call.portal)]
