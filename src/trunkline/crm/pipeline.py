"""The pipelines of an object type: through which stages its records go."""

from msgspec import Struct

from trunkline.crm.record import Moment


class Stage(Struct, frozen=True, rename="camel", kw_only=True):
    """One stage of a pipeline. `metadata` says what HubSpot keeps with it, as `probability` or `isClosed`."""

    id: str
    label: str
    display_order: int
    metadata: dict[str, str] = {}
    created: Moment = 0
    updated: Moment = 0
    archived: Moment | None = None

    @property
    def closed(self) -> bool:
        """Whether a record that stands here is done with."""
        return self.metadata.get("isClosed") == "true"


class Pipeline(Struct, frozen=True, rename="camel", kw_only=True):
    """One pipeline, HubSpot's or the portal's own."""

    id: str
    label: str
    display_order: int
    stages: tuple[Stage, ...] = ()
    created: Moment = 0
    updated: Moment = 0
    archived: Moment | None = None


class Staging(Struct, frozen=True, rename="camel", kw_only=True):
    """How the records of an object type go through pipelines.

    `pipeline` and `stage` are the properties that say where a record stands, `metadata` the key with which a stage
    says how far that is: `probability` (0.0 to 1.0), or `ticketState` or `state` (`OPEN`, `CLOSED`). `closing` says
    that every pipeline needs a closed stage, `most` is how many stages one may have.
    """

    pipeline: str
    stage: str
    metadata: str = "state"
    closing: bool = False
    most: int = 100
