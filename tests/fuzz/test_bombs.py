"""Bodies that are small to write and large to work on: each is answered as what it is, and shortly.

How long they take is measured by hand; here it counts that nothing is told a hundred thousand times.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fuzz.ground import furnish
from fuzz.requests import JSON, Line, Request
from threaded import ThreadedServer

from trunkline.crm.check import MOST_TOLD

UPSERT = "/crm/v3/objects/calls/batch/upsert"
CREATE = "/crm/v3/objects/calls/batch/create"
READ = "/crm/v3/objects/calls/batch/read"
SEARCH = "/crm/v3/objects/calls/search"
PROPERTIES = "/crm/v3/properties/calls"

MANY = 100_000
"""Repetitions; a body of this many has a megabyte or two."""

SHORT = 400_000
"""Bytes of an answer; none of these is owed more."""

INPUT = '{"idProperty":"ext_ref","id":"A1","properties":{"hs_timestamp":"1",'


def upserting(members: str) -> str:
    """An upsert of one input with these properties."""
    return f'{{"inputs":[{INPUT}{members}}}}}]}}'


def filtering(**members: Any) -> str:
    """A search with one filter of these members."""
    filter_ = {"propertyName": "hs_call_title", "operator": "CONTAINS_TOKEN", "value": "a"} | members
    return json.dumps({"filterGroups": [{"filters": [filter_]}]})


def defining(**members: Any) -> str:
    """A new property with these members."""
    plain = {"name": "p_9", "label": "P", "type": "number", "fieldType": "number", "groupName": "callinformation"}
    return json.dumps(plain | members)


TIE = {"to": {"id": "1"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]}

BOMBS: list[tuple[str, str, Callable[[], str], int]] = [
    ("lists in lists", UPSERT, lambda: '{"inputs":' + "[" * MANY, 400),
    ("objects in objects", UPSERT, lambda: '{"a":' * MANY, 400),
    ("closed lists in lists", UPSERT, lambda: '{"a":' + "[" * 5_000 + "]" * 5_000 + "}", 400),
    ("unknown members", UPSERT, lambda: "{" + ",".join(f'"k{n}":1' for n in range(MANY)) + "}", 200),
    ("one member again and again", UPSERT, lambda: '{"inputs":[],' + '"a":1,' * MANY + '"a":1}', 200),
    ("unknown properties", UPSERT, lambda: upserting(",".join(f'"k{n}":1' for n in range(MANY))), 400),
    ("a bad property again and again", UPSERT, lambda: upserting('"a":1,' * MANY + '"a":[]'), 400),
    ("empty inputs", UPSERT, lambda: '{"inputs":[' + "{}," * MANY + "{}]}", 400),
    ("too many inputs", UPSERT, lambda: '{"inputs":[' + ",".join([INPUT + '"a":1}}'] * 20_000) + "]}", 400),
    ("no inputs at all", UPSERT, lambda: '{"inputs":[' + "null," * MANY + "null]}", 400),
    ("a number without end", UPSERT, lambda: '{"inputs":[{"id":' + "9" * MANY, 400),
    ("a fraction without end", UPSERT, lambda: '{"inputs":[{"id":0.' + "9" * MANY + "}]}", 400),
    ("an exponent without end", UPSERT, lambda: '{"inputs":[{"id":1e' + "9" * MANY + "}]}", 400),
    ("a text without end", UPSERT, lambda: '{"inputs":[{"id":"' + "a" * MANY, 400),
    ("escapes without end", UPSERT, lambda: '{"inputs":[{"id":"' + "\\u0061" * MANY + "\\x", 400),
    ("blanks", UPSERT, lambda: " \t\r\n" * MANY, 400),
    ("a date without end", UPSERT, lambda: upserting('"hs_timestamp":"' + "1" * MANY + '"'), 400),
    ("separators", UPSERT, lambda: upserting('"hs_call_status":"' + ";" * MANY + '"'), 400),
    ("tags", UPSERT, lambda: upserting('"hs_call_body":"' + "<b>" * 21_000 + '"'), 200),
    ("half tags", UPSERT, lambda: upserting('"hs_call_body":"' + "<" * 60_000 + '"'), 200),
    ("entities", UPSERT, lambda: upserting('"hs_call_body":"' + "&amp" * 16_000 + '"'), 200),
    ("associations", CREATE, lambda: json.dumps({"inputs": [{"properties": {}, "associations": [TIE] * 10_000}]}), 400),
    ("names to read", READ, lambda: '{"inputs":[],"properties":[' + '"a",' * MANY + '"a"]}', 200),
    ("filters", SEARCH, lambda: '{"filterGroups":[' + '{"filters":[]},' * MANY + "{}]}", 400),
    ("values of a filter", SEARCH, lambda: filtering(operator="IN", values=["a"] * MANY), 400),
    ("stars", SEARCH, lambda: filtering(value="a*" * 1_499), 200),
    ("more stars", SEARCH, lambda: filtering(value="*a" * MANY), 400),
    ("words", SEARCH, lambda: json.dumps({"query": "a " * 4_999}), 200),
    ("more words", SEARCH, lambda: json.dumps({"query": "a " * MANY}), 400),
    ("sorts in sorts", SEARCH, lambda: json.dumps({"sorts": ["{" * MANY]}), 400),
    ("brackets in a formula", PROPERTIES, lambda: defining(calculationFormula="(" * 4_000 + "1" + ")" * 4_000), 400),
    ("signs in a formula", PROPERTIES, lambda: defining(calculationFormula="-" * 9_000 + "1"), 400),
    ("a formula without end", PROPERTIES, lambda: defining(calculationFormula="1+" * MANY + "1"), 400),
    ("options", PROPERTIES, lambda: defining(options=[{"label": "a", "value": "a"}] * 20_000), 400),
]


@pytest.mark.parametrize(("path", "body", "status"), [bomb[1:] for bomb in BOMBS], ids=[bomb[0] for bomb in BOMBS])
def test_a_bomb_does_not_go_off(path: str, body: Callable[[], str], status: int, trunkline: ThreadedServer) -> None:
    furnish(trunkline)
    with trunkline.client() as client:
        line = Line(client)
        answer = line.send(Request("POST", path, "", JSON, body().encode()))
        assert (answer.status, len(answer.text) < SHORT) == (status, True), answer.text[:300]
        line.send(Request("GET", "/crm/v3/objects/calls", "", {}, b""))


def test_so_many_bad_properties_are_told_and_no_more(trunkline: ThreadedServer) -> None:
    furnish(trunkline)
    with trunkline.client() as client:
        for count, told in ((MOST_TOLD, MOST_TOLD), (MOST_TOLD + 1, MOST_TOLD)):
            body = upserting(",".join(f'"k{n}":1' for n in range(count)))
            answer = client.post(UPSERT, content=body, headers=JSON).json()
            assert len(answer["errors"]) == told
