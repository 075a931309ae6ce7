"""What is told of the past of pipelines and stages."""

import pytest

from trunkline.crm import audit, flow
from trunkline.crm.audit import MOST, PipelineChange
from trunkline.crm.catalog import Catalog, Definitions, ObjectType
from trunkline.crm.flow import Patch, PipelineDraft, StageDraft
from trunkline.crm.pipeline import Pipeline
from trunkline.errors import PipelineNotFound

DEALS = Catalog(1, Definitions()).type("deals")


def having(pipeline: Pipeline) -> ObjectType:
    return Catalog(1, Definitions(pipelines={DEALS.id: [pipeline]})).type("deals")


def stage(id_: str, order: int) -> StageDraft:
    return StageDraft(label=id_.title(), display_order=order, metadata={"probability": "0.5"}, id=id_)


def past() -> list[PipelineChange]:
    """Of a pipeline that was made with two stages, renamed, given a third, robbed of the first, and deleted."""
    made = flow.created(
        PipelineDraft(label="Mine", display_order=1, stages=[stage("one", 0), stage("two", 1)], id="mine"), DEALS, 10
    )
    renamed = flow.changed("mine", Patch(label="Ours"), having(made), 20)
    longer, _ = flow.stage_created("mine", stage("three", 2), having(renamed), 30)
    other, _ = flow.stage_changed("mine", "two", Patch(label="Zwei"), having(longer), 40)
    shorter = flow.stage_deleted("mine", "one", having(other), 50)
    assert shorter is not None
    gone = flow.deleted("mine", having(shorter), 60)
    kinds = ("create", "update", "update", "update", "update", "delete")
    states = (made, renamed, longer, other, shorter, gone)
    return [
        PipelineChange(f"pipeline.{kind}", 10 * number, 6, state)
        for number, (kind, state) in enumerate(zip(kinds, states, strict=True), 1)
    ][::-1]


def test_a_pipeline_shows_all_its_changes_the_newest_first() -> None:
    entries = audit.of_pipeline("mine", past(), DEALS)
    assert [(entry.action, entry.at) for entry in entries] == [
        *(("DELETE", 60), ("UPDATE", 50), ("UPDATE", 40), ("UPDATE", 30), ("UPDATE", 20), ("CREATE", 10))
    ]
    assert [entry.of.label for entry in entries][-2:] == ["Ours", "Mine"]


@pytest.mark.parametrize(
    ("id_", "told"),
    [
        ("one", [("DELETE", 50, "One"), ("CREATE", 10, "One")]),
        ("two", [("DELETE", 60, "Zwei"), ("UPDATE", 40, "Zwei"), ("CREATE", 10, "Two")]),
        ("three", [("DELETE", 60, "Three"), ("CREATE", 30, "Three")]),
    ],
)
def test_a_stage_shows_its_own(id_: str, told: list[tuple[str, int, str]]) -> None:
    entries = audit.of_stage(id_, "mine", past(), DEALS)
    assert [(entry.action, entry.at, entry.of.label) for entry in entries] == told


def test_what_comes_with_the_server_was_not_made() -> None:
    assert audit.of_pipeline("default", [], DEALS) == []
    assert audit.of_stage("closedwon", "default", [], DEALS) == []
    changed, _ = flow.stage_changed("default", "closedwon", Patch(label="Won"), DEALS, 20)
    [entry] = audit.of_stage("closedwon", "default", [PipelineChange("pipeline.update", 20, 6, changed)], DEALS)
    assert (entry.action, entry.of.label) == ("UPDATE", "Won")


@pytest.mark.parametrize(("pipeline", "stage"), [("none", "closedwon"), ("default", "none")])
def test_what_never_was_is_not_found(pipeline: str, stage: str) -> None:
    with pytest.raises(PipelineNotFound):
        audit.of_stage(stage, pipeline, [], DEALS)


def test_of_a_long_past_the_newest_part_is_told() -> None:
    made = flow.created(PipelineDraft(label="M", display_order=1, stages=[stage("one", 0)], id="mine"), DEALS, 1)
    changes = [PipelineChange("pipeline.create", 1, 6, made)]
    for number in range(MOST):
        state, _ = flow.stage_changed("mine", "one", Patch(label=f"L{number}"), having(changes[0].pipeline), number)
        changes.insert(0, PipelineChange("pipeline.update", number, 6, state))
    assert len(changes) == MOST + 1
    for entries in (audit.of_pipeline("mine", changes, DEALS), audit.of_stage("one", "mine", changes, DEALS)):
        assert [entry.action for entry in entries] == ["UPDATE"] * MOST


@pytest.mark.parametrize(
    ("named", "stage", "found"), [("default", "x", "default"), ("{id}", "closedwon", "default"), ("{id}", "x", "{id}")]
)
def test_a_stage_is_found_without_its_pipeline(named: str, stage: str, found: str) -> None:
    assert audit.pipeline_of(stage, named, DEALS) == found
