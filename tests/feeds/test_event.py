"""What an app is told of a row of the journal."""

from typing import Any

import pytest

from trunkline.bench.checkpoint import Entry
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.feeds.event import Known, event_id, events
from trunkline.feeds.subscription import HAPPENINGS, Subscription

CATALOG = Catalog(1, Definitions(version=1))


def told(kind: str, detail: str, *kinds: str, type_: str = "0-1", record: int | None = 5, **known: Any) -> list[Any]:
    """By subscription, what is told of a row; a kind may name a property or an object type after a colon."""
    subscriptions = []
    for number, text in enumerate(kinds, 1):
        name, _, more = text.partition(":")
        type_id, property_name = (more, "") if name.startswith("object.") else ("", more)
        one = Subscription(
            id=number, kind=name, active=True, created=0, updated=0, type=type_id, property_name=property_name
        )
        subscriptions.append(one)
    entry = Entry(position=9, kind=kind, type=type_, at=77, app=3, record=record, detail=detail)
    return [event.body for event in events(1, 2, entry, subscriptions, Known(CATALOG, **known))]


def test_each_subscription_is_told_of_its_own_kind() -> None:
    kinds = [f"{name}.{what}" for name in ("contact", "company") for what in HAPPENINGS if what != "propertyChange"]
    (created,) = told("create", "[5]", *kinds, record=None)
    assert created == {
        "eventId": event_id(1, 2, 9, 1),
        "subscriptionId": 1,
        "portalId": 1,
        "appId": 2,
        "occurredAt": 77,
        "subscriptionType": "contact.creation",
        "attemptNumber": 0,
        "changeSource": "INTEGRATION",
        "sourceId": "3",
        "objectId": 5,
        "changeFlag": "CREATED",
    }


def test_the_values_of_a_new_record_are_told_as_changes() -> None:
    first = {("0-1", 5): {"email": "a@x.example"}}
    kinds = ("contact.creation", "contact.propertyChange:email", "contact.propertyChange:phone")
    found = told("create", "[5]", *kinds, record=None, first=first)
    assert [(one["subscriptionType"], one.get("propertyValue")) for one in found] == [
        ("contact.creation", None),
        ("contact.propertyChange", "a@x.example"),
    ]


@pytest.mark.parametrize(("detail", "values"), [('{"email":["a","b"],"phone":[null,"1"]}', ["b"]), ("{}", [])])
def test_a_change_is_told_unless_it_was_blanked(detail: str, values: list[str]) -> None:
    assert [one["propertyValue"] for one in told("update", detail, "contact.propertyChange:email")] == values


def test_a_value_that_was_taken_away_is_told_as_an_empty_text() -> None:
    (one,) = told("update", '{"email":["a",null]}', "contact.propertyChange:email")
    assert (one["objectId"], one["propertyName"], one["propertyValue"]) == (5, "email", "")


def test_an_association_is_told_from_both_ends_also_of_one_type() -> None:
    kinds = ("contact.associationChange", "company.associationChange")
    tied = told("associate", '[[5,"0-2",8,1,"HUBSPOT_DEFINED"]]', *kinds, record=None)
    shown = [(one["associationType"], one["fromObjectId"], one["toObjectId"]) for one in tied]
    assert shown == [("CONTACT_TO_COMPANY", 5, 8), ("COMPANY_TO_CONTACT", 8, 5)]
    assert all(one["isPrimaryAssociation"] and not one["associationRemoved"] for one in tied)
    parted = told("dissociate", '[[5,"0-1",6]]', *kinds, record=None)
    assert [(one["fromObjectId"], one["toObjectId"]) for one in parted] == [(5, 6), (6, 5)]
    assert all(one["associationRemoved"] for one in parted)


def test_a_merge_is_no_deletion_and_an_erasure_is_one_besides() -> None:
    kinds = ("contact.deletion", "contact.merge", "contact.privacyDeletion")
    assert told("archive", "{}", *kinds, successors={("0-1", 5): 4}) == []
    (merged,) = told("merge", "{}", *kinds, successors={("0-1", 5): 4}, moved={9: 3})
    assert (merged["primaryObjectId"], merged["mergedObjectIds"], merged["numberOfPropertiesMoved"]) == (4, [5], 3)
    assert [one["subscriptionType"] for one in told("erase", "{}", *kinds)] == [kinds[0], kinds[2]]


def test_subscriptions_to_any_type_name_it() -> None:
    (one,) = told("archive", "{}", "object.deletion:0-48", "object.deletion:0-2", type_="0-48")
    assert (one["objectTypeId"], one["objectId"]) == ("0-48", 5)


@pytest.mark.parametrize("kind", ["definitions", "rewind", "portal.remove"])
def test_of_what_is_about_no_record_nobody_is_told(kind: str) -> None:
    assert told(kind, "[5]", "contact.creation", "contact.deletion") == []


def test_no_two_events_of_a_row_have_one_id() -> None:
    ids = [one["eventId"] for one in told("create", str(list(range(1000))), "contact.creation", record=None)]
    assert len(set(ids)) == len(ids)
    assert max(ids) < 2**53
