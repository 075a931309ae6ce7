"""Through which stages records go: the pipelines of an object type and their stages, made, changed, moved, removed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from trunkline.crm import flow
from trunkline.crm.catalog import ObjectType, TypeData
from trunkline.crm.pipeline import Pipeline
from trunkline.crm.property import LAST_PLACE
from trunkline.crm.sequence import PROBABILITY, STATES
from trunkline.errors import PipelineNotFound
from trunkline.http import pipelines
from trunkline.web.setup.menu import done, page
from trunkline.web.visit import Visit

USUAL = "deals"
"""The object type whose pipelines are shown unless the path names another."""

CAREFULLY: Mapping[str, object] = {pipelines.CHECKING[0]: "true"}
"""What a page asks for whenever a stage goes: that no record stands in it."""

FIRST: Mapping[bool, str] = {True: "Talking = 0.5\nWon = 1\nLost = 0", False: "Waiting = OPEN\nDone = CLOSED"}
"""Stages to begin a pipeline with: where they have a probability, and where they are open or closed."""


async def show(visit: Visit, wrong: str = "") -> Response:
    """Lists the pipelines of an object type, with their stages."""
    type_ = await _type(visit)
    return page(
        visit,
        "pipelines",
        wrong=wrong,
        type=type_,
        kinds=_kinds(visit),
        key=_key(type_),
        states=STATES,
        pipelines=flow.live(type_),
        begun=visit.field("stages") or FIRST[_key(type_) == PROBABILITY],
        typed=visit.field,
    )


async def _type(visit: Visit) -> ObjectType:
    """The object type that the path names; raises a 404, for one that has no pipelines, too."""
    type_ = await visit.type(USUAL)
    if type_.data.staging is None:
        raise HTTPException(404)
    return type_


def _kinds(visit: Visit) -> Sequence[TypeData]:
    return [data for data in visit.kinds if data.staging is not None]


def _key(type_: ObjectType) -> str:
    """The key of the metadata by which a stage says how far its records are."""
    assert type_.data.staging is not None
    return type_.data.staging.metadata


async def create(visit: Visit) -> Response:
    """Makes a pipeline with its first stages."""
    type_, label = await _type(visit), visit.field("label")
    stages = list(_stages(visit.field("stages"), _key(type_)))
    place = min(1 + max((one.display_order for one in flow.live(type_)), default=-1), LAST_PLACE)

    async def work() -> str:
        made = {"label": label, "displayOrder": place, "stages": stages}
        await visit.call(pipelines.create, made, type=type_.id)
        return f"The pipeline {label} is there."

    return await done(visit, "pipelines", show, work, type_.data.plural)


def _stages(text: str, key: str) -> Iterator[Mapping[str, Any]]:
    """One stage a line: its label, an equals sign, and how far that is."""
    lines = [line for line in text.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        label, _, state = line.rpartition("=") if "=" in line else (line, "", "")
        yield {"label": label.strip(), "displayOrder": place, "metadata": _metadata(key, state.strip())}


def _metadata(key: str, state: str) -> Mapping[str, str]:
    return {key: state} if state else {}


async def rename(visit: Visit) -> Response:
    """Calls a pipeline something else."""
    type_, label = await _type(visit), visit.field("label")

    async def work() -> str:
        await visit.call(pipelines.update, {"label": label}, type=type_.id, pipeline=visit.field("pipeline"))
        return f"The pipeline is called {label} now."

    return await done(visit, "pipelines", show, work, type_.data.plural)


async def remove(visit: Visit) -> Response:
    """Removes a pipeline in which no record stands."""
    type_ = await _type(visit)

    async def work() -> str:
        await visit.call(pipelines.delete, query=CAREFULLY, type=type_.id, pipeline=visit.field("pipeline"))
        return "The pipeline is gone, with its stages."

    return await done(visit, "pipelines", show, work, type_.data.plural)


async def add(visit: Visit) -> Response:
    """Adds a stage at the end of a pipeline."""
    type_, label = await _type(visit), visit.field("label")

    async def work() -> str:
        pipeline = flow.found(visit.field("pipeline"), type_)
        place = min(1 + max((stage.display_order for stage in pipeline.stages), default=-1), LAST_PLACE)
        made = {"label": label, "displayOrder": place, "metadata": _metadata(_key(type_), visit.field("state"))}
        await visit.call(pipelines.create_stage, made, type=type_.id, pipeline=pipeline.id)
        return f"The stage {label} is there."

    return await done(visit, "pipelines", show, work, type_.data.plural)


async def change(visit: Visit) -> Response:
    """Changes the label of a stage, and how far it is."""
    type_, label = await _type(visit), visit.field("label")

    async def work() -> str:
        changed = {"label": label, "metadata": _metadata(_key(type_), visit.field("state"))}
        pipeline, stage = visit.field("pipeline"), visit.field("stage")
        await visit.call(pipelines.update_stage, changed, type=type_.id, pipeline=pipeline, stage=stage)
        return f"The stage {label} is changed."

    return await done(visit, "pipelines", show, work, type_.data.plural)


async def move(visit: Visit) -> Response:
    """Moves a stage up or down by one."""
    type_ = await _type(visit)

    async def work() -> str:
        pipeline = flow.found(visit.field("pipeline"), type_)
        stage, place = _passed(pipeline, visit.field("stage"), up=visit.field("to") == "up")
        moved = {"displayOrder": place}
        await visit.call(pipelines.update_stage, moved, type=type_.id, pipeline=pipeline.id, stage=stage)
        return "The stage is moved."

    return await done(visit, "pipelines", show, work, type_.data.plural)


def _passed(pipeline: Pipeline, stage: str, *, up: bool) -> tuple[str, int]:
    """Which stage goes to which place, so that the named one is moved by one.

    What takes a place comes right after who has it: a stage goes up by the one before it going down. Raises
    `PipelineNotFound` for a stage that is not there, or cannot go further.
    """
    ids = [one.id for one in pipeline.stages]
    at = ids.index(stage) - up if stage in ids else -1
    if not 0 <= at < len(ids) - 1:
        raise PipelineNotFound(stage, "pipeline stage that can be moved so")
    return ids[at], pipeline.stages[at + 1].display_order


async def drop(visit: Visit) -> Response:
    """Removes a stage in which no record stands."""
    type_ = await _type(visit)

    async def work() -> str:
        pipeline, stage = visit.field("pipeline"), visit.field("stage")
        await visit.call(pipelines.delete_stage, query=CAREFULLY, type=type_.id, pipeline=pipeline, stage=stage)
        return "The stage is gone."

    return await done(visit, "pipelines", show, work, type_.data.plural)
