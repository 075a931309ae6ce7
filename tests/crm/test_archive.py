"""What an archive and an erasure take away, without a server and without a store."""

from collections.abc import Sequence

import pytest

from trunkline.crm.alias import held
from trunkline.crm.archive import Archive, Erase, archived, record_numbers
from trunkline.crm.catalog import Catalog, Definitions, ObjectType
from trunkline.crm.plan import Found, Plan
from trunkline.crm.property import Property
from trunkline.crm.record import Record
from trunkline.errors import UnusableId

NOW = 1_745_524_893_000


def calls() -> ObjectType:
    own = [
        Property(name=name, label=name, type=kind, field_type="text", has_unique_value=True, hubspot_defined=False)
        for name, kind in (("ref", "string"), ("number", "number"))
    ]
    return Catalog(7, Definitions(1, {"0-48": own})).type("calls")


def record(id_: int, archived: int | None = None, updated: int = 1, **properties: str) -> Record:
    return Record(id=id_, properties=properties, created=1, updated=updated, app=5, archived=archived)


def plan(kind: type[Archive], ids: Sequence[int], *stored: Record) -> Plan:
    work = kind(ids, calls(), 5)
    assert (work.wanted().ids, work.wanted().keys, work.wanted().ends) == (list(ids), [], [])
    return work.plan(Found(NOW, 100, {}, {one.id: one for one in stored}))


def test_records_are_archived_and_their_unique_values_are_free() -> None:
    made = plan(Archive, [1, 2], record(1, ref="A", number="1.0"), record(2, hs_call_title="x"))
    assert [(r.id, r.archived, r.updated) for r in made.archives] == [(1, NOW, NOW), (2, NOW, NOW)]
    assert made.released == [("ref", "A"), ("number", "1e0")]
    assert made.archives[0].properties == {"ref": "A", "number": "1.0"}
    assert made.changes_anything()


@pytest.mark.parametrize("stored", [[], [record(1, archived=9, ref="A")]])
def test_what_is_not_there_or_archived_already_is_passed_over(stored: list[Record]) -> None:
    made = plan(Archive, [1], *stored)
    assert (made.archives, made.released) == ([], [])
    assert not made.changes_anything()


def test_time_never_runs_backwards_for_a_record() -> None:
    assert archived(record(1, updated=NOW + 9), NOW).archived == NOW + 9


def test_an_erasure_takes_archived_records_too() -> None:
    made = plan(Erase, [1, 2], record(1, ref="A"), record(2, archived=9, ref="B"))
    assert [r.id for r in made.erased] == [1, 2]
    assert made.archives == []
    assert made.released == [("ref", "A")], "the value of an archived record is free, or another's"
    assert made.changes_anything()


def test_an_erasure_of_nobody_changes_nothing() -> None:
    assert not plan(Erase, [1]).changes_anything()


def test_a_value_that_was_cleared_is_not_held() -> None:
    assert held(record(1, ref="", number="07").properties, calls()) == [("number", "7e0")]


def test_ids_of_an_archive() -> None:
    assert record_numbers(["7", "007", "999999999999999999"]) == [7, 7, 999_999_999_999_999_999]
    for wrong in ("", "0", "-1", "+1", "1.0", "abc", "\u0661", " 1", "9" * 19):
        with pytest.raises(UnusableId) as caught:
            record_numbers(["7", wrong, "8"])
        assert (caught.value.context, caught.value.path) == ({"ids": [wrong]}, "inputs[1].id")


def test_ids_of_an_archive_are_told_all_at_once_and_by_their_place_in_the_whole() -> None:
    with pytest.raises(UnusableId) as caught:
        record_numbers(["a", "7", "b"], 40)
    assert (caught.value.context, caught.value.path) == ({"ids": ["a", "b"]}, "inputs[40].id")
