"""The operations on the limits that a portal sets on associations."""

from collections.abc import Callable, Sequence

from trunkline.crm import capping
from trunkline.crm.capping import LimitDraft, Limited
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.link import Links
from trunkline.crm.plan import Failed
from trunkline.crm.tying import Ends
from trunkline.crm.values import moment
from trunkline.http import ties
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.wire import capping as wire
from trunkline.wire import ties as pairs

Made = tuple[list[Limited], list[Failed]]


async def list_all(call: Call) -> Answer:
    """List the limits that the portal set."""
    return Answer(call.status, wire.encode(capping.listed(call.state.catalog(call.portal).links)))


async def list_some(call: Call) -> Answer:
    """List the limits that the portal set from one object type to another."""
    return Answer(call.status, wire.encode(capping.listed(call.state.catalog(call.portal).links, ties.ends(call))))


async def create(call: Call) -> Answer:
    """Set limits; those that cannot be are told, the others are set."""
    return await _set(call, wire.decode_new(call.body), capping.created, labels=True)


async def update(call: Call) -> Answer:
    """Set limits anew; those that are not there are told."""
    return await _set(call, wire.decode_changed(call.body), capping.changed, labels=False)


async def purge(call: Call) -> Answer:
    """Take limits away; types that have none are passed over."""
    started, specs = call.now(), wire.decode_purged(call.body)
    ties.require_size(specs, capping.LARGEST)
    await _keep(call, "limit.purge", lambda ends, links: (capping.purged(specs, ends, links), []))
    if call.status == 204:
        return Answer(call.status, None)
    answer = pairs.CutAnswer(started_at=moment(started), completed_at=moment(call.now()))
    return Answer(call.status, pairs.encode(answer))


async def _set(
    call: Call, drafts: Sequence[LimitDraft], make: Callable[[Sequence[LimitDraft], Ends, Links], Made], *, labels: bool
) -> Answer:
    started = call.now()
    ties.require_size(drafts, capping.LARGEST)
    made, failed = await _keep(call, "limit.set", lambda ends, links: make(drafts, ends, links))
    results = wire.shown(made, labels=labels)
    completed = moment(call.now())
    answer = wire.LimitsAnswer(results=results, started_at=moment(started), completed_at=completed)
    return ties.partly(call, answer, [one.refusal for one in failed])


async def _keep(call: Call, kind: str, make: Callable[[Ends, Links], Made]) -> Made:
    """Makes limits against the newest catalog, keeps them, and loads the catalog that has them."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> Made:
        made, failed = make((type_, catalog.type(call.path["to"])), catalog.links)
        if made:
            limits = [one.limit for one in made]
            version = await call.state.store.define(
                call.portal, type_.id, catalog.version, limits, kind, call.caller.app
            )
            await call.state.refresh(call.portal, version)
        return made, failed

    return await with_catalog(call, attempt)
