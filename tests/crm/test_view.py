"""What an answer shows of a record, and its history."""

from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.plan import Written
from trunkline.crm.record import Change, Record
from trunkline.crm.view import Version, View, echo, history

CATALOG = Catalog(1, Definitions(1, {}))
TYPE = CATALOG.type("calls")
RECORD = Record(
    id=9,
    properties={"hs_timestamp": "2025-04-24T20:01:33Z", "hs_call_title": "new", "hs_call_body": ""},
    created=1_000,
    updated=5_000,
    app=7,
    last_change=3,
)
CHANGES = [
    Change(at=5_000, app=8, values={"hs_call_title": ("mid", "new"), "hs_call_body": ("<b>x</b>", "")}),
    Change(at=3_000, app=7, values={"hs_call_title": (None, "mid")}),
]


def test_a_read_shows_what_was_asked_and_what_is_always_there() -> None:
    assert View(TYPE, ["hs_call_title", "hs_call_body", "hs_call_status", "nope"]).of(RECORD) == {
        "hs_call_body": "",
        "hs_call_status": None,
        "hs_call_title": "new",
        "hs_createdate": "1970-01-01T00:00:01Z",
        "hs_lastmodifieddate": "1970-01-01T00:00:05Z",
        "hs_object_id": "9",
    }


def test_what_was_asked_takes_the_place_of_the_default_properties() -> None:
    tickets, always = CATALOG.type("tickets"), {"createdate", "hs_lastmodifieddate", "hs_object_id"}
    assert set(View(tickets, []).of(RECORD)) == set(tickets.data.default_properties) > always
    assert set(View(tickets, ["hs_pipeline", "hs_category"]).of(RECORD)) == {*always, "hs_pipeline"}


def test_names_come_in_alphabetical_order() -> None:
    names = list(View(TYPE, ["hs_timestamp", "hs_call_title"]).of(RECORD))
    assert names == sorted(names)


def test_the_echo_of_an_update_is_what_was_written_and_what_is_derived() -> None:
    properties = echo(Written(0, None, RECORD, False, ("hs_call_body", "hs_call_status")), TYPE)
    assert properties["hs_call_body"] == properties["hs_call_status"] == ""
    assert "hs_call_title" not in properties
    assert "hs_body_preview" not in properties
    assert properties["hs_obj_coords"] == "0-48-9"
    assert properties["hs_object_source_id"] == "7"
    assert properties["hs_engagements_last_contacted"] == "2025-04-24T20:01:33Z"


def test_the_echo_of_a_create_is_everything() -> None:
    properties = echo(Written(0, None, RECORD, True, None), TYPE)
    assert RECORD.properties.items() <= properties.items()
    assert properties["hs_connected_count"] == properties["hs_voicemail_count"] == "0"


def test_history_of_a_kept_property() -> None:
    assert history(RECORD, CHANGES, TYPE, "hs_call_title") == [Version("new", 5_000, 8), Version("mid", 3_000, 7)]


def test_history_of_a_cleared_property_ends_with_its_first_value() -> None:
    assert history(RECORD, CHANGES, TYPE, "hs_call_body") == [Version("", 5_000, 8), Version("<b>x</b>", 1_000, 7)]


def test_history_of_a_derived_property_follows_what_it_is_derived_from() -> None:
    assert history(RECORD, CHANGES, TYPE, "hs_body_preview") == [Version("x", 1_000, 7)]
    assert [v.value for v in history(RECORD, CHANGES, TYPE, "hs_lastmodifieddate")] == [
        "1970-01-01T00:00:05Z",
        "1970-01-01T00:00:03Z",
        "1970-01-01T00:00:01Z",
    ]


def test_a_property_that_was_never_set_has_no_history() -> None:
    assert history(RECORD, CHANGES, TYPE, "hs_call_status") == []
