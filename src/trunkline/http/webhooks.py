"""The operations on what an app is told of, and where (behaviour 20.1)."""

from collections.abc import Mapping

from msgspec import Struct

from trunkline.crm.values import moment
from trunkline.errors import InvalidParameter, RecordNotFound, Refusal, SubscriptionNotFound
from trunkline.feeds import subscription as rules
from trunkline.feeds.subscription import Subscription
from trunkline.http import ties
from trunkline.http.call import Answer, Call
from trunkline.http.gate import EVERYTHING
from trunkline.http.hooks import apps
from trunkline.http.hooks.kept import SUBSCRIPTION, TARGET, Webhooks, by_id
from trunkline.identity.app import App
from trunkline.wire import webhooks as wire

LARGEST = 100
"""Subscriptions that one batch changes, at most."""


class Asked(Struct, frozen=True):
    """The app that a request is about, and what is kept of it."""

    app: App
    known: Webhooks


async def show_target(call: Call) -> Answer:
    """Read where an app is told."""
    known = (await _asked(call)).known
    if known.target is None:
        raise RecordNotFound
    return Answer(call.status, wire.encode_target(known.target))


async def set_target(call: Call) -> Answer:
    """Set where an app is told."""
    url, at_once = wire.decode_target(call.body)
    asked = await _asked(call)
    plain = call.state.settings.webhook_private == "on"
    target = rules.aimed(url, at_once, asked.known.target, call.now(), plain=plain)
    await call.state.hooks.keep(await apps.home(call.state, asked.app), asked.app.id, target)
    return Answer(call.status, wire.encode_target(target))


async def drop_target(call: Call) -> Answer:
    """Have an app told nowhere any more; its subscriptions stay."""
    await call.state.hooks.drop((await _asked(call)).app.id, TARGET)
    return Answer(call.status, None)


async def list_all(call: Call) -> Answer:
    """List what an app is told of."""
    return Answer(call.status, wire.encode_list(by_id((await _asked(call)).known)))


async def subscribe(call: Call) -> Answer:
    """Have an app told of something."""
    wish = wire.decode_wish(call.body)
    app = (await _asked(call)).app
    async with call.state.hooks.changing[app.id]:
        known = await call.state.hooks.of(app.id)
        made = rules.subscribed(wish, known.subscriptions.values(), call.now(), await _ends(call, app))
        await _keep(call, app, made)
    return Answer(call.status, wire.encode(made))


async def get(call: Call) -> Answer:
    """Read one subscription."""
    return Answer(call.status, wire.encode(_one((await _asked(call)).known, call.path["subscriptionId"])))


async def switch(call: Call) -> Answer:
    """Have a subscription active, or not."""
    active = wire.decode_switch(call.body)
    asked = await _asked(call)
    changed = await _switched(call, asked, call.path["subscriptionId"], active)
    return Answer(call.status, wire.encode(changed))


async def switch_many(call: Call) -> Answer:
    """Have subscriptions active, or not; those that are not there are told."""
    started, switches = call.now(), wire.decode_switches(call.body)
    ties.require_size(switches, LARGEST)
    asked = await _asked(call)
    changed: list[Subscription] = []
    failed: list[Refusal] = []
    for id_, active in switches:
        try:
            changed.append(await _switched(call, asked, str(id_), active))
        except SubscriptionNotFound as refusal:
            failed.append(refusal)
    results = [wire.shown(one) for one in changed]
    answer = wire.SwitchesAnswer(results=results, started_at=moment(started), completed_at=moment(call.now()))
    return ties.partly(call, answer, failed)


async def unsubscribe(call: Call) -> Answer:
    """Have an app no longer told of something; what is not there is passed over."""
    asked, number = await _asked(call), _number(call.path["subscriptionId"])
    if number in asked.known.subscriptions:
        await call.state.hooks.drop(asked.app.id, SUBSCRIPTION, number)
    return Answer(call.status, None)


async def _asked(call: Call) -> Asked:
    """The app that the path names.

    Raises `InvalidParameter`, and `RecordNotFound` for one that the caller has nothing to do with: neither is it the
    app itself, nor is it of the caller's portal, nor does the caller have the fixed token.
    """
    number = _number(call.path["appId"])
    if number is None:
        raise InvalidParameter("path", "appId")
    app = await apps.found(call.state, number)
    caller = call.caller
    if app is None or not (caller.app == app.id or EVERYTHING in caller.scopes or app.portal == caller.portal):
        raise RecordNotFound
    return Asked(app, await call.state.hooks.of(app.id))


def _number(text: str) -> int | None:
    """The number of an app or a subscription in a path; None for a text that is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _one(known: Webhooks, text: str) -> Subscription:
    number = _number(text)
    one = known.subscriptions.get(number) if number is not None else None
    if one is None:
        raise SubscriptionNotFound(text)
    return one


async def _switched(call: Call, asked: Asked, id_: str, active: bool | None) -> Subscription:
    app = asked.app
    async with call.state.hooks.changing[app.id]:
        before = _one(await call.state.hooks.of(app.id), id_)
        after = rules.switched(before, active, call.now(), await _ends(call, app))
        if after is not before:
            await _keep(call, app, after)
    return after


async def _keep(call: Call, app: App, one: Subscription) -> None:
    await call.state.hooks.keep(await apps.home(call.state, app), app.id, one)


async def _ends(call: Call, app: App) -> Mapping[int, int]:
    """Where the journals of the portals are now in which an app is."""
    bench = call.state.store.bench
    return {portal: await bench.end(portal) for portal in await apps.portals(call.state, app)}
