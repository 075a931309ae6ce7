"""The operations on pipelines and their stages."""

from collections.abc import Callable, Iterable
from urllib.parse import quote

from trunkline.crm import audit as history
from trunkline.crm import flow
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.pipeline import Pipeline, Stage
from trunkline.crm.query import Condition, Query, field
from trunkline.errors import StageInUse
from trunkline.http.call import Answer, Call, with_catalog
from trunkline.wire import pipeline as wire

MOST_TOLD = 20
"""Records that are named where a stage is in use (chosen: differences)."""

CHECKING = ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete")
"""Parameters of the query that ask whether records stand in a stage that goes."""

CAREFUL = "/2026-09/"
"""The version that asks this unless it is told not to (behaviour 12.8)."""


async def list_all(call: Call) -> Answer:
    """List the pipelines of an object type."""
    return Answer(call.status, wire.encode_list(flow.live(call.type)))


async def get(call: Call) -> Answer:
    """Read a pipeline."""
    return Answer(call.status, wire.encode(_named(call)))


async def create(call: Call) -> Answer:
    """Create a pipeline with its stages."""
    draft, now = wire.decode_draft(call.body), call.now()
    made = await _define(call, "pipeline.create", lambda type_: flow.created(draft, type_, now))
    return Answer(call.status, wire.encode(made), _location(call, made.id))


async def replace(call: Call) -> Answer:
    """Replace a pipeline; stages that are not named go."""
    draft, now, id_ = wire.decode_replacement(call.body), call.now(), call.path["pipeline"]
    made = await _define(call, "pipeline.update", lambda type_: flow.replaced(id_, draft, type_, now))
    return Answer(call.status, wire.encode(made))


async def update(call: Call) -> Answer:
    """Change the label or the place of a pipeline."""
    patch, now, id_ = wire.decode_patch(call.body), call.now(), call.path["pipeline"]
    made = await _define(call, "pipeline.update", lambda type_: flow.changed(id_, patch, type_, now))
    return Answer(call.status, wire.encode(made))


async def delete(call: Call) -> Answer:
    """Delete a pipeline with its stages."""
    id_, now = call.path["pipeline"], call.now()
    await _define(call, "pipeline.delete", lambda type_: flow.deleted(id_, type_, now))
    return Answer(call.status, None)


async def list_stages(call: Call) -> Answer:
    """List the stages of a pipeline."""
    return Answer(call.status, wire.encode_stages(_named(call).stages))


async def get_stage(call: Call) -> Answer:
    """Read a stage."""
    return Answer(call.status, wire.encode_stage(flow.found_stage(call.path["stage"], _named(call))))


async def create_stage(call: Call) -> Answer:
    """Add a stage to a pipeline."""
    draft, now, id_ = wire.decode_stage(call.body), call.now(), call.path["pipeline"]
    made = await _define_stage(call, lambda type_: flow.stage_created(id_, draft, type_, now))
    return Answer(call.status, wire.encode_stage(made), _location(call, made.id))


async def replace_stage(call: Call) -> Answer:
    """Replace a stage."""
    return await _change_stage(call, wire.decode_stage_replacement(call.body))


async def update_stage(call: Call) -> Answer:
    """Change a stage."""
    return await _change_stage(call, wire.decode_stage_patch(call.body))


async def delete_stage(call: Call) -> Answer:
    """Delete a stage; one that is not there is passed over."""
    id_, stage, now = call.path["pipeline"], call.path["stage"], call.now()

    async def attempt(catalog: Catalog, type_: ObjectType) -> None:
        made = flow.stage_deleted(id_, stage, type_, now)
        if made is not None:
            await _keep(call, catalog, type_, made, "pipeline.update")

    await with_catalog(call, attempt)
    return Answer(call.status, None)


async def audit(call: Call) -> Answer:
    """List the changes of a pipeline, newest first."""
    id_ = call.path["pipeline"]
    entries = history.of_pipeline(id_, await _changes(call, id_), call.type)
    return Answer(call.status, wire.encode_audit(entries, call.portal))


async def audit_stage(call: Call) -> Answer:
    """List the changes of a stage, newest first."""
    stage = call.path["stage"]
    id_ = history.pipeline_of(stage, call.path["pipeline"], call.type)
    entries = history.of_stage(stage, id_, await _changes(call, id_), call.type)
    return Answer(call.status, wire.encode_audit(entries, call.portal))


async def _changes(call: Call, id_: str) -> list[history.PipelineChange]:
    return await call.state.store.pipeline_changes(call.portal, call.type.id, id_, history.MOST + 1)


def _named(call: Call) -> Pipeline:
    return flow.found(call.path["pipeline"], call.type)


def _location(call: Call, id_: str) -> dict[str, str]:
    return {"location": f"{call.request.url.path}/{quote(id_)}"}


async def _change_stage(call: Call, patch: flow.Patch) -> Answer:
    id_, stage, now = call.path["pipeline"], call.path["stage"], call.now()
    made = await _define_stage(call, lambda type_: flow.stage_changed(id_, stage, patch, type_, now))
    return Answer(call.status, wire.encode_stage(made))


async def _define(call: Call, kind: str, make: Callable[[ObjectType], Pipeline]) -> Pipeline:
    """Makes a pipeline against the newest catalog, and keeps it if it is new or changed."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> Pipeline:
        made = make(type_)
        await _keep(call, catalog, type_, made, kind)
        return made

    return await with_catalog(call, attempt)


async def _define_stage(call: Call, make: Callable[[ObjectType], tuple[Pipeline, Stage]]) -> Stage:
    """The same for a pipeline of which one stage is made or changed."""

    async def attempt(catalog: Catalog, type_: ObjectType) -> Stage:
        made, stage = make(type_)
        await _keep(call, catalog, type_, made, "pipeline.update")
        return stage

    return await with_catalog(call, attempt)


async def _keep(call: Call, catalog: Catalog, type_: ObjectType, made: Pipeline, kind: str) -> None:
    """Keeps a pipeline and loads the catalog that has it; raises `StageInUse` for stages that may not go."""
    before = type_.pipelines.get(made.id)
    if made is before:
        return
    if before is not None and _careful(call):
        left = {stage.id for stage in made.stages}
        await _require_unused(call, type_, [stage.id for stage in before.stages if stage.id not in left])
    version = await call.state.store.define(call.portal, type_.id, catalog.version, [made], kind, call.caller.app)
    await call.state.refresh(call.portal, version)


def _careful(call: Call) -> bool:
    """Whether the query asks for the records of a stage that goes, in the words of the version that is called."""
    asked = [name for name in CHECKING if call.request.query_params.get(name)]
    return any(call.flag(name) for name in asked) if asked else CAREFUL in call.request.url.path


async def _require_unused(call: Call, type_: ObjectType, stages: Iterable[str]) -> None:
    """Raises `StageInUse` when live records stand in one of these stages."""
    gone = tuple(stages)
    if not gone or type_.data.staging is None:
        return
    looked_at = field(type_.definition(type_.data.staging.stage))
    query = Query(groups=((Condition(looked_at, "IN", gone),),), limit=MOST_TOLD)
    found = await call.state.store.search(type_, call.portal, query)
    if found.records:
        raise StageInUse(gone, [str(record.id) for record in found.records])
