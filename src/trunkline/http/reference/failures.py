"""Which errors an operation can answer.

`MEETS` says of each kind of error what an operation must have for it to happen: its handler (`batches.upsert`) or the
module of its handler (`batches`), a parameter in its path (`{id}`) or its query (`?limit`), a body, a body of JSON, a
token that is asked for, or nothing at all.
"""

from collections.abc import Iterator, Mapping

from trunkline import errors
from trunkline.errors import Refusal
from trunkline.http.control import refusals
from trunkline.http.operation import Operation
from trunkline.http.reference.parameters import module, places

ANY, TOKEN, BODY, JSON = "any", "token", "body", "json"
TIES = ("associations.page", "associations.tie", "associations.tie_default", "associations.cut")
FLOWING = ("pipelines.create", "pipelines.replace")
STAGED = tuple(f"pipelines.{verb}_stage" for verb in ("create", "replace", "update"))
TIED = ("ties.create", "ties.create_default", "named.create")
TIES_READ = ("ties.read", "named.read")
CLIENTS = ("tokens.create", "info.introspect", "info.revoke")
DEFINING = ("properties.create", "properties.update")
SHAPING = ("schemas.create", "schemas.update")
RECORDED = ("batches.create", "batches.update", "batches.upsert", "records.create", "records.update")
ENGAGING = ("engagements.create", "engagements.update")
VALUES = (*RECORDED, *ENGAGING)
TOLD = ("info.access_token", "info.refresh_token", "info.delete_refresh_token", "info.private_token")
KEEPING = (
    *(f"segments.{verb}" for verb in ("create", "rename", "refilter", "delete", "restore")),
    *(f"memberships.{verb}" for verb in ("add", "remove", "add_and_remove", "add_from", "remove_all")),
    *(f"folders.{verb}" for verb in ("create", "rename", "move", "delete", "move_list")),
    "batches",
    "later.cancel",
    *("imports.start_import", "imports.cancel", "exports.start_export"),
    *(f"records.{verb}" for verb in ("create", "update", "archive", "merge", "erase")),
    *TIES[1:],
    *TIED,
    *("ties.archive", "ties.archive_labels", "named.archive", "named.tie", "named.cut"),
    *(f"labels.{verb}" for verb in ("create", "update", "archive")),
    *(f"capping.{verb}" for verb in ("create", "update", "purge")),
    *(f"properties.{verb}" for verb in ("create", "update", "archive", "create_batch", "archive_batch")),
    *(f"groups.{verb}" for verb in ("create", "update", "archive")),
    *("tokens.create", "info.revoke", "info.delete_refresh_token"),
    *(f"engagements.{verb}" for verb in ("create", "update", "archive")),
    *(f"schemas.{verb}" for verb in ("create", "update", "delete", "create_association", "delete_association")),
    *(
        f"webhooks.{verb}"
        for verb in ("set_target", "drop_target", "subscribe", "switch", "switch_many", "unsubscribe")
    ),
    *(f"watches.{verb}" for verb in ("subscribe", "unsubscribe", "unsubscribe_portal", "create_filter")),
    *("watches.delete_filter", "snapshots.create", "entries", "local"),
    "rules.put",
    *(f"pipelines.{verb}{part}" for verb in ("create", "replace", "update", "delete") for part in ("", "_stage")),
)
"""What writes; a batch of reads does where it is carried out later."""

LISTED = ("segments.create", "segments.rename", "segments.refilter", "segments.restore")
MOVED = tuple(f"memberships.{verb}" for verb in ("add", "remove", "add_and_remove", "add_from", "remove_all"))
FOLDERED = tuple(f"folders.{verb}" for verb in ("create", "rename", "move", "delete"))
COUNTED = (
    *(f"segments.{verb}" for verb in ("create", "get", "get_by_name", "get_many", "search", "rename", "refilter")),
    *("memberships.page", "memberships.page_joined", "memberships.add_from", "memberships.remove_all"),
    *("memberships.of_record", "memberships.of_records"),
)
"""What counts or reads the records in a list."""

MEETS: Mapping[type[Refusal], tuple[str, ...]] = {
    errors.ApiKeyGone: (TOKEN,),
    errors.AssociationLimitReached: ("associations.tie", "associations.tie_default", "named.tie"),
    errors.BadAuthCode: ("tokens.create",),
    errors.BadClientId: CLIENTS,
    errors.BadClientSecret: CLIENTS,
    errors.BadCodeVerifier: ("tokens.create",),
    errors.BadGrantType: ("tokens.create",),
    errors.BadHub: ("tokens.create",),
    errors.BadRefreshToken: ("tokens.create",),
    errors.BadScopes: ("tokens.create",),
    errors.BlankId: ("batches.upsert", "batches.update"),
    errors.BodyTimeout: (BODY,),
    errors.BodyTooLarge: (BODY,),
    errors.ContradictedKey: ("batches.upsert", "batches.update", "records.update"),
    errors.CurrencyWithoutSymbol: (*DEFINING, "schemas.create"),
    errors.DuplicateIds: ("batches.upsert", "batches.update"),
    errors.DuplicateListName: (*LISTED[:2], LISTED[3]),
    errors.ExpiredAuthCode: ("tokens.create",),
    errors.ExpiredToken: (TOKEN,),
    errors.ExportForbidden: ("exports.show_status",),
    errors.GroupExists: ("groups.create",),
    errors.GroupInUse: ("groups.archive",),
    errors.GroupNotFound: ("{group}",),
    errors.ImpossibleMerge: ("records.merge",),
    errors.IndexNotReady: (*COUNTED, "search", "engagements.recent"),
    errors.InvalidAssociationType: ("associations.tie", "named.tie", "named.cut"),
    errors.InvalidAssociations: ("batches.create", "records.create", "engagements.create"),
    errors.InvalidBooleanOptions: (*DEFINING, "schemas.create"),
    errors.InvalidDefinition: (*DEFINING, "schemas.create", "properties.archive", "properties.archive_batch"),
    errors.InvalidExport: ("exports.start_export",),
    errors.InvalidGroup: ("groups.create", "groups.update"),
    errors.InvalidImport: ("imports.start_import",),
    errors.InvalidLabel: ("labels.create", "labels.update"),
    errors.InvalidList: (*LISTED, *MOVED, "segments.search"),
    errors.InvalidListFilter: ("segments.create", "segments.refilter"),
    errors.InvalidListFolder: FOLDERED,
    errors.InvalidParameter: (
        "?includeFilters",
        "?archived",
        "?limit",
        "?count",
        "?offset",
        "?dataSensitivity",
        "?includeAuditMetadata",
        "{typeId}",
        "{rule}",
        "{appId}",
        "{count}",
        "?installPortalId",
    ),
    errors.InvalidPipeline: (*FLOWING, "pipelines.update", "pipelines.delete", *STAGED, "pipelines.delete_stage"),
    errors.InvalidSchema: (*SHAPING, "schemas.delete", "schemas.create_association"),
    errors.InvalidStage: (*FLOWING, "pipelines.update", *STAGED),
    errors.InvalidStageMetadata: (*FLOWING, *STAGED),
    errors.InvalidValues: VALUES,
    errors.InvalidWebhook: (
        *("webhooks.set_target", "webhooks.subscribe", "watches.subscribe", "watches.create_filter"),
        "snapshots.create",
    ),
    errors.JournalEntryNotFound: ("{offset}",),
    errors.LimitOutOfRange: (
        "memberships.page",
        "memberships.page_joined",
        "segments.search",
        *("lists.page", "associations.page", "named.page", "search"),
        *("imports.page", "imports.list_errors"),
    ),
    errors.LabelExists: ("labels.create", "schemas.create_association"),
    errors.LabelNotFound: ("labels.update", "labels.archive"),
    errors.ListFolderNotFound: ("{folderId}", "?folderId", "folders.create", "folders.move_list", "segments.create"),
    errors.ListNotFound: ("{listId}", "{listName}", "segments.translate", "folders.move_list", "exports.start_export"),
    errors.MalformedBody: (
        JSON,
        "imports.start_import",
    ),
    errors.MalformedCursor: ("?after", "ties.read"),
    errors.MalformedForm: CLIENTS,
    errors.MalformedRecordId: (
        *("records.get", "records.update", "records.archive", "named.page", "named.tie", "named.cut"),
        *TIES,
    ),
    errors.MismatchedRedirect: ("tokens.create",),
    errors.MissingRequired: VALUES,
    errors.MissingScopes: (TOKEN,),
    errors.NoClosedStage: (*FLOWING, *STAGED, "pipelines.delete_stage"),
    errors.NonUniqueProperty: ("?idProperty", "batches.read", "batches.update", "batches.upsert", "records.erase"),
    errors.NothingToUpdate: ("records.update",),
    errors.OwnerNotFound: ("{owner}",),
    errors.RuleNotFound: ("rules.get",),
    errors.InvalidRule: ("rules.put",),
    errors.PageOutOfRange: ("search",),
    errors.PipelineNotFound: ("{pipeline}",),
    errors.ProductMissing: (TOKEN,),
    errors.PropertyExists: ("properties.create", "schemas.create"),
    errors.PropertyInUse: ("properties.archive", "properties.archive_batch"),
    errors.PropertyNotFound: ("{name}", "properties.create", "schemas.create"),
    errors.QueryTooLong: ("search", "exports.start_export"),
    errors.RateLimited: (TOKEN,),
    errors.RecordExists: ("batches.create", "batches.update", "batches.upsert", "records.create", "records.update"),
    errors.RecordNotFound: (
        *("records.get", "records.update", "records.merge", "later", "named.tie"),
        *(f"engagements.{verb}" for verb in ("get", "update", "archive")),
        *("imports.get", "imports.cancel", "imports.list_errors", "exports.get"),
        *("webhooks", "entries", "local", "watches", "snapshots"),
    ),
    errors.SchemaExists: ("schemas.create",),
    errors.SchemaInUse: ("schemas.delete",),
    errors.SchemaLinkNotFound: ("schemas.delete_association",),
    errors.SearchTooSlow: (*COUNTED, "search", "engagements.recent"),
    errors.SensitiveScopeMissing: ("properties.create", "properties.create_batch"),
    errors.StageIdTaken: FLOWING,
    errors.StageInUse: ("pipelines.replace", "pipelines.delete", "pipelines.delete_stage"),
    errors.StageLabelTaken: (*FLOWING, *STAGED),
    errors.StoreClosing: (ANY,),
    errors.StoreFull: KEEPING,
    errors.StoreUnreachable: (ANY,),
    errors.SubscriptionNotFound: (
        *("webhooks.get", "webhooks.switch"),
        *(f"watches.{verb}" for verb in ("get", "create_filter", "list_filters")),
    ),
    errors.TooManyFailures: (ANY,),
    errors.TiedToItself: ("associations.tie", "associations.tie_default", "named.tie"),
    errors.TooManyFilterGroups: ("search", "exports.start_export"),
    errors.TooManyFilters: ("search", "exports.start_export"),
    errors.TooManyHistories: ("batches.create", "batches.read", "batches.update", "batches.upsert"),
    errors.TooManyInputs: (
        *("segments.translate_many", "memberships.of_records"),
        *("batches", "properties.create_batch", "properties.read_batch", "properties.archive_batch", "ties"),
        *("named.create", "named.read", "named.archive", "schemas.read_batch"),
        *("capping.create", "capping.update", "capping.purge", "webhooks.switch_many"),
        *("entries.read_many", "local.read_many", "snapshots.create"),
    ),
    errors.TooManyJobs: ("batches", "imports.start_import", "exports.start_export"),
    errors.TooManyLabels: ("labels.create",),
    errors.TooManySchemas: ("schemas.create",),
    errors.TooManyMembers: MOVED,
    errors.TooManySorts: ("search", "exports.start_export"),
    errors.TooManyValues: ("search", "exports.start_export"),
    errors.Unauthenticated: (TOKEN,),
    errors.Unexpected: (ANY,),
    errors.UniqueValueTaken: RECORDED,
    errors.UnknownAssociationType: ("associations.tie", "associations.tie_default", "engagements.create"),
    errors.UnknownIdProperty: ("?idProperty", "batches.read", "batches.update", "batches.upsert", "records.erase"),
    errors.UnknownObjectType: (
        "{objectTypeId}",
        "segments.create",
        "segments.search",
        "memberships.of_records",
        "?fromObjectTypeId",
        "{type}",
        "schemas",
        "engagements.create",
        "imports.start_import",
        "exports.start_export",
        *("watches.subscribe", "snapshots.create"),
    ),
    errors.UnknownRecord: ("batches.read", "batches.update", "batches.upsert"),
    errors.UnreadableToken: TOLD,
    errors.Unsearchable: ("search", "exports.start_export"),
    errors.UnreachableEnd: ("associations.tie", "associations.tie_default", "named.tie"),
    errors.UnsupportedMediaType: (BODY,),
    errors.UnusableId: ("batches.archive", "records.merge", "records.erase"),
}

WRITING = ("batches.create", "batches.update", "batches.upsert")
WITHIN: Mapping[type[Refusal], tuple[str, ...]] = {
    errors.AssociationLimitReached: (*TIED,),
    errors.ContradictedKey: ("batches.update", "batches.upsert"),
    errors.CurrencyWithoutSymbol: ("properties.create_batch",),
    errors.ImpossibleLimit: ("capping.create", "capping.update"),
    errors.InvalidAssociationType: ("ties.create", "named.create", "capping.create", "capping.update"),
    errors.InvalidAssociations: ("batches.create",),
    errors.InvalidBooleanOptions: ("properties.create_batch",),
    errors.InvalidDefinition: ("properties.create_batch",),
    errors.InvalidIdentifier: (*TIED, *TIES_READ),
    errors.InvalidValues: WRITING,
    errors.MissingRequired: WRITING,
    errors.PropertyExists: ("properties.create_batch",),
    errors.LimitNotFound: ("capping.update",),
    errors.JournalEntryNotFound: ("entries.read_many", "local.read_many"),
    errors.MissingEnd: (*TIED,),
    errors.NoAssociations: (*TIES_READ,),
    errors.PropertyNotFound: ("properties.create_batch", "properties.read_batch"),
    errors.RecordExists: WRITING,
    errors.SubscriptionNotFound: ("webhooks.switch_many",),
    errors.UniqueValueTaken: WRITING,
    errors.UnknownRecord: ("batches.read", "batches.update", "batches.upsert"),
    errors.TiedToItself: (*TIED,),
    errors.UnknownAssociationType: ("ties.create_default",),
}
"""The same, for errors that a batch tells of single inputs, in an answer that is a success."""


TO_OPERATORS = (errors.Conflict, errors.InvalidSeed, errors.LinkExpired)
"""What no operation answers, but the control namespace, or a link to a file."""


def failures(operation: Operation) -> list[type[Refusal]]:
    """The kinds of error that an operation can answer, by status and name."""
    return _meeting(operation, MEETS)


def partial_failures(operation: Operation) -> list[type[Refusal]]:
    """The kinds of error that a batch can tell of single inputs."""
    return _meeting(operation, WITHIN)


def _meeting(operation: Operation, table: Mapping[type[Refusal], tuple[str, ...]]) -> list[type[Refusal]]:
    has = set(traits(operation))
    return [kind for kind in refusals() if not has.isdisjoint(table.get(kind, ()))]


def traits(operation: Operation) -> Iterator[str]:
    """What an operation has, in the words of `MEETS`."""
    yield ANY
    yield from (module(operation), f"{module(operation)}.{operation.handler.__name__}")
    yield from (f"{{{name}}}" for name in places(operation))
    yield from (f"?{name}" for name in operation.query)
    if operation.verb is not None:
        yield TOKEN
    if operation.body is not None:
        yield from (BODY, operation.media)
