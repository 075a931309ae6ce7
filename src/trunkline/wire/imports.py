"""HubSpot's shapes of imports: what is asked, how far one is, and the errors of its rows (behaviour 15)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from trunkline.crm.association import LinkSpec
from trunkline.crm.importing import DATE_FORMATS, Column, File, Import, Operation, Role
from trunkline.crm.values import Scalar, moment, text
from trunkline.errors import InvalidImport
from trunkline.wire.body import Reader
from trunkline.wire.record import Paging
from trunkline.wire.shape import Array, Flag, Map, Object, Shape, Text, Whole

MODELS = "com.hubspot.imports.publicapi"
"""Made up after the names that other messages show."""

State = Literal["STARTED", "PROCESSING", "DONE", "FAILED", "CANCELED", "DEFERRED", "REVERTED"]

ActionStatus = Literal["CANCELED", "COMPLETE", "PENDING", "PROCESSING"]

ROLES: Mapping[str, Role] = {
    "STANDARD": "value",
    "HUBSPOT_ALTERNATE_ID": "key",
    "HUBSPOT_OBJECT_ID": "id",
    "FLEXIBLE_ASSOCIATION_LABEL": "label",
}
"""What a `columnType` comes to. ASSOCIATION_KEYS and EVENT_TIMESTAMP are left out (differences)."""

Truth = bool | Literal["true", "false"] | None


class ImportForm(Struct, rename="camel", kw_only=True):
    """The fields of the form that starts an import; `files` may be there more than once."""

    files: Annotated[str, Meta(extra_json_schema={"format": "binary"})]
    import_request: str


class ForeignKey(Struct, rename="camel"):
    """A type of association in a column's mapping."""

    association_type_id: Scalar = None
    association_category: Scalar = None


class ColumnBody(Struct, rename="camel", kw_only=True):
    """One column of a file and what it is mapped to."""

    column_object_type_id: Scalar = None
    to_column_object_type_id: Scalar = None
    column_name: Scalar = None
    property_name: Scalar = None
    column_type: Scalar = None
    id_column_type: Scalar = None
    foreign_key_type: ForeignKey | None = None
    association_identifier_column: Truth = None


class PageBody(Struct, rename="camel", kw_only=True):
    """The columns of a file."""

    has_header: Truth = None
    column_mappings: list[ColumnBody] | None = None


class FileBody(Struct, rename="camel", kw_only=True):
    """One file of an import."""

    file_name: Scalar = None
    file_format: Scalar = None
    date_format: Scalar = None
    file_import_page: PageBody | None = None


class ImportBody(Struct, rename="camel", kw_only=True):
    """What an import asks."""

    name: Scalar = None
    import_operations: dict[str, Scalar] | None = None
    date_format: Scalar = None
    time_zone: Scalar = None
    create_contact_list_from_import: Truth = None
    files: list[FileBody] | None = None


_truth = Flag()
_link = Object(f"{MODELS}.ForeignKeyType", {"associationTypeId": Whole(), "associationCategory": Text()})
_column = Object(
    f"{MODELS}.ColumnMapping",
    {
        **dict.fromkeys(("columnObjectTypeId", "toColumnObjectTypeId", "columnName", "propertyName"), Text()),
        **dict.fromkeys(("columnType", "idColumnType"), Text()),
        "foreignKeyType": _link,
        "associationIdentifierColumn": _truth,
    },
    nullable=False,
)
_page = Object(
    f"{MODELS}.FileImportPage",
    {"hasHeader": _truth, "columnMappings": Array(f"java.util.ArrayList<{MODELS}.ColumnMapping>", _column)},
)
_file: Shape = Object(
    f"{MODELS}.FileImportRequest",
    {**dict.fromkeys(("fileName", "fileFormat", "dateFormat"), Text()), "fileImportPage": _page},
    nullable=False,
)
_members: Mapping[str, Shape] = {
    **dict.fromkeys(("name", "dateFormat", "timeZone"), Text()),
    "importOperations": Map("java.util.LinkedHashMap<java.lang.String, java.lang.String>", Text()),
    "createContactListFromImport": _truth,
    "files": Array(f"java.util.ArrayList<{MODELS}.FileImportRequest>", _file),
}
_reader = Reader(ImportBody, Object(f"{MODELS}.ImportRequest", _members))


def decode(body: bytes) -> Import:
    """What is asked, not yet checked against a catalog; raises `MalformedBody` and `InvalidImport`."""
    sent = _reader.read(body)
    if sent.create_contact_list_from_import in (True, "true"):
        raise InvalidImport("Lists are not made from imports here.", "createContactListFromImport")
    files = sent.files or []
    # A date format of older requests stands with each file.
    formats = [text(sent.date_format), *(text(one.date_format) for one in files)]
    date_format = next(filter(None, formats), DATE_FORMATS[0])
    if date_format not in DATE_FORMATS:
        raise InvalidImport(f"dateFormat is one of {', '.join(DATE_FORMATS)}.", "dateFormat")
    return Import(
        name=text(sent.name),
        operations={alias: _operation(text(one)) for alias, one in (sent.import_operations or {}).items()},
        date_format=date_format,
        zone=text(sent.time_zone) or "UTC",
        files=[_decoded(one, n) for n, one in enumerate(files)],
    )


def _operation(sent: str) -> Operation:
    for known in get_args(Operation):
        if sent == known:
            return known  # type: ignore[no-any-return]
    raise InvalidImport("importOperations are CREATE, UPDATE or UPSERT.", "importOperations")


def _decoded(sent: FileBody, number: int) -> File:
    where = f"files[{number}]"
    if text(sent.file_format) != "CSV":
        raise InvalidImport("Files of the format CSV alone are read here.", f"{where}.fileFormat")
    page = sent.file_import_page or PageBody()
    where = f"{where}.fileImportPage.columnMappings"
    columns = [_column_of(one, f"{where}[{n}]") for n, one in enumerate(page.column_mappings or ())]
    return File(text(sent.file_name), page.has_header in (True, "true"), columns)


def _column_of(sent: ColumnBody, where: str) -> Column:
    kind = text(sent.column_type) or text(sent.id_column_type) or "STANDARD"
    role = ROLES.get(kind)
    if role is None:
        raise InvalidImport(f"Columns of the type {kind[:100]} are not read here.", f"{where}.columnType")
    other, key = text(sent.to_column_object_type_id), sent.foreign_key_type
    if role == "value" and not text(sent.property_name) and other:
        role = "foreign"
    return Column(
        name=text(sent.column_name),
        type=text(sent.column_object_type_id),
        role=role,
        property=text(sent.property_name),
        other=other,
        link=None if key is None else LinkSpec(text(key.association_category), key.association_type_id),
        identifier=sent.association_identifier_column in (True, "true"),
    )


class ImportMetadata(Struct, rename="camel", kw_only=True):
    """How far an import is, in numbers, and its files."""

    object_lists: Sequence[Mapping[str, str]] = ()
    counters: Mapping[str, int]
    file_ids: Sequence[str]


class PublicImportResponse(Struct, rename="camel", kw_only=True):
    """One import."""

    state: State
    import_request_json: Any
    created_at: str
    updated_at: str
    metadata: ImportMetadata
    import_name: str
    import_source: Literal["API"] = "API"
    mapped_object_type_ids: Sequence[str]
    opt_out_import: bool = False
    id: str


class ImportPage(Struct):
    """One page of imports."""

    results: Sequence[PublicImportResponse]
    paging: Paging | UnsetType = UNSET


class ActionResponse(Struct, rename="camel", kw_only=True):
    """What became of the wish to cancel an import."""

    status: ActionStatus
    requested_at: str
    started_at: str
    completed_at: str


class ImportRow(Struct, rename="camel", kw_only=True):
    """The row of a file that an error is about; the first row has the number 1."""

    file_id: int
    line_number: int
    row_data: Sequence[str]
    additional_row_data: Sequence[str] = ()
    contains_encrypted_properties: bool = False


class PublicImportError(Struct, rename="camel", kw_only=True):
    """What is wrong with one row for one object type."""

    id: str
    created_at: int
    error_type: str
    error_message: str | UnsetType = UNSET
    invalid_value: str | UnsetType = UNSET
    invalid_value_to_display: str | UnsetType = UNSET
    known_column_number: int | UnsetType = UNSET
    object_type: str | UnsetType = UNSET
    object_type_id: str | UnsetType = UNSET
    source_data: ImportRow


class ImportErrorPage(Struct):
    """One page of the errors of an import."""

    results: Sequence[PublicImportError]
    paging: Paging | UnsetType = UNSET


def request_json(body: bytes) -> Raw:
    """What was sent, as answers show it."""
    return Raw(msgspec.json.encode(msgspec.json.decode(body)))


def action(status: ActionStatus, requested: int, started: int, completed: int) -> bytes:
    """The answer of a cancel."""
    moments = [moment(one) for one in (requested, started, completed)]
    answer = ActionResponse(status=status, requested_at=moments[0], started_at=moments[1], completed_at=moments[2])
    return msgspec.json.encode(answer)
