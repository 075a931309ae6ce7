"""Taking records away: to the recycle bin, or for good."""

from collections.abc import Sequence

import msgspec

from trunkline.crm.alias import held
from trunkline.crm.association import record_number
from trunkline.crm.catalog import ObjectType
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.crm.record import Record
from trunkline.errors import UnusableId


class Archive:
    """The archiving of records by id; those that do not exist or are archived already are passed over (3.8)."""

    def __init__(self, ids: Sequence[int], type_: ObjectType, app: int) -> None:
        self.ids = ids
        self._type = type_
        self._app = app

    def wanted(self) -> Wanted:
        """The records themselves."""
        return Wanted(ids=list(self.ids))

    def plan(self, found: Found) -> Plan:
        """Archives what is there. Its unique values become free for others (chosen: differences)."""
        plan = Plan(found.now, self._app)
        for record in found.records.values():
            if record.archived is None:
                plan.archives.append(archived(record, found.now))
                plan.released += held(record.properties, self._type)
        return plan


class Erase(Archive):
    """The erasure of records for good: nothing of what they held is left, in the journal neither."""

    def plan(self, found: Found) -> Plan:
        """Erases what is there, archived records too."""
        plan = Plan(found.now, self._app)
        for record in found.records.values():
            plan.erased.append(archived(record, found.now))
            if record.archived is None:
                plan.released += held(record.properties, self._type)
        return plan


def record_numbers(ids: Sequence[str], first: int = 0) -> list[int]:
    """The record ids of an archive; raises `UnusableId` for what is none (behaviour 2.8)."""
    numbers = [record_number(id_) for id_ in ids]
    unusable = [id_ for id_, number in zip(ids, numbers, strict=True) if not number]
    if unusable:
        raise UnusableId(unusable, f"inputs[{first + ids.index(unusable[0])}].id")
    return numbers


def archived(record: Record, now: int) -> Record:
    """A record as it is once archived; time never runs backwards for one record."""
    at = max(now, record.updated)
    return msgspec.structs.replace(record, archived=at, updated=at)
