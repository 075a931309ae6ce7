"""The shapes of a search: its body in every accepted form, the words of the service for the others, its answer."""

import json
from typing import Any, get_args

import pytest

from trunkline.crm.filter import Filter
from trunkline.crm.query import Operator
from trunkline.crm.search import Order, Search
from trunkline.errors import MalformedBody
from trunkline.wire.record import SimplePublicObject
from trunkline.wire.search import OPERATORS, decode, encode

MODELS = "com.hubspot.inbounddb.publicobject.core.v3.search"


def sent(**members: Any) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode()


def told(body: bytes) -> str:
    with pytest.raises(MalformedBody) as caught:
        decode(body)
    return caught.value.message


def test_nothing_is_needed() -> None:
    nothing = Search()
    for body in (b"{}", b'{"filterGroups":null,"query":null,"sorts":null,"limit":null}', b'{"unknown":{"x":[1]}}'):
        read = decode(body)
        assert (list(read.groups), list(read.filters), read.query) == ([], [], "")
        assert (list(read.sorts), list(read.properties)) == ([], [])
        assert (read.limit, read.after) == (nothing.limit, nothing.after) == (10, 0)


def test_filters() -> None:
    filters = [
        {"propertyName": "a", "operator": "EQ", "value": 7, "extra": {}},
        {"propertyName": "b", "operator": "BETWEEN", "value": "1", "highValue": "2"},
        {"propertyName": "c", "operator": "IN", "values": ["x", 1, True]},
    ]
    read = decode(sent(filterGroups=[{"filters": filters[:2]}, {}, {"filters": None}], filters=filters[2:]))
    expected = [
        [Filter(name="a", operator="EQ", value=7), Filter(name="b", operator="BETWEEN", value="1", high="2")],
        [],
        [],
    ]
    assert [[(f.name, f.operator, f.value, f.high) for f in group] for group in read.groups] == [
        [(f.name, f.operator, f.value, f.high) for f in group] for group in expected
    ]
    (last,) = read.filters
    assert last.values == ("x", 1, True)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("createdate", Order("createdate")),
        ("-createdate", Order("createdate", True)),
        ("hs_createdate DESCENDING", Order("hs_createdate", True)),
        ("hs_createdate ASCENDING", Order("hs_createdate")),
        ("hs_createdate desc", Order("hs_createdate", True)),
        ("hs_createdate  ASC ", Order("hs_createdate")),
        ("hs_createdate sideways", Order("hs_createdate sideways")),
        ("DESCENDING", Order("DESCENDING")),
        ("", Order("")),
        ({"propertyName": "x", "direction": "DESCENDING"}, Order("x", True)),
        ({"propertyName": "x", "direction": "ASCENDING"}, Order("x")),
        ({"propertyName": "x"}, Order("x")),
        ({"propertyName": "x", "direction": None}, Order("x")),
        ({}, Order("")),
        ('{"propertyName":"x","direction":"DESCENDING"}', Order("x", True)),
        ('{"propertyName":"x"}', Order("x")),
        ("{x", Order("")),
        ('{"propertyName":"x","direction":"UP"}', Order("")),
    ],
)
def test_sorts(sort: Any, expected: Order) -> None:
    assert list(decode(sent(sorts=[sort])).sorts) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"), [(200, 200), ("200", 200), ("+7", 7), ("-7", -7), ("", None), ("  ", None), (None, None)]
)
def test_numbers_may_be_texts(value: Any, expected: int | None) -> None:
    read = decode(sent(limit=value, after=value))
    assert read.limit == (10 if expected is None else expected)
    assert read.after == (0 if expected is None else expected)


FILTER = f"{MODELS}.Filter"


def at(column: int, reason: str) -> str:
    return f"Invalid input JSON on line 1, column {column}: {reason}"


def problem(operator: str, needed: str) -> str:
    return f"Cannot construct instance of `{FILTER}`, problem: operator {operator} requires {needed}"


def wrong(java: str, noun: str, token: str) -> str:
    return f"Cannot deserialize value of type `{java}` from {noun} value (token `JsonToken.{token}`)"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Recorded, with these places (behaviour 7.14, 7.20).
        (
            b'{"filterGroups":[{"filters":[{"propertyName":"phone","operator":"CONTAINS_TOKEN","value":""}]}]}',
            at(92, "value must be non-empty and non-blank, if specified {propertyName: 'phone'}"),
        ),
        (
            b'{"filterGroups":[{"filters":[{"value":"1638264673941","propertyName":"closedate","operator":"BETWEEN"}]}]'
            b',"sorts":["DESCENDING"],"properties":["dealname"],"limit":10,"after":0}',
            at(102, problem("BETWEEN", "a highValue")),
        ),
        # Of the same kind.
        (b'{"filters":[{"propertyName":"a","operator":"EQ"}]}', at(48, problem("EQ", "a value"))),
        (b'{"filters":[{"propertyName":"a","operator":"EQ","value":null}]}', at(61, problem("EQ", "a value"))),
        (b'{"filters":[{"propertyName":"a","operator":"IN","value":"x"}]}', at(60, problem("IN", "values"))),
        (b'{"filters":[{"propertyName":"a","operator":"NOT_IN","values":[]}]}', at(64, problem("NOT_IN", "values"))),
        (
            b'{"filters":[{"propertyName":"a","operator":"BETWEEN","highValue":"2"}]}',
            at(69, problem("BETWEEN", "a value")),
        ),
        (
            b'{"filters":[{"propertyName":"a","operator":"HAS_PROPERTY","value":" "}]}',
            at(70, "value must be non-empty and non-blank, if specified {propertyName: 'a'}"),
        ),
        (
            b'{"filters":[{"propertyName":"a","operator":"BETWEEN","value":1,"highValue":""}]}',
            at(78, "highValue must be non-empty and non-blank, if specified {propertyName: 'a'}"),
        ),
        (
            b'{"filters":[{}]}',
            at(14, "Cannot build Filter, some of required attributes are not set [propertyName, operator]"),
        ),
        (
            b'{"filters":[{"property_name":"a","operator":"EQ","value":"x"}]}',
            at(61, "Cannot build Filter, some of required attributes are not set [propertyName]"),
        ),
        (
            b'{"filters":[{"propertyName":"a","operator":null,"value":"x"}]}',
            at(60, "Cannot build Filter, some of required attributes are not set [operator]"),
        ),
        # The first mistake is the one that is told.
        (b'{"filters":[{"propertyName":"a","operator":"EQ"}],"limit":"x"}', at(48, problem("EQ", "a value"))),
        (
            b'{"limit":"x","filters":[{"propertyName":"a","operator":"EQ"}]}',
            at(
                10,
                'Cannot deserialize value of type `java.lang.Integer` from String "x": '
                "not a valid `java.lang.Integer` value",
            ),
        ),
        (b'{"limit":"","filters":[{"propertyName":"a","operator":"EQ"}]}', at(59, problem("EQ", "a value"))),
        (b'{"sorts":["x"],"filters":[{"propertyName":"a","operator":"EQ"}]}', at(62, problem("EQ", "a value"))),
        # Values of another kind.
        (
            b'{"filterGroups": {"filters":[]}}',
            at(18, wrong(f"java.util.HashSet<{MODELS}.FilterGroup>", "Object", "START_OBJECT")),
        ),
        (b'{"filterGroups":[[]]}', at(18, wrong(f"{MODELS}.FilterGroup", "Array", "START_ARRAY"))),
        (b'{"filters":{}}', at(12, wrong(f"java.util.ArrayList<{FILTER}>", "Object", "START_OBJECT"))),
        (b'{"filters":[null]}', at(13, wrong(FILTER, "Null", "VALUE_NULL"))),
        (b'{"query":{}}', at(10, wrong("java.lang.String", "Object", "START_OBJECT"))),
        (
            b'{"properties":"a,b"}',
            at(15, wrong("java.util.ArrayList<java.lang.String>", "String", "VALUE_STRING")),
        ),
        (
            b'{"filters":[{"propertyName":"a","operator":"EQ","value":["1"]}]}',
            at(57, wrong("java.lang.String", "Array", "START_ARRAY")),
        ),
        (b'{"limit":1.5}', at(10, wrong("java.lang.Integer", "Floating-point", "VALUE_NUMBER_FLOAT"))),
        (b'{"limit":true}', at(10, wrong("java.lang.Integer", "Boolean", "VALUE_TRUE"))),
        (b'{"after":3000000000}', at(20, "Numeric value (3000000000) out of range of int (-2147483648 - 2147483647)")),
        (
            b'{"filters":[{"propertyName":"a","operator":"LIKE","value":"x"}]}',
            at(
                44,
                f'Cannot deserialize value of type `{MODELS}.Operator` from String "LIKE": not one of the values '
                "accepted for Enum class: [IN, NOT_HAS_PROPERTY, LT, EQ, GT, NOT_IN, GTE, CONTAINS_TOKEN, HAS_PROPERTY,"
                " LTE, NOT_CONTAINS_TOKEN, BETWEEN, NEQ]",
            ),
        ),
        (
            b'{"sorts":[{"propertyName":"a","direction":"up"}]}',
            at(
                43,
                f'Cannot deserialize value of type `{MODELS}.Sort$Direction` from String "up": not one of the values '
                "accepted for Enum class: [ASCENDING, DESCENDING]",
            ),
        ),
        (
            b'{"sorts":[5]}',
            at(
                11,
                f"Cannot construct instance of `{MODELS}.Sort` (although at least one Creator exists): no "
                "int/Int-argument constructor/factory method to deserialize from Number value (5)",
            ),
        ),
        (b"[]", at(1, wrong(f"{MODELS}.PublicObjectSearchRequest", "Array", "START_ARRAY"))),
        (b"", "Invalid input JSON: No content (empty input stream)"),
        (
            b"%7B",
            at(
                2,
                "Unexpected character ('%' (code 37)): expected a valid value (number, String, array, object, 'true',"
                " 'false' or 'null')",
            ),
        ),
    ],
)
def test_what_is_told_of_a_body_that_is_none(body: bytes, expected: str) -> None:
    assert told(body) == expected


def test_a_deep_member_that_nobody_knows_hides_no_mistake() -> None:
    deep = b"[" * 900 + b"]" * 900
    body = b'{"filters":[{"propertyName":"a","operator":"EQ","value":"x","more":' + deep + b"},{}]}"
    assert "Cannot build Filter" in told(body)


def test_the_list_of_operators_is_whole() -> None:
    assert sorted(OPERATORS) == sorted(get_args(Operator))


def test_an_answer_has_paging_only_when_there_is_more() -> None:
    record = SimplePublicObject(
        id="7", properties={"a": None}, created_at="c", updated_at="u", archived=False, url="https://x"
    )
    assert encode(0, [], None) == b'{"total":0,"results":[]}'
    assert json.loads(encode(12, [record], 10)) == {
        "total": 12,
        "results": [
            {
                "id": "7",
                "properties": {"a": None},
                "createdAt": "c",
                "updatedAt": "u",
                "archived": False,
                "url": "https://x",
            }
        ],
        "paging": {"next": {"after": "10"}},
    }
