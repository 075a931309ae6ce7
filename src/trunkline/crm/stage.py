"""Where a record stands: which stage it may be put into, and what follows from the one that it is in.

The service lists no options of the properties that name the pipeline and the stage; the portal's pipelines decide
(behaviour 12.9).
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

import msgspec

from trunkline.crm.pipeline import Pipeline, Stage, Staging
from trunkline.errors import InvalidValue


class Stages:
    """The stages of all live pipelines of one object type of one portal.

    `default` is the pipeline of a record that names none: HubSpot's own while it is there, else the first.
    """

    def __init__(self, staging: Staging, pipelines: Iterable[Pipeline]) -> None:
        live = [pipeline for pipeline in pipelines if pipeline.archived is None]
        self._pipeline = staging.pipeline
        self._stage = staging.stage
        self._stages = {pipeline.id: [stage.id for stage in pipeline.stages] for pipeline in live}
        self.default = live[0].id if live else ""

    def misplaced(self, values: Mapping[str, str], kept: Mapping[str, str], where: str) -> InvalidValue | None:
        """What is wrong with the place that a write gives a record, which kept these values so far.

        `where` is the path of the written properties in the request. What does not touch the place is never wrong.
        """
        if not self._stages or (self._stage not in values and self._pipeline not in values):
            return None
        asked = values.get(self._pipeline)
        if asked and asked not in self._stages:
            message = f"{asked} is not a valid pipeline ID. Valid options are: [{', '.join(self._stages)}]"
            return InvalidValue(self._pipeline, "INVALID_OPTION", message, f"{where}.{self._pipeline}")
        standing = kept.get(self._pipeline, "") if asked is None else asked
        pipeline = standing if standing in self._stages else self.default
        stage = values.get(self._stage, kept.get(self._stage))
        if not stage or stage in self._stages[pipeline]:
            return None
        options = f"pipelineId={pipeline} : [{', '.join(self._stages[pipeline])}]"
        message = f"{stage} is not a valid pipeline stage ID. Valid options are: {options}"
        return InvalidValue(self._stage, "INVALID_OPTION", message, f"{where}.{self._stage}")

    def completed(self, values: Mapping[str, str], *, new: bool) -> Mapping[str, str]:
        """The values to write, with the default pipeline where a new record names none, or another one clears it."""
        if self.default and not values.get(self._pipeline) and (new or self._pipeline in values):
            return {**values, self._pipeline: self.default}
        return values


def derivation(rule: str, staging: Staging, pipelines: Iterable[Pipeline]) -> str:
    """The derivation that says by itself what each stage comes to, so that changed pipelines make another one."""
    comes_to = {
        stage.id: text
        for pipeline in pipelines
        if pipeline.archived is None
        for stage in pipeline.stages
        if (text := RULES[rule](stage)) is not None
    }
    return "@" + msgspec.json.encode({"of": staging.stage, "to": comes_to}, order="sorted").decode()


def _won(stage: Stage) -> bool:
    return stage.metadata.get("probability") == "1.0"


def _probability(stage: Stage) -> str | None:
    """All digits of the binary number, as the service shows them (recorded: a deal, 2026)."""
    kept = stage.metadata.get("probability")
    return None if kept is None else format(Decimal(float(kept)), "f")


RULES: Mapping[str, Callable[[Stage], str | None]] = {
    "stage_probability": _probability,
    "stage_closed": lambda stage: "true" if stage.closed else "false",
    "stage_won": lambda stage: "true" if _won(stage) else "false",
    "stage_closed_count": lambda stage: "1" if stage.closed else "0",
    "stage_open_count": lambda stage: "0" if stage.closed else "1",
    "stage_won_count": lambda stage: "1" if _won(stage) else "0",
}
"""Derivations that follow from the stage of a record (recorded: deals and tickets, 2026)."""
