"""HubSpot's shapes of a pipeline and of its stages (behaviour 12)."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from trunkline.crm.audit import Action, Entry
from trunkline.crm.flow import Patch, PipelineDraft, StageDraft
from trunkline.crm.pipeline import Pipeline, Stage
from trunkline.crm.values import moment, text
from trunkline.wire.body import Reader
from trunkline.wire.property import Order, Truth, Words
from trunkline.wire.shape import Array, Flag, Map, Object, Shape, Text, Whole

MODELS = "com.hubspot.crm.pipelines.models"

Metadata = dict[str, Words | None]

_DONE: Mapping[Action, str] = {"CREATE": "created", "UPDATE": "changed", "DELETE": "deleted"}


class StageBody(Struct, rename="camel", kw_only=True):
    """A new stage in a body, or what one is replaced by; a replaced one keeps its id."""

    label: Words
    display_order: Order
    metadata: Metadata | None = None
    stage_id: Words | None = None


class StageReplacement(Struct, rename="camel", kw_only=True):
    """What a stage is replaced by; keys of the metadata that are left out stay (behaviour 12.7)."""

    label: Words
    display_order: Order
    metadata: Metadata | None = None


class StagePatch(Struct, rename="camel", kw_only=True):
    """The change of a stage in a body: what it leaves out, or has as null, stays."""

    label: Words | None = None
    display_order: Order | None = None
    metadata: Metadata | None = None
    archived: Truth | None = None


class PipelineReplacement(Struct, rename="camel", kw_only=True):
    """What a pipeline is replaced by: stages that are not named go."""

    label: Words
    display_order: Order
    stages: list[StageBody] | None = None


class NewPipelineBody(PipelineReplacement, rename="camel", kw_only=True):
    """A new pipeline in a body."""

    pipeline_id: Words | None = None


class PipelinePatch(Struct, rename="camel", kw_only=True):
    """The change of a pipeline in a body: what it leaves out, or has as null, stays."""

    label: Words | None = None
    display_order: Order | None = None
    archived: Truth | None = None


_placed: Mapping[str, Shape] = {"label": Text(), "displayOrder": Whole()}
_staged: Mapping[str, Shape] = {
    **_placed,
    "metadata": Map("java.util.Map<java.lang.String, java.lang.String>", Text()),
}
_named = ("displayOrder", "label")
_stage = Object(f"{MODELS}.PipelineStageInput", {**_staged, "stageId": Text()}, required=_named, nullable=False)
_replacing: Mapping[str, Shape] = {**_placed, "stages": Array(f"java.util.List<{MODELS}.PipelineStageInput>", _stage)}
_new = Reader(NewPipelineBody, Object(f"{MODELS}.PipelineInput", {**_replacing, "pipelineId": Text()}, required=_named))
_replaced = Reader(PipelineReplacement, Object(f"{MODELS}.PipelineReplaceInput", _replacing, required=_named))
_changed = Reader(PipelinePatch, Object(f"{MODELS}.PipelinePatchInput", {**_placed, "archived": Flag()}))
_new_stage = Reader(StageBody, _stage)
_replaced_stage = Reader(StageReplacement, Object(f"{MODELS}.PipelineStageReplaceInput", _staged, required=_named))
_changed_stage = Reader(StagePatch, Object(f"{MODELS}.PipelineStagePatchInput", {**_staged, "archived": Flag()}))


def decode_draft(body: bytes) -> PipelineDraft:
    """A new pipeline; raises `MalformedBody`."""
    sent = _new.read(body)
    return _draft(sent, text(sent.pipeline_id) or None)


def decode_replacement(body: bytes) -> PipelineDraft:
    """What a pipeline is replaced by; raises `MalformedBody`."""
    return _draft(_replaced.read(body), None)


def _draft(sent: PipelineReplacement, id_: str | None) -> PipelineDraft:
    stages = [_stage_draft(stage) for stage in sent.stages or ()]
    return PipelineDraft(label=text(sent.label), display_order=int(sent.display_order), stages=stages, id=id_)


def decode_patch(body: bytes) -> Patch:
    """The change of a pipeline; raises `MalformedBody`."""
    sent = _changed.read(body)
    return Patch(label=_words(sent.label), display_order=_order(sent.display_order), archived=_truth(sent.archived))


def decode_stage(body: bytes) -> StageDraft:
    """A new stage; raises `MalformedBody`."""
    return _stage_draft(_new_stage.read(body))


def _stage_draft(sent: StageBody) -> StageDraft:
    order, known = int(sent.display_order), _metadata(sent.metadata)
    return StageDraft(label=text(sent.label), display_order=order, metadata=known, id=text(sent.stage_id) or None)


def decode_stage_replacement(body: bytes) -> Patch:
    """What a stage is replaced by; raises `MalformedBody`."""
    sent = _replaced_stage.read(body)
    return Patch(label=text(sent.label), display_order=int(sent.display_order), metadata=_metadata(sent.metadata))


def decode_stage_patch(body: bytes) -> Patch:
    """The change of a stage; raises `MalformedBody`."""
    sent = _changed_stage.read(body)
    return Patch(
        label=_words(sent.label),
        display_order=_order(sent.display_order),
        metadata=_metadata(sent.metadata),
        archived=_truth(sent.archived),
    )


def _words(sent: Words | None) -> str | None:
    return None if sent is None else text(sent)


def _order(sent: Order | None) -> int | None:
    return None if sent is None else int(sent)


def _truth(sent: Truth | None) -> bool | None:
    return None if sent is None else sent in (True, "true")


def _metadata(sent: Metadata | None) -> dict[str, str]:
    return {key: text(value) for key, value in (sent or {}).items()}


class StageAnswer(Struct, rename="camel", kw_only=True):
    """A stage as HubSpot answers it, members in its order."""

    label: str
    display_order: int
    metadata: Mapping[str, str]
    id: str
    created_at: str
    updated_at: str
    write_permissions: Literal["CRM_PERMISSIONS_ENFORCEMENT"] = "CRM_PERMISSIONS_ENFORCEMENT"
    archived: bool


class StageList(Struct):
    """The answer of a list of stages; there are no pages."""

    results: list[StageAnswer]


class PipelineAnswer(Struct, rename="camel", kw_only=True):
    """A pipeline as HubSpot answers it, members in its order."""

    label: str
    display_order: int
    id: str
    stages: list[StageAnswer]
    created_at: str
    updated_at: str
    archived: bool


class PipelineList(Struct):
    """The answer of a list of pipelines; there are no pages."""

    results: list[PipelineAnswer]


class AuditEntry(Struct, rename="camel", kw_only=True):
    """One line of an audit as HubSpot answers it."""

    portal_id: int
    identifier: str
    action: str
    timestamp: str
    message: str
    raw_object: dict[str, Any]


class AuditList(Struct):
    """The answer of an audit; there are no pages."""

    results: list[AuditEntry]


def encode_audit(entries: Iterable[Entry], portal: int) -> bytes:
    """The answer of an audit of a pipeline, or of a stage."""
    return msgspec.json.encode(AuditList([_render_entry(entry, portal) for entry in entries]))


def encode(pipeline: Pipeline) -> bytes:
    """The answer of a read, a create or a change."""
    return msgspec.json.encode(_render(pipeline))


def encode_list(pipelines: Iterable[Pipeline]) -> bytes:
    """The answer of a list."""
    return msgspec.json.encode(PipelineList([_render(pipeline) for pipeline in pipelines]))


def encode_stage(stage: Stage) -> bytes:
    """The answer of a read, a create or a change of a stage."""
    return msgspec.json.encode(_render_stage(stage))


def encode_stages(stages: Iterable[Stage]) -> bytes:
    """The answer of a list of stages."""
    return msgspec.json.encode(StageList([_render_stage(stage) for stage in stages]))


def _render(pipeline: Pipeline) -> PipelineAnswer:
    return PipelineAnswer(
        label=pipeline.label,
        display_order=pipeline.display_order,
        id=pipeline.id,
        stages=[_render_stage(stage) for stage in pipeline.stages],
        created_at=moment(pipeline.created),
        updated_at=moment(pipeline.updated),
        archived=pipeline.archived is not None,
    )


def _render_entry(entry: Entry, portal: int) -> AuditEntry:
    of = entry.of
    what = "Pipeline" if isinstance(of, Pipeline) else "Stage"
    return AuditEntry(
        portal_id=portal,
        identifier=of.id,
        action=entry.action,
        timestamp=moment(entry.at),
        message=f"{what} '{of.label}' was {_DONE[entry.action]}.",
        raw_object=msgspec.to_builtins(_render(of) if isinstance(of, Pipeline) else _render_stage(of)),
    )


def _render_stage(stage: Stage) -> StageAnswer:
    return StageAnswer(
        label=stage.label,
        display_order=stage.display_order,
        metadata=stage.metadata,
        id=stage.id,
        created_at=moment(stage.created),
        updated_at=moment(stage.updated),
        archived=False,
    )
