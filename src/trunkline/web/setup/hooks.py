"""What apps are told of by webhooks, and where; what was delivered lately, and doing it again."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from trunkline.errors import RecordNotFound
from trunkline.feeds.subscription import KINDS, OBJECT
from trunkline.http import webhooks
from trunkline.http.gate import FIXED_APP, FIXED_NAME
from trunkline.web.setup.menu import done, page
from trunkline.web.visit import Visit

USUAL_AT_ONCE = 10
"""Requests to an app at once, unless somebody says otherwise."""

MOST = 50
"""Deliveries that are shown."""

EVENTS = 3
"""Events of each that are shown: a request holds up to a hundred."""

LISTED = 100
"""Subscriptions that are shown; an app may have ten times as many."""

App = Mapping[str, Any]


async def show(visit: Visit, wrong: str = "") -> Response:
    """Shows one app: where it is told, of what, and what it was told lately. Others can be chosen."""
    apps = await _own(visit)
    wanted = visit.field("app") or visit.query.get("app", "")
    chosen = next((one for one in apps if str(one["id"]) == wanted), apps[0] if apps else None)
    if wanted and (chosen is None or str(chosen["id"]) != wanted):
        raise HTTPException(404)
    return page(
        visit,
        "webhooks",
        wrong=wrong,
        apps=apps,
        chosen=chosen,
        target=await _target(visit, chosen),
        subscriptions=await _subscriptions(visit, chosen),
        deliveries=await _deliveries(visit, chosen),
        kinds=sorted(KINDS, key=lambda kind: (not kind.startswith(OBJECT), kind)),
        types=visit.kinds,
        at_once=USUAL_AT_ONCE,
        events=EVENTS,
        listed=LISTED,
        typed=visit.field,
    )


async def _own(visit: Visit) -> Sequence[App]:
    """The apps that are of this portal alone, and for who runs the server all others that are told of it."""
    await visit.catalog()
    tokens = (await visit.ask("GET", "/tokens"))["results"]
    own = [
        {"id": one["app"], "name": one["name"]}
        for one in tokens
        if one["portal"] == visit.portal.id and "revokedAt" not in one
    ]
    if not visit.runs:
        return own
    public = [{"id": one["id"], "name": one["name"]} for one in (await visit.ask("GET", "/apps"))["results"]]
    first = (await visit.state.store.portals())[0] == visit.portal.id and visit.state.settings.token is not None
    return [*([{"id": FIXED_APP, "name": FIXED_NAME}] if first else []), *own, *public]


async def _app(visit: Visit) -> str:
    """The app that the form names; raises a 404 for one that the person has nothing to do with."""
    for one in await _own(visit):
        if str(one["id"]) == visit.field("app"):
            return str(one["id"])
    raise HTTPException(404)


async def _target(visit: Visit, app: App | None) -> App | None:
    try:
        return None if app is None else dict(await visit.call(webhooks.show_target, appId=str(app["id"])))
    except RecordNotFound:
        return None


async def _subscriptions(visit: Visit, app: App | None) -> Sequence[App]:
    return [] if app is None else list((await visit.call(webhooks.list_all, appId=str(app["id"])))["results"])


async def _deliveries(visit: Visit, app: App | None) -> Sequence[App]:
    if app is None:
        return []
    query = {"portal": visit.portal.id, "app": app["id"], "limit": MOST}
    return list((await visit.ask("GET", "/deliveries", query=query))["results"])


async def aim(visit: Visit) -> Response:
    """Says where an app is told, or that it is told nowhere any more."""
    app = await _app(visit)

    async def work() -> str:
        if not visit.field("url"):
            await visit.call(webhooks.drop_target, appId=app)
            return "The app is told nowhere any more."
        at_once = visit.field("atOnce")
        number = int(at_once) if at_once.isascii() and at_once.isdigit() and len(at_once) < 9 else 0
        sent = {"targetUrl": visit.field("url"), "throttling": {"maxConcurrentRequests": number}}
        await visit.call(webhooks.set_target, sent, appId=app)
        return "The app is told there from now on."

    return await done(visit, "webhooks", show, work, app=app)


async def subscribe(visit: Visit) -> Response:
    """Has an app told of something."""
    app = await _app(visit)

    async def work() -> str:
        kind = visit.field("kind")
        sent = {"eventType": kind, "active": True}
        if kind.startswith(f"{OBJECT}."):
            sent["objectTypeId"] = visit.field("type")
        if kind.endswith(".propertyChange"):
            sent["propertyName"] = visit.field("property")
        await visit.call(webhooks.subscribe, sent, appId=app)
        return f"The app is told of {kind} from now on."

    return await done(visit, "webhooks", show, work, app=app)


async def switch(visit: Visit) -> Response:
    """Pauses a subscription, or has it go on."""
    app = await _app(visit)

    async def work() -> str:
        active = visit.field("active") == "true"
        await visit.call(webhooks.switch, {"active": active}, appId=app, subscriptionId=visit.field("subscription"))
        return "The app is told of it again." if active else "The app is not told of it for now."

    return await done(visit, "webhooks", show, work, app=app)


async def unsubscribe(visit: Visit) -> Response:
    """Has an app no longer told of something."""
    app = await _app(visit)

    async def work() -> str:
        await visit.call(webhooks.unsubscribe, appId=app, subscriptionId=visit.field("subscription"))
        return "The subscription is gone."

    return await done(visit, "webhooks", show, work, app=app)


async def redeliver(visit: Visit) -> Response:
    """Makes a request to an app once more, of those that were made for this portal."""
    app = await _app(visit)
    known = {str(one["id"]) for one in await _deliveries(visit, {"id": app})}
    if visit.field("delivery") not in known:
        raise HTTPException(404)

    async def work() -> str:
        made = await visit.ask("POST", visit.verb("deliveries", visit.field("delivery"), "redeliver"))
        return f"Told again: {made['state']}, answered {made['answer'] or 'nothing'}."

    return await done(visit, "webhooks", show, work, app=app)


async def reveal(visit: Visit) -> Response:
    """Shows what signs the requests to an app."""
    app = await _app(visit)
    secret = (await visit.ask("GET", visit.verb("apps", app, "signing")))["secret"]
    return page(visit, "signing", app=app, text=secret)
