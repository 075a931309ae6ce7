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


class Pipeline(Struct, frozen=True, rename="camel", kw_only=True):
    """One pipeline, HubSpot's or the portal's own."""

    id: str
    label: str
    display_order: int
    stages: tuple[Stage, ...] = ()
    created: Moment = 0
    updated: Moment = 0
    archived: Moment | None = None
