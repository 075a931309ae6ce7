"""HubSpot's own client for Python on imports and exports, method by method: each decodes its answer."""

import inspect
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hubspot import HubSpot
from hubspot.crm import exports, imports
from server import SECONDS

INFO = "_with_http_info"
CORE, ERRORS, EXPORTS = "imports.core_api", "imports.public_imports_api", "exports.public_exports_api"
CLASSES = {CORE: imports.CoreApi, ERRORS: imports.PublicImportsApi, EXPORTS: exports.PublicExportsApi}

ASKED = {
    "name": "May",
    "importOperations": {"0-1": "UPSERT"},
    "files": [
        {
            "fileName": "people.csv",
            "fileFormat": "CSV",
            "fileImportPage": {
                "hasHeader": True,
                "columnMappings": [
                    {
                        "columnObjectTypeId": "0-1",
                        "columnName": "E-mail",
                        "propertyName": "email",
                        "columnType": "HUBSPOT_ALTERNATE_ID",
                    },
                    {"columnObjectTypeId": "0-1", "columnName": "Name", "propertyName": "firstname"},
                ],
            },
        }
    ],
}
VIEW = exports.PublicExportViewRequest(
    format="CSV",
    export_name="People",
    object_type="CONTACT",
    object_properties=["email", "firstname"],
    associated_object_type=["COMPANY"],
    language="EN",
    export_internal_values_options=["NAMES"],
    override_associated_objects_per_definition_per_row_limit=True,
    public_crm_search_request=exports.PublicCrmSearchRequest(
        filters=[exports.Filter(property_name="email", operator="HAS_PROPERTY")], sorts=["email"]
    ),
)


class There:
    """What is there before a method is called: an import with an error, and an export that is done."""

    def __init__(self, hubspot: HubSpot, folder: Path) -> None:
        self.hubspot = hubspot
        self.path = folder / "people.csv"
        self.path.write_text("\ufeffE-mail,Name\nada@example.com,Ada\nnobody,Bob\nzoé@example.com,Zoé\n", "utf-8")
        self.asked = json.dumps(ASKED)
        self.id = int(hubspot.crm.imports.core_api.create(files=str(self.path), import_request=self.asked).id)
        self.wait(lambda: hubspot.crm.imports.core_api.get_by_id(self.id).state, "DONE")
        self.task = int(hubspot.crm.exports.public_exports_api.start(VIEW).id)
        self.wait(lambda: hubspot.crm.exports.public_exports_api.get_status(self.task).status, "COMPLETE")

    def wait(self, ask: Callable[[], str], wanted: str) -> None:
        """Asks until the answer is what is wanted."""
        deadline = time.monotonic() + SECONDS
        while ask() != wanted:
            assert time.monotonic() < deadline, "not done in time"


Ask = Callable[[There], dict[str, Any]]
EXERCISES: dict[tuple[str, str], tuple[Ask, int, str]] = {
    (CORE, "cancel"): (lambda t: {"import_id": t.id}, 200, "ActionResponse"),
    (CORE, "create"): (lambda t: {"files": str(t.path), "import_request": t.asked}, 200, "PublicImportResponse"),
    (CORE, "get_by_id"): (lambda t: {"import_id": t.id}, 200, "PublicImportResponse"),
    (CORE, "get_page"): (lambda t: {"limit": 5}, 200, "CollectionResponsePublicImportResponse"),
    (ERRORS, "get_errors"): (lambda t: {"import_id": t.id}, 200, "CollectionResponsePublicImportErrorForwardPaging"),
    (EXPORTS, "get_status"): (lambda t: {"task_id": t.task}, 200, "ActionResponseWithSingleResultURI"),
    (EXPORTS, "start"): (lambda t: {"public_export_request": VIEW}, 202, "TaskLocator"),
}


def test_no_method_is_left_out() -> None:
    public = {
        (place, name.removesuffix(INFO))
        for place, kind in CLASSES.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public == EXERCISES.keys()


@pytest.mark.parametrize(("place", "method"), EXERCISES, ids=".".join)
def test_a_method_decodes_what_it_is_answered(place: str, method: str, hubspot: HubSpot, tmp_path: Path) -> None:
    ask, expected, kind = EXERCISES[place, method]
    there = There(hubspot, tmp_path)
    first, second = place.split(".")
    api = getattr(getattr(hubspot.crm, first), second)
    plain = getattr(api, method)(**ask(there))
    answer, status, headers = getattr(api, method + INFO)(**ask(there))
    assert status == expected
    assert headers["X-HubSpot-Correlation-Id"]
    assert type(plain).__name__ == type(answer).__name__ == kind
    assert getattr(answer, "results", [1])


def test_a_file_goes_in_and_comes_out(hubspot: HubSpot, tmp_path: Path) -> None:
    there = There(hubspot, tmp_path)
    told = hubspot.crm.imports.core_api.get_by_id(there.id)
    assert (told.import_name, told.metadata.counters["CREATED_OBJECTS"], told.metadata.counters["ERRORS"]) == (
        "May",
        2,
        1,
    )
    [error] = hubspot.crm.imports.public_imports_api.get_errors(there.id).results
    assert (error.error_type, error.invalid_value, error.known_column_number) == ("INVALID_EMAIL", "nobody", 0)
    assert error.source_data.line_number == 3
    people = [one.properties["firstname"] for one in hubspot.crm.contacts.get_all(properties=["firstname"])]
    assert people == ["Ada", "Zoé"]
    link = hubspot.crm.exports.public_exports_api.get_status(there.task).result
    content = httpx.get(link, trust_env=False).content.decode()
    first, last = "100000000001", "100000000002"
    lines = ["hs_object_id,email,firstname,Associated Company IDs", f"{first},ada@example.com,Ada,"]
    assert content.splitlines() == [*lines, f"{last},zoé@example.com,Zoé,"]
