"""The stages of one pipeline: what a stage must be like, and how it takes its place among the others."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from trunkline.crm.pipeline import Stage, Staging
from trunkline.crm.property import LAST_PLACE
from trunkline.crm.record import Moment
from trunkline.errors import InvalidPipeline, InvalidStage, InvalidStageMetadata, NoClosedStage, StageLabelTaken

PROBABILITY = "probability"
STATES = ("OPEN", "CLOSED")


def same(label: str, other: str) -> bool:
    """Whether two labels count as one: case and the blanks around them do not matter (behaviour 12.4)."""
    return label.strip().casefold() == other.strip().casefold()


def require_label(stage: Stage, others: Sequence[Stage]) -> None:
    """A label, and one that no other stage has; raises `InvalidStage` and `StageLabelTaken`."""
    if not stage.label.strip():
        raise InvalidStage("label can not be null or empty", "label")
    if any(same(stage.label, other.label) for other in others if other.id != stage.id):
        raise StageLabelTaken(stage.label)


def metadata(sent: Mapping[str, str], staging: Staging, type_name: str) -> dict[str, str]:
    """What is kept of the metadata of a stage: the one key that its object type knows, and whether it is closed.

    Raises `InvalidStage` and `InvalidStageMetadata` (behaviour 12.5).
    """
    key = staging.metadata
    if key == PROBABILITY:
        probability = _probability(sent.get(key, ""))
        return {"isClosed": _text(probability in (0, 1)), key: str(probability)}
    state = sent.get(key) or STATES[0]
    if state not in STATES:
        raise InvalidStageMetadata(type_name)
    return {"isClosed": _text(state == STATES[1]), key: state}


def _text(truth: bool) -> str:
    return str(truth).lower()


def _probability(sent: str) -> float:
    """A number from 0 to 1; `0.50` is kept as 0.5, and 1 as 1.0."""
    if not sent:
        raise InvalidStage("must specify probability when writing a dealstage", "metadata.probability")
    try:
        number = float("" if "_" in sent else sent)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        message = "dealstage probability is not valid, must be between 0.0 and 1.0 (inclusive)"
        raise InvalidStage(message, "metadata.probability")
    return abs(number)


def placed(stage: Stage, others: Sequence[Stage]) -> tuple[Stage, ...]:
    """The stages in order with one more: where its place is taken it comes right after, and all are numbered anew.

    A free place is simply taken, and gaps stay (behaviour 12.6). Raises `InvalidStage`.
    """
    require_place(stage.display_order)
    before = [other for other in others if other.display_order <= stage.display_order]
    stages = (*before, stage, *others[len(before) :])
    if before and before[-1].display_order == stage.display_order:
        return _numbered(stages)
    return stages


def arranged(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """New stages in order, those of the same place as they were sent (chosen: differences)."""
    for stage in stages:
        require_place(stage.display_order)
    ordered = tuple(sorted(stages, key=lambda stage: stage.display_order))
    return ordered if len({stage.display_order for stage in stages}) == len(stages) else _numbered(ordered)


def _numbered(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    return tuple(replace(stage, display_order=number) for number, stage in enumerate(stages))


def require_place(order: int) -> None:
    """A place that can be (behaviour 12.6); raises `InvalidStage`."""
    if not 0 <= order <= LAST_PLACE:
        raise InvalidStage("Pipeline display order cannot be negative", "displayOrder")


def require_whole(stages: Sequence[Stage], staging: Staging, type_name: str, pipeline: str) -> None:
    """Stages that a pipeline can have: one at least, not too many, and a closed one where the object type needs it.

    Raises `InvalidPipeline` and `NoClosedStage` (behaviour 12.5, 12.7).
    """
    if not stages:
        raise InvalidPipeline("Pipeline must have at least one stage", "stages")
    if len(stages) > staging.most:
        raise InvalidPipeline(f"A pipeline may have {staging.most} stages at most.", "stages")
    if staging.closing and not any(stage.closed for stage in stages):
        raise NoClosedStage(type_name, pipeline)


def touched(stages: Sequence[Stage], now: Moment) -> tuple[Stage, ...]:
    """The same stages, changed now: so the service dates them when their pipeline changes (behaviour 12.7)."""
    return tuple(replace(stage, updated=now) for stage in stages)
