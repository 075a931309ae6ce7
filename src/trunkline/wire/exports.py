"""HubSpot's shapes of exports: what is asked, how far one is, and what is kept of its file (behaviour 15)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.search import Search
from trunkline.crm.values import Scalar, text
from trunkline.errors import InvalidExport
from trunkline.wire import search
from trunkline.wire.body import Reader
from trunkline.wire.shape import Array, Flag, Map, Object, Shape, Text

MODELS = "com.hubspot.exports.publicapi"
"""Made up after the names that other messages show."""

ExportType = Literal["VIEW", "LIST"]
Truth = bool | Literal["true", "false"] | None
Words = list[Scalar]


class ExportBody(Struct, rename="camel", kw_only=True):
    """What an export asks."""

    export_type: Scalar = None
    export_name: Scalar = None
    format: Scalar = None
    language: Scalar = None
    object_type: Scalar = None
    object_properties: Words | None = None
    associated_object_type: str | Words | None = None
    export_internal_values_options: Words | None = None
    include_labeled_associations: Truth = None
    include_primary_display_property_for_associated_objects: Truth = None
    override_associated_objects_per_definition_per_row_limit: Truth = None
    list_id: Scalar = None
    public_crm_search_request: dict[str, Any] | None = None


class Export(Struct, frozen=True, kw_only=True):
    """What an export asks, under our names. `search` is the body of a search, `list` the id of a list or empty."""

    kind: ExportType
    name: str
    type: str
    properties: Sequence[str]
    others: Sequence[str]
    internal_names: bool
    internal_values: bool
    unlimited: bool
    search: bytes
    list: str = ""


_texts = Array("java.util.ArrayList<java.lang.String>", Text())
_members: Mapping[str, Shape] = {
    **dict.fromkeys(("exportType", "exportName", "format", "language", "objectType", "listId"), Text()),
    **dict.fromkeys(("objectProperties", "exportInternalValuesOptions"), _texts),
    **dict.fromkeys(
        (
            "includeLabeledAssociations",
            "includePrimaryDisplayPropertyForAssociatedObjects",
            "overrideAssociatedObjectsPerDefinitionPerRowLimit",
        ),
        Flag(),
    ),
    "publicCrmSearchRequest": Map("java.util.Map<java.lang.String, java.lang.Object>", None),
}
_reader = Reader(ExportBody, Object(f"{MODELS}.PublicExportRequest", _members))

_ORDERS = {"ASC": "ASCENDING", "DES": "DESCENDING", "DESC": "DESCENDING"}


def decode(body: bytes) -> Export:
    """What is asked, not yet checked against a catalog; raises `MalformedBody` and `InvalidExport`."""
    sent = _reader.read(body)
    kind = text(sent.export_type)
    if kind not in ("VIEW", "LIST"):
        raise InvalidExport("exportType is VIEW or LIST.", "exportType")
    if kind == "LIST" and not text(sent.list_id):
        raise InvalidExport("An export of a list names it.", "listId")
    if text(sent.format).upper() != "CSV":
        raise InvalidExport("Files of the format CSV alone are written here.", "format")
    if sent.include_labeled_associations in (True, "true"):
        raise InvalidExport("The labels of associations are not exported here.", "includeLabeledAssociations")
    if sent.include_primary_display_property_for_associated_objects in (True, "true"):
        where = "includePrimaryDisplayPropertyForAssociatedObjects"
        raise InvalidExport("Of associated records the ids alone are exported here.", where)
    other = sent.associated_object_type
    options = {text(one) for one in sent.export_internal_values_options or ()}
    if not options <= {"NAMES", "VALUES"}:
        raise InvalidExport("The options are NAMES and VALUES.", "exportInternalValuesOptions")
    return Export(
        kind="LIST" if kind == "LIST" else "VIEW",
        name=text(sent.export_name),
        type=text(sent.object_type),
        properties=[text(name) for name in sent.object_properties or ()],
        others=[other] if isinstance(other, str) else [text(one) for one in other or ()],
        internal_names="NAMES" in options,
        internal_values="VALUES" in options,
        unlimited=sent.override_associated_objects_per_definition_per_row_limit in (True, "true"),
        search=_search(sent.public_crm_search_request if kind == "VIEW" else None),
        list=text(sent.list_id) if kind == "LIST" else "",
    )


def _search(sent: dict[str, Any] | None) -> bytes:
    """The body of a search that means the same."""
    asked = {name: value for name, value in (sent or {}).items() if name not in ("limit", "after")}
    if isinstance(asked.get("sorts"), list):
        asked["sorts"] = [_sort(one) for one in asked["sorts"]]
    return msgspec.json.encode(asked)


def _sort(sent: Any) -> Any:
    if isinstance(sent, dict) and isinstance(sent.get("order"), str):
        direction = _ORDERS.get(sent["order"].upper(), "ASCENDING")
        return {"propertyName": sent.get("propertyName"), "direction": direction}
    return sent


def decode_search(kept: bytes) -> Search:
    """What a search asks that an export was asked with; raises `MalformedBody`."""
    return search.decode(kept)


class TaskLocator(Struct):
    """The id of an export, and where to ask for its state."""

    id: str
    links: Mapping[str, str]


class ExportStatus(Struct, rename="camel", kw_only=True):
    """The state of an export, and once it is done the link to its file."""

    status: Literal["CANCELED", "COMPLETE", "PENDING", "PROCESSING"]
    result: str | UnsetType = UNSET
    requested_at: str
    started_at: str
    completed_at: str


class PublicExportResponse(Struct, rename="camel", kw_only=True):
    """One export."""

    id: str
    export_type: ExportType
    export_name: str
    export_state: Literal["CANCELED", "DONE", "ENQUEUED", "FAILED", "PROCESSING"]
    object_type: str
    object_properties: Sequence[str]
    record_count: int | UnsetType = UNSET
    created_at: str
    updated_at: str


class Piece(Struct, array_like=True, frozen=True):
    """A piece of a file: its lines, and for each the end of its record's URL with a quotation mark, "" for a header."""

    places: list[str]
    lines: list[bytes]


pack = msgspec.msgpack.Encoder().encode
unpack = msgspec.msgpack.Decoder(Piece).decode


def piece(places: Sequence[str], lines: Sequence[bytes]) -> bytes:
    """What is kept of a piece; the places are the ends of URLs (`trunkline.wire.record.place`)."""
    return pack(Piece([f'{place}"' if place else "" for place in places], list(lines)))


def content(kept: bytes) -> bytes:
    """The lines of a piece."""
    return b"".join(unpack(kept).lines)


def without(kept: bytes, url_end: str) -> bytes:
    """The piece without the line of the record whose URL ends so."""
    known = unpack(kept)
    left = [(place, line) for place, line in zip(known.places, known.lines, strict=True) if place != f'{url_end}"']
    return pack(Piece([place for place, _ in left], [line for _, line in left]))
