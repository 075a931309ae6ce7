"""Two records that turn out to be one: the primary stays, the other one gives it what it lacks and goes."""

from trunkline.crm import alias
from trunkline.crm.alias import held
from trunkline.crm.archive import archived
from trunkline.crm.catalog import ObjectType
from trunkline.crm.plan import Found, Merger, Plan, Update, Wanted, Written
from trunkline.crm.record import Change, Record
from trunkline.errors import ImpossibleMerge, RecordNotFound

MERGED = "hs_merged_object_ids"
"""The property in which a record lists those that were merged into it, where its type has that."""


class Merge:
    """The merge of one record into another; raises `ImpossibleMerge` for a record with itself."""

    def __init__(self, primary: int, other: int, type_: ObjectType, app: int) -> None:
        if primary == other:
            raise ImpossibleMerge(str(other))
        self._primary = primary
        self._other = other
        self._type = type_
        self._app = app

    def wanted(self) -> Wanted:
        """Both records."""
        return Wanted(ids=[self._primary, self._other])

    def plan(self, found: Found) -> Plan:
        """The primary's values win, and where it has none it takes the other's; raises `RecordNotFound`.

        The other is archived, and its id stands for the primary from then on.
        """
        primary, other = self._live(found, self._primary), self._live(found, self._other)
        plan = Plan(found.now, self._app)
        plan.released = held(other.properties, self._type)
        plan.archives.append(archived(other, found.now))
        plan.mergers.append(Merger(other.id, primary.id))
        after = self._merged(primary, other, plan)
        plan.written.append(Written(0, None, after, False, None))
        return plan

    def _live(self, found: Found, id_: int) -> Record:
        record = found.records.get(id_)
        if record is None or record.archived is not None:
            raise RecordNotFound
        return record

    def _merged(self, primary: Record, other: Record, plan: Plan) -> Record:
        kept = primary.properties
        values = {
            name: (kept.get(name), value) for name, value in other.properties.items() if value and not kept.get(name)
        }
        for name, value in alias.merged(kept, other.properties, self._type).items():
            values[name] = (kept.get(name), value)
        if MERGED in self._type.properties:
            ids = [part for part in (kept.get(MERGED), other.properties.get(MERGED), str(other.id)) if part]
            values[MERGED] = (kept.get(MERGED), ";".join(ids))
        at = max(plan.now, primary.updated)
        change = Change(at=at, app=plan.app, values=values, previous=primary.last_change)
        after = Record(
            id=primary.id,
            properties=kept | {name: new for name, (_, new) in values.items()},
            created=primary.created,
            updated=at,
            app=primary.app,
            last_change=primary.last_change,
        )
        plan.updates.append(Update(after, change))
        before = held(kept, self._type)
        plan.claimed += [(key, primary.id) for key in held(after.properties, self._type) if key not in before]
        return after
