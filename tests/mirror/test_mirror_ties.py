"""What ties records, as the mirror copies it: made and parted, with labels of an account's own, or left alone."""

from collections.abc import Callable
from typing import Any

import pytest
from mirror.conftest import Pair
from sides import Side

from trunkline.mirror.labels import named, neighbours
from trunkline.mirror.pull import Counts

TIE = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}


def tied(side: Side, call: str) -> set[tuple[str, frozenset[str]]]:
    """The contacts that a call is tied to, with the labels of each."""
    found = side.http.get(f"/crm/v4/objects/calls/{call}/associations/contacts").json()["results"]
    return {
        (str(one["toObjectId"]), frozenset(kind["label"] for kind in one["associationTypes"] if kind["label"]))
        for one in found
    }


def tie(side: Side, call: str, contact: str, *types: dict[str, Any]) -> None:
    """Ties a call to a contact."""
    path = f"/crm/v4/objects/calls/{call}/associations/contacts/{contact}"
    side.http.put(path, json=list(types) or [TIE]).raise_for_status()


def part(side: Side, call: str, contact: str) -> None:
    """Parts a call from a contact."""
    side.http.delete(f"/crm/v4/objects/calls/{call}/associations/contacts/{contact}").raise_for_status()


def filled(pair: Pair) -> tuple[str, list[str]]:
    """A call there, and two contacts."""
    pair.there.define()
    inputs = [{"properties": {"email": f"c{n}@example.com"}} for n in range(2)]
    made = pair.there.post("/crm/v3/objects/contacts/batch/create", {"inputs": inputs})["results"]
    return pair.there.call("D"), sorted(str(one["id"]) for one in made)


def here(pair: Pair) -> tuple[str, list[str]]:
    """The same here."""
    (call,) = pair.here.all("calls")
    return call["id"], [one["id"] for one in pair.here.all("contacts", "trunkline_remote_id")]


Again = Callable[[Pair, str], Counts]


def touched(pair: Pair, call: str) -> Counts:
    """Copies what changed: the call, too."""
    pair.there.change("calls", call, hs_call_title="touched")
    return pair.pull()


AGAIN = [pytest.param(touched, id="changed"), pytest.param(lambda pair, call: pair.pull(ties=True), id="all")]


@pytest.mark.parametrize("again", AGAIN)
def test_what_is_parted_there_is_parted_here(pair: Pair, again: Again) -> None:
    call, (one, other) = filled(pair)
    tie(pair.there, call, one)
    assert pair.pull().tied > 0
    mine, contacts = here(pair)
    assert tied(pair.here, mine) == {(contacts[0], frozenset())}
    part(pair.there, call, one)
    tie(pair.there, call, other)
    assert again(pair, call).parted == 1
    assert tied(pair.here, mine) == {(contacts[1], frozenset())}
    done = again(pair, call)
    assert (done.tied, done.parted) == (0, 0)


def test_a_tie_to_what_is_not_there_stays(pair: Pair) -> None:
    call, _ = filled(pair)
    pair.pull()
    mine, _ = here(pair)
    own = str(pair.here.post("/crm/v3/objects/contacts", {"properties": {"email": "own@example.com"}})["id"])
    tie(pair.here, mine, own)
    assert touched(pair, call).parted == 0
    assert tied(pair.here, mine) == {(own, frozenset())}


def test_what_waits_to_be_sent_on_is_left_as_it_is(pair: Pair) -> None:
    call, (one, _) = filled(pair)
    tie(pair.there, call, one)
    pair.pull()
    pair.forward()
    mine, contacts = here(pair)
    part(pair.here, mine, contacts[0])
    tie(pair.here, mine, contacts[1])
    pair.pull(ties=True)
    assert tied(pair.here, mine) == {(contacts[1], frozenset())}
    pair.forward()
    assert len(tied(pair.there, call)) == 1
    done = pair.pull(ties=True)
    assert (done.tied, done.parted) == (0, 0)


def test_labels_of_an_account_come_along_and_go(pair: Pair) -> None:
    call, (one, other) = filled(pair)
    path = "/crm/v4/associations/calls/contacts"
    made = pair.there.post(f"{path}/labels", {"label": "Caller", "name": "caller", "inverseLabel": "Called by"})
    pair.there.post(f"{path}/labels", {"label": "Present", "name": "present"})
    of = {one["label"]: one["typeId"] for one in made["results"]}
    caller = {"associationCategory": "USER_DEFINED", "associationTypeId": of["Caller"]}
    tie(pair.there, call, one, caller)
    tie(pair.there, call, other)
    pair.pull()
    mine, contacts = here(pair)
    assert tied(pair.here, mine) == {(contacts[0], frozenset({"Caller"})), (contacts[1], frozenset())}
    back = pair.here.http.get(f"/crm/v4/objects/contacts/{contacts[0]}/associations/calls").json()["results"]
    assert {kind["label"] for kind in back[0]["associationTypes"]} == {"Called by", None}
    body = {"inputs": [{"from": {"id": call}, "to": {"id": one}, "types": [caller]}]}
    pair.there.post(f"{path}/batch/labels/archive", body)
    assert pair.pull(ties=True).parted > 0
    assert tied(pair.here, mine) == {(contacts[0], frozenset()), (contacts[1], frozenset())}


def test_a_label_is_sent_on_where_the_account_has_it(pair: Pair) -> None:
    call, (one, other) = filled(pair)
    path = "/crm/v4/associations/calls/contacts/labels"
    pair.there.post(path, {"label": "Caller", "name": "caller", "inverseLabel": "Called by"})
    pair.pull()
    pair.forward()
    mine, contacts = here(pair)
    pair.here.post(path, {"label": "Ours", "name": "ours"})
    of = {one["label"]: one["typeId"] for one in pair.here.http.get(path).json()["results"]}
    for contact, label in zip(contacts, ("Caller", "Ours"), strict=True):
        tie(pair.here, mine, contact, {"associationCategory": "USER_DEFINED", "associationTypeId": of[label]})
    pair.forward()
    assert tied(pair.there, call) == {(one, frozenset({"Caller"})), (other, frozenset())}


def test_a_copy_that_was_broken_off_ties_what_it_had_copied_before(pair: Pair) -> None:
    call, (one, _) = filled(pair)
    tie(pair.there, call, one)
    # The contact was copied by a run that came to no ties.
    pair.pull("contacts")
    pair.pull("contacts")
    pair.pull()
    mine, contacts = here(pair)
    assert tied(pair.here, mine) == {(contacts[0], frozenset())}


def test_a_contact_with_more_calls_than_a_page_keeps_them_all(pair: Pair) -> None:
    _, (one, _) = filled(pair)
    for first in range(0, 600, 100):
        calls = [
            {
                "properties": {"hs_timestamp": "2026-01-01T12:00:00Z", "dialer_id": f"N{n}"},
                "associations": [{"to": {"id": one}, "types": [TIE]}],
            }
            for n in range(first, first + 100)
        ]
        pair.there.post("/crm/v3/objects/calls/batch/create", {"inputs": calls})
    pair.pull()
    done = pair.pull(ties=True)
    assert (done.tied, done.parted) == (0, 0)
    (found,) = (one for one in pair.here.all("contacts", "email") if one["email"] == "c0@example.com")
    path = f"/crm/v4/objects/contacts/{found['id']}/associations/calls"
    page = pair.here.http.get(path, params={"limit": "500"}).json()
    rest = pair.here.http.get(path, params={"limit": "500", "after": page["paging"]["next"]["after"]}).json()
    assert len(page["results"]) + len(rest["results"]) == 600


@pytest.mark.parametrize(
    ("there", "back", "found"),
    [
        ({}, {}, []),
        ({35: "Boss"}, {36: "Report"}, [("Boss", "Report")]),
        ({36: "Boss"}, {35: "Report"}, [("Boss", "Report")]),
        ({35: "A", 38: "C"}, {36: "B", 37: "D"}, [("A", "B"), ("C", "D")]),
        ({35: "A"}, {40: "B"}, []),
        ({35: "A", 36: "B"}, {}, []),
    ],
)
def test_the_directions_of_a_label_are_neighbours(
    there: dict[int, str], back: dict[int, str], found: list[tuple[str, str]]
) -> None:
    assert list(neighbours(there, back)) == found


def test_a_label_has_a_name_that_is_allowed() -> None:
    assert named("Vice-president (2nd)", "calls", "contacts") == "calls_contacts_vice_president_2nd"
