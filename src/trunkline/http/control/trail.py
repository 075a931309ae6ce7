"""The audit trail, as the operator reads it."""

from trunkline.crm.values import moment
from trunkline.http.control.asked import Asked, Shown
from trunkline.identity.event import Event

MOST = 1000


async def list_all(asked: Asked) -> Shown:
    """Lists what happened after a position, oldest first; `after` of the next page is the last position."""
    await asked.state.trail.flush()
    limit, portal = min(asked.number("limit", MOST), MOST), asked.number("portal", 0)
    found = await asked.state.accounts.events(after=asked.number("after", 0), limit=limit, portal=portal or None)
    return {"results": [described(event) for event in found]}


def described(event: Event) -> dict[str, object]:
    """An entry as lists show it; what it does not concern is left out."""
    about = {"portal": event.portal, "app": event.app, "user": event.user, "address": event.address}
    shown = {"position": event.position, "at": moment(event.at), "kind": event.kind, "count": event.count}
    return shown | {name: value for name, value in (about | {"detail": event.detail}).items() if value}
