"""The requests to apps that were made lately, as the operator looks at them and has them made again."""

from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter, RecordNotFound
from trunkline.http.control.asked import Asked, Shown
from trunkline.http.hooks import apps
from trunkline.http.hooks.log import Delivery
from trunkline.http.hooks.reach import allowed_by
from trunkline.http.hooks.sender import Sender
from trunkline.identity.app import App

MOST = 100
"""Requests of one answer, unless others are asked for."""

STATES = ("delivered", "failed", "given-up")


async def list_all(asked: Asked) -> Shown:
    """Lists what apps were told lately and what they answered, the newest first."""
    limit, status = asked.number("limit", MOST), asked.request.query_params.get("status", "")
    if status and status not in STATES:
        raise InvalidParameter("query", "status")
    portal, app = asked.number("portal", 0), asked.number("app", 0)
    found = [
        described(one)
        for one in asked.state.hooks.deliveries.newest()
        if portal in (0, one.portal) and app in (0, one.app) and status in ("", one.state)
    ]
    return {"results": found[: max(limit, 0)]}


async def redeliver(asked: Asked) -> Shown:
    """Tells an app at once what it was told before, in one request."""
    state, before = asked.state, asked.state.hooks.deliveries.get(asked.id)
    app = None if before is None else await apps.found(state, before.app)
    known = None if app is None else await state.hooks.of(app.id)
    if before is None or app is None or known is None or known.target is None:
        raise RecordNotFound
    private = allowed_by(state.settings.webhook_private, state.settings.host)
    secret = await apps.secret(state, app)
    sender = Sender(state.clock, known.target, secret, state.settings.webhook_signature, private)
    try:
        made = await sender.send(before.portal, app.id, before.attempt, before.events)
    finally:
        await sender.close()
    return described(state.hooks.deliveries.add(made))


async def signing(asked: Asked) -> Shown:
    """Shows the secret with which what an app is told is signed."""
    return {"secret": await apps.secret(asked.state, await _app(asked))}


async def _app(asked: Asked) -> App:
    app = await apps.found(asked.state, asked.id)
    if app is None:
        raise RecordNotFound
    return app


def described(one: Delivery) -> dict[str, object]:
    """A request as it is shown."""
    return {
        "id": one.id,
        "at": moment(one.at),
        "portal": one.portal,
        "app": one.app,
        "url": one.url,
        "attempt": one.attempt,
        "state": one.state,
        "answer": one.answer,
        "cause": one.cause,
        "milliseconds": one.took,
        "events": one.events,
    }
