"""What the service fills in by itself: a small table of named rules, to which the catalog's data refers.

A rule is computed when a record is shown, so it costs no storage and cannot go stale. A stamp is the exception: it
notes when another property changed, so it is kept with the record when that happens.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from trunkline.crm.preview import Preview, preview
from trunkline.crm.record import Record
from trunkline.crm.values import moment

STAMPS = {"owner_assigned": "hubspot_owner_id"}
"""Derivations that note when another property changed, and that property."""

CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"

Rule = Callable[[Record, str], str]
"""From a record and its type id to a text."""


class Derivation(Struct, frozen=True):
    """One way to fill a property: a constant, a copy of another property, or a rule.

    A rule that `needs` a property has nothing to say about a record without it.
    """

    rule: Rule | None = None
    needs: str | None = None
    constant: str | None = None

    def value(self, record: Record, type_id: str) -> str | None:
        """The value for one record, or None where it has none."""
        needed = None if self.needs is None else record.properties.get(self.needs)
        if self.constant is not None or (self.needs is not None and not needed):
            return self.constant
        return needed if self.rule is None else self.rule(record, type_id)


class Derivations:
    """The derived properties of one object type.

    `all` runs for every result of a write, so what it needs is sorted by kind beforehand.
    """

    def __init__(self, type_id: str, named: Mapping[str, str]) -> None:
        self.names = named.keys()
        self._type_id = type_id
        self._named = {name: _DERIVATIONS[derivation] for name, derivation in named.items()}
        ways = self._named.items()
        self._constants: dict[str, str | None] = {n: d.constant for n, d in ways if d.constant is not None}
        self._copies = [(n, d.needs) for n, d in ways if d.rule is None and d.needs is not None]
        self._always = [(n, d.rule) for n, d in ways if d.rule is not None and d.needs is None]
        self._sometimes = [(n, d.rule, d.needs) for n, d in ways if d.rule is not None and d.needs is not None]

    def one(self, record: Record, name: str) -> str | None:
        """The value of one derived property of a record, or None where it has none."""
        return self._named[name].value(record, self._type_id)

    def all(self, record: Record) -> dict[str, str | None]:
        """The derived properties that a record has, all of them (behaviour 3.1)."""
        found, kept, type_id = self._constants.copy(), record.properties, self._type_id
        for name, rule in self._always:
            found[name] = rule(record, type_id)
        for name, source in self._copies:
            if kept.get(source):
                found[name] = kept[source]
        for name, rule, needs in self._sometimes:
            if kept.get(needs):
                found[name] = rule(record, type_id)
        return found


def _body(record: Record) -> Preview:
    return preview(record.properties["hs_call_body"])


def _count(disposition: str) -> Rule:
    """1 for a call that ended so, 0 for any other."""
    return lambda record, type_id: "1" if record.properties.get("hs_call_disposition") == disposition else "0"


_DERIVATIONS = {
    "created": Derivation(lambda record, type_id: moment(record.created)),
    "modified": Derivation(lambda record, type_id: moment(record.updated)),
    "id": Derivation(lambda record, type_id: str(record.id)),
    "coordinates": Derivation(lambda record, type_id: f"{type_id}-{record.id}"),
    "source": Derivation(constant="INTEGRATION"),
    "source_id": Derivation(lambda record, type_id: str(record.app)),
    "source_label": Derivation(constant="INTEGRATION"),
    "body_text": Derivation(lambda record, type_id: _body(record).text, "hs_call_body"),
    "body_html": Derivation(lambda record, type_id: _body(record).html, "hs_call_body"),
    "body_truncated": Derivation(lambda record, type_id: str(_body(record).truncated).lower(), "hs_call_body"),
    "connected_count": Derivation(_count(CONNECTED)),
    "voicemail_count": Derivation(_count(VOICEMAIL)),
    "last_contacted": Derivation(needs="hs_timestamp"),
    "owner": Derivation(needs="hubspot_owner_id"),
    "owner_user": Derivation(needs="hubspot_owner_id"),
    "owner_assigned": Derivation(needs="hubspot_owner_assigneddate"),
}
