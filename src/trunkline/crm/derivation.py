"""What the service fills in by itself: a small table of named rules, to which the catalog's data refers.

A rule is computed when a record is shown, so it costs no storage and cannot go stale. A stamp is the exception: it
notes when another property changed, so it is kept with the record when that happens.

The rule of a portal's own calculated property is the JSON of the rules of all that it is made from, each formula with a
`=` before it: so a rule says by itself what it comes to, and a changed formula is another rule. One that starts with
`@` is the JSON of a `Lookup`.
"""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct

from trunkline.crm.calculation import calculate
from trunkline.crm.formula import parse
from trunkline.crm.preview import Preview, preview
from trunkline.crm.property import Property
from trunkline.crm.record import Record
from trunkline.crm.sums import names, worked_out
from trunkline.crm.values import moment

STAMPS = {"owner_assigned": "hubspot_owner_id"}
"""Derivations that note when another property changed, and that property."""

CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"

Rule = Callable[[Record, str], str | None]
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


class Lookup(Struct, frozen=True):
    """What the values `of` another property come `to`, each by itself."""

    of: str
    to: dict[str, str]


class Derivations:
    """The derived properties of one object type.

    `all` runs for every result of a write, so what it needs is sorted by kind beforehand.
    """

    def __init__(self, type_id: str, named: Mapping[str, str]) -> None:
        self.names = named.keys()
        self._type_id = type_id
        self._named = {name: self._derivation(name, rule) for name, rule in named.items()}
        self._formulas = [name for name, rule in named.items() if rule.startswith(("=", "{"))]
        ways = [(name, way) for name, way in self._named.items() if name not in self._formulas]
        self._constants: dict[str, str | None] = {n: d.constant for n, d in ways if d.constant is not None}
        self._copies = [(n, d.needs) for n, d in ways if d.rule is None and d.needs is not None]
        self._always = [(n, d.rule) for n, d in ways if d.rule is not None and d.needs is None]
        self._sometimes = [(n, d.rule, d.needs) for n, d in ways if d.rule is not None and d.needs is not None]

    def _derivation(self, name: str, rule: str) -> Derivation:
        if rule.startswith("="):
            formula = parse(rule[1:])
            return Derivation(lambda record, type_id: calculate(formula, lambda other: self._held(record, other)))
        if rule.startswith("{"):
            parts = Derivations(self._type_id, msgspec.json.decode(rule, type=dict[str, str]))
            return Derivation(lambda record, type_id: parts.one(record, name))
        if rule.startswith("@"):
            return _looked_up(msgspec.json.decode(rule[1:], type=Lookup))
        part, _, body = rule.partition(":")
        if names(rule):
            return Derivation(worked_out(rule, self._held), names(rule)[0])
        if part in _TAKEN:
            take = _TAKEN[part]
            return Derivation(lambda record, type_id: take(record.properties[body]), body)
        return _of_body(part, body) if body else _DERIVATIONS[rule]

    def _held(self, record: Record, name: str) -> str | None:
        return self.one(record, name) if name in self.names else record.properties.get(name)

    def rule(self, name: str) -> Callable[[Record], str | None]:
        """What gives the value of one derived property."""
        way, type_id = self._named[name], self._type_id
        return lambda record: way.value(record, type_id)

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
            if kept.get(needs) and (value := rule(record, type_id)) is not None:
                found[name] = value
        for name in self._formulas:
            if (value := self.one(record, name)) is not None:
                found[name] = value
        return found


def calculation(name: str, known: Mapping[str, Property]) -> str:
    """The rule of a portal's calculated property: its formula, and the rules of all that this is made from."""
    rules: dict[str, str] = {}
    waiting = [name]
    while waiting:
        part = known.get(waiting.pop())
        if part is None or part.name in rules:
            continue
        if part.formula is not None:
            rules[part.name] = f"={part.formula}"
            waiting += parse(part.formula).names
        elif part.derivation:
            rules[part.name] = part.derivation
            waiting += names(part.derivation)
    return msgspec.json.encode(rules, order="sorted").decode()


_TAKEN: Mapping[str, Callable[[str], str | None]] = {
    "same": lambda value: value,
    "domain": lambda value: value.rpartition("@")[2] or None,
}
"""What follows from the text of one property, the one that the rule names after its colon."""

_PREVIEWS: Mapping[str, Callable[[Preview], str]] = {
    "body_text": lambda shown: shown.text,
    "body_html": lambda shown: shown.html,
    "body_truncated": lambda shown: str(shown.truncated).lower(),
}


def _looked_up(lookup: Lookup) -> Derivation:
    return Derivation(lambda record, type_id: lookup.to.get(record.properties[lookup.of]), lookup.of)


def _of_body(part: str, body: str) -> Derivation:
    """What is shown of an activity's body, the property that the rule names after its colon."""
    show = _PREVIEWS[part]
    return Derivation(lambda record, type_id: show(preview(record.properties[body])), body)


def _count(disposition: str) -> Rule:
    """1 for a call that ended so, 0 for any other."""
    return lambda record, type_id: "1" if record.properties.get("hs_call_disposition") == disposition else "0"


_DERIVATIONS = {
    "created": Derivation(lambda record, type_id: moment(record.created)),
    "modified": Derivation(lambda record, type_id: moment(record.updated)),
    "id": Derivation(lambda record, type_id: str(record.id)),
    "coordinates": Derivation(lambda record, type_id: f"{type_id}-{record.id}"),
    "true": Derivation(constant="true"),
    "source": Derivation(constant="INTEGRATION"),
    "source_id": Derivation(lambda record, type_id: str(record.app)),
    "source_label": Derivation(constant="INTEGRATION"),
    "connected_count": Derivation(_count(CONNECTED)),
    "voicemail_count": Derivation(_count(VOICEMAIL)),
    "last_contacted": Derivation(needs="hs_timestamp"),
    "owner": Derivation(needs="hubspot_owner_id"),
    "owner_user": Derivation(needs="hubspot_owner_id"),
    "owner_assigned": Derivation(needs="hubspot_owner_assigneddate"),
}
