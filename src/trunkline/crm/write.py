"""Create, update, or either by a unique value: from checked inputs and what the store has of them to a plan."""

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from trunkline.crm import alias
from trunkline.crm.association import Tie, unreachable
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.check import Checked
from trunkline.crm.counting import Count, Way, limited
from trunkline.crm.link import Links
from trunkline.crm.outcome import settle
from trunkline.crm.plan import Failed, Found, Plan, UniqueKey, Update, Wanted, Written
from trunkline.crm.property import Property
from trunkline.crm.record import Change, Record
from trunkline.crm.stage import Stages
from trunkline.crm.values import Unfit, appended, iso, unique_key
from trunkline.errors import (
    DuplicateIds,
    InvalidAssociations,
    InvalidValue,
    InvalidValues,
    MissingRequired,
    RecordExists,
    Refusal,
    UniqueValueTaken,
    UnknownRecord,
)

REACHED = "ASSOCIATION_LIMIT_REACHED"
"""The member of an error's context that tells of a limit (chosen: differences)."""

Mode = Literal["create", "update", "upsert"]
"""Whether a batch makes records, changes those that are there, or does for each input what is called for."""


class Write:
    """One batch of one app that writes to one object type.

    With `each` every failure is told alone and none takes the batch with it, trace ids or not. `done` are the records
    that earlier parts of the same batch reached.

    The rules that no source settles (inputs that meet in one record, keys that change hands inside a batch) are in
    docs/differences.md; they keep to one sentence: a batch is never answered in a way that makes a duplicate.
    """

    def __init__(
        self,
        checked: Sequence[Checked],
        type_: ObjectType,
        catalog: Catalog,
        app: int,
        mode: Mode,
        *,
        each: bool = False,
        done: Collection[int] = (),
    ) -> None:
        self.checked = checked
        self._type = type_
        self._lists = tuple(type_.lists)
        self._catalog = catalog
        self._app = app
        self._mode = mode
        self._each = each
        self._done = done
        self._own = [self._own_key(input_) for input_ in checked]
        names = {input_.id_property for input_ in checked}
        self._others = {by: [d for name, d in type_.unique.items() if name != by] for by in names}
        self._unique = [self._unique_keys(input_) for input_ in checked]

    def wanted(self) -> Wanted:
        """Whom the inputs mean, who holds the unique values that they set, and whom new records are tied to."""
        keys = [key for key in self._own if key is not None]
        for unique in self._unique:
            if unique:
                keys += [key for _, key in unique]
        ids = [id_ for input_ in self.checked if (id_ := _record_id(input_)) is not None]
        ends = [link.end for input_ in self.checked for link in input_.links]
        ways = (way for input_ in self.checked for way in self._ways(input_, 0))
        room = sum(self._may_make(input_) for input_ in self.checked)
        return Wanted(keys, ids, ends, limited(ways, self._catalog.links), room)

    def plan(self, found: Found) -> Plan:
        """What the batch writes, given what is there; raises the refusal that takes the whole batch with it."""
        draft = _Draft(found, self._app, self._done, self._catalog.links)
        reached = draft.reached
        for input_, own, unique in zip(self.checked, self._own, self._unique, strict=True):
            record = draft.holder(own) if own else draft.record(_record_id(input_))
            refusal: Refusal | None
            if own in reached or (record is not None and record.id in reached):
                refusal = self._duplicates(input_, own, record, draft)
            else:
                refusal = self._refusal(input_, record, unique, draft)
            if own:
                reached[own] = input_.id
            if record is not None and (refusal is None or not self._each):
                reached[record.id] = input_.id
            if refusal is not None:
                draft.refuse(input_, refusal, alone=self._mode == "update" and isinstance(refusal, UnknownRecord))
            elif record is None:
                values = self._initial(input_, draft)
                draft.create(input_, values, self._claims(own, unique, values))
            else:
                draft.update(input_, record, self._changes(input_, record, draft), self._type)
        if not self._each:
            settle([input_.trace for input_ in self.checked], draft.plan.failed)
        return draft.plan

    def _own_key(self, input_: Checked) -> UniqueKey | None:
        if input_.id_property is None or input_.key is None:
            return None
        return input_.id_property, unique_key(self._type.properties[input_.id_property], input_.key)

    def _unique_keys(self, input_: Checked) -> list[tuple[str, UniqueKey]]:
        """The keys of the unique values that an input sets beside its own, each with the property that sets it."""
        keys: list[tuple[str, UniqueKey]] = []
        for definition in self._others[input_.id_property]:
            value = input_.values.get(definition.name)
            if value:
                keys.append((definition.name, (definition.name, unique_key(definition, value))))
        for name in self._lists:
            keys += [(name, key) for key in alias.listed(name, input_.values.get(name, ""), self._type)]
        return keys

    def _claims(
        self, own: UniqueKey | None, unique: list[tuple[str, UniqueKey]], values: dict[str, str]
    ) -> list[UniqueKey]:
        """The keys that a new record with these values holds."""
        if self._lists:
            return alias.held(values, self._type)
        keys = [] if own is None else [own]
        if unique:
            keys += [key for _, key in unique]
        return keys

    def _duplicates(self, input_: Checked, own: UniqueKey | None, record: Record | None, draft: "_Draft") -> Refusal:
        """That an input means what an earlier one meant; raised, unless every input stands for itself."""
        earlier = draft.reached.get(own, "") if own else ""
        if record is not None and not earlier:
            earlier = draft.reached[record.id]
        refusal = DuplicateIds([id_ for id_ in dict.fromkeys((earlier, input_.id)) if id_], [input_.position])
        if not self._each:
            raise refusal
        return refusal

    def _refusal(
        self, input_: Checked, record: Record | None, unique: list[tuple[str, UniqueKey]], draft: "_Draft"
    ) -> Refusal | None:
        """Why an input cannot go in; what is missing is told before what is wrong (behaviour 3.9)."""
        if record is None and not self._may_make(input_):
            return UnknownRecord(self._type.name, [input_.id], input_.position)
        if input_.key is None:
            return input_.failure
        if input_.lacking and (record is None or (input_.blanked and input_.failure is None)):
            verb = "creating" if record is None else "updating"
            return MissingRequired(verb, self._type.name, input_.lacking, input_.position)
        if record is None and input_.id_property in self._type.rules and (breach := self._breach(input_)):
            return breach
        failure = input_.failure if self._type.stages is None else self._misplaced(input_, record, self._type.stages)
        if failure is not None:
            return failure
        for name, key in unique:
            holder = draft.holders.get(key)
            if holder is not None and (record is None or holder != record.id):
                return self._taken(input_, name, key, record, holder, draft)
        if input_.links:
            return unreachable(input_.links, draft.ends, input_.position, self._catalog) or self._full(input_, draft)
        return None

    def _ways(self, input_: Checked, id_: int) -> Iterator[Way]:
        """The associations that an input asks for a new record."""
        return (((self._type.id, id_), link.end, link.type) for link in input_.links)

    def _full(self, input_: Checked, draft: "_Draft") -> Refusal | None:
        """That an association of a new record would pass a limit of the portal's (behaviour 16.8)."""
        passed = draft.count.passed(self._ways(input_, draft.next_id))
        if passed is None:
            return None
        told = passed.told((self._type, self._catalog.type(passed.type.target), self._catalog.type(passed.end[0])))
        return InvalidAssociations({REACHED: [told]}, input_.position)

    def _breach(self, input_: Checked) -> Refusal | None:
        """What is wrong with an id that a new record would have as a value; one that finds a record may be anything."""
        name = input_.id_property or ""
        try:
            self._type.checkers[name](input_.id)
        except Unfit as unfit:
            bad = InvalidValue(name, unfit.code, unfit.message, f"inputs[{input_.position}].id")
            return InvalidValues([bad], self._catalog.portal)
        return None

    def _misplaced(self, input_: Checked, record: Record | None, stages: Stages) -> Refusal | None:
        """What is wrong with the values of an input, a stage that its record cannot be in among it (behaviour 12.9)."""
        failure = input_.failure
        if failure is not None and not isinstance(failure, InvalidValues):
            return failure
        kept = {} if record is None else record.properties
        bad = stages.misplaced(input_.values, kept, f"inputs[{input_.position}].properties")
        if bad is None:
            return failure
        return InvalidValues([*(failure.values if failure else ()), bad], self._catalog.portal)

    def _may_make(self, input_: Checked) -> bool:
        """An input without any id, as a row of an import may be, asks for a new record in an upsert as well."""
        return self._mode == "create" or (self._mode == "upsert" and (input_.id_property is not None or not input_.id))

    def _taken(
        self, input_: Checked, name: str, key: UniqueKey, record: Record | None, holder: int, draft: "_Draft"
    ) -> Refusal:
        if record is None and key[0] == self._type.data.conflict_property:
            return RecordExists(self._type.data.labels["singular"], holder, input_.position)
        return UniqueValueTaken(
            portal=self._catalog.portal,
            type_name=self._type.name,
            name=name,
            value=key[1] if name in self._lists else input_.values[name],
            record=draft.next_id if record is None else record.id,
            holder=holder,
            position=input_.position,
        )

    def _initial(self, input_: Checked, draft: "_Draft") -> dict[str, str]:
        """The values that a new record starts with: what was sent, less what is blank, and its key."""
        values = input_.values.copy()
        if self._type.stages is not None:
            values = dict(self._type.stages.completed(values, new=True))
        for name in self._type.many.intersection(values):
            values[name] = appended("", values[name])
        if "" in values.values():
            values = {name: value for name, value in values.items() if value}
        if input_.id_property is not None and input_.key is not None:
            values.setdefault(input_.id_property, input_.key)
        if self._lists:
            values = {name: value for name, value in alias.settled(values, {}, self._type).items() if value}
        for source, stamp in self._type.stamps.items():
            if source in values:
                values[stamp] = iso(draft.plan.now)
        return values

    def _changes(self, input_: Checked, record: Record, draft: "_Draft") -> dict[str, tuple[str | None, str]]:
        """From and to of the values that an input changes; blank and never set are the same."""
        kept, stages = record.properties, self._type.stages
        changes: dict[str, tuple[str | None, str]] = {}
        values = input_.values if stages is None else stages.completed(input_.values, new=False)
        if self._lists:
            values = alias.settled(values, kept, self._type)
        for name, value in values.items():
            old = kept.get(name)
            if value == old:
                continue
            if value[:1] == ";" and name in self._type.many:
                value = appended(old or "", value)
            if value != (old or ""):
                changes[name] = (old, value)
        for source, stamp in self._type.stamps.items():
            if source in changes:
                changes[stamp] = (kept.get(stamp), iso(draft.plan.now) if changes[source][1] else "")
        return changes


class _Draft:
    """A plan in the making, and what is there as if the inputs before had been written."""

    def __init__(self, found: Found, app: int, done: Collection[int], links: Links) -> None:
        self.plan = Plan(found.now, app)
        self.holders = found.holders.copy()
        self.records = found.records
        self.ends = found.ends
        self.count = Count(found.held, links)
        self.next_id = found.next_id
        self.reached: dict[UniqueKey | int, str] = dict.fromkeys(done, "")

    def record(self, id_: int | None) -> Record | None:
        found = None if id_ is None else self.records.get(id_)
        return found if found is not None and found.archived is None else None

    def holder(self, key: UniqueKey) -> Record | None:
        id_ = self.holders.get(key)
        return None if id_ is None else self.records[id_]

    def refuse(self, input_: Checked, refusal: Refusal, *, alone: bool) -> None:
        told = self.plan.missing if alone else self.plan.failed
        told.append(Failed(input_.position, input_.trace, refusal))

    def create(self, input_: Checked, values: dict[str, str], keys: list[UniqueKey]) -> None:
        now = self.plan.now
        record = Record(id=self.next_id, properties=values, created=now, updated=now, app=self.plan.app)
        self.next_id += 1
        self.records[record.id] = record
        self.reached[record.id] = input_.id
        self.plan.creates.append(record)
        if input_.links:
            self.plan.ties += [Tie(record.id, link.end, link.type) for link in input_.links]
        for key in keys:
            self._claim(key, record.id)
        self.plan.written.append(Written(input_.position, input_.trace, record, True, None))

    def update(
        self, input_: Checked, record: Record, values: dict[str, tuple[str | None, str]], type_: ObjectType
    ) -> None:
        if values:
            record = self._updated(record, values, type_)
        self.plan.written.append(Written(input_.position, input_.trace, record, False, tuple(input_.values)))

    def _updated(self, record: Record, values: dict[str, tuple[str | None, str]], type_: ObjectType) -> Record:
        at = max(self.plan.now, record.updated)
        change = Change(at=at, app=self.plan.app, values=values, previous=record.last_change)
        properties = record.properties | {name: new for name, (_, new) in values.items()}
        after = Record(
            id=record.id,
            properties=properties,
            created=record.created,
            updated=at,
            app=record.app,
            last_change=record.last_change,
        )
        self.plan.updates.append(Update(after, change))
        if type_.lists:
            self._hold_anew(after.id, alias.held(record.properties, type_), alias.held(properties, type_))
            return after
        for name, definition in type_.unique.items():
            if name in values:
                self._move(definition.name, record.id, *_keys(definition, values[name]))
        return after

    def _hold_anew(self, record: int, old: list[UniqueKey], new: list[UniqueKey]) -> None:
        for key in old:
            if key not in new:
                self.holders.pop(key, None)
                self.plan.released.append(key)
        for key in new:
            if key not in old:
                self._claim(key, record)

    def _move(self, name: str, record: int, old: str | None, new: str | None) -> None:
        if old == new:
            return
        if old is not None:
            self.holders.pop((name, old), None)
            self.plan.released.append((name, old))
        if new is not None:
            self._claim((name, new), record)

    def _claim(self, key: UniqueKey, record: int) -> None:
        self.holders[key] = record
        self.plan.claimed.append((key, record))


def _keys(definition: Property, values: tuple[str | None, str]) -> tuple[str | None, str | None]:
    old, new = values
    return (unique_key(definition, old) if old else None), (unique_key(definition, new) if new else None)


def _record_id(input_: Checked) -> int | None:
    """The record id that an input without idProperty gives, if it can be one."""
    if input_.id_property is None and input_.id.isascii() and input_.id.isdigit() and len(input_.id) < 19:
        return int(input_.id)
    return None
