"""Moving records to the recycle bin."""

from collections.abc import Sequence

import msgspec

from trunkline.crm.catalog import ObjectType
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.crm.values import unique_key


class Archive:
    """The archiving of records by id; those that do not exist or are archived already are passed over (3.8)."""

    def __init__(self, ids: Sequence[int], type_: ObjectType, app: int) -> None:
        self._ids = ids
        self._type = type_
        self._app = app

    def wanted(self) -> Wanted:
        """The records themselves."""
        return Wanted(ids=list(self._ids))

    def plan(self, found: Found) -> Plan:
        """Archives what is there. Its unique values become free for others (chosen: differences)."""
        plan = Plan(found.now, self._app)
        for record in found.records.values():
            if record.archived is None:
                now = max(found.now, record.updated)
                plan.archives.append(msgspec.structs.replace(record, archived=now, updated=now))
                plan.released += [
                    (name, unique_key(definition, held))
                    for name, definition in self._type.unique.items()
                    if (held := record.properties.get(name))
                ]
        return plan
