"""Who is who in a portal: its owners, and the apps and people that changed something."""

from collections.abc import Iterable, Mapping

from trunkline.http.gate import FIXED_APP, FIXED_NAME
from trunkline.web.visit import Visit


async def owners(visit: Visit) -> Mapping[str, str]:
    """What the owners of the portal are called, by their ids."""
    people = await visit.state.accounts.people()
    return {str(person.id): person.email for person in people if person.may_decide_for(visit.portal.id)}


async def named(visit: Visit, apps: Iterable[int]) -> Mapping[int, str]:
    """What those are called who changed something: apps, or people at these pages, whose numbers are below zero."""
    return {app: await _name(visit, app) for app in set(apps)}


async def _name(visit: Visit, app: int) -> str:
    if app < 0:
        person = await visit.state.accounts.person(-app)
        return person.email if person is not None else f"person {-app}"
    if app == FIXED_APP:
        return FIXED_NAME
    found = await visit.state.accounts.app(app) if app else None
    return found.name if found is not None else f"app {app}"
