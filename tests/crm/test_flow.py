"""How pipelines are made, changed and deleted (behaviour 12)."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm import flow
from trunkline.crm.catalog import Catalog, Definitions, ObjectType
from trunkline.crm.flow import Patch, PipelineDraft, StageDraft
from trunkline.crm.pipeline import Pipeline
from trunkline.errors import (
    InvalidPipeline,
    InvalidStage,
    InvalidStageMetadata,
    NoClosedStage,
    PipelineNotFound,
    StageIdTaken,
    StageLabelTaken,
)

NOW = 5_000


def type_with(*pipelines: Pipeline, of: str = "deals") -> ObjectType:
    id_ = Catalog(1, Definitions()).type(of).id
    return Catalog(1, Definitions(pipelines={id_: pipelines})).type(of)


def stage(label: str, order: int = 0, id_: str | None = None, **metadata: str) -> StageDraft:
    return StageDraft(label=label, display_order=order, metadata=metadata or {"probability": "0.5"}, id=id_)


def draft(*stages: StageDraft, label: str = "Mine", id_: str | None = "mine", order: int = 1) -> PipelineDraft:
    return PipelineDraft(label=label, display_order=order, stages=stages or (stage("One", id_="one"),), id=id_)


MINE = flow.created(draft(stage("One", 0, "one"), stage("Two", 4, "two"), stage("Three", 5, "three")), type_with(), 1)
TYPE = type_with(MINE)


def places(pipeline: Pipeline) -> Mapping[str, int]:
    return {stage.id: stage.display_order for stage in pipeline.stages}


def test_a_type_comes_with_its_own_and_shows_them_in_order() -> None:
    early = flow.created(draft(label="A", id_="early", order=0), type_with(), NOW)
    assert [pipeline.id for pipeline in flow.live(type_with(MINE, early))] == ["early", "default", "mine"]


def test_ids_are_made_where_none_is_sent() -> None:
    made = flow.created(draft(stage("One"), stage("Two", 1), label="New", id_=None), TYPE, NOW)
    assert [made.id, *(one.id for one in made.stages)] == ["5000", "5001", "5002"]
    again = flow.created(draft(stage("One"), stage("Two", 1), label="Other", id_=None), type_with(MINE, made), NOW)
    assert {again.id, *(one.id for one in again.stages)} == {"5003", "5004", "5005"}


@pytest.mark.parametrize("id_", ["x" * 37, "a/b", " ", "a\0"])
def test_ids_that_cannot_be(id_: str) -> None:
    with pytest.raises(InvalidPipeline):
        flow.created(draft(id_=id_), TYPE, NOW)


@pytest.mark.parametrize("id_", ["x" * 101, "a/b", " "])
def test_stage_ids_that_cannot_be(id_: str) -> None:
    with pytest.raises(InvalidPipeline):
        flow.created(draft(stage("One", id_=id_), id_="other", label="Other"), TYPE, NOW)


def test_a_stage_id_is_given_once() -> None:
    for stages in ((stage("A", 0, "same"), stage("B", 1, "same")), (stage("A", 0, "closedwon"),)):
        with pytest.raises(StageIdTaken):
            flow.created(draft(*stages, label="Other", id_="other"), TYPE, NOW)


@pytest.mark.parametrize("label", ["", "  "])
def test_a_label_is_needed(label: str) -> None:
    with pytest.raises(InvalidPipeline):
        flow.created(draft(label=label, id_=None), TYPE, NOW)
    with pytest.raises(InvalidStage):
        flow.created(draft(stage(label), label="Other", id_=None), TYPE, NOW)
    with pytest.raises(InvalidPipeline):
        flow.changed("mine", Patch(label=label), TYPE, NOW)


@pytest.mark.parametrize("label", ["Sales Pipeline", " sales pipeline "])
def test_a_label_in_use(label: str) -> None:
    with pytest.raises(InvalidPipeline):
        flow.created(draft(label=label, id_=None), TYPE, NOW)
    with pytest.raises(InvalidPipeline):
        flow.changed("mine", Patch(label=label), TYPE, NOW)


def test_a_pipeline_keeps_its_own_label() -> None:
    assert flow.replaced("mine", draft(label="MINE"), TYPE, NOW).label == "MINE"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0", {"isClosed": "true", "probability": "0.0"}),
        ("-0", {"isClosed": "true", "probability": "0.0"}),
        ("0.50", {"isClosed": "false", "probability": "0.5"}),
        ("1", {"isClosed": "true", "probability": "1.0"}),
    ],
)
def test_a_probability_as_it_is_kept(sent: str, kept: dict[str, str]) -> None:
    made = flow.created(draft(stage("One", probability=sent, isClosed="maybe", more="x")), type_with(), NOW)
    assert made.stages[0].metadata == kept


@pytest.mark.parametrize("sent", ["1.01", "-1", "half", "nan", "inf", "0_1", " "])
def test_a_probability_that_cannot_be(sent: str) -> None:
    with pytest.raises(InvalidStage):
        flow.created(draft(stage("One", probability=sent)), type_with(), NOW)


def test_a_pipeline_of_tickets_needs_a_closed_stage() -> None:
    tickets = type_with(of="tickets")
    done = stage("Done", 1, "done", ticketState="CLOSED")
    made = flow.created(draft(stage("New", 0, "new", other="x"), done), tickets, NOW)
    assert [one.metadata["ticketState"] for one in made.stages] == ["OPEN", "CLOSED"]
    there = type_with(made, of="tickets")
    with pytest.raises(NoClosedStage):
        flow.created(draft(stage("New", other="x"), label="Other", id_=None), there, NOW)
    with pytest.raises(NoClosedStage):
        flow.stage_changed("mine", "done", Patch(metadata={"ticketState": "OPEN"}), there, NOW)
    with pytest.raises(NoClosedStage):
        flow.stage_deleted("mine", "done", there, NOW)
    with pytest.raises(InvalidStageMetadata):
        flow.stage_changed("mine", "done", Patch(metadata={"ticketState": "Closed"}), there, NOW)


def test_a_pipeline_has_a_stage_and_not_too_many() -> None:
    with pytest.raises(InvalidPipeline):
        flow.created(PipelineDraft(label="x", display_order=0), TYPE, NOW)
    with pytest.raises(InvalidPipeline):
        flow.created(draft(*(stage(str(n), n) for n in range(101)), id_=None), TYPE, NOW)
    one = flow.created(draft(), type_with(), NOW)
    with pytest.raises(InvalidPipeline):
        flow.stage_deleted("mine", "one", type_with(one), NOW)


def test_a_type_without_pipelines_gets_none() -> None:
    with pytest.raises(InvalidPipeline):
        flow.created(draft(), Catalog(1, Definitions()).type("calls"), NOW)


def test_a_change_dates_the_stages_too_and_no_change_dates_nothing() -> None:
    after = flow.changed("mine", Patch(label="Other", display_order=3), TYPE, NOW)
    assert (after.label, after.display_order, after.created, after.updated) == ("Other", 3, 1, NOW)
    assert {(one.created, one.updated) for one in after.stages} == {(1, NOW)}
    for patch in (Patch(), Patch(label="Mine", display_order=1)):
        assert flow.changed("mine", patch, TYPE, NOW) is MINE


def test_a_replaced_pipeline_keeps_the_stages_that_are_named() -> None:
    after = flow.replaced("mine", draft(stage("New", 0), stage("Second", 1, "two"), label="Other"), TYPE, NOW)
    assert [(one.id, one.label, one.created) for one in after.stages] == [("5000", "New", NOW), ("two", "Second", 1)]
    assert (after.created, after.updated) == (1, NOW)


def test_what_is_deleted_is_gone_and_its_id_free() -> None:
    gone = flow.deleted("mine", TYPE, NOW)
    there = type_with(gone)
    with pytest.raises(PipelineNotFound):
        flow.found("mine", there)
    with pytest.raises(PipelineNotFound):
        flow.changed("mine", Patch(archived=False), there, NOW)
    with pytest.raises(PipelineNotFound):
        flow.deleted("mine", there, NOW)
    assert flow.stage_deleted("mine", "one", there, NOW) is None
    assert flow.created(draft(), there, NOW + 1).archived is None


def test_one_pipeline_stays_of_a_type_that_comes_with_some() -> None:
    assert flow.deleted("default", TYPE, NOW).archived == NOW
    with pytest.raises(InvalidPipeline):
        flow.deleted("default", type_with(), NOW)


@pytest.mark.parametrize("archived", [True, False])
def test_nothing_is_archived_by_a_change(archived: bool) -> None:
    with pytest.raises(InvalidPipeline):
        flow.changed("mine", Patch(archived=archived), TYPE, NOW)
    with pytest.raises(InvalidPipeline):
        flow.stage_changed("mine", "one", Patch(archived=archived), TYPE, NOW)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (0, {"one": 0, "new": 1, "two": 2, "three": 3}),
        (2, {"one": 0, "new": 2, "two": 4, "three": 5}),
        (5, {"one": 0, "two": 1, "three": 2, "new": 3}),
        (9, {"one": 0, "two": 4, "three": 5, "new": 9}),
    ],
)
def test_a_new_stage_takes_its_place(order: int, expected: dict[str, int]) -> None:
    after, made = flow.stage_created("mine", stage("New", order, "new"), TYPE, NOW)
    assert list(places(after).items()) == list(expected.items())
    assert made == next(one for one in after.stages if one.id == "new")


def test_stages_that_cannot_be_added() -> None:
    with pytest.raises(InvalidStage):
        flow.stage_created("mine", stage("New", -1), TYPE, NOW)
    with pytest.raises(InvalidStage):
        flow.stage_created("mine", stage("New", 9, "closedwon"), TYPE, NOW)
    with pytest.raises(StageLabelTaken):
        flow.stage_created("mine", stage(" ONE", 9), TYPE, NOW)
    with pytest.raises(PipelineNotFound):
        flow.stage_created("none", stage("New", 9), TYPE, NOW)


def test_a_stage_is_changed_in_what_is_sent() -> None:
    after, made = flow.stage_changed("mine", "two", Patch(metadata={"probability": "1"}), TYPE, NOW)
    assert (made.label, made.display_order, made.metadata["isClosed"], made.updated) == ("Two", 4, "true", NOW)
    assert places(after) == places(MINE)
    assert flow.stage_changed("mine", "two", Patch(metadata={"colour": "red"}), TYPE, NOW)[0] is MINE
    with pytest.raises(InvalidStage):
        flow.stage_changed("mine", "two", Patch(metadata={"probability": ""}), TYPE, NOW)
    with pytest.raises(PipelineNotFound):
        flow.stage_changed("mine", "none", Patch(), TYPE, NOW)


Moves = st.lists(
    st.tuples(st.sampled_from(["add", "move", "delete"]), st.integers(0, 6), st.integers(0, 4)), max_size=12
)


@given(Moves)
def test_whatever_is_done_the_stages_stay_in_order_each_in_a_place_of_its_own(
    moves: list[tuple[str, int, int]],
) -> None:
    pipeline = MINE
    for number, (move, order, which) in enumerate(moves):
        type_ = type_with(pipeline)
        picked = pipeline.stages[which % len(pipeline.stages)].id
        if move == "add":
            pipeline, _ = flow.stage_created("mine", stage(f"New {number}", order, f"new{number}"), type_, NOW)
        elif move == "move":
            pipeline, _ = flow.stage_changed("mine", picked, Patch(display_order=order), type_, NOW)
        elif len(pipeline.stages) > 1:
            pipeline = flow.stage_deleted("mine", picked, type_, NOW) or pipeline
        orders = [one.display_order for one in pipeline.stages]
        assert orders == sorted(set(orders))
        assert len({one.id for one in pipeline.stages}) == len(orders)
