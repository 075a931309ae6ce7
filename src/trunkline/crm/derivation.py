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
    """A rule, and the property without which it has nothing to say (None: it always has)."""

    rule: Rule
    needs: str | None = None


class Derivations:
    """The derived properties of one object type: from their names to their rules."""

    def __init__(self, type_id: str, named: Mapping[str, str]) -> None:
        self.names = named.keys()
        self._type_id = type_id
        self._named = {name: _DERIVATIONS[derivation] for name, derivation in sorted(named.items())}
        self._rules = [(name, found.rule, found.needs) for name, found in self._named.items()]

    def one(self, record: Record, name: str) -> str | None:
        """The value of one derived property of a record, or None where it has none."""
        found = self._named[name]
        if found.needs is not None and not record.properties.get(found.needs):
            return None
        return found.rule(record, self._type_id)

    def all(self, record: Record) -> dict[str, str | None]:
        """The derived properties that a record has, all of them (behaviour 3.1)."""
        has, type_id = record.properties.get, self._type_id
        return {name: rule(record, type_id) for name, rule, needs in self._rules if needs is None or has(needs)}


def _body(record: Record) -> Preview:
    return preview(record.properties["hs_call_body"])


def _count(disposition: str) -> Rule:
    """1 for a call that ended so, 0 for any other."""
    return lambda record, type_id: "1" if record.properties.get("hs_call_disposition") == disposition else "0"


def _copy(name: str) -> Derivation:
    return Derivation(lambda record, type_id: record.properties[name], name)


_DERIVATIONS = {
    "created": Derivation(lambda record, type_id: moment(record.created)),
    "modified": Derivation(lambda record, type_id: moment(record.updated)),
    "id": Derivation(lambda record, type_id: str(record.id)),
    "coordinates": Derivation(lambda record, type_id: f"{type_id}-{record.id}"),
    "source": Derivation(lambda record, type_id: "INTEGRATION"),
    "source_id": Derivation(lambda record, type_id: str(record.app)),
    "source_label": Derivation(lambda record, type_id: "INTEGRATION"),
    "body_text": Derivation(lambda record, type_id: _body(record).text, "hs_call_body"),
    "body_html": Derivation(lambda record, type_id: _body(record).html, "hs_call_body"),
    "body_truncated": Derivation(lambda record, type_id: str(_body(record).truncated).lower(), "hs_call_body"),
    "connected_count": Derivation(_count(CONNECTED)),
    "voicemail_count": Derivation(_count(VOICEMAIL)),
    "last_contacted": _copy("hs_timestamp"),
    "owner": _copy("hubspot_owner_id"),
    "owner_user": _copy("hubspot_owner_id"),
    "owner_assigned": _copy("hubspot_owner_assigneddate"),
}
