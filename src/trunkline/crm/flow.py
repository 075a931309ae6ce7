"""Pipelines come and go: what a draft makes, what a patch changes, what deleting does (behaviour 12).

What is deleted is gone for good (behaviour 12.8); a pipeline is kept as archived only so that it is known to be gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.catalog import ObjectType
from trunkline.crm.pipeline import Pipeline, Stage, Staging
from trunkline.crm.record import Moment
from trunkline.crm.sequence import (
    arranged,
    metadata,
    placed,
    require_label,
    require_place,
    require_whole,
    same,
    touched,
)
from trunkline.errors import InvalidPipeline, InvalidStage, PipelineNotFound, StageIdTaken

LONGEST_ID = 36
"""Characters of the id of a pipeline (behaviour 12.3)."""

LONGEST_STAGE_ID = 100
"""Characters of the id of a stage (behaviour 12.3)."""


class StageDraft(Struct, frozen=True, kw_only=True):
    """A stage as sent; without an id it is given one."""

    label: str
    display_order: int
    metadata: Mapping[str, str] = {}
    id: str | None = None


class PipelineDraft(Struct, frozen=True, kw_only=True):
    """A pipeline as sent, or what one is to be replaced by; without an id it is given one."""

    label: str
    display_order: int
    stages: Sequence[StageDraft] = ()
    id: str | None = None


class Patch(Struct, frozen=True, kw_only=True):
    """The members that a change of a pipeline or a stage names; the others stay, so do other keys of the metadata."""

    label: str | None = None
    display_order: int | None = None
    metadata: Mapping[str, str] = {}
    archived: bool | None = None


def live(type_: ObjectType) -> list[Pipeline]:
    """The pipelines of an object type, in the order in which they are shown."""
    there = (pipeline for pipeline in type_.pipelines.values() if pipeline.archived is None)
    return sorted(there, key=lambda pipeline: (pipeline.display_order, pipeline.label))


def found(id_: str, type_: ObjectType) -> Pipeline:
    """The live pipeline of an id; raises `PipelineNotFound`."""
    pipeline = type_.pipelines.get(id_)
    if pipeline is None or pipeline.archived is not None:
        raise PipelineNotFound(id_)
    return pipeline


def found_stage(id_: str, pipeline: Pipeline) -> Stage:
    """The stage of an id; raises `PipelineNotFound`."""
    for stage in pipeline.stages:
        if stage.id == id_:
            return stage
    raise PipelineNotFound(id_, "pipeline stage")


def created(draft: PipelineDraft, type_: ObjectType, now: Moment) -> Pipeline:
    """The pipeline that a draft makes; the id of a deleted one is free.

    Raises `InvalidPipeline`, `InvalidStage`, `StageIdTaken` and what `trunkline.crm.sequence` does.
    """
    staging = _staging(type_)
    ids = _free_ids(type_, now)
    id_ = draft.id or next(ids)
    _require_id(id_, LONGEST_ID, "pipelineId")
    if any(pipeline.id == id_ for pipeline in live(type_)):
        raise InvalidPipeline(f"There's another pipeline in this portal with pipelineId ({id_}).", "pipelineId")
    pipeline = Pipeline(id=id_, label=draft.label, display_order=draft.display_order, created=now, updated=now)
    return _filled(pipeline, draft.stages, staging, type_, now, ids)


def replaced(id_: str, draft: PipelineDraft, type_: ObjectType, now: Moment) -> Pipeline:
    """The pipeline that a draft makes of a live one: stages whose id it names stay, the others go (behaviour 12.7).

    Raises like `created`, and `PipelineNotFound`.
    """
    before = found(id_, type_)
    after = replace(before, label=draft.label, display_order=draft.display_order, updated=now)
    return _filled(after, draft.stages, _staging(type_), type_, now, _free_ids(type_, now))


def changed(id_: str, patch: Patch, type_: ObjectType, now: Moment) -> Pipeline:
    """The pipeline that a patch makes of a live one, the very same where it changes nothing.

    Raises `PipelineNotFound`, `InvalidPipeline` and `InvalidStage`.
    """
    before = found(id_, type_)
    _refuse_archived(patch)
    label = before.label if patch.label is None else patch.label
    order = before.display_order if patch.display_order is None else patch.display_order
    after = replace(before, label=label, display_order=order)
    if after == before:
        return before
    _require_pipeline(after, type_)
    return replace(after, updated=now, stages=touched(after.stages, now))


def deleted(id_: str, type_: ObjectType, now: Moment) -> Pipeline:
    """A live pipeline as deleted; raises `PipelineNotFound`, and `InvalidPipeline` for the last one of those shipped.

    Every portal has one pipeline at least of an object type that comes with some (HubSpot's documentation).
    """
    pipeline = found(id_, type_)
    if type_.data.pipelines and len(live(type_)) == 1:
        raise InvalidPipeline("The last pipeline of an object type cannot be deleted.", "pipelineId")
    return replace(pipeline, archived=now, updated=now, stages=())


def stage_created(id_: str, draft: StageDraft, type_: ObjectType, now: Moment) -> tuple[Pipeline, Stage]:
    """A live pipeline with one more stage, and the stage; raises like `created`, and `PipelineNotFound`."""
    before, staging = found(id_, type_), _staging(type_)
    stage = _stage(draft, before, type_, now, _free_ids(type_, now))
    if stage.id in _stage_ids(type_):
        message = f"An existing active stage in another pipeline is already using stage id {stage.id}"
        raise InvalidStage(message, "stageId")
    require_label(stage, before.stages)
    return _with(before, stage, placed(stage, before.stages), staging, type_, now)


def stage_changed(id_: str, stage_id: str, patch: Patch, type_: ObjectType, now: Moment) -> tuple[Pipeline, Stage]:
    """A live pipeline with one stage changed, and the stage; the very same where the patch changes nothing.

    Raises `PipelineNotFound` and what `trunkline.crm.sequence` does.
    """
    pipeline, staging = found(id_, type_), _staging(type_)
    before = found_stage(stage_id, pipeline)
    _refuse_archived(patch)
    label = before.label if patch.label is None else patch.label
    order = before.display_order if patch.display_order is None else patch.display_order
    known = metadata({**before.metadata, **patch.metadata}, staging, type_.name)
    stage = replace(before, label=label, display_order=order, metadata=known)
    if stage == before:
        return pipeline, before
    stage = replace(stage, updated=now)
    others = [other for other in pipeline.stages if other.id != stage_id]
    require_label(stage, others)
    return _with(pipeline, stage, placed(stage, others), staging, type_, now)


def stage_deleted(id_: str, stage_id: str, type_: ObjectType, now: Moment) -> Pipeline | None:
    """A live pipeline without one of its stages; None where it has no such stage, or there is no such pipeline.

    Raises `InvalidPipeline` and `NoClosedStage` for a stage that it cannot do without (behaviour 12.5, 12.7).
    """
    pipeline = type_.pipelines.get(id_)
    if pipeline is None or pipeline.archived is not None:
        return None
    left = tuple(stage for stage in pipeline.stages if stage.id != stage_id)
    if left == pipeline.stages:
        return None
    require_whole(left, _staging(type_), type_.name, id_)
    return replace(pipeline, stages=left, updated=now)


def _staging(type_: ObjectType) -> Staging:
    if type_.data.staging is None:
        raise InvalidPipeline(f"Objects of type {type_.name} do not have pipelines.", "objectType")
    return type_.data.staging


def _filled(
    pipeline: Pipeline,
    drafts: Sequence[StageDraft],
    staging: Staging,
    type_: ObjectType,
    now: Moment,
    ids: Iterator[str],
) -> Pipeline:
    """The pipeline with the stages of the drafts and no others, if all of it is as it must be."""
    _require_pipeline(pipeline, type_)
    stages = [_stage(draft, pipeline, type_, now, ids) for draft in drafts]
    named = {stage.id for stage in stages}
    if len(named) < len(stages) or named & _stage_ids(type_, but=pipeline.id):
        raise StageIdTaken
    for number, stage in enumerate(stages):
        require_label(stage, stages[:number])
    require_whole(stages, staging, type_.name, pipeline.id)
    return replace(pipeline, stages=arranged(stages))


def _stage(draft: StageDraft, pipeline: Pipeline, type_: ObjectType, now: Moment, ids: Iterator[str]) -> Stage:
    """The stage of a draft; one that the pipeline has keeps its time of creation."""
    id_ = draft.id or next(ids)
    _require_id(id_, LONGEST_STAGE_ID, "stageId")
    known = metadata(draft.metadata, _staging(type_), type_.name)
    since = next((stage.created for stage in pipeline.stages if stage.id == id_), now)
    place = draft.display_order
    require_place(place)
    return Stage(id=id_, label=draft.label, display_order=place, metadata=known, created=since, updated=now)


def _with(
    pipeline: Pipeline, stage: Stage, stages: tuple[Stage, ...], staging: Staging, type_: ObjectType, now: Moment
) -> tuple[Pipeline, Stage]:
    require_whole(stages, staging, type_.name, pipeline.id)
    after = replace(pipeline, stages=stages, updated=now)
    return after, found_stage(stage.id, after)


def _require_pipeline(pipeline: Pipeline, type_: ObjectType) -> None:
    """A label of its own, and a place."""
    if not pipeline.label.strip():
        raise InvalidPipeline("label can not be null or empty", "label")
    if any(same(other.label, pipeline.label) for other in live(type_) if other.id != pipeline.id):
        raise InvalidPipeline(f"An active pipeline with label {pipeline.label} already exists.", "label")
    require_place(pipeline.display_order)


def _require_id(id_: str, longest: int, field: str) -> None:
    """The service answers longer ids with a 500 (behaviour 12.3)."""
    if len(id_) > longest or "\0" in id_ or "/" in id_ or id_.isspace():
        raise InvalidPipeline(f"{field} may have {longest} characters at most, and no slash.", field)


def _refuse_archived(patch: Patch) -> None:
    """Nothing can be restored, which is all that the member is for (behaviour 12.8)."""
    if patch.archived is not None:
        raise InvalidPipeline("archived can only be sent to restore what is archived.", "archived")


def _stage_ids(type_: ObjectType, but: str = "") -> set[str]:
    return {stage.id for pipeline in live(type_) if pipeline.id != but for stage in pipeline.stages}


def _free_ids(type_: ObjectType, now: Moment) -> Iterator[str]:
    """Numbers that no pipeline or stage has as its id, nor likely had: the service numbers them, too."""
    taken = {*type_.pipelines, *_stage_ids(type_)}
    return (str(number) for number in count(now) if str(number) not in taken)
