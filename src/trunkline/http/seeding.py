"""Seeding a portal: definitions, records and associations as a document has them, all of them or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from trunkline.bench.checkpoint import SEED
from trunkline.crm import definition
from trunkline.crm.association import LinkSpec
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.check import NewInput, check_new
from trunkline.crm.definition import Draft
from trunkline.crm.numbering import GREATEST_GIVEN, renumbered
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.crm.property import Property
from trunkline.crm.tying import Pair, Tying
from trunkline.crm.values import Scalar
from trunkline.crm.write import Write
from trunkline.errors import Conflict, InvalidSeed, PropertyExists, Refusal, Unexpected
from trunkline.http.call import State, with_type
from trunkline.http.gate import FIXED_APP
from trunkline.wire import property as wire

BEFORE = "before the seed"
"""The checkpoint to which a portal goes back when a seed fails."""

AT_ONCE = 200
"""Records that are made in one write."""

Id = Annotated[int, Meta(ge=1, le=GREATEST_GIVEN)]


class SeedTie(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """An association with another record, as `contacts/501`; without a type id the usual one of both types."""

    to: Annotated[str, Meta(pattern="^[^/]+/[0-9]{1,18}$")]
    type_id: int | None = None
    category: str = "HUBSPOT_DEFINED"


class SeedRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """A record, with the id that it shall have, if that matters."""

    properties: Mapping[str, Scalar] = {}
    id: Id | None = None
    associations: Sequence[SeedTie] = ()


class Seed(Struct, frozen=True, kw_only=True):
    """What a portal shall have: by object type, definitions of properties as the API takes them, and records."""

    properties: Mapping[str, Sequence[Raw]] = {}
    records: Mapping[str, Sequence[SeedRecord]] = {}


async def seed(state: State, portal: int, sown: Seed) -> None:
    """Puts all of a seed into a portal and makes a checkpoint of it; raises `InvalidSeed` and leaves it as it was."""
    bench = state.store.bench
    await bench.mark(portal, BEFORE, state.clock.now(portal))
    try:
        await _sow(state, portal, sown)
    except BaseException:
        await bench.rewind(portal, BEFORE, state.clock.now(portal))
        await state.renew(portal)
        raise
    finally:
        await bench.forget(portal, BEFORE)
    await bench.mark(portal, SEED, state.clock.now(portal))


async def _sow(state: State, portal: int, sown: Seed) -> None:
    for alias, raw in sown.properties.items():
        with _at(f"properties.{alias}"):
            await _define(state, portal, alias, [wire.decode_draft(bytes(one)) for one in raw])
    ids: dict[str, list[int]] = {}
    for alias, records in sown.records.items():
        with _at(f"records.{alias}"):
            for first in range(0, len(records), AT_ONCE):
                some = records[first : first + AT_ONCE]
                ids.setdefault(alias, []).extend(await _create(state, portal, alias, some, first))
    for alias, records in sown.records.items():
        with _at(f"records.{alias}"):
            await _tie_all(state, portal, alias, list(zip(ids.get(alias, ()), records, strict=True)))


@contextmanager
def _at(where: str) -> Iterator[None]:
    """Says in which part of the document something is wrong."""
    try:
        yield
    except Unexpected:
        raise
    except Refusal as refusal:
        context = f" {msgspec.json.encode(refusal.context).decode()}" if refusal.context else ""
        raise InvalidSeed(where, refusal.message + context) from refusal


async def _define(state: State, portal: int, alias: str, drafts: Sequence[Draft]) -> None:
    if len({draft.name for draft in drafts}) < len(drafts):
        raise Conflict("A property is defined twice.")

    async def attempt(catalog: Catalog, type_: ObjectType) -> None:
        now = state.clock.now(portal)
        made = [one for draft in drafts if (one := _defined(draft, type_, now)) is not None]
        if made:
            version = await state.store.define(portal, type_.id, catalog.version, made, "property.create", FIXED_APP)
            await state.refresh(portal, version)

    await with_type(state, portal, alias, attempt)


def _defined(draft: Draft, type_: ObjectType, now: int) -> Property | None:
    """The property that a draft makes; None when there is the very same."""
    try:
        return definition.created(draft, type_, now)
    except PropertyExists:
        there = type_.properties[draft.name]
        if any(getattr(there, name) != getattr(draft, name) for name in ("type", "field_type", "has_unique_value")):
            raise
        return None


async def _create(state: State, portal: int, alias: str, records: Sequence[SeedRecord], first: int) -> Sequence[int]:
    given = [record.id for record in records]

    async def attempt(catalog: Catalog, type_: ObjectType) -> Plan:
        checked = check_new([NewInput(record.properties) for record in records], type_, catalog, first)
        work = Write(checked, type_, catalog, FIXED_APP, "create")
        asked = work.wanted()
        named = [id_ for id_ in given if id_ is not None]
        if len(set(named)) < len(named):
            raise Conflict("An id is given to two records.")

        def decide(found: Found) -> Plan:
            taken = [id_ for id_ in named if id_ in found.records]
            if taken:
                raise Conflict(f"There is a record with the id {taken[0]} already.")
            return renumbered(work.plan(found), given)

        wanted = Wanted(asked.keys, [*asked.ids, *named], asked.ends, asked.held, asked.room)
        return await state.store.write(portal, type_.id, catalog.version, wanted, decide)

    plan = await with_type(state, portal, alias, attempt)
    return [record.id for record in plan.creates]


async def _tie_all(state: State, portal: int, alias: str, records: Sequence[tuple[int, SeedRecord]]) -> None:
    by_type: dict[str, list[Pair]] = {}
    for id_, record in records:
        for tie in record.associations:
            other, _, target = tie.to.partition("/")
            types = None if tie.type_id is None else [LinkSpec(tie.category, tie.type_id)]
            by_type.setdefault(other, []).append(Pair(str(id_), target, types))
    for other, pairs in by_type.items():
        await _tie(state, portal, alias, other, pairs)


async def _tie(state: State, portal: int, alias: str, other: str, pairs: Sequence[Pair]) -> None:
    async def attempt(catalog: Catalog, type_: ObjectType) -> None:
        work = Tying(pairs, (type_, catalog.type(other)), catalog, FIXED_APP)
        plan = await state.store.write(portal, type_.id, catalog.version, work.wanted(), work.plan)
        if plan.failed:
            raise plan.failed[0].refusal

    await with_type(state, portal, alias, attempt)
