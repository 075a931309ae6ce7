"""What is most likely an oversight in a batch as a whole, or shows in what became of it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from trunkline.crm.association import record_number
from trunkline.crm.batch import Batch, Operation
from trunkline.crm.catalog import ObjectType
from trunkline.crm.check import Checked, Input, NewInput
from trunkline.crm.doubt import is_loose
from trunkline.crm.plan import Failed, Plan
from trunkline.crm.values import text
from trunkline.crm.warning import Warning, quoted

TOLD = 5
"""Ids or names that one warning tells of."""


def of_batch(batch: Batch, type_: ObjectType, failed: Collection[int] = ()) -> list[Warning]:
    """What is told of a batch, beside its values; `failed` are the positions of inputs that were refused."""
    if not batch.inputs:
        return [nothing_asked()]
    found = [warning for find in _FINDERS[batch.operation] for warning in find(batch.inputs)]
    if batch.operation in ("create", "update", "upsert") and not batch.each:
        found += _traced_in_part(batch.inputs)
    if batch.operation in ("create", "update"):
        found += _without_properties(batch.inputs, failed)
    if batch.operation in ("update", "upsert"):
        found += _loosely_keyed(batch.inputs, type_)
    return found


def nothing_asked() -> Warning:
    """What is told of a batch without inputs."""
    return Warning("no-inputs", "has no inputs: nothing was done", "the body")


def of_values(checked: Sequence[Checked]) -> list[Warning]:
    """What is told of the values of a batch, once they were checked."""
    return [warning for one in checked if one.warnings for warning in one.warnings]


def of_nulls(inputs: Sequence[Input | NewInput], plan: Plan, first: int = 0) -> list[Warning]:
    """What is told of properties that were cleared by a null; `first` is the position of the first input."""
    nulled = {n: input_ for n, input_ in enumerate(inputs, first) if None in input_.properties.values()}
    if not nulled or not plan.updates:
        return []
    changed = {update.record.id: update.change.values for update in plan.updates}
    return [
        Warning("null-clears", "null cleared what was there", f"inputs[{one.position}].properties.{name}")
        for one in plan.written
        if one.position in nulled and not one.new
        for name, value in nulled[one.position].properties.items()
        if value is None and changed.get(one.record.id, {}).get(name, ("", None))[1] == ""
    ]


def of_missing(missing: Sequence[Failed], batch: Batch) -> list[Warning]:
    """What is told of ids that reach no record, where they are no record ids."""
    ids = [_id(batch.inputs[one.position - batch.first]) for one in missing]
    strange = [id_ for id_ in ids if id_ is not None and not record_number(id_)]
    if not strange:
        return []
    message = f"{_some(strange)}: no record id, and there is no idProperty that it could be a value of"
    return [Warning("id-without-id-property", message, "inputs")]


def of_ids(ids: Collection[int | str], reached: Collection[int]) -> list[Warning]:
    """What is told of records to take away that are not there."""
    absent = [str(id_) for id_ in ids if id_ not in reached]
    if not absent:
        return []
    return [Warning("nothing-archived", f"{_some(absent)}: there is no such record, or no longer; nothing was done")]


def of_cuts(asked: int, usable: int, reason: str) -> list[Warning]:
    """What is told of associations to end when some of them cannot be there."""
    if usable == asked:
        return []
    return [Warning("nothing-removed", f"{asked - usable} of {asked} pairs have nothing to remove: {reason}", "inputs")]


def of_outcome(inputs: int, results: int, errors: int, status: int, partial: int) -> list[Warning]:
    """What is told of a batch that has errors in an answer with a status of success.

    `status` is that of success, `partial` the one that the answer has.
    """
    if errors and not results:
        return [Warning("nothing-done", f"none of {inputs} inputs succeeded, and the status is {partial}: see errors")]
    if errors and status == partial:
        return [Warning("failed-in-part", f"some of {inputs} inputs failed, and the status is {status}: see errors")]
    return []


def of_one(warnings: Sequence[Warning]) -> list[Warning]:
    """Warnings of a batch of one as they are told of a record that has no inputs around it."""
    return [replace(warning, at=(warning.at or "").partition(".")[2] or None) for warning in warnings]


def of_names(names: Sequence[str], type_: ObjectType) -> list[Warning]:
    """What is told of properties to show that the type does not have."""
    if type_.properties.keys() >= set(names):
        return []
    absent = [name for name in dict.fromkeys(names) if name not in type_.properties]
    return [Warning("unknown-property", f"{type_.data.plural} have no {_some(absent)}")]


def _without_properties(inputs: Sequence[Input | NewInput], failed: Collection[int]) -> Iterator[Warning]:
    if not all(input_.properties for input_ in inputs):
        empty = [n for n, input_ in enumerate(inputs) if not input_.properties and n not in failed]
        if empty:
            yield Warning("no-properties", f"has no properties{_others(empty)}", f"inputs[{empty[0]}]")


def _traced_in_part(inputs: Sequence[Input | NewInput]) -> Iterator[Warning]:
    traces = {input_.trace for input_ in inputs}
    if traces != {None} and (len(traces) < len(inputs) or None in traces):
        message = "objectWriteTraceId is missing on some, or repeated: one input that fails takes all others along"
        yield Warning("trace-ids-unusable", message, "inputs")


def _unkeyed(inputs: Sequence[Input]) -> Iterator[Warning]:
    if not all(input_.id_property for input_ in inputs):
        positions = [n for n, input_ in enumerate(inputs) if not input_.id_property]
        message = f"has no idProperty{_others(positions)}: id is taken for a record id, and no record is created"
        yield Warning("upsert-without-id-property", message, f"inputs[{positions[0]}]")


def _loosely_keyed(inputs: Sequence[Input], type_: ObjectType) -> Iterator[Warning]:
    """Keys with white space around them, and those that differ by that, or by case, alone."""
    names = {name for name, definition in type_.unique.items() if is_loose(definition)}
    keys = [
        input_.id if isinstance(input_.id, str) else text(input_.id) for input_ in inputs if input_.id_property in names
    ]
    together = "\0".join(keys)
    if not together or (together == together.lower() and together.split(maxsplit=1) == [together]):
        return
    for key in keys:
        if key != key.strip():
            yield Warning("white-space-in-key", f"{quoted(key)} is another id than {quoted(key.strip())}", "inputs")
    alike = [key for key, times in Counter(key.strip().lower() for key in dict.fromkeys(keys)).items() if times > 1]
    if alike:
        yield Warning("keys-alike", f"{_some(alike)}: several ids that differ by case or white space alone", "inputs")


def _repeated(ids: Sequence[str]) -> Iterator[Warning]:
    if len(set(ids)) < len(ids):
        repeated = [id_ for id_, times in Counter(ids).items() if times > 1]
        yield Warning("repeated-ids", f"{_some(repeated)}: named more than once, and done once", "inputs")


_FINDERS: Mapping[Operation, Sequence[Callable[[Sequence[Any]], Iterator[Warning]]]] = {
    "create": (),
    "read": (_repeated,),
    "update": (),
    "upsert": (_unkeyed,),
    "archive": (_repeated,),
}


def _id(input_: object) -> str | None:
    """The id of an input that has no idProperty."""
    if isinstance(input_, Input):
        return None if input_.id_property else text(input_.id)
    return input_ if isinstance(input_, str) else None


def _some(names: Sequence[str]) -> str:
    more = len(names) - TOLD
    return ", ".join(map(quoted, names[:TOLD])) + (f" and {more} more" if more > 0 else "")


def _others(positions: Sequence[int]) -> str:
    return f" (nor have {len(positions) - 1} others)" if len(positions) > 1 else ""
