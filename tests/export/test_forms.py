"""What stands in each kind of file, read by readers that are not ours."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from export.conftest import HARD, Export, fill, lines, names, told
from pyarrow import parquet
from sides import Side

from trunkline.load.exported import HEAD, Content, content_of


def table(file: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file; Python's reader does not tell the empty text from none."""
    with file.open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text, strict=True))


def test_ndjson_is_what_the_api_tells(side: Side, export: Export, tmp_path: Path) -> None:
    fill(side)
    report = export(tmp_path / "calls.ndjson")
    assert report.records == len(HARD)
    known = told(side, properties=",".join(names(side)))
    for one in known:
        del one["url"]
    assert lines(tmp_path / "calls.ndjson") == known
    assert [one["properties"]["hs_call_title"] for one in known] == list(HARD)


def test_csv_has_a_column_for_each_property(side: Side, export: Export, tmp_path: Path) -> None:
    fill(side)
    export(tmp_path / "calls.csv")
    known = told(side, properties=",".join(names(side)))
    rows = table(tmp_path / "calls.csv")
    assert list(rows[0]) == [*HEAD, *names(side)]
    for row, one in zip(rows, known, strict=True):
        assert row.pop("archived") == "false"
        head = {name: one.get(name) for name in HEAD if name != "archived"}
        assert row == {name: value or "" for name, value in (head | one["properties"]).items()}


def test_csv_tells_the_empty_text_from_none(side: Side, export: Export, tmp_path: Path) -> None:
    fill(side, ("", None, "x"))
    export(tmp_path / "calls.csv", properties=("dialer_id", "hs_call_title"))
    ends = [line.split('","D', 1)[-1] for line in (tmp_path / "calls.csv").read_text().splitlines()[1:]]
    assert [end.split(",,")[-1] for end in ends] == ['"D0",""', '"D1",', '"D2","x"']


def test_parquet_has_texts_and_nulls(side: Side, export: Export, tmp_path: Path) -> None:
    fill(side)
    export(tmp_path / "calls.parquet")
    rows = parquet.read_table(tmp_path / "calls.parquet").to_pylist()
    assert rows == [
        {name: one.get(name) for name in HEAD} | one["properties"]
        for one in told(side, properties=",".join(names(side)))
    ]


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_history_goes_along(side: Side, export: Export, tmp_path: Path, ending: str) -> None:
    fill(side, tuple(f"t{n}" for n in range(60)))
    file, wanted = tmp_path / f"calls.{ending}", ("hs_call_title", "hs_call_status")
    assert export(file, properties=wanted, history=True).records == 60
    known = told(side, properties=",".join(wanted), propertiesWithHistory=",".join(wanted))
    past = [one["propertiesWithHistory"] for one in known]
    assert [len(one["hs_call_title"]) for one in past] == [2] * 60
    assert _past(file, wanted) == past


def _past(file: Path, wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    if file.suffix == ".ndjson":
        return [one["propertiesWithHistory"] for one in lines(file)]
    if file.suffix == ".csv":
        return [{name: json.loads(row[f"history.{name}"]) for name in wanted} for row in table(file)]
    return [
        {name: [_said(entry) for entry in row[f"history.{name}"]] for name in wanted}
        for row in parquet.read_table(file).to_pylist()
    ]


def _said(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value is not None}


TIE = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_associations_go_along_with_the_keys_of_the_other_ends(
    side: Side, export: Export, tmp_path: Path, ending: str
) -> None:
    fill(side, ("a", "b", "c"))
    calls = [one["id"] for one in told(side)]
    label = side.post("/crm/v4/associations/calls/contacts/labels", {"label": "Buyer", "name": "buyer"})["results"][0]
    known = []
    for n, properties in enumerate([{"email": "ada@example.com"}, {"firstname": "No address"}]):
        contact = side.post("/crm/v3/objects/contacts", {"properties": properties})["id"]
        own = {"associationCategory": label["category"], "associationTypeId": label["typeId"]}
        path = f"/crm/v4/objects/calls/{calls[n]}/associations/contacts/{contact}"
        side.http.put(path, json=[TIE, own] if n else [TIE]).raise_for_status()
        types = [{"category": "HUBSPOT_DEFINED", "typeId": 194, "label": None}]
        types += [{"category": "USER_DEFINED", "typeId": label["typeId"], "label": "Buyer"}] if n else []
        known.append([{"id": contact, "types": types, "property": "email", "key": properties.get("email")}])
    file = tmp_path / f"calls.{ending}"
    report = _export_tied(export, file)
    assert (report.records, report.ties) == (3, 2)
    assert [_by_id(ties) for ties in _ties(file)] == [_by_id(ties) for ties in [*known, []]]


def _export_tied(export: Export, file: Path) -> Any:
    from trunkline.export.wanted import Ends

    return export(file, properties=("hs_call_title",), associations=(Ends("contacts", "email"), Ends("companies")))


def _by_id(ties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {"types": sorted(one["types"], key=lambda kind: kind["typeId"])} for one in ties]


def _ties(file: Path) -> list[list[dict[str, Any]]]:
    if file.suffix == ".ndjson":
        found = [one["associations"] for one in lines(file)]
        assert all(one["companies"] == [] for one in found)
        return [one["contacts"] for one in found]
    if file.suffix == ".csv":
        return [json.loads(row["associations.contacts"]) for row in table(file)]
    return [row["associations.contacts"] for row in parquet.read_table(file).to_pylist()]


def test_a_record_with_hundreds_of_ties_has_them_all(side: Side, export: Export, tmp_path: Path) -> None:
    fill(side, ("a",))
    (call,) = told(side)
    for first in range(0, 1100, 100):
        inputs = [
            {"properties": {"lastname": str(n)}, "associations": [{"to": {"id": call["id"]}, "types": [TIE_BACK]}]}
            for n in range(first, first + 100)
        ]
        side.post("/crm/v3/objects/contacts/batch/create", {"inputs": inputs})
    assert _export_tied(export, tmp_path / "calls.ndjson").ties == 1100
    (ties,) = _ties(tmp_path / "calls.ndjson")
    assert {one["id"] for one in ties} == {one["id"] for one in told(side, "contacts")}


TIE_BACK = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 193}


def test_what_has_too_many_properties_for_an_address_is_read_in_two_requests(
    side: Side, export: Export, tmp_path: Path
) -> None:
    all_ = names(side, "contacts")
    assert len(",".join(all_)) > 4000
    inputs = [{"properties": {"email": f"c{n}@example.com", "lastname": f"L{n}"}} for n in range(120)]
    for first in (0, 100):
        side.post("/crm/v3/objects/contacts/batch/create", {"inputs": inputs[first : first + 100]})
    assert export(tmp_path / "contacts.ndjson", type="contacts").records == 120
    found = [one["properties"] for one in lines(tmp_path / "contacts.ndjson")]
    half = len(all_) // 2
    parts = [told(side, "contacts", properties=",".join(some)) for some in (all_[:half], all_[half:])]
    assert found == [one["properties"] | other["properties"] for one, other in zip(*parts, strict=True)]


def test_a_property_named_like_a_column_of_the_head_has_another_column() -> None:
    content = Content(("archived", "id", "title"), True, ("contacts",))
    columns = content.columns
    assert len(set(columns)) == len(columns)
    assert columns[5:] == [
        "properties.archived",
        "properties.id",
        "title",
        "history.archived",
        "history.id",
        "history.title",
        "associations.contacts",
    ]
    assert content_of(columns) == content
    assert content_of(["id", "title"]) is None
