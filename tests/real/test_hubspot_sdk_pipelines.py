"""HubSpot's new client for Python on pipelines, stages and owners (2026-03): every method, its answers validated."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from hubspot_sdk import HubSpot
from hubspot_sdk.resources.crm.owners import OwnersResource
from hubspot_sdk.resources.crm.pipelines import PipelinesResource
from server import start

STAGE = {"label": "New", "display_order": 7, "metadata": {"probability": "0.5"}}
DEALS = {"object_type": "deals"}


class There:
    """What is there before a method is called: a pipeline of deals with two stages."""

    def __init__(self, client: HubSpot) -> None:
        self.whole: dict[str, Any] = {
            "label": uuid4().hex,
            "display_order": 1,
            "stages": [{**STAGE, "label": label, "display_order": n} for n, label in enumerate(("One", "Two"))],
        }
        made = client.crm.pipelines.create("deals", **self.whole)
        self.whole["label"] = uuid4().hex
        self.pipeline, self.stage = made.id, made.stages[0].id
        self.within = {**DEALS, "pipeline_id": self.pipeline}


Ask = Callable[[There], tuple[tuple[Any, ...], dict[str, Any]]]
EXERCISES: dict[tuple[str, str], tuple[Ask, str]] = {
    ("pipelines", "create"): (lambda t: (("deals",), t.whole), "Pipeline"),
    ("pipelines", "get"): (lambda t: ((t.pipeline,), DEALS), "Pipeline"),
    ("pipelines", "list"): (lambda t: (("deals",), {}), "CollectionResponsePipelineNoPaging"),
    ("pipelines", "update"): (lambda t: ((t.pipeline,), {**DEALS, "display_order": 3}), "Pipeline"),
    ("pipelines", "update_all_properties"): (lambda t: ((t.pipeline,), {**DEALS, **t.whole}), "Pipeline"),
    ("pipelines", "delete"): (lambda t: ((t.pipeline,), DEALS), "NoneType"),
    ("pipelines", "create_stage"): (lambda t: ((t.pipeline,), {**DEALS, **STAGE}), "PipelineStage"),
    ("pipelines", "get_stage"): (lambda t: ((t.stage,), t.within), "PipelineStage"),
    ("pipelines", "list_stages"): (lambda t: ((t.pipeline,), DEALS), "CollectionResponsePipelineStageNoPaging"),
    ("pipelines", "update_stage"): (lambda t: ((t.stage,), {**t.within, "metadata": {}}), "PipelineStage"),
    ("pipelines", "update_stage_all_properties"): (lambda t: ((t.stage,), {**t.within, **STAGE}), "PipelineStage"),
    ("pipelines", "delete_stage"): (lambda t: ((t.stage,), t.within), "NoneType"),
    ("pipelines", "list_audit"): (lambda t: ((t.pipeline,), DEALS), "CollectionResponsePublicAuditInfoNoPaging"),
    ("pipelines", "list_stage_audit"): (lambda t: ((t.stage,), t.within), "CollectionResponsePublicAuditInfoNoPaging"),
    ("owners", "get"): (lambda t: ((10_000_001,), {"id_property": "userId"}), "PublicOwner"),
    ("owners", "list"): (lambda t: ((), {"limit": 1}), "SyncPage"),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    server = start(tmp_path_factory.mktemp("sdk") / "deals.db")
    strict: Any = {"max_retries": 0, "_strict_response_validation": True}
    with HubSpot(access_token=server.token, base_url=server.url, **strict) as made:
        yield made
    server.stop()


def test_no_method_is_left_out() -> None:
    public = {
        (place, name)
        for place, kind in (("pipelines", PipelinesResource), ("owners", OwnersResource))
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public == EXERCISES.keys()


@pytest.mark.parametrize(("place", "method"), EXERCISES, ids=".".join)
def test_a_method_decodes_what_it_is_answered(place: str, method: str, client: HubSpot) -> None:
    ask, kind = EXERCISES[place, method]
    args, more = ask(There(client))
    answer = getattr(getattr(client.crm, place), method)(*args, **more)
    assert type(answer).__name__.split("[")[0] == kind
    assert getattr(answer, "results", [1])
