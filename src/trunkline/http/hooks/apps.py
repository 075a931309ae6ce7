"""Which app is meant, and in which portals it is told of what was written."""

from collections.abc import Sequence

from trunkline.http.call import State
from trunkline.http.gate import FIXED_APP, FIXED_NAME
from trunkline.identity.app import App


async def found(state: State, app: int) -> App | None:
    """An app that is there. That of the fixed token is a private one of the default portal."""
    if app == FIXED_APP:
        return App(id=FIXED_APP, portal=(await state.store.portals())[0], name=FIXED_NAME, created=0)
    return await state.accounts.app(app)


async def home(state: State, app: App) -> int:
    """The portal with which the webhooks of an app are kept."""
    return (await state.store.portals())[0] if app.portal is None else app.portal


async def portals(state: State, app: App) -> Sequence[int]:
    """The portals in which an app is: its own, and those into which people let it, as long as these are there."""
    there = await state.store.portals()
    within = {app.portal}
    if app.client_id is not None:
        now = state.clock.now()
        within |= {one.portal for one in await state.accounts.credentials("refresh", app.id) if one.good(now)}
    return [portal for portal in there if portal in within]


async def secret(state: State, app: App) -> str:
    """What the requests to an app are signed with: its client secret as it was last made, or else one made now."""
    async with state.hooks.changing[app.id]:
        known = (await state.hooks.of(app.id)).secret
        if not known:
            known = state.clock.secret()
            await state.hooks.keep(await home(state, app), app.id, known)
        return known
