"""The operations on what ties many records to others."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from msgspec import UNSET, UnsetType

from trunkline.crm import oversight
from trunkline.crm.association import Cut, Linked
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.plan import Plan
from trunkline.crm.tying import LARGEST_READ, LARGEST_TIED, Asked, Cutting, Pair, Tying, cut_of, usable
from trunkline.crm.values import moment
from trunkline.crm.warning import Warning
from trunkline.errors import MalformedCursor, NoAssociations, Refusal, TooManyInputs
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.http.links import MOST, first_of
from trunkline.wire import association as single
from trunkline.wire import error
from trunkline.wire import ties as wire
from trunkline.wire.error import StandardError
from trunkline.wire.record import NextPage, Paging
from trunkline.wire.ties import TiesOf

MOST_AT_ONCE = 100_000
"""Records that one batch read shows in all: the more inputs it has, the smaller are their pages."""

STRETCH = 100
"""Inputs of a batch read that are looked up before other requests have a turn."""


async def create(call: Call) -> Answer:
    """Associate pairs of records in the ways that are named; those that cannot be are told, the others are made."""
    started = call.now()
    work, plan = await tie(call, wire.decode_ties(call.body))
    type_, other = ends(call)
    results = [single.tied((type_.id, one.source), (other.id, one.target), one.types) for one in made(work, plan)]
    answer = wire.TiesAnswer(results=results, started_at=moment(started), completed_at=moment(call.now()))
    return partly(call, answer, refused(plan))


async def create_default(call: Call) -> Answer:
    """Associate pairs of records as is usual for their types, in both directions."""
    started = call.now()
    work, plan = await tie(call, wire.decode_defaults(call.body))
    results = [both for one in made(work, plan) for both in single.both_ways(one.source, one.target, one.types[0])]
    answer = single.DefaultAssociations(results=results, started_at=moment(started), completed_at=moment(call.now()))
    return partly(call, answer, refused(plan))


async def read(call: Call) -> Answer:
    """Read the records of one type that each of many records is associated with, page by page."""
    started = call.now()
    asked = wire.decode_read(call.body)
    links = call.state.catalog(call.portal).links
    pages, refusals = await pages_of(call, asked)
    results = [
        wire.PublicAssociationMultiWithLabel(single.ObjectId(id_), single.objects(shown, links), paging)
        for id_, shown, paging in pages
    ]
    answer = wire.TiesOfAnswer(results=results, started_at=moment(started), completed_at=moment(call.now()))
    return partly(call, answer, refusals, writes=False)


async def archive(call: Call) -> Answer:
    """Remove all associations between pairs of records."""
    started = call.now()
    cuts = wire.decode_cuts(call.body, ends(call)[1].id)
    require_size(cuts, LARGEST_TIED)
    warn_of_none(call, cuts)
    usable = [one for one in cuts if one.record and one.end[1]]
    call.warnings += oversight.of_cuts(len(cuts), len(usable), "an id is no record id")
    await cut(call, usable)
    return _cut(call, started)


async def archive_labels(call: Call) -> Answer:
    """Remove the associations of some types between pairs of records; with the plain one all others go, too."""
    started = call.now()
    pairs = wire.decode_ties(call.body)
    require_size(pairs, LARGEST_TIED)
    await cut_types(call, pairs)
    return _cut(call, started)


def ends(call: Call) -> tuple[ObjectType, ObjectType]:
    """The two object types that the path names."""
    return call.type, call.state.catalog(call.portal).type(_other(call))


def _other(call: Call) -> str:
    """What the path calls the other object type; version 3 has another place for it."""
    return call.path.get("to") or call.path["toType"]


def warn_of_none(call: Call, inputs: Sequence[object]) -> None:
    """Warns of a batch without inputs."""
    if not inputs:
        call.warnings.append(oversight.nothing_asked())


def require_size(inputs: Sequence[object], limit: int) -> None:
    """Raises `TooManyInputs`."""
    if len(inputs) > limit:
        raise TooManyInputs(limit)


async def tie(call: Call, pairs: Sequence[Pair]) -> tuple[Tying, Plan]:
    """Ties pairs of records, and returns what was asked and what became of it."""
    require_size(pairs, LARGEST_TIED)
    warn_of_none(call, pairs)

    async def attempt(catalog: Catalog, type_: ObjectType) -> tuple[Tying, Plan]:
        work = Tying(pairs, (type_, catalog.type(_other(call))), catalog, call.caller.app)
        return work, await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)

    return await with_catalog(call, attempt)


def made(work: Tying, plan: Plan) -> list[Asked]:
    """The pairs that are tied."""
    failed = {one.position for one in plan.failed}
    return [one for one in work.asked if one.position not in failed]


def refused(plan: Plan) -> list[Refusal]:
    """What the pairs that are not tied were refused with."""
    return [failed.refusal for failed in plan.failed]


async def warn_of_untied(call: Call, id_: int, to: int) -> None:
    """Warns when two records have no association that could end."""
    type_, other = ends(call)
    found = await call.state.store.links(call.portal, type_.id, [id_], other.id, 1, to)
    if all(end.id != to for end in found.get(id_, ())):
        call.warnings.append(Warning("nothing-removed", f"{id_} and {to} have no association"))


async def cut(call: Call, cuts: Sequence[Cut]) -> None:
    """Cuts what ties records."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> None:
        work = Cutting(cuts, call.caller.app)
        await call.state.store.write(call.portal, type_.id, catalog.version, work.wanted(), work.plan)

    await with_catalog(call, attempt)


async def cut_types(call: Call, pairs: Sequence[Pair]) -> None:
    """Cuts the associations of the types that pairs name; types that there are not tie nothing."""
    links = call.state.catalog(call.portal).links
    cuts = [one for pair in pairs if (one := cut_of(pair, ends(call), links)) is not None]
    warn_of_none(call, pairs)
    call.warnings += oversight.of_cuts(len(pairs), len(cuts), "there is no such type between them, or an id is none")
    await cut(call, cuts)


def _cut(call: Call, started: int) -> Answer:
    if call.status == 204:
        return Answer(call.status, None)
    answer = wire.CutAnswer(started_at=moment(started), completed_at=moment(call.now()))
    return Answer(call.status, wire.encode(answer))


Page = tuple[str, Sequence[Linked], Paging | UnsetType]
"""A record by its id, those that it is tied to, and where the next page starts."""


async def pages_of(call: Call, asked: Sequence[TiesOf]) -> tuple[list[Page], list[Refusal]]:
    """What records are tied to, and what is told of those that are tied to nothing.

    Raises `TooManyInputs` and `MalformedCursor`.
    """
    require_size(asked, LARGEST_READ)
    warn_of_none(call, asked)
    type_, other = ends(call)
    limit = min(MOST, MOST_AT_ONCE // max(len(asked), 1))
    pages: list[Page] = []
    refusals: list[Refusal] = []
    for first in range(0, len(asked), STRETCH):
        for one, linked in await _linked(call, asked[first : first + STRETCH], (type_, other), limit + 1):
            if isinstance(linked, Refusal):
                refusals.append(linked)
            elif not linked:
                refusals.append(NoAssociations(type_.data.singular, one.id, other.data.singular))
            else:
                pages.append((one.id, *page_of(linked, limit)))
        await asyncio.sleep(0)
    return pages, refusals


async def _linked(
    call: Call, asked: Sequence[TiesOf], types: tuple[ObjectType, ObjectType], limit: int
) -> list[tuple[TiesOf, Sequence[Linked] | Refusal]]:
    """What each of a few records is tied to, in one look for all that start at the same place."""
    found: dict[TiesOf, Sequence[Linked] | Refusal] = {}
    together: dict[int, dict[TiesOf, int]] = {}
    for one in asked:
        try:
            together.setdefault(cursor(one.after), {})[one] = usable(one.id)
        except MalformedCursor:
            raise
        except Refusal as refusal:
            found[one] = refusal
    for first, some in together.items():
        ids = list(dict.fromkeys(some.values()))
        ties = await call.state.store.links(call.portal, types[0].id, ids, types[1].id, limit, first)
        found |= {one: ties[id_] for one, id_ in some.items()}
    return [(one, found[one]) for one in asked]


def cursor(after: str | None) -> int:
    """The record id from which on a page starts; raises `MalformedCursor` for what no page ever gave."""
    text = after or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise MalformedCursor(text)
    return int(text)


def page_of(linked: Sequence[Linked], limit: int) -> tuple[Sequence[Linked], Paging | UnsetType]:
    """At most `limit` records of some more, and where the next page starts if there are more."""
    shown, after = first_of(linked, limit)
    return shown, UNSET if after is None else Paging(NextPage(str(after)))


class _Partial(Protocol):
    num_errors: int | UnsetType
    errors: Sequence[StandardError] | UnsetType

    @property
    def results(self) -> Sequence[object]: ...


def partly(call: Call, answer: _Partial, refusals: Sequence[Refusal], *, writes: bool = True) -> Answer:
    """The answer of a batch, with its errors if there are any. For a read it is no mistake that there are some."""
    if refusals:
        identifier = call.state.clock.identifier
        answer.num_errors = len(refusals)
        answer.errors = [error.grouped(one, (), identifier(), call.full) for one in refusals]
        if writes:
            sizes = len(answer.results) + len(refusals), len(answer.results), len(refusals)
            call.warnings += oversight.of_outcome(*sizes, call.status, call.partial)
    return Answer(call.partial if refusals else call.status, wire.encode(answer))
