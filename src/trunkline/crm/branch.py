"""The filters of a list as data, in HubSpot's own words, since they are shown again as they were sent (behaviour 14.4).

What is not here cannot be evaluated: forms, e-mails, events, ads and the like leave no trace in this program.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from trunkline.errors import InvalidListFilter

MOST_VALUES = 1_000
"""Values in one filter (chosen: differences)."""

Whole = Annotated[int, Meta(ge=-(2**53), le=2**53)]
Count = Annotated[int, Meta(ge=-1_000_000, le=1_000_000)]
Number = Annotated[int, Meta(ge=-(2**53), le=2**53)] | Annotated[float, Meta(ge=-1e300, le=1e300)]
Words = Annotated[str, Meta(max_length=3_000)]
Many = Annotated[tuple[Words, ...], Meta(max_length=MOST_VALUES)]


class Clock(Struct, frozen=True, rename="camel", kw_only=True):
    """A time of day; what is left out is that of the reference."""

    hour: Annotated[int, Meta(ge=0, le=23)] | UnsetType = UNSET
    minute: Annotated[int, Meta(ge=0, le=59)] | UnsetType = UNSET
    second: Annotated[int, Meta(ge=0, le=59)] | UnsetType = UNSET
    millisecond: Annotated[int, Meta(ge=0, le=999)] | UnsetType = UNSET


class Reference(Clock, frozen=True, rename="camel", tag_field="referenceType", kw_only=True):
    """A point that moves with the present."""


class Now(Reference, frozen=True, tag="NOW", kw_only=True):
    """This moment."""


class Today(Reference, frozen=True, tag="TODAY", kw_only=True):
    """The start of this day, unless a time of day is named."""


class Week(Reference, frozen=True, rename="camel", tag="WEEK", kw_only=True):
    """A day of this week, which starts on Monday."""

    day_of_week: Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"] = "MONDAY"


class Month(Reference, frozen=True, tag="MONTH", kw_only=True):
    """A day of this month."""

    day: Annotated[int, Meta(ge=1, le=31)] = 1


class Quarter(Reference, frozen=True, tag="QUARTER", kw_only=True):
    """A day of one of the three months of this quarter."""

    day: Annotated[int, Meta(ge=1, le=31)] = 1
    month: Annotated[int, Meta(ge=1, le=3)] = 1


class Year(Reference, frozen=True, tag="YEAR", kw_only=True):
    """A day of this year."""

    day: Annotated[int, Meta(ge=1, le=31)] = 1
    month: Annotated[int, Meta(ge=1, le=12)] = 1


class Offset(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far from its reference a point is."""

    years: Count = 0
    quarters: Count = 0
    months: Count = 0
    weeks: Count = 0
    days: Count = 0
    hours: Count = 0
    minutes: Count = 0
    seconds: Count = 0
    milliseconds: Count = 0


class DatePoint(Clock, frozen=True, rename="camel", tag_field="timeType", tag="DATE", kw_only=True):
    """A fixed point in time, in a time zone."""

    year: Annotated[int, Meta(ge=1, le=9998)]
    month: Annotated[int, Meta(ge=1, le=12)]
    day: Annotated[int, Meta(ge=1, le=31)]
    zone_id: Words
    timezone_source: Words | UnsetType = UNSET


class IndexedPoint(Struct, frozen=True, rename="camel", tag_field="timeType", tag="INDEXED", kw_only=True):
    """A point that moves with the present, in a time zone."""

    index_reference: Now | Today | Week | Month | Quarter | Year
    zone_id: Words
    offset: Offset | UnsetType = UNSET
    timezone_source: Words | UnsetType = UNSET


Point: TypeAlias = DatePoint | IndexedPoint
Endpoint = Literal["INCLUSIVE", "EXCLUSIVE"]


class Operation(Struct, frozen=True, rename="camel", tag_field="operationType", kw_only=True):
    """What is asked of a property. Records without a value pass only if `include_objects_with_no_value_set` is true."""

    operator: Words
    include_objects_with_no_value_set: bool = False


class Known(Operation, frozen=True, rename="camel", tag="ALL_PROPERTY", kw_only=True):
    """Whether there is a value."""


class Truth(Operation, frozen=True, rename="camel", tag="BOOL", kw_only=True):
    """True or false."""

    value: bool


class Amount(Operation, frozen=True, rename="camel", tag="NUMBER", kw_only=True):
    """An amount."""

    value: Number


class AmountRange(Operation, frozen=True, rename="camel", tag="NUMBER_RANGED", kw_only=True):
    """Amounts between two, both included."""

    lower_bound: Number
    upper_bound: Number


class OneText(Operation, frozen=True, rename="camel", tag="STRING", kw_only=True):
    """One text."""

    value: Words


class Texts(Operation, frozen=True, rename="camel", tag="MULTISTRING", kw_only=True):
    """One of several texts."""

    values: Many


class Options(Operation, frozen=True, rename="camel", tag="ENUMERATION", kw_only=True):
    """Options of an enumeration."""

    values: Many


class Stamp(Operation, frozen=True, rename="camel", tag="DATETIME", kw_only=True):
    """A point in time, in milliseconds since 1970."""

    timestamp: Whole
    requires_time_zone_conversion: bool = False


class StampRange(Operation, frozen=True, rename="camel", tag="RANGED_DATE", kw_only=True):
    """Points in time between two, both included, in milliseconds since 1970."""

    lower_bound: Whole
    upper_bound: Whole
    requires_time_zone_conversion: bool = False


class Rolling(Operation, frozen=True, rename="camel", tag="ROLLING_DATE_RANGE", kw_only=True):
    """So many days ago, or from now."""

    number_of_days: Annotated[int, Meta(ge=0, le=100_000)]
    requires_time_zone_conversion: bool = False


class TimePoint(Operation, frozen=True, rename="camel", tag="TIME_POINT", kw_only=True):
    """Before or after a point in time."""

    time_point: Point
    endpoint_behavior: Endpoint | UnsetType = UNSET
    property_parser: Words | UnsetType = UNSET
    type: Literal["TIME_POINT"] = "TIME_POINT"


class TimeRange(Operation, frozen=True, rename="camel", tag="TIME_RANGED", kw_only=True):
    """Between two points in time, or not."""

    lower_bound_time_point: Point
    upper_bound_time_point: Point
    lower_bound_endpoint_behavior: Endpoint | UnsetType = UNSET
    upper_bound_endpoint_behavior: Endpoint | UnsetType = UNSET
    property_parser: Words | UnsetType = UNSET
    type: Literal["TIME_RANGED"] = "TIME_RANGED"


AnyOperation: TypeAlias = (
    Known
    | Truth
    | Amount
    | AmountRange
    | OneText
    | Texts
    | Options
    | Stamp
    | StampRange
    | Rolling
    | TimePoint
    | TimeRange
)


class PropertyFilter(Struct, frozen=True, rename="camel", tag_field="filterType", tag="PROPERTY", kw_only=True):
    """What is asked of one property of a record."""

    property: Words
    operation: AnyOperation


class InListFilter(Struct, frozen=True, rename="camel", tag_field="filterType", tag="IN_LIST", kw_only=True):
    """Whether a record is in another list."""

    list_id: str | int
    operator: Words


class ConstantFilter(Struct, frozen=True, rename="camel", tag_field="filterType", tag="CONSTANT", kw_only=True):
    """All records, or none."""

    should_accept: bool
    source: Words | UnsetType = UNSET


Filter: TypeAlias = PropertyFilter | InListFilter | ConstantFilter


class Branch(Struct, frozen=True, rename="camel", tag_field="filterBranchType", kw_only=True):
    """Filters, and branches of more of them."""

    filter_branches: "tuple[AnyBranch, ...]" = ()
    filters: tuple[Filter, ...] = ()


class Or(Branch, frozen=True, rename="camel", tag="OR", kw_only=True):
    """What passes one filter or one branch."""

    filter_branch_operator: Literal["OR"] = "OR"


class And(Branch, frozen=True, rename="camel", tag="AND", kw_only=True):
    """What passes all filters and all branches."""

    filter_branch_operator: Literal["AND"] = "AND"


class NotAll(Branch, frozen=True, rename="camel", tag="NOT_ALL", kw_only=True):
    """What fails one filter or one branch."""

    filter_branch_operator: Literal["AND", "OR", "NOT_ALL"] = "AND"


class NotAny(Branch, frozen=True, rename="camel", tag="NOT_ANY", kw_only=True):
    """What fails all filters and all branches."""

    filter_branch_operator: Literal["AND", "OR", "NOT_ANY"] = "OR"


class Association(Branch, frozen=True, rename="camel", tag="ASSOCIATION", kw_only=True):
    """What is associated in one way with a record of another type that passes all filters and all branches."""

    object_type_id: Words
    operator: Words = "IN_LIST"
    association_type_id: Whole
    association_category: Words
    filter_branch_operator: Literal["AND"] = "AND"


AnyBranch: TypeAlias = Or | And | NotAll | NotAny | Association


def branch(sent: Any) -> Or:
    """The filters that the value of a JSON member means; raises `InvalidListFilter`.

    At the root is an OR with branches of the type AND, as the service demands.
    """
    try:
        read = msgspec.convert(sent, AnyBranch, strict=False)
    except (msgspec.ValidationError, RecursionError) as cause:
        raise InvalidListFilter(f"Invalid filterBranch: {str(cause)[:300]}") from cause
    if not isinstance(read, Or) or read.filters or not read.filter_branches:
        raise InvalidListFilter("The root of the filters must be an OR branch that has AND branches and no filters")
    if not all(isinstance(one, And) for one in read.filter_branches):
        raise InvalidListFilter("The branches of the root OR branch must be of the type AND")
    return read
