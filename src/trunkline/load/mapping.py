"""From columns to call properties, and from rows to calls."""

import re
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import NamedTuple

from trunkline.load import values
from trunkline.load.exported import Tie
from trunkline.load.formats import Format, fold
from trunkline.load.rows import Row
from trunkline.load.stopped import Stopped
from trunkline.load.values import BY_PROPERTY, Reader, verbatim

KEY = "(key)"
"""Stands in the tables for the property that the user chose as the key."""


class Alias(NamedTuple):
    """A column, by its folded name, that is well known to hold a property."""

    column: str
    target: str
    read: Reader


def _aliases(target: str, read: Reader, *columns: str) -> tuple[Alias, ...]:
    return tuple(Alias(column, target, read) for column in columns)


_GENERIC = (
    *_aliases(KEY, verbatim, "callkey", "callid", "calluuid", "callsid", "sid", "uniqueid"),
    *_aliases("hs_timestamp", values.time, "timestamp", "starttime", "startedat", "start", "callstart", "calldate"),
    *_aliases("hs_timestamp", values.time, "datetime"),
    *_aliases("hs_call_from_number", verbatim, "from", "fromnumber", "caller", "callernumber", "src", "ani"),
    *_aliases("hs_call_to_number", verbatim, "to", "tonumber", "callee", "calleenumber", "called", "dst", "dnis"),
    *_aliases("hs_call_duration", verbatim, "durationms", "durationmilliseconds"),
    *_aliases("hs_call_duration", values.seconds, "durationseconds", "durationsec", "billsec", "duration"),
    *_aliases("hs_call_status", values.status, "status", "callstatus"),
    *_aliases("hs_call_direction", values.direction, "direction", "calldirection"),
    *_aliases("hs_call_disposition", values.disposition, "disposition", "calldisposition", "outcome", "calloutcome"),
    *_aliases("hs_call_title", verbatim, "title", "subject", "calltitle"),
    *_aliases("hs_call_body", verbatim, "body", "notes", "note", "callnotes"),
    *_aliases("hs_call_recording_url", verbatim, "recordingurl", "recording"),
)
_ASTERISK = (
    *_aliases(KEY, verbatim, "uniqueid"),
    *_aliases("hs_timestamp", values.time, "start", "calldate"),
    *_aliases("hs_call_from_number", verbatim, "src"),
    *_aliases("hs_call_to_number", verbatim, "dst"),
    *_aliases("hs_call_duration", values.seconds, "billsec", "duration"),
    *_aliases("hs_call_status", values.status, "disposition"),
    *_aliases("hs_call_title", values.clid, "clid"),
    *_aliases("hs_call_direction", values.dcontext, "dcontext"),
)
_TWILIO = (
    *_aliases(KEY, verbatim, "sid", "callsid"),
    *_aliases("hs_timestamp", values.time, "starttime", "datecreated"),
    *_aliases("hs_call_from_number", verbatim, "from", "fromformatted"),
    *_aliases("hs_call_to_number", verbatim, "to", "toformatted"),
    *_aliases("hs_call_duration", values.seconds, "duration", "callduration"),
    *_aliases("hs_call_status", values.status, "status", "callstatus"),
    *_aliases("hs_call_direction", values.direction, "direction"),
)
ALIASES = {Format.CSV: _GENERIC, Format.NDJSON: _GENERIC, Format.ASTERISK: _ASTERISK, Format.TWILIO: _TWILIO}
"""Which columns hold what, by format. Where a file has two columns for one property, the earlier entry is taken."""

READ_ONLY = frozenset(
    f"hs_{name}"
    for name in (
        *("object_id", "createdate", "lastmodifieddate", "obj_coords", "body_preview", "body_preview_html"),
        *("body_preview_is_truncated", "connected_count", "voicemail_count", "engagements_last_contacted"),
        *("object_source", "object_source_id", "object_source_label", "object_source_user_id", "all_owner_ids"),
        *("object_source_detail_1", "object_source_detail_2", "object_source_detail_3", "user_ids_of_all_owners"),
        *("all_team_ids", "all_accessible_team_ids", "created_by", "created_by_user_id", "modified_by"),
        *("updated_by_user_id", "merged_object_ids", "gdpr_deleted", "read_only", "was_imported"),
    )
)
"""Properties the service sets itself and refuses to be given (behaviour 3.1, 4.3); an export carries them."""


class Field(NamedTuple):
    """One cell's way into a call."""

    place: int
    column: str
    target: str
    read: Reader


class Plan(NamedTuple):
    """What becomes of the columns of a row; without a `key` its rows cannot be sent.

    `ties` are the places of cells with associations, each with the type at the other ends.
    """

    key: Field | None
    fields: tuple[Field, ...]
    ignored: tuple[str, ...]
    ties: tuple[tuple[int, str], ...] = ()


class Call(NamedTuple):
    """A row that can be sent: its key, the values to write, and the row for the case that it is refused.

    `ties` are the records that it is to be tied to, each with its type.
    """

    key: str
    properties: dict[str, str]
    row: Row
    ties: tuple[tuple[str, Tie], ...] = ()


class Unmappable(Exception):
    """A row that makes no call; the text says why."""


Wishes = Mapping[str, tuple[str, ...]]
"""What the user said about columns: the properties that each is to fill, none for a column to leave out."""


def read_wishes(given: Iterable[str]) -> Wishes:
    """Reads `column=property` (once or more often for a column) and `column=`, which drops the column.

    Raises Stopped for a text without `=` or without a column.
    """
    targets: dict[str, tuple[str, ...]] = {}
    for text in given:
        column, sign, target = text.rpartition("=")
        if not sign or not column.strip():
            raise Stopped(f"--map {text}: write COLUMN=PROPERTY, or COLUMN= to drop the column.")
        wanted = (target.strip(),) if target.strip() else ()
        targets[column.strip()] = targets.get(column.strip(), ()) + wanted
    return targets


class Columns:
    """Makes calls of rows: decides once for each set of columns, then reads the cells.

    `key` is the id property, `zone` where times without a zone were written.
    """

    def __init__(self, kind: Format, key: str, wishes: Wishes, zone: tzinfo) -> None:
        self._aliases = ALIASES.get(kind, ())
        self._key = key
        self._wishes = wishes
        self._zone = zone
        self._plans: dict[tuple[tuple[str, ...], bool], Plan] = {}
        self.ignored: dict[str, None] = {}
        self.unmet = dict.fromkeys(wishes)

    def call(self, row: Row) -> Call:
        """The call that a row tells of. Blank cells are left out: loading never clears a value.

        Raises Unmappable for a row with a fault, without a key, or with a time or duration that cannot be read.
        """
        if row.fault:
            raise Unmappable(row.fault)
        plan = self.plan(row.columns, row.declared)
        if plan.key is None:
            raise Unmappable(f"no key: no column is known to hold {self._key}")
        key = self._key_in(row.cells[plan.key.place] or "")
        if not key:
            raise Unmappable(f"no key: {plan.key.column} is empty")
        return Call(key, self._properties(plan, row), row)

    def _properties(self, plan: Plan, row: Row) -> dict[str, str]:
        properties: dict[str, str] = {}
        for place, column, target, read in plan.fields:
            cell = row.cells[place]
            if cell is None or self._is_blank(cell):
                continue
            try:
                value = read(cell, self._zone)
            except ValueError as cause:
                raise Unmappable(f"{column}: {cause}") from cause
            if value is not None:
                properties[target] = value
        return properties

    def _key_in(self, cell: str) -> str:
        """The key that a cell holds; nothing when it holds none."""
        return cell.strip()

    def _is_blank(self, cell: str) -> bool:
        """Whether a cell says nothing."""
        return not cell.strip()

    def plan(self, columns: tuple[str, ...], declared: bool = False) -> Plan:
        """What becomes of these columns. `declared` ones are properties by the file's own word."""
        plan = self._plans.get((columns, declared))
        if plan is None:
            if len(self._plans) >= 256:
                # Rows with ever new sets of columns: forgetting keeps memory bounded.
                self._plans.clear()
            plan = self._plans[columns, declared] = self._decide(columns, declared)
            self._tell(plan, columns)
        return plan

    def _decide(self, columns: tuple[str, ...], declared: bool) -> Plan:
        best: dict[str, tuple[int, Field]] = {}
        for place, column in enumerate(columns):
            for rank, target, read in self._claims(column, declared):
                if target not in best or rank < best[target][0]:
                    best[target] = rank, Field(place, column, target, read)
        key = best.pop(KEY, None)
        fields = tuple(field for _, field in best.values())
        used = {field.place for field in fields} | ({key[1].place} if key else set())
        ignored = (column for place, column in enumerate(columns) if place not in used)
        return Plan(key and key[1], fields, tuple(ignored))

    def _claims(self, column: str, declared: bool) -> list[tuple[int, str, Reader]]:
        """What a column could hold, each with a rank; the lowest rank gets a property."""
        known = {alias.target: alias.read for alias in self._aliases if alias.column == fold(column)}
        if column in self._wishes:
            return [(-2, *self._reading(target, known)) for target in self._wishes[column]]
        if fold(column) == fold(self._key):
            return [(-1, KEY, verbatim)]
        if column not in READ_ONLY and (declared or re.fullmatch(r"(hs|hubspot)_[a-z0-9_]+", column)):
            return [(-1, column, BY_PROPERTY.get(column, verbatim))]
        if declared or column in READ_ONLY:
            return []
        return [(rank, a.target, a.read) for rank, a in enumerate(self._aliases) if a.column == fold(column)]

    def _reading(self, target: str, known: Mapping[str, Reader]) -> tuple[str, Reader]:
        if target == self._key:
            return KEY, verbatim
        return target, known.get(target) or BY_PROPERTY.get(target, verbatim)

    def _tell(self, plan: Plan, columns: tuple[str, ...]) -> None:
        if len(self.ignored) < 100:
            self.ignored.update(dict.fromkeys(plan.ignored))
        for column in columns:
            self.unmet.pop(column, None)
