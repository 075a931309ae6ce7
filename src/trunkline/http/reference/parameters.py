"""The parameters of operations: what each name in a path, in a query and in the headers means."""

from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Any

from msgspec import Struct

from trunkline.crm.batch import LARGEST_LATER
from trunkline.crm.catalog import shipped_types
from trunkline.crm.rule import KINDS
from trunkline.http.operation import Operation

Json = dict[str, Any]

TEXT: Json = {"type": "string"}
FLAG: Json = {"type": "boolean", "default": False}
SHOWING: Json = {"type": "boolean", "default": True}
NAMES: Json = {"type": "array", "items": TEXT}


class Parameter(Struct, frozen=True):
    """One parameter. `schema` is JSON Schema, `name` only that of a header."""

    schema: Json
    description: str
    name: str = ""


PATH: Mapping[str, Parameter] = {
    "type": Parameter(
        TEXT | {"examples": ["calls"]},
        "The object type: its plural name, its singular name or its type id, in any case. Shipped are "
        + ", ".join(f"`{t.plural}` (`{t.singular}`, `{t.type_id}`)" for t in shipped_types())
        + ". A custom object has its type id, its fully qualified name, and its name with or without `p_` before it.",
    ),
    "id": Parameter(TEXT, "The record's id; with `idProperty`, the record's value of that property."),
    "name": Parameter(TEXT, "The property's name."),
    "group": Parameter(TEXT, "The group's name."),
    "pipeline": Parameter(TEXT, "The pipeline's id."),
    "stage": Parameter(TEXT, "The stage's id."),
    "import": Parameter(TEXT, "The number of the import."),
    "export": Parameter(TEXT, "The number of the export."),
    "task": Parameter(TEXT, "The number of the export."),
    "owner": Parameter(TEXT, "The owner's id; with `idProperty=userId`, that of the person. Both are the same here."),
    "to": Parameter(TEXT, "The object type of the other record, as `type`."),
    "toType": Parameter(TEXT, "The object type of the other records, as `type`."),
    "kind": Parameter(TEXT | {"examples": ["call_to_contact"]}, "The type of association, by its name or its number."),
    "typeId": Parameter(TEXT, "The number of the label's type of association."),
    "toId": Parameter(TEXT, "The other record's id."),
    "rule": Parameter(TEXT | {"enum": list(KINDS)}, "The kind of rule: a property has one of each at most."),
    "association": Parameter(TEXT, "The type of association, by its number or its name."),
    "token": Parameter(TEXT, "The token that is asked about, or given back."),
    "listId": Parameter(TEXT, "The list's id."),
    "listName": Parameter(TEXT, "The list's name, in any case."),
    "objectTypeId": Parameter(TEXT | {"examples": ["0-1"]}, "The object type of the records, as `type`."),
    "recordId": Parameter(TEXT, "The record's id."),
    "sourceListId": Parameter(TEXT, "The id of the list whose records are added."),
    "folderId": Parameter(TEXT, "The folder's id."),
    "appId": Parameter({"type": "integer"}, "The app's id; that of the fixed token is 1."),
    "subscriptionId": Parameter({"type": "integer"}, "The subscription's id."),
    "filterId": Parameter({"type": "integer"}, "The filter's id."),
    "portalId": Parameter({"type": "integer"}, "The portal's id."),
    "statusId": Parameter(TEXT | {"format": "uuid"}, "The id of a snapshot, as `snapshotStatusId` told it."),
    "offset": Parameter(TEXT | {"format": "uuid"}, "The offset of an entry, as `currentOffset` told it."),
    "count": Parameter({"type": "integer", "minimum": 1, "maximum": 100}, "The most entries of the answer."),
    "newParentFolderId": Parameter(TEXT, "The id of the folder that it is to be in; `0` is the root."),
    "job": Parameter(TEXT | {"format": "uuid"}, "The id of a batch that is carried out later, as its link has it."),
}
"""By the name between braces in a path."""

QUERY: Mapping[str, Parameter] = {
    "properties": Parameter(
        NAMES, "Properties to show, repeated or parted by commas. What the type does not have is left out."
    ),
    "propertiesWithHistory": Parameter(
        NAMES,
        "Properties to show with their earlier values. Of a batch or a page, at most 50 records are shown so.",
    ),
    "associations": Parameter(NAMES, "Object types whose records are to be listed where they are associated."),
    "archived": Parameter(FLAG, "Whether to show what was archived, and only that."),
    "idProperty": Parameter(
        TEXT, "The unique property by which the record is found; without it the path has the record's own id."
    ),
    "limit": Parameter(
        {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
        "The most records of one page.",
    ),
    "after": Parameter(TEXT, "Where the page starts: `paging.next.after` of the page before."),
    "engagements.limit": Parameter(
        {"type": "integer", "minimum": 1, "default": 100}, "The most engagements of one page; never more than 250."
    ),
    "count": Parameter(
        {"type": "integer", "minimum": 1, "default": 20}, "The most engagements of one page; never more than 100."
    ),
    "offset": Parameter(
        {"type": "integer", "minimum": 0, "default": 0}, "Where the page starts: the `offset` of the page before."
    ),
    "since": Parameter(
        {"type": "integer", "minimum": 0, "default": 0},
        "Only what changed after this time, in milliseconds since 1970.",
    ),
    "validateReferencesBeforeDelete": Parameter(
        FLAG,
        "Whether stages that go are refused while records stand in them. In version 2026-09 they are unless this is "
        "false.",
    ),
    "validateDealStageUsagesBeforeDelete": Parameter(FLAG, "The same: one of the two is enough."),
    "imports.limit": Parameter(
        {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}, "The most imports, or errors, of one page."
    ),
    "includeErrorMessage": Parameter(
        {"type": "boolean", "default": True}, "Whether each error says in words what is wrong."
    ),
    "includeRowData": Parameter({"type": "boolean", "default": True}, "Whether each error shows the row."),
    "fromObjectTypeId": Parameter(TEXT, "Only what starts from this object type, by any of its names."),
    "toObjectTypeId": Parameter(TEXT, "Only what leads to this object type, by any of its names."),
    "installPortalId": Parameter(
        {"type": "integer"}, "The portal; without it that of the token, or in the journal of all portals each of them."
    ),
    "email": Parameter(TEXT, "Only the owner with this e-mail address, in any case."),
    "owners.limit": Parameter(
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}, "The most owners of one page."
    ),
    "owners.idProperty": Parameter(
        TEXT | {"enum": ["id", "userId"], "default": "id"}, "Which id the path has: the owner's, or the person's."
    ),
    "listIds": Parameter(NAMES, "The ids of the lists, repeated or parted by commas."),
    "includeFilters": Parameter(FLAG, "Whether to show the filters of the list."),
    "listName": Parameter(TEXT, "The new name."),
    "enrollObjectsInWorkflows": Parameter(FLAG, "Taken and without effect: there are no workflows."),
    "legacyListId": Parameter(TEXT, "The list's id in version 1 of the API; here it is the same."),
    "folderId": Parameter(TEXT | {"default": "0"}, "The folder's id; `0` is the root."),
    "newFolderName": Parameter(TEXT, "The new name."),
    "before": Parameter(TEXT, "Where the page ends: `paging.prev.before` of a page. It is read backwards from there."),
    "memberships.limit": Parameter(
        {"type": "integer", "minimum": 1, "maximum": 250, "default": 100}, "The most records of one page."
    ),
    "dataSensitivity": Parameter(
        TEXT | {"enum": ["non_sensitive", "sensitive", "highly_sensitive"], "default": "non_sensitive"},
        "Of which sensitivity the property definitions are.",
    ),
    "associations.limit": Parameter(
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 500},
        "The most associations of one page.",
    ),
    "named.limit": Parameter(
        {"type": "integer", "minimum": 1, "maximum": 500, "default": 500},
        "The most associated records of one page.",
    ),
    "properties.properties": Parameter(
        NAMES, "Members of a definition to show, repeated or parted by commas; all of them if none is named."
    ),
    "includePropertyDefinitions": Parameter(SHOWING, "Whether to show the properties."),
    "includeAssociationDefinitions": Parameter(SHOWING, "Whether to show the associations."),
    "includeAuditMetadata": Parameter(SHOWING, "Whether to show who made a schema, and who last changed it."),
    "schemas.archived": Parameter(
        FLAG, "Of a list, whether to show what was deleted, and only that; of a deletion, whether it is for good."
    ),
    "locale": Parameter(TEXT, "The language of the labels; they are shown in English whatever it is."),
}
"""By the name in the query; where a module of handlers has its own meaning, with the module before it."""

DETAIL = Parameter(
    TEXT | {"enum": ["full"]},
    "With `full` each error also says its `id`, where `in` the request it is, its `subCategory`, and in `links` "
    "where it is explained. HubSpot's page shows these members; its service leaves them out.",
    "X-Trunkline-Detail",
)
LATER = Parameter(
    TEXT | {"enum": ["respond-async"]},
    "Asks for the batch to be carried out later: the answer is a 202 with a link that tells how far it is. Such a "
    f"batch may have up to {LARGEST_LATER:,} inputs.",
    "Prefer",
)
HEADERS: Mapping[str, Parameter] = {parameter.name: parameter for parameter in (DETAIL, LATER)}

UNKNOWN = Parameter(TEXT, "")
"""Stands for a parameter that nobody described; a test finds it."""


def places(operation: Operation) -> list[str]:
    """The names of the parameters in an operation's path, in order."""
    return [name for _, name, _, _ in Formatter().parse(operation.path) if name]


def headers(operation: Operation) -> Iterator[str]:
    """The headers that an operation heeds, beside those of every request."""
    yield DETAIL.name
    if may_wait(operation):
        yield LATER.name


def may_wait(operation: Operation) -> bool:
    """Whether the operation can be carried out later."""
    return module(operation) == "batches"


def module(operation: Operation) -> str:
    """The module of an operation's handler, as `batches`."""
    return operation.handler.__module__.rpartition(".")[2]


def references(operation: Operation) -> list[Json]:
    """The parameters of an operation, each as a reference into `components`."""
    queries = (_query(name, operation) for name in operation.query)
    keys = [*(f"{name}InPath" for name in places(operation)), *queries, *headers(operation)]
    return [{"$ref": f"#/components/parameters/{key}"} for key in keys]


def components(operations: Iterable[Operation]) -> Json:
    """The parameters of all these operations, as OpenAPI has them."""
    found: Json = {}
    for operation in operations:
        for name in places(operation):
            found[f"{name}InPath"] = _described(name, "path", PATH.get(name, UNKNOWN)) | {"required": True}
        for name in operation.query:
            key = _query(name, operation)
            found[key] = _described(name, "query", QUERY.get(key, UNKNOWN))
        for name in headers(operation):
            found[name] = _described(name, "header", HEADERS[name])
    return found


def _query(name: str, operation: Operation) -> str:
    """The key of a parameter in `QUERY`."""
    own = f"{module(operation)}.{name}"
    return own if own in QUERY else name


def _described(name: str, place: str, parameter: Parameter) -> Json:
    return {"name": name, "in": place, "description": parameter.description, "schema": parameter.schema}
