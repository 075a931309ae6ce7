"""The operations on what an app reads of in the journal of webhooks (behaviour 21.4)."""

from msgspec import Struct
from msgspec.structs import replace

from trunkline.errors import InvalidWebhook, MissingScopes, RecordNotFound, SubscriptionNotFound
from trunkline.feeds import watch as rules
from trunkline.feeds.watch import Filter, Watch, Wish
from trunkline.http.call import Answer, Call
from trunkline.http.hooks import apps
from trunkline.http.pulled import kept as keeping
from trunkline.http.pulled import reach as reaching
from trunkline.http.pulled.kept import KEPT, Kept
from trunkline.http.pulled.reach import Reach
from trunkline.identity.app import App
from trunkline.wire import watches as wire
from trunkline.wire.batch import encode


class Asked(Struct, frozen=True):
    """The app that calls, what is kept of it, and which portals it may ask about."""

    app: App
    kept: Kept
    reach: Reach

    def there(self) -> list[Watch]:
        """The subscriptions that it has in these portals."""
        found = (one for one in self.kept.watches.values() if one.deleted is None)
        return [one for one in found if one.wish.portal in self.reach or one.wish.kind == "APP_LIFECYCLE_EVENT"]

    def watch(self, text: str) -> Watch:
        """One of them; raises `SubscriptionNotFound`."""
        found = next((one for one in self.there() if str(one.id) == text), None)
        if found is None:
            raise SubscriptionNotFound(text)
        return found

    def filters(self) -> list[Filter]:
        """The filters of them."""
        there = {one.id for one in self.there()}
        return [one for one in self.kept.filters.values() if one.until is None and one.watch in there]

    def filter(self, text: str) -> Filter:
        """One of these; raises `RecordNotFound`."""
        found = next((one for one in self.filters() if str(one.id) == text), None)
        if found is None:
            raise RecordNotFound
        return found


async def asked(call: Call) -> Asked:
    """Who calls, and what it may ask about; raises `RecordNotFound` for an app that was removed meanwhile."""
    app = await apps.found(call.state, call.caller.app)
    if app is None:
        raise RecordNotFound
    reach = await reaching.of_caller(call.state, call.caller, app)
    return Asked(app, await keeping.of(call.state, app.id), reach)


async def list_all(call: Call) -> Answer:
    """List what an app reads of."""
    who = await asked(call)
    return Answer(call.status, encode(wire.WatchesAnswer([wire.shown(who.app.id, one) for one in who.there()])))


async def subscribe(call: Call) -> Answer:
    """Have an app read of something."""
    wish = wire.decode(call.body)
    rules.require(wish)
    who = await asked(call)
    known = await _known(call, who, wish)
    same = next((one for one in who.there() if one.wish == known), None)
    if same is None:
        made = await _made(call, who, known)
    else:
        made = replace(same, updated=call.now())
        await keeping.change(call.state, who.app, made)
    return Answer(call.status, encode(wire.shown(who.app.id, made)))


async def _made(call: Call, who: Asked, wish: Wish) -> Watch:
    if len(who.there()) >= rules.MOST:
        raise InvalidWebhook(f"An app has {rules.MOST} subscriptions at most.", "subscriptionType")
    await _forget_old(call, who)
    now, since = call.now(), await call.state.store.bench.end(wish.portal) if wish.portal else 0
    number = max(who.kept.watches, default=0) + 1
    made = Watch(id=number, wish=wish, created=now, updated=now, user=call.caller.user, since=since)
    kept = await keeping.add(call.state, who.app, made)
    assert isinstance(kept, Watch)
    return kept


async def _forget_old(call: Call, who: Asked) -> None:
    """Drops the subscriptions that were deleted before the oldest entry that is kept."""
    for one in [*who.kept.watches.values()]:
        if one.deleted is not None and one.deleted <= call.state.clock.now(one.wish.portal) - KEPT:
            await keeping.forget(call.state, who.app, who.kept, one)


async def _known(call: Call, who: Asked, wish: Wish) -> Wish:
    """The same with the ids of its object types.

    Raises `InvalidWebhook` for a portal that the app is not in, `UnknownObjectType`, and `MissingScopes` for an object
    type that it may not read there.
    """
    if wish.kind == "APP_LIFECYCLE_EVENT":
        if not wish.type:
            raise InvalidWebhook("A subscription to what becomes of an app names the type of event.", "eventTypeId")
        return replace(wish, portal=0)
    if wish.portal not in who.reach:
        raise InvalidWebhook("The app is not in that portal.", "portalId")
    if wish.kind not in rules.TYPED:
        return replace(wish, type="")
    catalog = await call.state.load(wish.portal)
    type_ = catalog.type(wish.type).data
    if not await reaching.may_read(call.state, who.reach, wish.portal, type_):
        raise MissingScopes(type_.scopes["read"])
    return replace(wish, type=type_.type_id, others=[catalog.type(other).id for other in wish.others])


async def get(call: Call) -> Answer:
    """Read one subscription."""
    who = await asked(call)
    return Answer(call.status, encode(wire.shown(who.app.id, who.watch(call.path["subscriptionId"]))))


async def unsubscribe(call: Call) -> Answer:
    """Have an app no longer read of something; what is not there is passed over."""
    who = await asked(call)
    for one in who.there():
        if str(one.id) == call.path["subscriptionId"]:
            await _end(call, who, one)
    return Answer(call.status, None)


async def unsubscribe_portal(call: Call) -> Answer:
    """Have an app no longer read of anything in a portal."""
    who = await asked(call)
    for one in who.there():
        if one.wish.portal and str(one.wish.portal) == call.path["portalId"]:
            await _end(call, who, one)
    return Answer(call.status, None)


async def _end(call: Call, who: Asked, one: Watch) -> None:
    portal = one.wish.portal
    until = await call.state.store.bench.end(portal) if portal else 0
    await keeping.change(call.state, who.app, replace(one, until=until, deleted=call.state.clock.now(portal)))


async def create_filter(call: Call) -> Answer:
    """Filter what an app reads of: from now on only changes of records that meet the conditions are told."""
    number, conditions = wire.decode_filter(call.body)
    rules.require_conditions(conditions)
    who = await asked(call)
    of = who.watch(str(number))
    if of.wish.kind != "OBJECT":
        raise InvalidWebhook("Only subscriptions to records are filtered.", "subscriptionId")
    if len(who.filters()) >= rules.MOST:
        raise InvalidWebhook(f"An app has {rules.MOST} filters at most.", "subscriptionId")
    since = await call.state.store.bench.end(of.wish.portal)
    first = max(who.kept.filters, default=0) + 1
    made = Filter(id=first, watch=of.id, conditions=conditions, created=call.now(), since=since)
    kept = await keeping.add(call.state, who.app, made)
    return Answer(call.status, encode(wire.FilterMade(kept.id)))


async def list_filters(call: Call) -> Answer:
    """List the filters of a subscription."""
    who = await asked(call)
    of = who.watch(call.path["subscriptionId"])
    found = [wire.shown_filter(one) for one in who.filters() if one.watch == of.id]
    return Answer(call.status, encode(found))


async def get_filter(call: Call) -> Answer:
    """Read one filter."""
    return Answer(call.status, encode(wire.shown_filter((await asked(call)).filter(call.path["filterId"]))))


async def delete_filter(call: Call) -> Answer:
    """Delete a filter; one that is not there is passed over."""
    who = await asked(call)
    for one in who.filters():
        if str(one.id) == call.path["filterId"]:
            portal = who.kept.watches[one.watch].wish.portal
            until = await call.state.store.bench.end(portal)
            await keeping.change(call.state, who.app, replace(one, until=until))
    return Answer(call.status, None)
