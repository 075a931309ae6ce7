"""What a merge makes of two records, without a server and without a store."""

import pytest

from trunkline.crm.catalog import Catalog, Definitions, ObjectType
from trunkline.crm.merge import Merge
from trunkline.crm.plan import Found, Merger, Plan
from trunkline.crm.property import Property
from trunkline.crm.record import Record
from trunkline.errors import ImpossibleMerge, RecordNotFound

NOW = 1_745_524_893_000


def calls() -> ObjectType:
    own = [
        Property(name=name, label=name, type="string", field_type="text", has_unique_value=True, hubspot_defined=False)
        for name in ("ref", "other")
    ]
    return Catalog(7, Definitions(1, {"0-48": own})).type("calls")


def record(id_: int, archived: int | None = None, updated: int = 1, last: int | None = None, **sent: str) -> Record:
    return Record(id=id_, properties=sent, created=id_, updated=updated, app=5, archived=archived, last_change=last)


def merge(primary: Record, other: Record, type_: ObjectType | None = None) -> Plan:
    """The plan to merge two records, of ids 1 and 2."""
    work = Merge(1, 2, type_ or calls(), 6)
    assert work.wanted().ids == [1, 2]
    return work.plan(Found(NOW, 100, {}, {primary.id: primary, other.id: other}))


def test_the_primary_wins_and_takes_what_it_lacks() -> None:
    made = merge(
        record(1, hs_call_title="first", hs_call_body="", last=17),
        record(2, hs_call_title="second", hs_call_body="only here", hs_call_status=""),
    )
    (update,) = made.updates
    assert update.change.values == {"hs_call_body": ("", "only here"), "hs_merged_object_ids": (None, "2")}
    assert (update.change.previous, update.change.at, update.change.app) == (17, NOW, 6)
    assert update.record.properties == {
        "hs_call_title": "first",
        "hs_call_body": "only here",
        "hs_merged_object_ids": "2",
    }
    assert (update.record.created, update.record.updated, update.record.app) == (1, NOW, 5)


def test_the_other_goes_and_the_primary_stands_for_it() -> None:
    made = merge(record(1), record(2, hs_call_title="x"))
    assert [(r.id, r.archived, r.properties) for r in made.archives] == [(2, NOW, {"hs_call_title": "x"})]
    assert made.mergers == [Merger(2, 1)]
    assert made.creates == made.erased == []
    (written,) = made.written
    assert (written.record.id, written.new, written.names) == (1, False, None)


def test_unique_values() -> None:
    made = merge(record(1, ref="A"), record(2, ref="B", other="Z"))
    assert made.released == [("ref", "B"), ("other", "Z")], "what the other held is free"
    assert made.claimed == [(("other", "Z"), 1)], "and what the primary lacked is the primary's"
    assert made.updates[0].record.properties["ref"] == "A"


def test_ids_of_earlier_merges_are_kept() -> None:
    made = merge(record(1, hs_merged_object_ids="7;8"), record(2, hs_merged_object_ids="9"))
    assert made.updates[0].change.values == {"hs_merged_object_ids": ("7;8", "7;8;9;2")}


def test_time_never_runs_backwards_for_a_record() -> None:
    made = merge(record(1, updated=NOW + 3), record(2, updated=NOW + 9))
    assert made.updates[0].record.updated == made.updates[0].change.at == NOW + 3
    assert made.archives[0].updated == NOW + 9


def test_a_merge_of_equal_records_is_told_all_the_same() -> None:
    assert merge(record(1), record(2)).changes_anything()


@pytest.mark.parametrize(
    ("primary", "other"),
    [(record(1), record(3)), (record(3), record(2)), (record(1, archived=9), record(2)), (record(1), record(2, 9))],
)
def test_both_have_to_be_there(primary: Record, other: Record) -> None:
    with pytest.raises(RecordNotFound):
        merge(primary, other)


def test_a_record_cannot_be_merged_with_itself() -> None:
    with pytest.raises(ImpossibleMerge):
        Merge(1, 1, calls(), 5)
