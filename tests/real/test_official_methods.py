"""HubSpot's own client for Python, method by method: none is left out, and each decodes what it is answered."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import objects, properties
from hubspot.crm.objects import calls
from real.official import EXERCISES, KEY, Exercise, There, definition
from server import start

CLASSES = {
    "objects.calls.basic_api": calls.BasicApi,
    "objects.calls.batch_api": calls.BatchApi,
    "objects.calls.search_api": calls.SearchApi,
    "objects.basic_api": objects.BasicApi,
    "objects.batch_api": objects.BatchApi,
    "objects.search_api": objects.SearchApi,
    "properties.core_api": properties.CoreApi,
    "properties.batch_api": properties.BatchApi,
    "properties.groups_api": properties.GroupsApi,
}
"""The classes of the client, by where it has them."""

INFO = "_with_http_info"
"""The ending of a method that answers with the status and the headers, too."""


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    """A client of one server for all methods, whose calls have a unique property."""
    server = start(tmp_path_factory.mktemp("official") / "calls.db")
    made = HubSpot(access_token=server.token, host=server.url)
    made.crm.properties.core_api.create("calls", definition(KEY, has_unique_value=True))
    yield made
    server.stop()


def test_no_method_is_left_out() -> None:
    public = {
        f"{api}.{name}"
        for api, kind in CLASSES.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    exercised = {f"{exercise.name}{ending}" for exercise in EXERCISES for ending in ("", INFO)}
    assert public == exercised


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_method_decodes_what_it_is_answered(exercise: Exercise, hubspot: HubSpot) -> None:
    for ending, more in (("", {}), (INFO, {}), ("", {"async_req": True}), (INFO, {"async_req": True})):
        method = getattr(_api(hubspot, exercise.api), exercise.method + ending)
        answer = method(*exercise.ask(There(hubspot)), **more)
        if more:
            answer = answer.get()
        if ending:
            answer, status, headers = answer
            assert status == exercise.status
            assert headers["X-HubSpot-Correlation-Id"]
        assert (None if answer is None else type(answer).__name__) == exercise.answers
        if answer is not None:
            _assert_decoded(answer)


def _api(hubspot: HubSpot, path: str) -> Any:
    found = hubspot.crm
    for part in path.split("."):
        found = getattr(found, part)
    return found


def _assert_decoded(answer: Any) -> None:
    """A list has something in it, of a class of the client's; a class refuses to be made without what it requires."""
    if hasattr(answer, "results"):
        assert answer.results
        assert {type(result).__module__.split(".")[0] for result in answer.results} == {"hubspot"}
