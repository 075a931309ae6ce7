"""From the filters of a list to the test that a store answers, with the search engine's own conditions (14.4).

Lists are read when they are asked for: what moves with the present is fixed then, and a filter whose property or list
is gone since lets nobody pass.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, TypeVar

from msgspec import UNSET

from trunkline.crm.branch import (
    Amount,
    AmountRange,
    And,
    AnyBranch,
    AnyOperation,
    Association,
    ConstantFilter,
    Endpoint,
    Filter,
    InListFilter,
    Known,
    NotAll,
    NotAny,
    OneText,
    Options,
    Or,
    Point,
    PropertyFilter,
    Rolling,
    Stamp,
    StampRange,
    Texts,
    TimePoint,
    TimeRange,
    Truth,
)
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.instant import milliseconds
from trunkline.crm.operand import OPERANDS
from trunkline.crm.property import Property
from trunkline.crm.query import (
    NOBODY,
    Condition,
    Every,
    Exactly,
    Field,
    Not,
    Operand,
    Operator,
    Piece,
    Some,
    Test,
    Tied,
    Within,
    field,
)
from trunkline.crm.record import Moment
from trunkline.crm.segment import Segment, Shelf
from trunkline.crm.values import Unfit
from trunkline.crm.words import folded
from trunkline.errors import InvalidListFilter, ListNotFound, UnknownObjectType

MOST_FILTERS = 250
"""Filters of a list, with those of the lists that they name (chosen: differences)."""

MOST_OPERANDS = 5_000
"""Values in all of them (chosen: differences)."""

DEEPEST = 15
"""Branches within each other (chosen: differences)."""

DAY = 24 * 60 * 60 * 1000

IN, NOT_IN = "IN_LIST", "NOT_IN_LIST"

_AMOUNTS: Mapping[str, Operator] = {
    "IS_EQUAL_TO": "EQ",
    "IS_NOT_EQUAL_TO": "NEQ",
    "IS_GREATER_THAN": "GT",
    "IS_GREATER_THAN_OR_EQUAL_TO": "GTE",
    "IS_LESS_THAN": "LT",
    "IS_LESS_THAN_OR_EQUAL_TO": "LTE",
}
_TRUTHS: Mapping[str, Operator] = {"IS_EQUAL_TO": "EQ", "IS_NOT_EQUAL_TO": "NEQ"}
_TEXTS: Mapping[str, Operator] = {"IS_EQUAL_TO": "IN", "IS_NOT_EQUAL_TO": "NOT_IN"}
_PIECES: Mapping[str, Literal["anywhere", "start", "end"]] = {
    "CONTAINS": "anywhere",
    "DOES_NOT_CONTAIN": "anywhere",
    "STARTS_WITH": "start",
    "ENDS_WITH": "end",
}
_KNOWN: Mapping[str, Operator] = {
    "IS_KNOWN": "HAS_PROPERTY",
    "IS_UNKNOWN": "NOT_HAS_PROPERTY",
    "IS_NOT_BLANK": "HAS_PROPERTY",
    "IS_BLANK": "NOT_HAS_PROPERTY",
}
_OPTIONS: Mapping[str, Operator] = {"IS_ANY_OF": "IN", "IS_NONE_OF": "NOT_IN"}
_SETS = {
    "IS_EXACTLY": (True, True),
    "IS_NOT_EXACTLY": (True, False),
    "CONTAINS_ALL": (False, True),
    "DOES_NOT_CONTAIN_ALL": (False, False),
}
"""Whether other options may be chosen besides, and whether it is asked that it is so, or that it is not."""

_STAMPS: Mapping[str, Operator] = {"IS_AFTER_DATE": "GT", "IS_BEFORE_DATE": "LT", "IS_AFTER": "GT", "IS_BEFORE": "LT"}
_POINTS: Mapping[tuple[str, Endpoint], Operator] = {
    ("IS_AFTER", "EXCLUSIVE"): "GT",
    ("IS_AFTER", "INCLUSIVE"): "GTE",
    ("IS_BEFORE", "EXCLUSIVE"): "LT",
    ("IS_BEFORE", "INCLUSIVE"): "LTE",
}
_BETWEEN = {"IS_BETWEEN": True, "IS_NOT_BETWEEN": False}

T = TypeVar("T")


class Criteria:
    """What the lists of one portal ask of records, at one moment.

    One that is `strict` raises `InvalidListFilter` for what cannot be evaluated; else it lets nobody pass.
    """

    def __init__(self, catalog: Catalog, shelf: Shelf, now: Moment, *, strict: bool = False) -> None:
        self._catalog = catalog
        self._shelf = shelf
        self._now = now
        self._strict = strict
        self._open: list[int] = []
        self._filters = MOST_FILTERS
        self._operands = MOST_OPERANDS
        self._depth = 0

    def of(self, one: Segment) -> Test:
        """What a record must meet to be in a list."""
        if one.keeps or one.branch is None:
            return Within(self._catalog.portal, one.id)
        if one.id in self._open:
            raise InvalidListFilter(f"The list {one.id} would depend on itself")
        self._open.append(one.id)
        try:
            return self._branch(one.branch, self._catalog.type(one.type))
        finally:
            self._open.pop()

    def passing(self, branch: Or, type_: ObjectType, own: int | None = None) -> Test:
        """What a record of a type must meet to pass filters, those of the list `own` if they are to be of one."""
        self._open = [] if own is None else [own]
        return self._branch(branch, type_)

    def _branch(self, branch: AnyBranch, type_: ObjectType) -> Test:
        if self._depth == DEEPEST:
            raise InvalidListFilter(f"Branches of filters can be at most {DEEPEST} deep")
        self._depth += 1
        try:
            return self._tried(lambda: self._parts(branch, type_))
        finally:
            self._depth -= 1

    def _tried(self, make: Callable[[], Test]) -> Test:
        try:
            return make()
        except (InvalidListFilter, ListNotFound, UnknownObjectType, Unfit) as cause:
            if not self._strict:
                return NOBODY
            raise InvalidListFilter(cause.message) from cause

    def _parts(self, branch: AnyBranch, type_: ObjectType) -> Test:
        if isinstance(branch, Association):
            return self._associated(branch, type_)
        filters = (self._tried(partial(self._filter, one, type_)) for one in branch.filters)
        parts = (*filters, *(self._branch(one, type_) for one in branch.filter_branches))
        match branch:
            case Or():
                return Some(parts)
            case And():
                return Every(parts)
            case NotAll():
                return Not(Every(parts))
            case NotAny():
                return Not(Some(parts))

    def _associated(self, branch: Association, type_: ObjectType) -> Test:
        _one_of(branch.operator, {IN: True})
        other = self._catalog.type(branch.object_type_id)
        link = self._catalog.links.by_id(branch.association_category, branch.association_type_id)
        if link is None or (link.source, link.target) != (type_.id, other.id):
            raise InvalidListFilter(
                f"There is no association type {branch.association_category[:100]} {branch.association_type_id} "
                f"from {type_.id} to {other.id}"
            )
        inner = And(filters=branch.filters, filter_branches=branch.filter_branches)
        return Tied(other, link.category, link.id, self._branch(inner, other))

    def _filter(self, one: Filter, type_: ObjectType) -> Test:
        self._filters -= 1
        if self._filters < 0:
            raise InvalidListFilter(f"There can be at most {MOST_FILTERS} filters")
        match one:
            case ConstantFilter():
                return Every() if one.should_accept else NOBODY
            case InListFilter():
                return self._in_list(one, type_)
            case PropertyFilter():
                return self._property(one, type_)

    def _in_list(self, one: InListFilter, type_: ObjectType) -> Test:
        inside = _one_of(one.operator, {IN: True, NOT_IN: False})
        found = self._shelf.list(one.list_id)
        if found.type != type_.id:
            raise InvalidListFilter(f"The list {found.id} has no records of the type {type_.id}")
        test = self.of(found)
        return test if inside else Not(test)

    def _property(self, one: PropertyFilter, type_: ObjectType) -> Test:
        definition = type_.properties.get(one.property)
        if definition is None:
            raise InvalidListFilter(f'Property "{one.property[:100]}" does not exist')
        test = self._operation(one.operation, definition)
        if not one.operation.include_objects_with_no_value_set or isinstance(one.operation, Known):
            return test
        return Some((test, Condition(field(definition), "NOT_HAS_PROPERTY")))

    def _operation(self, asked: AnyOperation, definition: Property) -> Test:
        looked_at = field(definition)
        match asked:
            case Known():
                return Condition(looked_at, _one_of(asked.operator, _KNOWN))
            case Truth():
                _require_kind(looked_at, asked, "exact")
                return Condition(looked_at, _one_of(asked.operator, _TRUTHS), ("true" if asked.value else "false",))
            case Amount():
                _require_kind(looked_at, asked, "number", "id")
                return Condition(looked_at, _one_of(asked.operator, _AMOUNTS), (_amount(looked_at, asked.value),))
            case AmountRange():
                _require_kind(looked_at, asked, "number", "id")
                ends = _amount(looked_at, asked.lower_bound), _amount(looked_at, asked.upper_bound)
                return _between(looked_at, asked.operator, ends)
            case OneText():
                return self._texts(looked_at, asked.operator, (asked.value,))
            case Texts():
                return self._texts(looked_at, asked.operator, asked.values)
            case Options():
                return self._options(looked_at, asked)
        _require_kind(looked_at, asked, "moment")
        return self._moments(looked_at, asked, day=definition.type == "date")

    def _texts(self, looked_at: Field, operator: str, values: tuple[str, ...]) -> Test:
        sought = self._sought(looked_at, values)
        if operator in _TEXTS:
            return Condition(looked_at, _TEXTS[operator], sought)
        place = _one_of(operator, _PIECES)
        if looked_at.kind != "text":
            raise InvalidListFilter(f"{operator} cannot be asked of {looked_at.name}")
        pieces = Some(tuple(Piece(looked_at, place, value) for value in dict.fromkeys(map(folded, values))))
        if operator == "DOES_NOT_CONTAIN":
            return Every((Condition(looked_at, "HAS_PROPERTY"), Not(pieces)))
        return pieces

    def _options(self, looked_at: Field, asked: Options) -> Test:
        _require_kind(looked_at, asked, "exact", "many", "text")
        sought = self._sought(looked_at, asked.values)
        if asked.operator in _OPTIONS:
            return Condition(looked_at, _OPTIONS[asked.operator], sought)
        exactly, so = _one_of(asked.operator, _SETS)
        if exactly and looked_at.kind == "many":
            test: Test = Exactly(looked_at, tuple(str(one) for one in sought))
        else:
            test = Every(tuple(Condition(looked_at, "EQ", (one,)) for one in sought))
        return test if so else Every((Condition(looked_at, "HAS_PROPERTY"), Not(test)))

    def _sought(self, looked_at: Field, values: tuple[str, ...]) -> tuple[Operand, ...]:
        """The values as they are compared, each once."""
        self._operands -= len(values)
        if self._operands < 0:
            raise InvalidListFilter(f"The filters can have at most {MOST_OPERANDS} values")
        if not values or not all(values):
            raise InvalidListFilter(f"A filter of {looked_at.name} needs values that are not empty")
        return tuple(dict.fromkeys(OPERANDS[looked_at.kind](value) for value in values))

    def _moments(
        self, looked_at: Field, asked: Stamp | StampRange | Rolling | TimePoint | TimeRange, *, day: bool
    ) -> Test:
        match asked:
            case Stamp():
                return Condition(looked_at, _one_of(asked.operator, _STAMPS), (asked.timestamp,))
            case StampRange():
                return _between(looked_at, asked.operator, (asked.lower_bound, asked.upper_bound))
            case Rolling():
                return self._rolling(looked_at, asked)
        if asked.property_parser not in _VALUE:
            raise InvalidListFilter(f"propertyParser {asked.property_parser} is not evaluated here, only VALUE")
        if isinstance(asked, TimePoint):
            operator = _one_of(asked.operator, {"IS_AFTER": "IS_AFTER", "IS_BEFORE": "IS_BEFORE"})
            compared = _POINTS[operator, asked.endpoint_behavior or "EXCLUSIVE"]
            return Condition(looked_at, compared, (self._at(asked.time_point, day=day),))
        low = _POINTS["IS_AFTER", asked.lower_bound_endpoint_behavior or "INCLUSIVE"]
        high = _POINTS["IS_BEFORE", asked.upper_bound_endpoint_behavior or "INCLUSIVE"]
        test = Every(
            (
                Condition(looked_at, low, (self._at(asked.lower_bound_time_point, day=day),)),
                Condition(looked_at, high, (self._at(asked.upper_bound_time_point, day=day),)),
            )
        )
        if _one_of(asked.operator, _BETWEEN):
            return test
        return Every((Condition(looked_at, "HAS_PROPERTY"), Not(test)))

    def _at(self, point: Point, *, day: bool) -> Moment:
        return milliseconds(point, self._now, day=day)

    def _rolling(self, looked_at: Field, asked: Rolling) -> Condition:
        now, span = self._now, asked.number_of_days * DAY
        conditions = {
            "IS_LESS_THAN_X_DAYS_AGO": Condition(looked_at, "BETWEEN", (now - span, now)),
            "IS_MORE_THAN_X_DAYS_AGO": Condition(looked_at, "LT", (now - span,)),
            "IS_LESS_THAN_X_DAYS_FROM_NOW": Condition(looked_at, "BETWEEN", (now, now + span)),
            "IS_MORE_THAN_X_DAYS_FROM_NOW": Condition(looked_at, "GT", (now + span,)),
        }
        return _one_of(asked.operator, conditions)


_VALUE = ("VALUE", UNSET)


def _one_of(operator: str, known: Mapping[str, T]) -> T:
    """What an operator stands for; raises `InvalidListFilter` for one that is not known here."""
    if operator not in known:
        raise InvalidListFilter(f"The operator {operator[:100]} is not evaluated here; known are {', '.join(known)}")
    return known[operator]


def _require_kind(looked_at: Field, asked: AnyOperation, *kinds: str) -> None:
    if looked_at.kind not in kinds:
        tag = asked.__struct_config__.tag
        raise InvalidListFilter(f"An operation of the type {tag} cannot be asked of {looked_at.name}")


def _amount(looked_at: Field, value: int | float) -> Operand:
    """An amount, whole for an id."""
    return OPERANDS["id"](str(value)) if looked_at.kind == "id" else value


def _between(looked_at: Field, operator: str, ends: tuple[Operand, Operand]) -> Test:
    test = Condition(looked_at, "BETWEEN", ends)
    if _one_of(operator, _BETWEEN):
        return test
    return Every((Condition(looked_at, "HAS_PROPERTY"), Not(test)))
