"""Records whose ids are given, as those of a seed: a plan that makes them is renumbered before it is applied."""

from collections.abc import Sequence

from msgspec.structs import replace

from trunkline.crm.plan import Plan

GREATEST_GIVEN = 100_000_000_000
"""The greatest id that may be given; the ids that a store gives by itself are above it."""


def renumbered(plan: Plan, ids: Sequence[int | None]) -> Plan:
    """The plan with these ids for the records that it creates, in their order; None leaves an id as it is."""
    assert len(plan.creates) == len(ids), "each record that is made has its place in the list"
    given = {record.id: id_ for record, id_ in zip(plan.creates, ids, strict=True) if id_ is not None}
    plan.creates = [replace(record, id=given.get(record.id, record.id)) for record in plan.creates]
    plan.claimed = [(key, given.get(id_, id_)) for key, id_ in plan.claimed]
    plan.ties = [replace(tie, record=given.get(tie.record, tie.record)) for tie in plan.ties]
    return plan
