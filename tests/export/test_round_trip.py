"""From one account into a file and into another one, or back."""

import asyncio
import io
import re
from pathlib import Path
from typing import Any

import pytest
from export.conftest import HARD, Export, fill, many, names, told
from rich.console import Console
from sides import AT, REF, Side
from typer.testing import CliRunner, Result

from trunkline.cli import app
from trunkline.export.wanted import Ends
from trunkline.load.job import Ending, Order, carry_out

FORMS = ("csv", "ndjson", "parquet")
ADA = {
    "email": "ada@example.com",
    "firstname": "Ada\nKing",
    "lastname": 'Love"lace, Countess',
    "lifecyclestage": "lead",
    "date_of_birth": "1815-12-10",
    "numemployees": "1000+",
    "annualrevenue": "1234.50",
    "hs_timestamp": AT,
}


def load(side: Side, file: Path, type_: str = "calls", key: str | None = "dialer_id", **order: Any) -> Ending:
    """Loads a file, and waits for nothing between two tries."""

    async def pause(seconds: float) -> None:
        """Waits for nothing."""

    said = io.StringIO()
    given = Order(
        file=file,
        rejects=file.with_suffix(".rejects.csv"),
        to=side.url,
        token=token(side),
        type=type_,
        key=key,
        **order,
    )
    ending = asyncio.run(carry_out(given, Console(file=said), pause))
    assert ending.stopped is None, ending.stopped
    return ending


def run(side: Side, *arguments: str | Path) -> Result:
    """The command, as it is typed."""
    every = ("load", *map(str, arguments), "--to", side.url)
    return CliRunner().invoke(app, every, env={"TRUNKLINE_TOKEN": token(side)})


def token(side: Side) -> str:
    return str(side.http.headers["authorization"].partition(" ")[2])


def counts(ending: Ending) -> tuple[int, int, int]:
    return ending.report.created, ending.report.updated, ending.report.rejected


def writable(side: Side, type_: str = "calls") -> list[str]:
    """Properties that take values from others than the service."""
    known = side.http.get(f"/crm/v3/properties/{type_}").json()["results"]
    fixed = [one["name"] for one in known if one.get("modificationMetadata", {}).get("readOnlyValue")]
    return [name for name in names(side, type_) if name not in fixed and not name.startswith("hs_object_source")]


@pytest.mark.parametrize("ending", FORMS)
def test_calls_are_there_as_they_were_here(
    side: Side, other: Side, export: Export, tmp_path: Path, ending: str
) -> None:
    fill(side)
    other.define()
    file = tmp_path / f"calls.{ending}"
    export(file)
    assert counts(load(other, file)) == (len(HARD), 0, 0)
    some = ",".join(writable(side))
    here, there = ([one["properties"] for one in told(one, properties=some)] for one in (side, other))
    for one, copy in zip(here, there, strict=True):
        for made in ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"):
            del one[made], copy[made]
        # In a record that is new there is nothing to clear: it has no value.
        assert copy == one | {"hs_call_title": one["hs_call_title"] or None}
    assert [copy["hs_call_title"] for copy in there] == [title or None for title in HARD]
    assert counts(load(other, file)) == (0, len(HARD), 0)


@pytest.mark.parametrize("ending", FORMS)
def test_contacts_are_there_as_they_were_here(
    side: Side, other: Side, export: Export, tmp_path: Path, ending: str
) -> None:
    known = {name: value for name, value in ADA.items() if name in writable(side, "contacts")}
    assert {"email", "firstname", "lifecyclestage"} <= known.keys()
    side.post("/crm/v3/objects/contacts", {"properties": known})
    side.post("/crm/v3/objects/contacts", {"properties": {"email": "grace@example.com"}})
    file = tmp_path / f"contacts.{ending}"
    export(file, type="contacts")
    result = run(other, file, "--type", "contacts", "--key", "email")
    assert (result.exit_code, result.stdout.split(";")[0]) == (0, "2 rows read: 2 created, 0 updated, 0 rejected")
    assert "Columns not loaded" not in result.stderr
    (_, ada, grace) = told(other, "contacts", properties=",".join([*known, "lastname"]))
    assert {name: ada["properties"][name] for name in known} == known
    assert (grace["properties"]["email"], grace["properties"]["lastname"]) == ("grace@example.com", None)


TIE = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}


def label(side: Side, name: str) -> dict[str, Any]:
    """A label of an account's own, as a way to tie."""
    made = side.post("/crm/v4/associations/calls/contacts/labels", {"label": name, "name": name.lower()})["results"][0]
    return {"associationCategory": made["category"], "associationTypeId": made["typeId"]}


def tied(side: Side) -> list[list[tuple[str, list[str]]]]:
    """Of each call, the addresses of its contacts and the labels."""
    addresses = {one["id"]: one["properties"]["email"] for one in told(side, "contacts", properties="email")}
    found = []
    for call in told(side):
        ties = side.http.get(f"/crm/v4/objects/calls/{call['id']}/associations/contacts").json()["results"]
        found.append(
            sorted(
                (
                    addresses[str(one["toObjectId"])],
                    sorted(str(kind["label"]) for kind in one["associationTypes"]),
                )
                for one in ties
            )
        )
    return found


def tie(side: Side, own: dict[str, Any]) -> None:
    """Three calls: one is tied to Ada, one to her and Grace, one to nobody."""
    fill(side, ("a", "b", "c"))
    (first, second, _) = told(side)
    contacts = [{"properties": {"email": f"{name}@example.com"}} for name in ("ada", "grace")]
    made = side.post("/crm/v3/objects/contacts/batch/create", {"inputs": contacts})["results"]
    ids = {one["properties"]["email"]: one["id"] for one in made}
    ada, grace = ids["ada@example.com"], ids["grace@example.com"]
    for call, contact, kinds in ((first, ada, [TIE]), (second, ada, [TIE, own]), (second, grace, [TIE])):
        path = f"/crm/v4/objects/calls/{call['id']}/associations/contacts/{contact}"
        side.http.put(path, json=kinds).raise_for_status()


@pytest.mark.parametrize("ending", FORMS)
@pytest.mark.parametrize("key", ["dialer_id", None])
def test_associations_find_the_other_ends_by_their_keys(
    side: Side, other: Side, export: Export, tmp_path: Path, ending: str, key: str | None
) -> None:
    label(other, "Else")
    label(other, "Buyer")
    other.define()
    tie(side, label(side, "Buyer"))
    calls, contacts = tmp_path / f"calls.{ending}", tmp_path / f"contacts.{ending}"
    export(calls, associations=(Ends("contacts", "email"),))
    export(contacts, type="contacts", properties=("email",))
    load(other, contacts, "contacts", "email")
    done = load(other, calls, key=key)
    assert (done.report.tied, done.report.untied, done.exit_code) == (3, 0, 0)
    assert tied(other) == tied(side)
    assert tied(side)[1] == [("ada@example.com", ["Buyer", "None"]), ("grace@example.com", ["None"])]


def test_a_label_that_is_not_there_is_told_once_and_the_rest_is_tied(
    side: Side, other: Side, export: Export, tmp_path: Path
) -> None:
    other.define()
    tie(side, label(side, "Buyer"))
    file = tmp_path / "calls.ndjson"
    export(file, associations=(Ends("contacts", "email"),))
    only = '"types":[{"category":"USER_DEFINED","typeId":9,"label":"Buyer"}]'
    file.write_text(re.sub(r'"types":\[[^]]*Buyer[^]]*\]', only, file.read_text()))
    assert only in file.read_text()
    emails = [{"properties": {"email": f"{name}@example.com"}} for name in ("ada", "grace")]
    other.post("/crm/v3/objects/contacts/batch/create", {"inputs": emails})
    result = run(other, file, "--key", "dialer_id")
    assert (result.exit_code, result.stdout.split(";")[0][-15:]) == (0, " 3 associations")
    assert result.stderr.count("Not tied as 'Buyer' to contacts: the account has no such label.") == 1
    assert tied(other)[1] == [("ada@example.com", ["None"]), ("grace@example.com", ["None"])]


@pytest.mark.parametrize("ending", FORMS)
def test_who_is_not_there_is_told_and_tied_later(
    side: Side, other: Side, export: Export, tmp_path: Path, ending: str
) -> None:
    other.define()
    tie(side, label(side, "Buyer"))
    calls = tmp_path / f"calls.{ending}"
    export(calls, associations=(Ends("contacts", "email"),))
    other.post("/crm/v3/objects/contacts", {"properties": {"email": "ada@example.com"}})
    done = load(other, calls)
    assert (counts(done), done.report.tied, done.report.untied, done.exit_code) == ((3, 0, 0), 2, 1, 1)
    assert "3 created, 0 updated, 0 rejected, 2 associations and 1 not (see " in done.report.summary()
    assert "it is in, but not tied to contacts: there is none with email grace@" in _rejects(calls)
    assert [len(ties) for ties in tied(other)] == [1, 1, 0]
    other.post("/crm/v3/objects/contacts", {"properties": {"email": "grace@example.com"}})
    if ending != "ndjson":
        again = load(other, calls.with_suffix(".rejects.csv"))
        assert (counts(again), again.report.tied, again.exit_code) == ((0, 1, 0), 2, 0)
        assert [len(ties) for ties in tied(other)] == [1, 2, 0]


def _rejects(file: Path) -> str:
    return file.with_suffix(".rejects.csv").read_text()


def test_ids_are_taken_for_those_of_the_account_only_when_it_is_said(
    side: Side, other: Side, export: Export, tmp_path: Path
) -> None:
    tie(side, label(side, "Buyer"))
    other.define()
    file = tmp_path / "calls.ndjson"
    export(file, associations=(Ends("contacts"),))
    result = run(other, file, "--key", "dialer_id")
    assert result.exit_code == 0
    assert "3 associations were not made: the file has the ids of the other ends and no key" in result.stderr
    assert all(not ties for ties in tied(other))
    before = tied(side)
    (_, second, _) = told(side)
    ends = [one["id"] for one in told(side, "contacts")]
    cut = {"inputs": [{"from": {"id": second["id"]}, "to": [{"id": end} for end in ends]}]}
    side.http.post("/crm/v4/associations/calls/contacts/batch/archive", json=cut).raise_for_status()
    assert [len(ties) for ties in tied(side)] == [1, 0, 0]
    done = load(side, file, same_account=True)
    assert (counts(done), done.report.tied) == ((0, 3, 0), 3)
    assert tied(side) == before


@pytest.mark.parametrize("ending", FORMS)
def test_an_end_that_is_gone_does_not_keep_the_others_apart(
    side: Side, export: Export, tmp_path: Path, ending: str
) -> None:
    tie(side, label(side, "Buyer"))
    file = tmp_path / f"calls.{ending}"
    export(file, associations=(Ends("contacts"),))
    (ada,) = (
        one["id"] for one in told(side, "contacts", properties="email") if one["properties"]["email"][:3] == "ada"
    )
    side.post("/crm/v3/objects/contacts/batch/archive", {"inputs": [{"id": ada}]})
    done = load(side, file, same_account=True)
    assert (counts(done), done.report.tied, done.report.untied) == ((0, 3, 0), 1, 2)
    assert f"not tied to contacts {ada}: " in _rejects(file)


def test_records_are_changed_by_their_ids(side: Side, tmp_path: Path, export: Export) -> None:
    fill(side, ("a", "b"))
    file = tmp_path / "calls.csv"
    export(file, properties=("dialer_id", "hs_call_title"))
    text = file.read_text().replace('"b"', '"changed"')
    file.write_text(text + '"1",,,"false",,"D9","nobody"\n')
    done = load(side, file, key="hs_object_id")
    assert counts(done) == (0, 2, 1)
    found = [one["properties"]["hs_call_title"] for one in told(side, properties="hs_call_title")]
    assert found == ["a", "changed"]
    assert '"nobody"' in _rejects(file)


def test_without_a_key_each_row_is_a_new_record(side: Side, other: Side, export: Export, tmp_path: Path) -> None:
    many(side, 250)
    other.post("/crm/v3/properties/calls", REF | {"hasUniqueValue": False})
    file = tmp_path / "calls.parquet"
    export(file)
    assert counts(load(other, file, key=None)) == (250, 0, 0)
    assert counts(load(other, file, key=None)) == (250, 0, 0)
    assert len(told(other)) == 500


@pytest.mark.parametrize(("kind", "lost"), [("rate-limit", 0), ("commit-then-drop", 100), ("server-error", 100)])
def test_what_is_new_is_never_made_twice(
    side: Side, other: Side, export: Export, tmp_path: Path, kind: str, lost: int
) -> None:
    many(side, 250)
    other.post("/crm/v3/properties/calls", REF | {"hasUniqueValue": False})
    file = tmp_path / "calls.csv"
    export(file)
    rule = {"kind": kind, "route": "/crm/v3/objects/{type}/batch/create", "count": 1}
    other.control("POST", "/portals/1000001/faults", rule)
    assert counts(load(other, file, key=None, concurrency=1)) == (250 - lost, 0, lost)
    assert len(told(other)) == (250 if kind != "server-error" else 150)
    if lost:
        assert "it may have been created or not: " in _rejects(file)


@pytest.mark.parametrize("kind", ["rate-limit", "server-error", "commit-then-drop", "reset", "truncated"])
def test_what_passes_on_the_way_is_waited_out(
    side: Side, other: Side, export: Export, tmp_path: Path, kind: str
) -> None:
    many(side, 250)
    other.define()
    export(tmp_path / "calls.ndjson")
    for n, route in enumerate(("/crm/v3/properties/{type}", "/crm/v3/objects/{type}/batch/upsert")):
        rule = {"kind": kind, "name": f"f{n}", "route": route, "count": 1}
        if not (kind == "commit-then-drop" and n == 0):
            other.control("POST", "/portals/1000001/faults", rule)
    ending = load(other, tmp_path / "calls.ndjson")
    assert sum(counts(ending)[:2]) == 250
    assert len(told(other)) == 250


def test_what_is_refused_stays_out_and_may_be_mended(side: Side, other: Side, export: Export, tmp_path: Path) -> None:
    fill(side, ("", None, "x"))
    other.define()
    file = tmp_path / "calls.csv"
    export(file, properties=("dialer_id", "hs_call_title", "hs_call_status", "hs_timestamp"))
    file.write_text(file.read_text().replace("NO_ANSWER", "GONE FISHING"))
    done = load(other, file)
    assert counts(done) == (0, 0, 3)
    rejects = file.with_suffix(".rejects.csv")
    assert "GONE FISHING was not one of the allowed options: BUSY, " in rejects.read_text()
    mended = tmp_path / "mended.csv"
    mended.write_text(rejects.read_text().replace('"GONE FISHING"', '"BUSY"'))
    assert [line.split(',"BUSY"')[0][-3:] for line in mended.read_text().splitlines()[1:]] == [',""', '1",', '"x"']
    assert counts(load(other, mended)) == (3, 0, 0)
    found = [one["properties"] for one in told(other, properties="hs_call_title,hs_call_status")]
    assert [(one["hs_call_title"], one["hs_call_status"]) for one in found] == [(t, "BUSY") for t in (None, None, "x")]


def test_the_empty_text_clears_and_no_value_changes_nothing(side: Side, export: Export, tmp_path: Path) -> None:
    fill(side, ("", None, "x"))
    file = tmp_path / "calls.csv"
    export(file, properties=("dialer_id", "hs_call_title"))
    for call in told(side):
        side.change("calls", call["id"], hs_call_title="meanwhile")
    load(side, file)
    titles = [one["properties"]["hs_call_title"] for one in told(side, properties="hs_call_title")]
    assert titles == ["", "meanwhile", "x"]


def test_a_table_from_elsewhere_is_loaded_by_the_names_of_its_columns(side: Side, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,Given,lastname,shoe size\nada@example.com,Ada,,7\n,Nobody,x,8\n")
    arguments = (file, "--type", "contacts", "--key", "email", "--map", "Given=firstname")
    result = run(side, *arguments)
    assert (result.exit_code, result.stdout.split(" (")[0]) == (1, "2 rows read: 1 created, 0 updated, 1 rejected")
    assert "Columns not loaded: shoe size." in result.stderr
    (ada,) = told(side, "contacts", properties="email,firstname,lastname")
    assert [ada["properties"][name] for name in ("email", "firstname", "lastname")] == ["ada@example.com", "Ada", None]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--type", "contacts", "--key", "nickname"), "Contacts have no property nickname"),
        (("--type", "contacts", "--key", "firstname"), "so contacts cannot be found by it"),
        (("--type", "contacts", "--key", "email"), "No column is known to hold email"),
        (("--format", "twilio"), "A file of twilio needs --id-property"),
        (("--type", "nothings"), "does not show the properties of nothings (400)"),
        (("--type", "contacts", "--format", "parquet"), "cannot be read as Parquet"),
    ],
)
def test_what_cannot_be_loaded_is_told(side: Side, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text("firstname,nickname\nAda,A\n")
    result = run(side, file, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
