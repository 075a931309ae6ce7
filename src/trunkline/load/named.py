"""Columns that are named like properties: of a file that `trunkline export` wrote, and of any object type."""

from collections.abc import Mapping
from datetime import tzinfo

import msgspec

from trunkline.load.exported import HEAD, HISTORY, TIES, Tie, property_of
from trunkline.load.formats import Layout
from trunkline.load.key import Definition
from trunkline.load.mapping import KEY, Call, Columns, Plan, Unmappable, Wishes
from trunkline.load.rows import Row
from trunkline.load.values import Reader, time, verbatim

RECORD_ID = "hs_object_id"
"""The key of records that are there already: by it they are changed and never made."""

_ties = msgspec.json.Decoder(list[Tie])


class Named(Columns):
    """Makes records of rows. `known` are the properties there; those that cannot be written are passed over.

    Without a `key` each row is a record of its own. In an exported file the empty text is a value, which clears.
    """

    def __init__(
        self, layout: Layout, key: str | None, wishes: Wishes, zone: tzinfo, known: Mapping[str, Definition]
    ) -> None:
        super().__init__(layout.format, key or "", wishes, zone)
        self._known = known
        self._exported = layout.exported
        self._keyless = key is None

    def call(self, row: Row) -> Call:
        """The record that a row tells of."""
        if not self._keyless:
            return super().call(row)._replace(ties=self._tied(row))
        if row.fault:
            raise Unmappable(row.fault)
        properties = self._properties(self.plan(row.columns, row.declared), row)
        if not properties:
            raise Unmappable("no value: no column is known to hold one that can be written")
        return Call(str(row.line), properties, row, self._tied(row))

    def _tied(self, row: Row) -> tuple[tuple[str, Tie], ...]:
        ties = self.plan(row.columns, row.declared).ties
        try:
            return tuple((type_, tie) for place, type_ in ties for tie in _ties.decode(row.cells[place] or "[]"))
        except msgspec.MsgspecError as cause:
            raise Unmappable(f"the associations cannot be read: {cause}") from cause

    def _key_in(self, cell: str) -> str:
        return cell if self._exported and cell.strip() else cell.strip()

    def _is_blank(self, cell: str) -> bool:
        return not self._exported and not cell.strip()

    def _decide(self, columns: tuple[str, ...], declared: bool) -> Plan:
        plan = super()._decide(columns, declared)
        # What the service sets itself is in every export: only what it does not have is worth telling.
        ignored = tuple(name for name in plan.ignored if self._is_strange(name))
        ties = [(place, name.removeprefix(TIES)) for place, name in enumerate(columns) if name.startswith(TIES)]
        return plan._replace(ignored=ignored, ties=tuple(ties) if self._exported else ())

    def _is_strange(self, column: str) -> bool:
        beside = self._exported and (column in HEAD or column.startswith((HISTORY, TIES)))
        return not beside and property_of(column, self._exported) not in self._known

    def _claims(self, column: str, declared: bool) -> list[tuple[int, str, Reader]]:
        if column in self._wishes:
            return super()._claims(column, declared)
        if self._exported and column in HEAD:
            return [(-1, KEY, verbatim)] if column == HEAD[0] and self._key == RECORD_ID else []
        name = property_of(column, self._exported)
        claims: list[tuple[int, str, Reader]] = [(0, KEY, verbatim)] if name == self._key else []
        known = self._known.get(name)
        if known is not None and known.writable:
            claims.append((-1, name, time if known.type == "datetime" and not self._exported else verbatim))
        return claims
