"""HubSpot's own client for Python on pipelines, stages and owners, method by method: each decodes its answer."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from hubspot import HubSpot
from hubspot.crm import owners, pipelines
from server import start

INFO = "_with_http_info"
CLASSES = {
    "pipelines.pipelines_api": pipelines.PipelinesApi,
    "pipelines.pipeline_stages_api": pipelines.PipelineStagesApi,
    "owners.owners_api": owners.OwnersApi,
    "pipelines.pipeline_audits_api": pipelines.PipelineAuditsApi,
    "pipelines.pipeline_stage_audits_api": pipelines.PipelineStageAuditsApi,
}
"""The classes of the client, by where it has them."""

OWNER = 10_000_001


class There:
    """What is there before a method is called: a pipeline of deals with two stages."""

    def __init__(self, hubspot: HubSpot) -> None:
        self.key = uuid4().hex[:8]
        body = pipelines.PipelineInput(label=self.key, display_order=1, stages=[stage("One", 0), stage("Two", 1)])
        made = hubspot.crm.pipelines.pipelines_api.create("deals", body)
        self.pipeline, self.stage = made.id, made.stages[0].id


def stage(label: str, order: int) -> Any:
    return pipelines.PipelineStageInput(label=label, display_order=order, metadata={"probability": "0.5"})


def whole(there: There) -> Any:
    return pipelines.PipelineInput(label=f"new {there.key}{uuid4()}", display_order=2, stages=[stage("Only", 0)])


PATCH = pipelines.PipelinePatchInput(display_order=5)
STAGE_PATCH = pipelines.PipelineStagePatchInput(label="Other", metadata={})
PIPELINES, STAGES, OWNERS, AUDITS, STAGE_AUDITS = CLASSES

Ask = Callable[[There], tuple[Any, ...]]
EXERCISES: dict[tuple[str, str], tuple[Ask, int, str | None]] = {
    (PIPELINES, "archive"): (lambda t: ("deals", t.pipeline), 204, None),
    (PIPELINES, "create"): (lambda t: ("deals", whole(t)), 201, "Pipeline"),
    (PIPELINES, "get_all"): (lambda t: ("deals",), 200, "CollectionResponsePipelineNoPaging"),
    (PIPELINES, "get_by_id"): (lambda t: ("deals", t.pipeline), 200, "Pipeline"),
    (PIPELINES, "replace"): (lambda t: ("deals", t.pipeline, whole(t)), 200, "Pipeline"),
    (PIPELINES, "update"): (lambda t: ("deals", t.pipeline, PATCH), 200, "Pipeline"),
    (STAGES, "archive"): (lambda t: ("deals", t.pipeline, t.stage), 204, None),
    (STAGES, "create"): (lambda t: ("deals", t.pipeline, stage("Three", 2)), 201, "PipelineStage"),
    (STAGES, "get_all"): (lambda t: ("deals", t.pipeline), 200, "CollectionResponsePipelineStageNoPaging"),
    (STAGES, "get_by_id"): (lambda t: ("deals", t.pipeline, t.stage), 200, "PipelineStage"),
    (STAGES, "replace"): (lambda t: ("deals", t.pipeline, t.stage, stage("Four", 4)), 200, "PipelineStage"),
    (STAGES, "update"): (lambda t: ("deals", t.pipeline, t.stage, STAGE_PATCH), 200, "PipelineStage"),
    (OWNERS, "get_by_id"): (lambda t: (OWNER,), 200, "PublicOwner"),
    (OWNERS, "get_page"): (lambda t: (), 200, "CollectionResponsePublicOwnerForwardPaging"),
    (AUDITS, "get_audit"): (lambda t: ("deals", t.pipeline), 200, "CollectionResponsePublicAuditInfoNoPaging"),
    (STAGE_AUDITS, "get_audit"): (
        lambda t: ("deals", t.stage),
        200,
        "CollectionResponsePublicAuditInfoNoPaging",
    ),
}


@pytest.fixture(scope="module")
def hubspot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    server = start(tmp_path_factory.mktemp("official") / "deals.db")
    yield HubSpot(access_token=server.token, host=server.url)
    server.stop()


def test_no_method_is_left_out() -> None:
    public = {
        (place, name.removesuffix(INFO))
        for place, kind in CLASSES.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
    assert public == EXERCISES.keys()


@pytest.mark.parametrize(("place", "method"), EXERCISES, ids=".".join)
def test_a_method_decodes_what_it_is_answered(place: str, method: str, hubspot: HubSpot) -> None:
    ask, expected, kind = EXERCISES[place, method]
    first, second = place.split(".")
    api = getattr(getattr(hubspot.crm, first), second)
    plain = getattr(api, method)(*ask(There(hubspot)))
    answer, status, headers = getattr(api, method + INFO)(*ask(There(hubspot)))
    assert status == expected
    assert headers["X-HubSpot-Correlation-Id"]
    for decoded in (plain, answer):
        assert (None if decoded is None else type(decoded).__name__) == kind
        assert getattr(decoded, "results", [1])


def test_owners_by_address_and_by_user(hubspot: HubSpot) -> None:
    [found] = hubspot.crm.owners.get_all()
    assert hubspot.crm.owners.owners_api.get_page(email=found.email, limit=1, archived=False).results == [found]
    assert hubspot.crm.owners.owners_api.get_by_id(found.user_id, id_property="userId", archived=False) == found


def test_a_stage_that_is_gone(hubspot: HubSpot) -> None:
    there = There(hubspot)
    hubspot.crm.pipelines.pipelines_api.archive("deals", there.pipeline, validate_references_before_delete=True)
    with pytest.raises(pipelines.ApiException) as refused:
        hubspot.crm.pipelines.pipeline_stages_api.get_by_id("deals", there.pipeline, there.stage)
    assert refused.value.status == 404
