"""Pipelines and stages that cannot be made, changed or removed, and owners that are not there."""

from collections.abc import Sequence

from trunkline.errors.refusal import Refusal
from trunkline.errors.validation import ValidationFailure


class InvalidPipeline(ValidationFailure):
    """A pipeline that breaks a rule (behaviour 12.3, 12.4; some texts chosen: differences)."""

    advice = "Correct the pipeline; nothing was changed."

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, path=field)


class InvalidStage(Refusal):
    """A stage that breaks a rule of its object type; the service names no category (behaviour 12.5, 12.6)."""

    advice = "Correct the stage; nothing was changed."

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, path=field)


class StageLabelTaken(ValidationFailure):
    """A label that another stage of the pipeline has, in any case (behaviour 12.4)."""

    sub_category = "PipelineError.STAGE_LABEL_EXISTS"
    advice = "Choose another label; it has to differ in more than its case and the blanks around it."

    def __init__(self, label: str) -> None:
        super().__init__(f"Stage with label {label} already exists", path="label")


class InvalidStageMetadata(ValidationFailure):
    """A state of a stage that is neither OPEN nor CLOSED (behaviour 12.5)."""

    sub_category = "PipelineError.INVALID_PIPELINE_STAGE_METADATA"
    advice = "Send `OPEN` or `CLOSED`, in capitals."

    def __init__(self, type_name: str) -> None:
        super().__init__(f"Failed to deserialize metadata for object type {type_name}", path="metadata")


class NoClosedStage(ValidationFailure):
    """A pipeline of tickets that would be left without a closed stage (behaviour 12.5)."""

    sub_category = "PipelineError.MISSING_CLOSED_STAGE"
    advice = "Make another stage one with `ticketState` CLOSED first."

    def __init__(self, type_name: str, id_: str) -> None:
        super().__init__(f"{type_name} pipeline: {id_} must have at least one closed stage", path="stages")


class StageInUse(ValidationFailure):
    """A stage, or a pipeline, that would go while records stand there (behaviour 12.8)."""

    sub_category = "PipelineError.STAGE_ID_IN_USE"
    advice = "Move the records that the context names to another stage, or archive them, first."

    def __init__(self, stages: Sequence[str], records: Sequence[str]) -> None:
        told = f"[{', '.join(stages)}]", f"[{', '.join(records)}]"
        super().__init__(
            f"Stage IDs: {told[0]} are being referenced by object IDs: {told[1]}",
            context={"stageIds": [told[0]], "objectIds": [told[1]]},
        )


class StageIdTaken(Refusal):
    """A new pipeline with the id of a stage that another pipeline of the object type has (behaviour 12.3)."""

    status = 409
    category = "OBJECT_ALREADY_EXISTS"
    sub_category = "PipelineError.STAGE_ID_EXISTS_IN_ANOTHER_PIPELINE"
    advice = "Choose other stage ids, or leave them out: they are made then."

    def __init__(self) -> None:
        super().__init__("There's another pipeline in this portal with one of the same stages", path="stages")


class PipelineNotFound(Refusal):
    """No such pipeline, or no such stage in it (behaviour 12.10; text chosen: differences)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Check the id in the list of pipelines; one that was deleted is gone for good."

    def __init__(self, id_: str, what: str = "pipeline") -> None:
        super().__init__(f"No {what} found with id {id_}", context={"id": [id_]})


class OwnerNotFound(Refusal):
    """No owner of that id (text chosen: differences)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Check the id in the list of owners; `archived=true` shows those who were removed."

    def __init__(self, id_: str) -> None:
        super().__init__(f"No owner found with id {id_}", context={"id": [id_]})
