"""What a batch of creates, updates or upserts decides, without a server and without a store."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pytest

from trunkline.crm.association import End, LinkInput, LinkSpec, LinkTarget
from trunkline.crm.batch import Batch, check_whole
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.check import Input, NewInput, check_addressed, check_new
from trunkline.crm.plan import Found, Plan, UniqueKey
from trunkline.crm.property import Property
from trunkline.crm.record import Record
from trunkline.crm.values import Scalar
from trunkline.crm.write import Mode, Write
from trunkline.errors import (
    BlankId,
    ContradictedKey,
    DuplicateIds,
    InvalidAssociations,
    InvalidValues,
    MissingRequired,
    NonUniqueProperty,
    RecordExists,
    Refusal,
    TooManyInputs,
    UniqueValueTaken,
    UnknownIdProperty,
    UnknownRecord,
)

PORTAL = 7
NOW = 1_745_524_893_000
AT = "2025-04-24T20:01:33Z"


def unique(name: str, kind: str = "string") -> Property:
    return Property(name=name, label=name, type=kind, field_type="text", has_unique_value=True, hubspot_defined=False)


def catalog() -> Catalog:
    return Catalog(PORTAL, Definitions(1, {"0-48": [unique("ref"), unique("other"), unique("number", "number")]}))


def at(id_: Scalar, by: str | None = "ref", trace: str | None = None, **properties: Scalar) -> Input:
    return Input(id_, {"hs_timestamp": AT} | properties, by, trace)


def bare(id_: Scalar, by: str | None = "ref", trace: str | None = None, **properties: Scalar) -> Input:
    return Input(id_, properties, by, trace)


def record(id_: int, **properties: str) -> Record:
    return Record(id=id_, properties={"hs_timestamp": AT} | properties, created=1, updated=1, app=5)


def plan(
    *inputs: Input,
    stored: Mapping[int, Record] | None = None,
    mode: Mode = "upsert",
    each: bool = False,
    held: Mapping[str, int] = MappingProxyType({}),
    **more: int,
) -> Plan:
    """Plans a batch over records and who holds which value, as ref__A1=1."""
    known = catalog()
    type_ = known.type("calls")
    check_whole(Batch(operation=mode, portal=PORTAL, app=5, type=type_.id, inputs=inputs), type_)
    checked = check_addressed(inputs, type_, PORTAL)
    return planned(Write(checked, type_, known, 5, mode, each=each), stored, {**held, **more})


def update(*inputs: Input, stored: Mapping[int, Record] | None = None, each: bool = False, **held: int) -> Plan:
    """Plans a batch of updates."""
    return plan(*inputs, stored=stored, mode="update", each=each, held=held)


def create(
    *inputs: NewInput,
    type_name: str = "calls",
    ends: Sequence[End] = (),
    each: bool = False,
    held: Mapping[str, int] = MappingProxyType({}),
) -> Plan:
    """Plans a batch of creates; `ends` are the records of others that are there, `held` the values that are taken."""
    known = catalog()
    type_ = known.type(type_name)
    check_whole(Batch(operation="create", portal=PORTAL, app=5, type=type_.id, inputs=inputs), type_)
    work = Write(check_new(inputs, type_, known), type_, known, 5, "create", each=each)
    assert set(ends) <= set(work.wanted().ends)
    stored = {id_: record(id_) for id_ in held.values()}
    return planned(work, stored, held, ends)


def planned(
    work: Write, stored: Mapping[int, Record] | None, held: Mapping[str, int], ends: Sequence[End] = ()
) -> Plan:
    """What a store that has this makes of the work; it is asked only for what is wanted."""
    holders: dict[UniqueKey, int] = {(key.split("__")[0], key.split("__")[1]): id_ for key, id_ in held.items()}
    asked = work.wanted()
    wanted = {key: id_ for key, id_ in holders.items() if key in set(asked.keys)}
    made = work.plan(Found(NOW, 100, wanted, dict(stored or {}), frozenset(ends)))
    assert len(made.creates) <= asked.room
    return made


def new(trace: str | None = None, links: Sequence[LinkInput] | None = None, **properties: Scalar) -> NewInput:
    return NewInput({"hs_timestamp": AT} | properties, trace, links)


def link(id_: Scalar, kind: Scalar = 194, category: str = "HUBSPOT_DEFINED") -> LinkInput:
    """An association with a contact, unless told otherwise."""
    return LinkInput(LinkTarget(id_), [LinkSpec(category, kind)])


def test_new_and_known_keys() -> None:
    known = record(1, ref="A1", hs_call_title="old", hs_call_body="keep")
    made = plan(at("A2", hs_call_title="new"), at("A1", hs_call_title="changed"), stored={1: known}, ref__A1=1)
    assert [(w.record.id, w.new) for w in made.written] == [(100, True), (1, False)]
    assert made.creates[0].properties == {"hs_timestamp": AT, "hs_call_title": "new", "ref": "A2"}
    assert made.claimed == [(("ref", "A2"), 100)]
    assert made.updates[0].change.values == {"hs_call_title": ("old", "changed")}
    assert made.updates[0].record.properties["hs_call_body"] == "keep"
    assert made.updates[0].record.updated == NOW


@pytest.mark.parametrize("sent", [{}, {"hs_call_title": "t"}, {"hs_call_body": ""}, {"hs_call_body": None}])
def test_what_changes_nothing_writes_nothing(sent: dict[str, Scalar]) -> None:
    made = plan(
        Input("A1", {"hs_timestamp": AT} | sent, "ref"),
        stored={1: record(1, ref="A1", hs_call_title="t")},
        ref__A1=1,
    )
    assert not made.changes_anything()
    assert made.written[0].record.updated == 1


def test_clearing() -> None:
    known = record(1, ref="A1", hs_call_body="x", other="Z")
    made = plan(at("A1", hs_call_body=None, other=""), stored={1: known}, ref__A1=1, other__Z=1)
    assert made.updates[0].change.values == {"hs_call_body": ("x", ""), "other": ("Z", "")}
    assert made.released == [("other", "Z")]


def test_blank_values_are_not_kept_at_creation() -> None:
    assert plan(at("A1", hs_call_body="", hs_campaign_guids=";")).creates[0].properties == {
        "hs_timestamp": AT,
        "ref": "A1",
    }


def test_a_leading_semicolon_appends() -> None:
    known = record(1, ref="A1", hs_campaign_guids="a;b")
    made = plan(bare("A1", hs_campaign_guids=";b;c"), stored={1: known}, ref__A1=1)
    assert made.updates[0].change.values == {"hs_campaign_guids": ("a;b", "a;b;c")}
    assert plan(at("A2", hs_campaign_guids=";b;c")).creates[0].properties["hs_campaign_guids"] == "b;c"


def test_an_owner_is_stamped_when_it_changes() -> None:
    known = record(1, ref="A1", hubspot_owner_id="4", hubspot_owner_assigneddate="2020-01-01T00:00:00Z")
    made = plan(bare("A1", hubspot_owner_id="5"), stored={1: known}, ref__A1=1)
    assert made.updates[0].record.properties["hubspot_owner_assigneddate"] == AT
    assert plan(at("A2", hubspot_owner_id=5)).creates[0].properties["hubspot_owner_assigneddate"] == AT
    assert not plan(bare("A1", hubspot_owner_id=4), stored={1: known}, ref__A1=1).changes_anything()


def whole(*inputs: Input, stored: Mapping[int, Record] | None = None, mode: Mode = "upsert", **held: int) -> Refusal:
    """The refusal of a whole batch."""
    with pytest.raises(Refusal) as caught:
        plan(*inputs, stored=stored, mode=mode, each=False, held=held)
    return caught.value


def test_more_than_a_hundred_inputs() -> None:
    assert isinstance(whole(*(at(str(n)) for n in range(101))), TooManyInputs)
    assert len(plan(*(at(str(n)) for n in range(100))).creates) == 100


@pytest.mark.parametrize("id_", ["", " ", "\t\n", "a\0b", None])
def test_ids_that_are_none(id_: Scalar) -> None:
    refusal = whole(at("A1"), at(id_))
    assert isinstance(refusal, BlankId)
    assert refusal.path == "inputs[1].id"


def test_ids_are_compared_exactly() -> None:
    assert len(plan(at("a"), at("A"), at(" a"), at("a ")).creates) == 4


@pytest.mark.parametrize("trace", [False, True])
def test_repeated_ids_refuse_the_batch_with_and_without_trace_ids(trace: bool) -> None:
    ids: list[Scalar] = ["A", "B", "A", 1, "1", "A"]
    refusal = whole(*(at(id_, trace=f"t{n}" if trace else None) for n, id_ in enumerate(ids)))
    assert isinstance(refusal, DuplicateIds)
    assert refusal.message == "Duplicate IDs found in batch input: [A, 1]. IDs must be unique"
    assert refusal.context == {"ids": ["A", "1"]}


def test_the_same_id_under_two_properties_is_two_keys() -> None:
    assert len(plan(at("A", "ref"), at("A", "other")).creates) == 2


def test_two_keys_of_one_record_refuse_the_batch() -> None:
    known = record(1, ref="A1", other="Z")
    refusal = whole(at("A1", trace="a"), at("Z", "other", trace="b"), stored={1: known}, ref__A1=1, other__Z=1)
    assert isinstance(refusal, DuplicateIds)
    assert refusal.context == {"ids": ["A1", "Z"]}
    assert isinstance(whole(at("A1"), bare("1", None), stored={1: known}, ref__A1=1), DuplicateIds)


def test_a_key_that_an_input_before_would_make_refuses_the_batch() -> None:
    refusal = whole(at("A1", other="Z"), at("Z", "other"))
    assert isinstance(refusal, DuplicateIds)
    assert isinstance(whole(at("1", "number"), at("1.0", "number")), DuplicateIds)


def test_a_failed_input_still_counts_for_its_key() -> None:
    assert isinstance(whole(at("1", "number", "a", nope=1), at("1.0", "number", "b")), DuplicateIds)


def test_id_properties() -> None:
    refusal = whole(at("A", "hs_call_title"))
    assert isinstance(refusal, NonUniqueProperty)
    said = "Unable to perform update/upsert by non-unique 0-48 property hs_call_title in portal ID"
    assert refusal.message == f"{said} {PORTAL}"
    assert isinstance(whole(at("1", "hs_object_id")), NonUniqueProperty)
    assert isinstance(whole(at("1", "nope")), UnknownIdProperty)


def test_missing_is_told_before_wrong_and_only_where_a_record_would_be_made() -> None:
    refusal = whole(bare("A1", nope="x"))
    assert isinstance(refusal, MissingRequired)
    assert refusal.message == "Error creating CALL. Some required properties were not set."
    assert refusal.context == {"properties": ["hs_timestamp"]}
    known = record(1, ref="A1")
    assert isinstance(whole(bare("A1", nope="x"), stored={1: known}, ref__A1=1), InvalidValues)
    assert isinstance(whole(bare("A1", hs_timestamp="tomorrow")), InvalidValues)


@pytest.mark.parametrize("blank", ["", None])
def test_a_required_property_cannot_be_cleared(blank: Scalar) -> None:
    refusal = whole(bare("A1", hs_timestamp=blank), stored={1: record(1, ref="A1")}, ref__A1=1)
    assert isinstance(refusal, MissingRequired)
    assert refusal.message.startswith("Error updating CALL.")
    assert whole(bare("A2", hs_timestamp=blank)).message.startswith("Error creating CALL.")


@pytest.mark.parametrize("value", ["A2", "", None])
def test_the_key_cannot_be_changed_or_cleared(value: Scalar) -> None:
    assert isinstance(whole(at("A1", ref=value), stored={1: record(1, ref="A1")}, ref__A1=1), ContradictedKey)
    assert isinstance(whole(at("A9", ref=value)), ContradictedKey)


def test_the_key_may_be_repeated_in_the_properties() -> None:
    assert plan(at("A1", ref="A1")).creates[0].properties["ref"] == "A1"
    assert plan(at(1, ref=1)).creates[0].properties["ref"] == "1"
    assert plan(at("1.0", "number", number="1")).creates[0].properties["number"] == "1"


def test_a_second_unique_value_that_is_taken() -> None:
    holder, known = record(2, ref="B", other="Z"), record(1, ref="A1")
    refusal = whole(at("A1", other="Z"), stored={1: known, 2: holder}, ref__A1=1, other__Z=2)
    assert isinstance(refusal, UniqueValueTaken)
    assert refusal.message == (
        f"Cannot set PropertyValueCoordinates{{portalId={PORTAL}, objectTypeId=ObjectTypeId{{legacyObjectType=CALL}}, "
        "propertyName=other, value=Z} on 1. 2 already has that value."
    )
    assert "on 100. 2 already" in whole(at("new", other="Z"), stored={2: holder}, other__Z=2).message


def test_of_two_inputs_that_set_one_unique_value_the_first_wins() -> None:
    made = plan(at("A", trace="a", other="Z"), at("B", trace="b", other="Z"))
    assert [w.trace for w in made.written] == ["a"]
    assert isinstance(made.failed[0].refusal, UniqueValueTaken)
    assert made.failed[0].refusal.message.endswith("on 101. 100 already has that value.")


def test_a_unique_value_may_change_hands_in_order() -> None:
    known = record(1, ref="A", other="Z")
    made = plan(bare("A", other="Y"), at("B", other="Z"), stored={1: known}, ref__A=1, other__Z=1)
    assert made.released == [("other", "Z")]
    assert (("other", "Z"), 100) in made.claimed
    reverse = [at("B", trace="b", other="Z"), bare("A", trace="a", other="Y")]
    assert [f.trace for f in plan(*reverse, stored={1: known}, ref__A=1, other__Z=1).failed] == ["b"]


def test_without_id_property_an_id_is_a_record_id_and_makes_nothing() -> None:
    known = record(1, ref="A")
    made = plan(bare("1", None, hs_call_title="t"), stored={1: known})
    assert [u.record.id for u in made.updates] == [1]
    for id_ in ("2", "A", "-1", "1" * 30):
        assert isinstance(whole(at(id_, None), stored={1: known}), UnknownRecord)
    gone = Record(id=1, properties={}, created=1, updated=1, app=5, archived=2)
    assert isinstance(whole(at("1", None), stored={1: gone}), UnknownRecord)


@pytest.mark.parametrize(
    ("traces", "status"),
    [(["a", "b"], 207), (["a", None], 400), (["a", ""], 400), (["a", "a"], 400), ([None, None], 400)],
)
def test_207_needs_a_trace_id_of_its_own_on_every_input(traces: list[str | None], status: int) -> None:
    inputs = [at("A", trace=traces[0]), at("B", trace=traces[1], nope="x")]
    if status == 400:
        assert isinstance(whole(*inputs), InvalidValues)
        return
    made = plan(*inputs)
    assert ([w.trace for w in made.written], [f.trace for f in made.failed]) == (["a"], ["b"])


def test_a_batch_refused_whole_names_the_bad_values_of_all_inputs() -> None:
    refusal = whole(at("A", nope="x"), at("B", hs_call_status="BAD"), at("C", hs_createdate="1"))
    assert isinstance(refusal, InvalidValues)
    assert [value.code for value in refusal.values] == ["PROPERTY_DOESNT_EXIST", "INVALID_OPTION", "READ_ONLY_VALUE"]
    assert [detail.path for detail in refusal.details] == [
        "inputs[0].properties.nope",
        "inputs[1].properties.hs_call_status",
        "inputs[2].properties.hs_createdate",
    ]


def test_a_bad_value_of_the_key_itself() -> None:
    refusal = whole(at("x", "number"))
    assert isinstance(refusal, InvalidValues)
    assert refusal.path == "inputs[0].id"


def test_the_plan_does_not_touch_what_it_was_given() -> None:
    known = record(1, ref="A", hs_call_title="old")
    before = dict(known.properties)
    plan(bare("A", hs_call_title="new"), stored={1: known}, ref__A=1)
    assert known.properties == before


def test_updates_by_id_and_by_key() -> None:
    stored = {1: record(1, ref="A", hs_call_title="old"), 2: record(2, ref="B")}
    made = update(bare("1", None, hs_call_title="new"), bare("B", hs_call_title="x"), stored=stored, ref__A=1, ref__B=2)
    assert [(u.record.id, u.change.values) for u in made.updates] == [
        (1, {"hs_call_title": ("old", "new")}),
        (2, {"hs_call_title": (None, "x")}),
    ]
    assert (made.creates, made.failed, made.missing) == ([], [], [])
    assert [w.names for w in made.written] == [("hs_call_title",), ("hs_call_title",)]


@pytest.mark.parametrize("id_", ["2", "A", "-1", "0", " 1", "1" * 30, "9"])
def test_an_update_that_reaches_nobody_fails_alone_without_trace_ids(id_: str) -> None:
    stored = {1: record(1), 9: Record(id=9, properties={}, created=1, updated=1, app=5, archived=2)}
    made = update(bare("1", None, hs_call_title="x"), bare(id_, None, hs_call_title="x"), stored=stored)
    assert [w.record.id for w in made.written] == [1]
    assert made.failed == []
    (missing,) = made.missing
    assert isinstance(missing.refusal, UnknownRecord)
    assert missing.refusal.context == {"ids": [id_]}


def test_an_update_by_a_key_that_nobody_holds_makes_nothing() -> None:
    made = update(at("A1"))
    assert not made.changes_anything()
    assert [failure.position for failure in made.missing] == [0]


def test_what_an_unknown_record_should_get_is_not_looked_at() -> None:
    assert len(update(bare("5", None, nope="x")).missing) == 1


def test_an_update_that_fails_takes_the_others_along_and_the_missing_do_not() -> None:
    inputs = [bare("5", None, hs_call_title="x"), bare("1", None, nope="x")]
    with pytest.raises(InvalidValues):
        update(*inputs, stored={1: record(1)})
    made = update(*inputs, stored={1: record(1)}, each=True)
    assert ([f.position for f in made.missing], [f.position for f in made.failed]) == ([0], [1])


def test_one_record_twice_in_an_update() -> None:
    stored = {1: record(1, ref="A")}
    assert isinstance(whole(bare("1", None), bare("1", None), stored=stored, mode="update"), DuplicateIds)
    refusal = whole(bare("1", None), bare("A"), stored=stored, mode="update", ref__A=1)
    assert refusal.context == {"ids": ["1", "A"]}
    assert isinstance(whole(bare("1", None), bare("01", None), stored=stored, mode="update"), DuplicateIds)


def test_an_update_moves_unique_values_in_order() -> None:
    stored = {1: record(1, ref="A"), 2: record(2, ref="B")}
    made = update(bare("1", None, ref="C"), bare("2", None, ref="A"), stored=stored, ref__A=1, ref__B=2)
    assert made.released == [("ref", "A"), ("ref", "B")]
    assert made.claimed == [(("ref", "C"), 1), (("ref", "A"), 2)]
    with pytest.raises(UniqueValueTaken):
        update(bare("1", None, ref="B"), bare("2", None, ref="A"), stored=stored, ref__A=1, ref__B=2)


def test_an_update_may_set_the_value_that_is_there() -> None:
    made = update(bare("1", None, ref="A"), stored={1: record(1, ref="A")}, ref__A=1)
    assert not made.changes_anything()


def test_time_never_runs_backwards_for_a_record() -> None:
    later = Record(id=1, properties={"hs_timestamp": AT}, created=1, updated=NOW + 5, app=5)
    made = update(bare("1", None, hs_call_title="x"), stored={1: later})
    assert (made.updates[0].record.updated, made.updates[0].change.at) == (NOW + 5, NOW + 5)


def test_an_update_links_to_the_change_before() -> None:
    known = Record(id=1, properties={"hs_timestamp": AT}, created=1, updated=1, app=5, last_change=17)
    assert update(bare("1", None, hs_call_title="x"), stored={1: known}).updates[0].change.previous == 17


def test_creates() -> None:
    made = create(new(hs_call_title="one", ref="A"), new("t", hs_call_body=""))
    assert [(w.record.id, w.new, w.trace, w.names) for w in made.written] == [
        (100, True, None, None),
        (101, True, "t", None),
    ]
    assert made.creates[0].properties == {"hs_timestamp": AT, "hs_call_title": "one", "ref": "A"}
    assert made.creates[1].properties == {"hs_timestamp": AT}
    assert {(r.created, r.updated, r.app) for r in made.creates} == {(NOW, NOW, 5)}
    assert made.claimed == [(("ref", "A"), 100)]


def test_a_create_is_refused_as_an_upsert_is() -> None:
    for input_, kind in (
        (NewInput({}), MissingRequired),
        (new(nope="x"), InvalidValues),
        (new(hs_createdate=AT), InvalidValues),
        (new(ref="A"), UniqueValueTaken),
    ):
        with pytest.raises(kind):
            create(new(), input_, held={"ref__A": 1})
    with pytest.raises(TooManyInputs):
        create(*(new() for _ in range(101)))


def test_two_creates_of_one_unique_value() -> None:
    with pytest.raises(UniqueValueTaken, match=r"on 101\. 100 already has that value"):
        create(new(ref="A"), new(ref="A"))
    made = create(new("a", ref="A"), new("b", ref="A"), new("c", ref="B"))
    assert [w.trace for w in made.written] == ["a", "c"]
    assert [f.trace for f in made.failed] == ["b"]
    assert [r.id for r in made.creates] == [100, 101]


def test_a_contact_that_is_there_is_a_conflict() -> None:
    known = NewInput({"email": "ann@example.com"}, "b")
    with pytest.raises(RecordExists) as caught:
        create(NewInput({"email": "new@example.com"}), known, type_name="contacts", held={"email__ann@example.com": 1})
    assert (caught.value.message, caught.value.context) == ("Contact already exists", None)
    made = create(NewInput({}, "a"), known, type_name="contacts", held={"email__ann@example.com": 1})
    (failed,) = made.failed
    assert failed.refusal.message == "Contact already exists. Existing ID: 1"
    assert failed.refusal.context == {"existingId": ["1"]}


def test_a_record_starts_with_its_associations() -> None:
    made = create(new(links=[link(7), link("8", 194), link("9", 206)]), ends=[("0-1", 7), ("0-1", 8), ("0-3", 9)])
    assert [(tie.record, tie.end, tie.type.id) for tie in made.ties] == [
        (100, ("0-1", 7), 194),
        (100, ("0-1", 8), 194),
        (100, ("0-3", 9), 206),
    ]
    assert create(new(links=[])).ties == create(new()).ties == []


@pytest.mark.parametrize(
    ("wrong", "context"),
    [
        (link(7), {"INVALID_OBJECT_IDS": ["CONTACT=7 is not valid"]}),
        (link("x"), {"INVALID_OBJECT_IDS": ["CONTACT=x is not valid"]}),
        (link("0"), {"INVALID_OBJECT_IDS": ["CONTACT=0 is not valid"]}),
        (
            link(7, 3, "USER_DEFINED"),
            {
                "associationSpec": ["USER_DEFINED=3"],
                "INVALID_ASSOCIATION_TYPE_ID": ["USER_DEFINED=3 is not a valid association definition id"],
            },
        ),
        (
            link(7, 4),
            {
                "associationSpec": ["HUBSPOT_DEFINED=4"],
                "INVALID_ASSOCIATION_TYPE_ID": ["HUBSPOT_DEFINED=4 is not a valid association definition id"],
            },
        ),
        (
            LinkInput(LinkTarget("7"), []),
            {"INVALID_ASSOCIATION_TYPE_ID": ["7 comes without an association definition id"]},
        ),
    ],
)
def test_an_association_that_cannot_be(wrong: LinkInput, context: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidAssociations) as caught:
        create(new(), new(links=[wrong]))
    assert caught.value.context == context
    made = create(new("a"), new("b", [wrong]))
    assert ([w.trace for w in made.written], [f.trace for f in made.failed], made.ties) == (["a"], ["b"], [])


def test_bad_values_are_told_before_bad_associations() -> None:
    with pytest.raises(InvalidValues):
        create(new(links=[link(7, 4)], nope="x"))
    with pytest.raises(MissingRequired):
        create(NewInput({}, None, [link(7, 4)]))


def test_with_each_no_failure_takes_others_along() -> None:
    made = create(new(), new(nope="x"), each=True)
    assert ([w.position for w in made.written], [f.position for f in made.failed]) == ([0], [1])
    known = record(1, ref="A1", other="Z")
    again = plan(at("A1"), at("Z", "other"), at("N", nope="x"), stored={1: known}, each=True, ref__A1=1, other__Z=1)
    assert [w.position for w in again.written] == [0]
    assert [type(f.refusal) for f in again.failed] == [DuplicateIds, InvalidValues]
