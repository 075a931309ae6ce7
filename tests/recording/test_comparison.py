"""What counts as the same answer, and how a difference is told."""

from typing import Any

import pytest

from trunkline.recording.binding import Bindings
from trunkline.recording.comparison import ABSENT, Comparison, Difference, Said
from trunkline.recording.mask import Mask

NOW, LATER = "2026-11-30T10:00:00.123Z", "2026-12-24T11:11:11.456Z"
ZEROS = "2026-12-24T11:11:11.000Z"
ONE = "01a22ee5-6ae2-7426-9e4d-493780bb61fc"
TWO = "01b33ff5-7bf3-8537-8f5e-5a4891cc72fd"

SAME: list[tuple[str, Any, Any]] = [
    ("nothing made up", {"a": [1, True, None, "x"], "b": {}}, {"b": {}, "a": [1, True, None, "x"]}),
    ("an id", {"id": "1"}, {"id": "77"}),
    ("an id that comes up twice", {"id": "1", "a": {"hs_object_id": "1"}}, {"id": "7", "a": {"hs_object_id": "7"}}),
    ("an id in a message", {"id": "1", "message": "Existing ID: 1"}, {"id": "7", "message": "Existing ID: 7"}),
    ("ids in coordinates", {"id": "1001", "x": "0-48-1001"}, {"id": "7007", "x": "0-48-7007"}),
    ("a number as id", {"listId": 5, "listIds": [5]}, {"listId": 9, "listIds": [9]}),
    ("ids of types, equal by chance", {"id": "1", "associations": {"contacts": {"results": [{"id": "1"}]}}},
     {"id": "1", "associations": {"contacts": {"results": [{"id": "2"}]}}}),
    ("a portal", {"portalId": 5}, {"portalId": 62515}),
    ("a time", {"createdAt": NOW}, {"createdAt": LATER}),
    ("a time in milliseconds", {"createdAt": 1700000000000}, {"createdAt": 1764547200000}),
    ("a time in a message", {"message": f"expired at {NOW}"}, {"message": f"expired at {LATER}"}),
    ("a correlation id", {"correlationId": ONE}, {"correlationId": TWO}),
    ("a UUID in a message", {"message": f"see {ONE}"}, {"message": f"see {TWO}"}),
    ("a token", {"access_token": "masked-0123456789ab"}, {"access_token": "CJSP"}),
    ("seconds left", {"expires_in": 1799}, {"expires_in": 1800}),
    ("a cursor", {"after": "NTI1Cg%3D%3D"}, {"after": "100"}),
    ("a link", {"link": "https://a.com/calls?limit=1&after=52"}, {"link": "http://127.0.0.1:1/calls?limit=1&after=99"}),
    ("a label of one's own", {"category": "USER_DEFINED", "typeId": 5}, {"category": "USER_DEFINED", "typeId": 9}),
    ("a custom object", {"objectTypeId": "2-5"}, {"objectTypeId": "2-99"}),
    ("a person that nobody named", {"email": "kebo12@lano3.example"}, {"email": "owner@acme.com"}),
]  # fmt: skip

OTHER: list[tuple[str, Any, Any, list[Difference]]] = [
    ("a value", {"a": {"b": "x"}}, {"a": {"b": "y"}}, [Difference("body.a.b", "x", "y")]),
    ("a value in a list", [{"a": 1}], [{"a": 2}], [Difference("body.0.a", 1, 2)]),
    ("a member that is missing", {"a": 1}, {}, [Difference("body.a", 1, ABSENT)]),
    ("a member that is new", {}, {"a": 1}, [Difference("body.a", ABSENT, 1)]),
    ("an element that is missing", [1, 2], [1], [Difference("body.1", 2, ABSENT)]),
    ("an element that is new", [1], [1, 2], [Difference("body.1", ABSENT, 2)]),
    ("the order of elements", [1, 2], [2, 1], [Difference("body.0", 1, 2), Difference("body.1", 2, 1)]),
    ("text for a number", {"a": 1}, {"a": "1"}, [Difference("body.a", 1, "1")]),
    ("a number for a truth", {"a": True}, {"a": 1}, [Difference("body.a", True, 1)]),
    ("a list for an object", {"a": {}}, {"a": []}, [Difference("body.a", {}, [])]),
    ("null for an id", {"id": "1"}, {"id": None}, [Difference("body.id", "1", None)]),
    ("a text for an id", {"id": "1"}, {"id": "one"}, [Difference("body.id", "1", "one")]),
    ("another id the second time", [{"id": "1"}, {"id": "1"}], [{"id": "7"}, {"id": "8"}],
     [Difference("body.1.id", "1", "8")]),
    ("no time", {"createdAt": NOW}, {"createdAt": "today"}, [Difference("body.createdAt", NOW, "today")]),
    ("a time written otherwise", {"at": NOW}, {"at": ZEROS}, [Difference("body.at", NOW, ZEROS)]),
    ("no token", {"x": "masked-0123456789ab"}, {"x": ""}, [Difference("body.x", "masked-0123456789ab", "")]),
    ("a link elsewhere", {"u": "http://x/a"}, {"u": "http://x/b"}, [Difference("body.u", "http://x/a", "http://x/b")]),
    ("a type of association", {"typeId": 194}, {"typeId": 193}, [Difference("body.typeId", 194, 193)]),
    ("a type of object", {"typeId": "0-48"}, {"typeId": "0-1"}, [Difference("body.typeId", "0-48", "0-1")]),
    ("a count", {"total": 3}, {"total": 4}, [Difference("body.total", 3, 4)]),
]  # fmt: skip


def compared(expected: Any, got: Any, said: Any = None, **members: Any) -> list[Difference]:
    known = Said()
    known.add(said)
    return Comparison(known, Bindings(), **members).differences(expected, got)


@pytest.mark.parametrize(("expected", "got"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_the_same(expected: Any, got: Any) -> None:
    assert compared(expected, got) == []


@pytest.mark.parametrize(("expected", "got", "told"), [row[1:] for row in OTHER], ids=[row[0] for row in OTHER])
def test_a_difference(expected: Any, got: Any, told: list[Difference]) -> None:
    assert compared(expected, got) == told


@pytest.mark.parametrize(
    ("name", "said", "other"),
    [
        ("hs_timestamp", NOW, LATER),
        ("hs_timestamp", NOW, "2026-11-30T10:00:00.124Z"),
        ("owner_id", "5", "6"),
        ("key", ONE, TWO),
        ("email", "kebo1@lano.example", "a@b.com"),
        ("at", 1764496800123, 1764496800124),
    ],
)
def test_what_the_client_said_comes_back_as_it_said_it(name: str, said: Any, other: Any) -> None:
    assert compared({name: said}, {name: other}, said=[said]) == [Difference(f"body.{name}", said, other)]
    assert compared({name: said}, {name: other}) == []


def test_a_time_that_the_client_said_is_known_however_it_wrote_it() -> None:
    assert compared({"at": "2026-11-30T10:00:00.123Z"}, {"at": LATER}, said=[1796032800123]) != []


def test_the_results_of_a_batch_come_in_any_order() -> None:
    expected = {"results": [{"id": "1", "key": "a"}, {"id": "2", "key": "b"}, {"id": "3", "key": "c"}]}
    got = {"results": [{"id": "9", "key": "c"}, {"id": "8", "key": "a"}, {"id": "7", "key": "x"}]}
    assert compared(expected, got, any_order=True) == [Difference("body.results.1.key", "b", "x")]
    assert len(compared(expected, got)) == 3


def test_an_answer_may_hold_more_where_only_a_part_is_expected() -> None:
    assert compared({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}, "d": 3}, more=True) == []


def test_placeholders_stand_for_their_kind() -> None:
    expected = {"id": "<id>", "at": "<time>", "x": "<any>"}
    assert compared(expected, {"id": "5", "at": NOW, "x": []}) == []
    assert compared(expected, {"id": "0", "at": NOW, "x": []}) == [Difference("body.id", "<id>", "0")]


def test_a_value_is_the_same_as_its_pseudonym() -> None:
    mask = Mask(b"k" * 32)
    recorded = mask.value({"firstname": "Jane", "phone": "+1 555 123 4567"})
    assert compared(recorded, {"firstname": "Jane", "phone": "+1 555 123 4567"}, mask=mask) == []
    assert compared(recorded, {"firstname": "John", "phone": "+1 555 123 4567"}, mask=mask) == [
        Difference("body.firstname", recorded["firstname"], "John")
    ]


@pytest.mark.parametrize(
    ("name", "expected", "got", "differs"),
    [
        ("Content-Type", "application/json;charset=utf-8", "application/json; charset=UTF-8", False),
        ("Content-Type", "application/json", "text/html", True),
        ("Location", "https://api.hubapi.com/x/5", "http://127.0.0.1:1/x/6", False),
        ("Location", "https://api.hubapi.com/x/5", "http://127.0.0.1:1/y/5", True),
        ("Retry-After", "10", "3", False),
        ("Retry-After", "10", None, True),
        ("Allow", "GET", "POST", True),
    ],
)
def test_headers(name: str, expected: str, got: str | None, differs: bool) -> None:
    found = list(Comparison(Said(), Bindings()).header(name, expected, got))
    assert found == ([Difference(f"header.{name}", expected, ABSENT if got is None else got)] if differs else [])
