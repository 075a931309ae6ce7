"""What an app may read in the journal of webhooks: in which portals, and of which object types."""

from collections.abc import Mapping

from trunkline.crm.catalog import TypeData
from trunkline.errors import UnknownObjectType
from trunkline.http.call import State
from trunkline.http.gate import EVERYTHING, FIXED_APP, Caller
from trunkline.http.hooks import apps
from trunkline.identity.app import App

Reach = Mapping[int, frozenset[str]]
"""By portal, the scopes that the app has there."""


async def of_caller(state: State, caller: Caller, app: App) -> Reach:
    """The portals of who calls: all that the app is in for its own credentials, else that of the token."""
    reach = await of_app(state, app)
    return reach if caller.own else {portal: reach[portal] for portal in reach if portal == caller.portal}


async def of_app(state: State, app: App) -> Reach:
    """The portals that an app is in, with what it was granted there."""
    if app.id == FIXED_APP:
        return {portal: frozenset((EVERYTHING,)) for portal in await apps.portals(state, app)}
    found: dict[int, frozenset[str]] = {}
    if app.client_id is not None and app.portal is not None:
        found[app.portal] = frozenset((*app.scopes, *app.optional_scopes))
    now = state.clock.now()
    for one in await state.accounts.credentials("private" if app.client_id is None else "refresh", app.id):
        if one.good(now):
            found[one.portal] = found.get(one.portal, frozenset()) | frozenset(one.scopes)
    there = await state.store.portals()
    return {portal: found[portal] for portal in there if portal in found}


async def may_read(state: State, reach: Reach, portal: int, type_: TypeData) -> bool:
    """Whether the app may read records of a type in one of its portals."""
    scopes, home = reach.get(portal, frozenset()), await state.gate.portal(portal)
    granted = EVERYTHING in scopes or not scopes.isdisjoint(type_.scopes["read"])
    return granted and home is not None and home.has(type_.products)


async def readable(state: State, reach: Reach, portal: int, type_id: str) -> bool:
    """The same for a type by its id; of one that is not there, or not there any more, nothing is read."""
    try:
        type_ = (await state.load(portal)).type(type_id).data
    except UnknownObjectType:
        return False
    return await may_read(state, reach, portal, type_)
