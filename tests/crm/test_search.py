"""The rules of a search: which filters mean what, and what is refused."""

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.filter import NEEDS, OPERATORS, Filter
from trunkline.crm.operand import OPERANDS, number, record_id
from trunkline.crm.property import Option, Property
from trunkline.crm.query import Condition, Field, Kind, Operator, Query, Sort, field
from trunkline.crm.search import Order, Search, after, compiled
from trunkline.crm.values import Scalar, Unfit
from trunkline.errors import (
    LimitOutOfRange,
    PageOutOfRange,
    QueryTooLong,
    Refusal,
    TooManyFilterGroups,
    TooManyFilters,
    TooManySorts,
    TooManyValues,
    Unsearchable,
)
from trunkline.wire.search import decode


def own(name: str, kind: str, field_type: str = "text", **more: Any) -> Property:
    return Property(name=name, label=name, type=kind, field_type=field_type, hubspot_defined=False, **more)


OWN = [
    own("colours", "enumeration", "checkbox", options=(Option("A", "A"), Option("B", "B"))),
    own("due", "date"),
    own("gone", "string", archived=1),
]
CATALOG = Catalog(1, Definitions(1, {"0-48": OWN}))
CALLS = CATALOG.type("calls")

TITLE = Field("hs_call_title", "text")
STATUS = Field("hs_call_status", "exact")
DURATION = Field("hs_call_duration", "number")
WHEN = Field("hs_timestamp", "moment")
DUE = Field("due", "moment")
COLOURS = Field("colours", "many")
ID = Field("hs_object_id", "id")
CALL = Field("0-48", "linked")

AT = 1745524893000


def asked(operator: Operator, name: Scalar, value: Scalar = None, high: Scalar = None, *values: Scalar) -> Filter:
    return Filter(name=name, operator=operator, value=value, high=high, values=values or None)


def query(*filters: Filter, **members: Any) -> Query:
    return compiled(Search(groups=[filters] if filters else [], **members), CALLS, CATALOG)


def test_every_operator_and_every_kind_is_provided_for() -> None:
    assert set(NEEDS) == set(get_args(Operator))
    assert set(OPERATORS) == set(OPERANDS) == set(get_args(Kind))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        # Texts: in any case (behaviour 7.9).
        (asked("EQ", "hs_call_title", "Call ÉTÉ"), Condition(TITLE, "EQ", ("call été",))),
        (asked("NEQ", "hs_call_title", "Call"), Condition(TITLE, "NEQ", ("call",))),
        (asked("LT", "hs_call_title", "M"), Condition(TITLE, "LT", ("m",))),
        (asked("BETWEEN", "hs_call_title", "A", "C"), Condition(TITLE, "BETWEEN", ("a", "c"))),
        (asked("EQ", "hs_call_title", 7), Condition(TITLE, "EQ", ("7",))),
        (asked("EQ", "hs_call_title", True), Condition(TITLE, "EQ", ("true",))),
        (asked("EQ", "hs_call_title", "a' OR 1=1 --"), Condition(TITLE, "EQ", ("a' or 1=1 --",))),
        (asked("EQ", "hs_call_title", "^.*$ %_"), Condition(TITLE, "EQ", ("^.*$ %_",))),
        # In a list a text with a capital letter equals nothing, since the stored one is folded (7.9).
        (
            asked("IN", "hs_call_title", None, None, "a", "B", "a", "straße"),
            Condition(TITLE, "IN", ("a", "B", "strasse")),
        ),
        # Words (7.18).
        (asked("CONTAINS_TOKEN", "hs_call_title", "*Acme Corp"), Condition(TITLE, "CONTAINS_TOKEN", ("*acme", "corp"))),
        (asked("CONTAINS_TOKEN", "hs_call_title", "*"), Condition(TITLE, "CONTAINS_TOKEN", ())),
        (asked("CONTAINS_TOKEN", "hs_call_title", "--"), Condition(TITLE, "EQ", ("",))),
        (asked("NOT_CONTAINS_TOKEN", "hs_call_title", "x-y"), Condition(TITLE, "NOT_CONTAINS_TOKEN", ("x", "y"))),
        (asked("NOT_CONTAINS_TOKEN", "hs_call_title", "--"), Condition(TITLE, "HAS_PROPERTY")),
        # Options: as they stand (7.9).
        (asked("EQ", "hs_call_status", "Completed"), Condition(STATUS, "EQ", ("Completed",))),
        (asked("IN", "hs_call_status", None, None, "BUSY", "busy"), Condition(STATUS, "IN", ("BUSY", "busy"))),
        (asked("CONTAINS_TOKEN", "hs_call_status", "NO_ANSWER"), Condition(STATUS, "CONTAINS_TOKEN", ("no", "answer"))),
        # Several options: one at a time (7.23).
        (asked("EQ", "colours", "A;B"), Condition(COLOURS, "EQ", ("A;B",))),
        (asked("NOT_IN", "colours", None, None, "A", "B"), Condition(COLOURS, "NOT_IN", ("A", "B"))),
        (asked("CONTAINS_TOKEN", "colours", "A"), Condition(COLOURS, "CONTAINS_TOKEN", ("a",))),
        # Numbers: amounts.
        (asked("GT", "hs_call_duration", "15220"), Condition(DURATION, "GT", (15220,))),
        (asked("EQ", "hs_call_duration", "120.50"), Condition(DURATION, "EQ", (120.5,))),
        (asked("BETWEEN", "hs_call_duration", -1, 2.5), Condition(DURATION, "BETWEEN", (-1, 2.5))),
        (asked("IN", "hs_call_duration", None, None, 1, "1", "1.0"), Condition(DURATION, "IN", (1,))),
        # Moments: milliseconds, ISO with a zone, a mere day (7.3, 9.3).
        (asked("GTE", "hs_timestamp", AT), Condition(WHEN, "GTE", (AT,))),
        (asked("GTE", "hs_timestamp", str(AT)), Condition(WHEN, "GTE", (AT,))),
        (asked("GTE", "hs_timestamp", float(AT)), Condition(WHEN, "GTE", (AT,))),
        (asked("EQ", "hs_timestamp", "2025-04-24T20:01:33Z"), Condition(WHEN, "EQ", (AT,))),
        (asked("EQ", "hs_timestamp", "2025-04-24T12:01:33-08:00"), Condition(WHEN, "EQ", (AT,))),
        (asked("LT", "hs_timestamp", "2025-04-24"), Condition(WHEN, "LT", (1745452800000,))),
        (asked("EQ", "due", "2025-04-24"), Condition(DUE, "EQ", (1745452800000,))),
        (asked("GT", "due", AT), Condition(DUE, "GT", (AT,))),
        # Record ids, and the records at the other end of an association (7.22).
        (asked("GT", "hs_object_id", "100000000001"), Condition(ID, "GT", (100000000001,))),
        (asked("IN", "hs_object_id", None, None, "1", 2), Condition(ID, "IN", (1, 2))),
        (asked("EQ", "associations.call", 1451), Condition(CALL, "EQ", (1451,))),
        (asked("IN", "associations.CALLS", None, None, "1", "2"), Condition(CALL, "IN", (1, 2))),
        (asked("NEQ", "associations.0-48", "1"), Condition(CALL, "NEQ", (1,))),
        (asked("NOT_HAS_PROPERTY", "associations.calls"), Condition(CALL, "NOT_HAS_PROPERTY")),
        # Whether there is a value: what is sent beside it is passed over.
        (asked("HAS_PROPERTY", "hs_timestamp", "x"), Condition(WHEN, "HAS_PROPERTY")),
        (asked("NOT_HAS_PROPERTY", "hs_call_duration", None, None, "x"), Condition(DURATION, "NOT_HAS_PROPERTY")),
    ],
)
def test_what_a_filter_means(sent: Filter, expected: Condition) -> None:
    assert query(sent).groups == ((expected,),)


@pytest.mark.parametrize(
    "sent",
    [
        asked("EQ", "no_such_prop", "1"),
        asked("HAS_PROPERTY", "no_such_prop"),
        asked("EQ", "HS_CALL_TITLE", "1"),
        asked("EQ", "", "1"),
        asked("EQ", 7, "1"),
        asked("EQ", "gone", "1"),
        asked("EQ", "hs_body_preview_html", "x"),
        asked("HAS_PROPERTY", "hs_body_preview_html"),
        asked("EQ", "hs_call_duration", "abc"),
        asked("EQ", "hs_call_duration", "1_000"),
        asked("EQ", "hs_call_duration", "1e999"),
        asked("EQ", "hs_call_duration", "nan"),
        asked("BETWEEN", "hs_call_duration", 1, "x"),
        asked("IN", "hs_call_duration", None, None, 1, ""),
        asked("CONTAINS_TOKEN", "hs_call_duration", "1"),
        asked("CONTAINS_TOKEN", "hs_call_title", "x" * 3_001),
        asked("GT", "hs_timestamp", "yesterday"),
        asked("GT", "hs_timestamp", "2025-04-24T20:01:33"),
        asked("GT", "hs_timestamp", "9" * 18),
        asked("GT", "hs_timestamp", "9" * 400),
        asked("CONTAINS_TOKEN", "hs_timestamp", "2025"),
        asked("EQ", "hs_object_id", "abc"),
        asked("EQ", "hs_object_id", "-1"),
        asked("EQ", "hs_object_id", "1.0"),
        asked("EQ", "hs_object_id", "9" * 19),
        asked("NOT_CONTAINS_TOKEN", "hs_object_id", "1"),
        asked("GT", "colours", "A"),
        asked("BETWEEN", "colours", "A", "B"),
        asked("GT", "associations.call", "1"),
        asked("CONTAINS_TOKEN", "associations.call", "1"),
        asked("EQ", "associations.call", "abc"),
        asked("EQ", "associations.butterflies", "1"),
        asked("EQ", "associations.", "1"),
        asked("EQ", "associations", "1"),
    ],
)
def test_what_cannot_be_asked(sent: Filter) -> None:
    with pytest.raises(Unsearchable) as caught:
        query(asked("EQ", "hs_call_title", "x"), sent)
    assert caught.value.message == "There was a problem with the request."
    assert caught.value.category is None
    assert caught.value.path == "filterGroups[0].filters[1]"
    assert isinstance(caught.value.__cause__, Unfit)


def test_the_filters_of_the_top_level_are_one_more_group() -> None:
    one, other = asked("EQ", "hs_call_title", "a"), asked("EQ", "hs_call_title", "b")
    found = compiled(Search(groups=[[one], [one, other]], filters=[other]), CALLS, CATALOG)
    a, b = Condition(TITLE, "EQ", ("a",)), Condition(TITLE, "EQ", ("b",))
    assert found.groups == ((a,), (a, b), (b,))
    with pytest.raises(Unsearchable) as caught:
        compiled(Search(filters=[one, asked("EQ", "nope", "1")]), CALLS, CATALOG)
    assert caught.value.path == "filters[1]"


def test_a_group_without_filters_lets_every_record_through() -> None:
    one = asked("EQ", "hs_call_title", "a")
    assert compiled(Search(groups=[[]]), CALLS, CATALOG).groups == ()
    assert compiled(Search(groups=[[one], []]), CALLS, CATALOG).groups == ()
    with pytest.raises(Unsearchable):
        compiled(Search(groups=[[], [asked("EQ", "nope", "1")]]), CALLS, CATALOG)


def test_filters_that_contradict_one_another_are_asked_as_they_are() -> None:
    found = query(asked("EQ", "hs_call_title", "a"), asked("NEQ", "hs_call_title", "a"))
    assert [condition.operator for condition in found.groups[0]] == ["EQ", "NEQ"]
    assert query(asked("BETWEEN", "hs_call_duration", 9, 1)).groups[0][0].values == (9, 1)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("", ()),
        ("  ", ()),
        ("Maria JOHNSON maria", ("maria", "johnson")),
        ("+49 (30) 12", ("49", "30", "12")),
        ("'; DROP TABLE record; --", ("drop", "table", "record")),
        ("x" * 5_000, ("x" * 5_000,)),
    ],
)
def test_the_words_of_a_query(sent: str, expected: tuple[str, ...]) -> None:
    found = query(query=sent)
    assert found == Query(words=expected, searched=("hs_call_title", "hs_body_preview"))


def test_a_query_without_a_word_finds_nothing() -> None:
    nothing = Condition(ID, "EQ", (0,))
    assert query(query="?!").groups == ((nothing,),)
    title = Condition(TITLE, "EQ", ("a",))
    assert query(asked("EQ", "hs_call_title", "a"), query="?!").groups == ((title, nothing),)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order("hs_createdate"), Sort(Field("hs_createdate", "moment"))),
        (Order("hs_object_id", True), Sort(ID, True)),
        (Order("hs_call_title", True), Sort(TITLE, True)),
        (Order("colours"), Sort(COLOURS)),
    ],
)
def test_the_order(order: Order, expected: Sort) -> None:
    assert query(sorts=[order]).sort == expected


@pytest.mark.parametrize("name", ["", "nope", "associations.call", "gone", "DESCENDING"])
def test_an_order_by_what_is_not_there(name: str) -> None:
    with pytest.raises(Unsearchable) as caught:
        query(sorts=[Order(name)])
    assert caught.value.path == "sorts[0]"


A = asked("EQ", "hs_call_title", "a")


@pytest.mark.parametrize(
    ("search", "kind", "message"),
    [
        (Search(groups=[[A]] * 6), TooManyFilterGroups, "too many filterGroups (count: 6, max allowed: 5)"),
        (Search(groups=[[]] * 6), TooManyFilterGroups, "too many filterGroups (count: 6, max allowed: 5)"),
        (Search(groups=[[A] * 7]), TooManyFilters, "too many filters (count: 7, max allowed: 6)"),
        (Search(groups=[[A] * 6] * 3 + [[A]]), TooManyFilters, "too many filters (count: 19, max allowed: 18)"),
        (Search(filters=[A] * 19), TooManyFilters, "too many filters (count: 19, max allowed: 18)"),
        (Search(sorts=[Order("hs_createdate")] * 2), TooManySorts, "too many sorts (count: 2, max allowed: 1)"),
        (Search(query="x" * 10_001), QueryTooLong, "query is too long (length: 10001, max allowed: 10000)"),
        (Search(limit=201), LimitOutOfRange, "limit must be between 1 and 200, but was 201"),
        (Search(limit=0), LimitOutOfRange, "limit must be between 1 and 200, but was 0"),
        (Search(limit=-1), LimitOutOfRange, "limit must be between 1 and 200, but was -1"),
        (Search(after=10_000), PageOutOfRange, "after must be between 0 and 9999, but was 10000."),
        (Search(after=-1), PageOutOfRange, "after must be between 0 and 9999, but was -1."),
        (
            Search(filters=[asked("IN", "hs_call_duration", None, None, *range(1_001))]),
            TooManyValues,
            "too many values (count: 1001, max allowed: 1000)",
        ),
    ],
)
def test_what_is_too_much(search: Search, kind: type[Refusal], message: str) -> None:
    with pytest.raises(kind) as caught:
        compiled(search, CALLS, CATALOG)
    assert caught.value.message.startswith(message)
    assert caught.value.category == "VALIDATION_ERROR"


def test_what_is_not_too_much() -> None:
    assert len(compiled(Search(groups=[[A] * 6] * 3), CALLS, CATALOG).groups) == 3
    assert len(compiled(Search(groups=[[A]] * 5, filters=[A] * 13), CALLS, CATALOG).groups) == 6
    assert len(query(asked("IN", "hs_call_duration", None, None, *range(1_000))).groups[0][0].values) == 1_000
    assert query(limit=200, after=9_800).limit == 200


@pytest.mark.parametrize(
    ("offset", "limit", "total", "cut", "expected"),
    [
        (0, 10, 11, 10, 10),
        (0, 10, 10, 10, None),
        (10, 10, 11, 10, None),
        (0, 10, 0, 10, None),
        (500, 10, 7, 10, None),
        (9_900, 150, 20_000, 100, 10_000),
        (9_900, 150, 9_950, 100, None),
    ],
)
def test_where_the_next_page_starts(offset: int, limit: int, total: int, cut: int, expected: int | None) -> None:
    found = query(after=offset, limit=limit)
    assert (found.offset, found.limit) == (offset, cut)
    assert after(found, total) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7", 7), ("+7", 7), ("-0", 0), ("007", 7), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("9" * 19, 1e19)],
)
def test_amounts(text: str, expected: float) -> None:
    assert number(text) == expected


@given(st.integers(1, 10**18 - 1))
def test_a_record_id_is_read_whole(id_: int) -> None:
    assert record_id(str(id_)) == number(str(id_)) == id_


def test_every_property_of_calls_can_be_asked_whether_it_is_there() -> None:
    for name, definition in CALLS.properties.items():
        if name != "hs_body_preview_html":
            assert query(asked("HAS_PROPERTY", name)).groups == ((Condition(field(definition), "HAS_PROPERTY"),),)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["2025-04-24", "2025-04-24T20:01:33Z", "1745524893000", "15220", "*a b*", "A", "9" * 30, " "]),
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
NAMES = st.sampled_from(
    [
        *("hs_call_title", "hs_call_status", "hs_call_duration", "hs_timestamp", "hs_object_id", "hs_createdate"),
        *("colours", "due", "gone", "nope", "associations.call", "associations.x", "hs_body_preview_html"),
    ]
)


FILTERS = st.fixed_dictionaries(
    {"propertyName": NAMES, "operator": st.sampled_from(get_args(Operator))},
    optional={"value": SCALARS, "highValue": SCALARS, "values": st.lists(SCALARS, max_size=4)},
)
SORTS = NAMES | st.builds("{} {}".format, NAMES, st.sampled_from(["DESC", "ascending", "up", ""]))
MEMBERS: dict[str, st.SearchStrategy[Any]] = {
    "filterGroups": st.lists(st.fixed_dictionaries({"filters": st.lists(FILTERS, max_size=2)}), max_size=3),
    "filters": st.lists(FILTERS, max_size=2),
    "query": st.text(max_size=20),
    "sorts": st.lists(SORTS | st.fixed_dictionaries({"propertyName": NAMES}), max_size=1),
    "properties": st.lists(NAMES, max_size=3),
    "limit": st.integers(0, 201),
    "after": st.integers(-1, 10_001) | st.integers(0, 99).map(str),
}
NEAT = st.fixed_dictionaries({}, optional=MEMBERS)
WILD = st.tuples(NEAT, st.dictionaries(st.sampled_from(list(MEMBERS)), JSON, max_size=2)).map(
    lambda two: two[0] | two[1]
)

OPERAND_TYPES: dict[Kind, type | tuple[type, ...]] = {
    "text": str,
    "exact": str,
    "many": str,
    "number": (int, float),
    "moment": int,
    "id": int,
    "linked": int,
}


@given(NEAT | WILD | JSON | FILTERS.map(lambda filter_: {"filters": [filter_]}))
def test_any_body_is_answered_or_refused(body: Any) -> None:
    try:
        found = compiled(decode(json.dumps(body).encode()), CALLS, CATALOG)
    except Refusal as refusal:
        assert refusal.status == 400
        return
    assert 0 <= found.offset < found.offset + found.limit <= 10_000
    assert found.limit <= 200
    for condition in (condition for group in found.groups for condition in group):
        assert condition.operator in OPERATORS[condition.field.kind]
        assert all(isinstance(value, OPERAND_TYPES[condition.field.kind]) for value in condition.values)
        assert all(-(2**63) <= value < 2**63 for value in condition.values if isinstance(value, int))


@given(st.binary(max_size=60))
def test_any_bytes_are_answered_or_refused(body: bytes) -> None:
    try:
        decode(body)
    except Refusal as refusal:
        assert refusal.message
