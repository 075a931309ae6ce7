"""What happened to a pipeline and to its stages, newest first, from the changes that the journal has of it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.catalog import ObjectType
from trunkline.crm.pipeline import Pipeline, Stage
from trunkline.crm.record import Moment
from trunkline.errors import PipelineNotFound

Action = Literal["CREATE", "UPDATE", "DELETE"]

ACTIONS: dict[str, Action] = {"pipeline.create": "CREATE", "pipeline.update": "UPDATE", "pipeline.delete": "DELETE"}
"""What happened, by the word for it in the journal."""

MOST = 1_000
"""Changes of a pipeline that are looked at."""


class PipelineChange(Struct, frozen=True):
    """One change of a pipeline: the journal's word for it, when, by which app, and the pipeline as it was then."""

    kind: str
    at: Moment
    app: int
    pipeline: Pipeline


class Entry(Struct, frozen=True):
    """One line of an audit: what happened, when, and to what, as it was then; a stage that went, as it was before."""

    action: Action
    at: Moment
    of: Pipeline | Stage


def of_pipeline(id_: str, changes: Sequence[PipelineChange], type_: ObjectType) -> list[Entry]:
    """What happened to a pipeline; raises `PipelineNotFound` where there is none and never was."""
    if not changes and id_ not in type_.pipelines:
        raise PipelineNotFound(id_)
    return [Entry(ACTIONS[change.kind], change.at, change.pipeline) for change in changes[:MOST]]


def of_stage(id_: str, pipeline: str, changes: Sequence[PipelineChange], type_: ObjectType) -> list[Entry]:
    """What happened to a stage of a pipeline, of which `changes` has one more than are looked at, if there are more.

    Raises `PipelineNotFound` where there is no such stage and never was.
    """
    told = of_pipeline(pipeline, changes, type_)
    known = list(changes[: MOST + 1])
    before = known.pop().pipeline if len(known) > MOST else _shipped(pipeline, type_)
    states = [_stage(id_, before), *(_stage(id_, change.pipeline) for change in reversed(known))]
    if not any(states):
        raise PipelineNotFound(id_, "stage")
    moments = [entry.at for entry in reversed(told)]
    entries = [_entry(at, *both) for at, both in zip(moments, pairwise(states), strict=True)]
    return [entry for entry in reversed(entries) if entry is not None]


def pipeline_of(stage: str, named: str, type_: ObjectType) -> str:
    """The pipeline that is named, or the one of the stage: HubSpot's client for Python cannot name one here."""
    if named in type_.pipelines:
        return named
    return next((id_ for id_, one in type_.pipelines.items() if _stage(stage, one) is not None), named)


def _shipped(id_: str, type_: ObjectType) -> Pipeline | None:
    return next((one for one in type_.data.pipelines if one.id == id_), None)


def _stage(id_: str, pipeline: Pipeline | None) -> Stage | None:
    stages = () if pipeline is None else pipeline.stages
    return next((stage for stage in stages if stage.id == id_), None)


def _entry(at: Moment, before: Stage | None, after: Stage | None) -> Entry | None:
    """What a change of its pipeline is to a stage; nothing where only the time of its change is new."""
    if before is None:
        return None if after is None else Entry("CREATE", at, after)
    if after is None:
        return Entry("DELETE", at, before)
    return None if replace(after, updated=before.updated) == before else Entry("UPDATE", at, after)
