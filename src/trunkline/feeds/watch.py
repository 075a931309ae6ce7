"""What an app reads of in the journal of webhooks: its subscriptions there, and their filters (behaviour 21.4)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from trunkline.crm.record import Moment
from trunkline.errors import InvalidWebhook

Kind = Literal["OBJECT", "ASSOCIATION", "APP_LIFECYCLE_EVENT", "LIST_MEMBERSHIP", "GDPR_PRIVACY_DELETION"]

Action = Literal[
    "CREATE",
    "UPDATE",
    "DELETE",
    "MERGE",
    "RESTORE",
    "ASSOCIATION_ADDED",
    "ASSOCIATION_REMOVED",
    "SNAPSHOT",
    "APP_INSTALL",
    "APP_UNINSTALL",
    "ADDED_TO_LIST",
    "REMOVED_FROM_LIST",
    "GDPR_DELETE",
]

Operator = Literal[
    "CONTAINS",
    "ENDS_WITH",
    "EQ",
    "GT",
    "GTE",
    "IN",
    "IS_EMPTY",
    "IS_NOT_EMPTY",
    "LT",
    "LTE",
    "N_EQ",
    "NOT_IN",
    "STARTS_WITH",
]

TIED: tuple[Action, ...] = ("ASSOCIATION_ADDED", "ASSOCIATION_REMOVED")

ACTIONS: Mapping[Kind, tuple[Action, ...]] = {
    "OBJECT": ("CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE", *TIED, "SNAPSHOT"),
    "ASSOCIATION": TIED,
    "APP_LIFECYCLE_EVENT": (),
    "LIST_MEMBERSHIP": ("ADDED_TO_LIST", "REMOVED_FROM_LIST"),
    "GDPR_PRIVACY_DELETION": ("GDPR_DELETE",),
}
"""The actions that a subscription of a kind may be to. What becomes of apps and of lists is not in the journal here."""

TYPED: tuple[Kind, ...] = ("OBJECT", "ASSOCIATION", "GDPR_PRIVACY_DELETION")
"""The kinds that are about one object type."""

MOST = 1000
"""Subscriptions of an app, and filters of it."""

LONGEST = 20_000
"""Characters of all that a subscription, or a filter, names of a kind."""

MOST_CONDITIONS = 100
MOST_LISTED = 1000
"""Ids, properties or types that a subscription names of a kind."""

VALUELESS = ("IS_EMPTY", "IS_NOT_EMPTY")
LISTED = ("IN", "NOT_IN")


class Wish(Struct, frozen=True, kw_only=True):
    """A subscription as somebody asks for it; without names of properties, records or other types it is to all."""

    kind: Kind
    portal: int = 0
    type: str = ""
    actions: Sequence[Action] = ()
    properties: Sequence[str] = ()
    records: Sequence[int] = ()
    others: Sequence[str] = ()
    lists: Sequence[int] = ()


class Term(Struct, frozen=True, kw_only=True):
    """What counts for a stretch of its portal's journal: after the position `since`, and not after `until`."""

    since: int
    until: int | None = None

    def there(self, position: int) -> bool:
        """Whether it was there when a position of the journal was written."""
        return self.since < position and (self.until is None or position <= self.until)


class Watch(Term, frozen=True, kw_only=True):
    """A subscription.

    One that was deleted is kept as long as entries are, so that what it covered is still told.
    """

    id: int
    wish: Wish
    created: Moment
    updated: Moment
    user: int
    deleted: Moment | None = None


class Condition(Struct, frozen=True):
    """What the value of a property has to be like."""

    property: str
    operator: Operator
    values: Sequence[str] = ()

    def met(self, held: str | None) -> bool:
        """Whether a value is like that; texts are compared as they are, numbers by their size."""
        value = held or ""
        match self.operator:
            case "IS_EMPTY" | "IS_NOT_EMPTY":
                return (not value) == (self.operator == "IS_EMPTY")
            case "N_EQ" | "NOT_IN":
                return value not in self.values
            case "EQ" | "IN":
                return value in self.values
            case "CONTAINS":
                return self.values[0] in value
            case "STARTS_WITH":
                return value.startswith(self.values[0])
            case "ENDS_WITH":
                return value.endswith(self.values[0])
            case _:
                return bool(value) and self._orders(value)

    def _orders(self, value: str) -> bool:
        compared = _compared(value, self.values[0])
        return {"GT": compared > 0, "GTE": compared >= 0, "LT": compared < 0, "LTE": compared <= 0}[self.operator]


class Filter(Term, frozen=True, kw_only=True):
    """Conditions that all have to be met. Of the filters of a subscription one is enough."""

    id: int
    watch: int
    conditions: Sequence[Condition]
    created: Moment

    def met(self, values: Mapping[str, str]) -> bool:
        """Whether a record with these values meets all conditions."""
        return all(one.met(values.get(one.property)) for one in self.conditions)


def require(wish: Wish) -> None:
    """Raises `InvalidWebhook` for what nobody can subscribe to."""
    allowed = ACTIONS[wish.kind]
    if allowed and not wish.actions:
        raise InvalidWebhook("A subscription names the actions that it is to.", "actions")
    for action in wish.actions:
        if action not in allowed:
            raise InvalidWebhook(f"A subscription of the type {wish.kind} is not to {action}.", "actions")
    for field, named in (
        ("properties", wish.properties),
        ("objectIds", wish.records),
        ("associatedObjectTypeIds", wish.others),
        ("listIds", wish.lists),
    ):
        if len(named) > MOST_LISTED:
            raise InvalidWebhook(f"A subscription names {MOST_LISTED} of these at most.", field)
        _require_short(map(str, named), field)


def require_conditions(conditions: Sequence[Condition]) -> None:
    """Raises `InvalidWebhook` for conditions that cannot be looked at."""
    if not 0 < len(conditions) <= MOST_CONDITIONS:
        raise InvalidWebhook(f"A filter has one condition at least, and {MOST_CONDITIONS} at most.", "conditions")
    for one in conditions:
        _require_short((one.property, *one.values), "conditions")
        if one.operator in VALUELESS:
            continue
        if not one.values or (len(one.values) > 1 and one.operator not in LISTED):
            asked = "values" if one.operator in LISTED else "one value"
            raise InvalidWebhook(f"The operator {one.operator} compares with {asked}.", "conditions")


def _require_short(texts: Iterable[str], field: str) -> None:
    """Raises `InvalidWebhook` for texts that are too long to be kept and read again and again."""
    if sum(map(len, texts)) > LONGEST:
        raise InvalidWebhook(f"All of it together has {LONGEST} characters at most.", field)


def _compared(value: str, other: str) -> int:
    try:
        left, right = float(value), float(other)
    except ValueError:
        return (value > other) - (value < other)
    return (left > right) - (left < right)
