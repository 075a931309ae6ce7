"""Every operation of the imitated API, on one screen.

A row says: method, path, the versions of HubSpot's API that have it, the verb whose scopes it needs, the handler; then
what is not as usual: statuses, messages, parameters of the query (`trunkline.http.operation`).
"""

from functools import partial
from types import ModuleType

from trunkline.crm.catalog import custom_type
from trunkline.http import (
    account,
    associations,
    batches,
    capping,
    engagements,
    entries,
    exports,
    folders,
    groups,
    imports,
    labels,
    later,
    legacy,
    library,
    lists,
    local,
    memberships,
    named,
    owners,
    pipelines,
    properties,
    records,
    rules,
    schemas,
    search,
    segments,
    snapshots,
    ties,
    usage,
    watches,
    webhooks,
)
from trunkline.http.call import Handler
from trunkline.http.calling import dispositions
from trunkline.http.oauth import info, tokens
from trunkline.http.operation import Operation
from trunkline.http.scopes import (
    EXPORTS,
    IMPORTS,
    JOURNAL,
    LISTS,
    LISTS_CHANGED,
    OWNERS,
    SNAPSHOTS,
    SNAPSHOTS_CHANGED,
    WATCHES,
    WATCHES_CHANGED,
    WEBHOOKS,
    WEBHOOKS_CHANGED,
)
from trunkline.wire import association, batch, definitions, group, input, label, oauth, property, record
from trunkline.wire import capping as capped
from trunkline.wire import engagement as engaged
from trunkline.wire import exports as exported
from trunkline.wire import folder as foldered
from trunkline.wire import imports as imported
from trunkline.wire import journal as pulled
from trunkline.wire import legacy as before
from trunkline.wire import membership as joining
from trunkline.wire import named as by_name
from trunkline.wire import pipeline as flowing
from trunkline.wire import rule as ruling
from trunkline.wire import schema as shaped
from trunkline.wire import search as sought
from trunkline.wire import segment as listed
from trunkline.wire import ties as pairs
from trunkline.wire import usage as using
from trunkline.wire import watches as watched
from trunkline.wire import webhooks as hooked
from trunkline.wire.account import AccountDetails
from trunkline.wire.calling import Disposition
from trunkline.wire.owner import OwnerAnswer, OwnerPage

ALL = ("v3", "2025-09", "2026-03", "2026-09")
"""The versions of HubSpot's API that are served."""

MULTI = ("v3", "2026-03")
"""Where a batch of records that failed in part is a 207; the other versions' specifications know none."""

MOST = (ALL[0], *ALL[2:])
GRANTS = ("v1", *MOST)
"""Where tokens are given."""

PAGED = (*ALL, "v4")
"""Where records are listed: of the objects API's other operations version 4 has none."""

TYING = ("v4", *ALL[1:])
"""Where associations have types with labels; version 3 has names for them."""

OK = {"2026-09": 200}
"""Where a batch create of definitions or associations is no 201."""

APP_HOOKS = dict.fromkeys(("2025-09", "2026-09"), "/app-webhooks")
"""Where webhooks have another name."""

SHOWN = ("properties", "propertiesWithHistory")
READ = (*SHOWN, "associations", "archived")
KEYED = (*READ, "idProperty")
PAGE = ("limit", "after", *READ)
OFFSET = ("limit", "offset")
SINCE = ("count", "offset", "since")
CURSOR = ("limit", "after")
LOCALE = ("locale",)
BETWEEN = ("fromObjectTypeId", "toObjectTypeId")
DEFINED = ("archived", "dataSensitivity", *LOCALE, "properties")

CAPPED = dict.fromkeys((ALL[1], ALL[3]), 200)
"""Where a batch that sets limits on associations is no 201."""

CAPS = "/definitions/configurations"
RULE = "/{type}/{name}/rule-type/{rule}"
JOB = "/{type}/batch/requests/{job}"
TIES = "/{type}/{id}/associations/{to}"
PAIR = "/{type}/{to}"
NAMED_TIES = "/{type}/{id}/associations/{toType}"
NAMED_PAIR = "/{type}/{toType}"
FLOW = "/{type}/{pipeline}"
STAGES = f"{FLOW}/stages"
STAGE = f"{STAGES}/{{stage}}"
ERRORS = (*CURSOR, "includeErrorMessage", "includeRowData")
TASK = "/export/async/tasks/{task}/status"
SCHEMA = "/schemas/{type}"
SCHEMA_TIES = f"{SCHEMA}/associations"
INCLUDED = ("includePropertyDefinitions", "includeAssociationDefinitions", "includeAuditMetadata")
FILTERS = ("includeFilters",)
LIST = "/{listId}"
MEMBERS = f"{LIST}/memberships"
AROUND = (*CURSOR, "before")
FOLDER = "/folders/{folderId}"
CHECKED = ("validateDealStageUsagesBeforeDelete", "validateReferencesBeforeDelete")
TARGET = "/{appId}/settings"
TOLD = "/{appId}/subscriptions"
TOLD_OF = f"{TOLD}/{{subscriptionId}}"
PULLED = "/webhooks-journal"
NEXT = "/offset/{offset}/next"
NEXT_BATCH = "/batch/{offset}/next/{count}"
INSTALLED = ("installPortalId",)
DEFAULT_TIE = "/{type}/{id}/associations/default/{to}/{toId}"

one = partial(Operation, api="objects", versions=ALL, answer=record.SimplePublicObject)
many = partial(one, answer=batch.BatchResponse, multi=MULTI, query=SHOWN)
asked = partial(one, answer=batch.BatchResponse)
searching = partial(one, answer=sought.SearchResponse, search=True)
tied = partial(one, versions=TYING, answer=association.LabelsBetweenObjectPair)
tying = partial(tied, query=CURSOR)
naming = partial(one, versions=ALL[:1])
tying_many = partial(Operation, "POST", api="associations", versions=TYING, multi=TYING[:3])
parting = partial(tying_many, answer=pairs.CutAnswer, otherwise=dict.fromkeys(TYING[1:], 200), multi=())
usual = partial(tying_many, answer=association.DefaultAssociations, multi=())
naming_many = partial(Operation, "POST", api="associations", versions=ALL[:1], multi=ALL[:1])
labelled = partial(Operation, api="associations", versions=TYING)
capping_many = partial(tying_many, answer=capped.LimitsAnswer, multi=("v4", "2026-03"))
defined = partial(Operation, api="properties", versions=ALL, answer=property.Definition)
batched = partial(Operation, "POST", api="properties", versions=ALL, answer=definitions.DefinitionBatch, multi=ALL[:3])
grouped = partial(defined, answer=group.GroupAnswer)
flowed = partial(Operation, api="pipelines", versions=ALL, answer=flowing.PipelineAnswer)
staged = partial(flowed, answer=flowing.StageAnswer)
used = partial(Operation, "GET", api="limits", versions=ALL, verb="any")
owned = partial(Operation, "GET", api="owners", versions=ALL, verb="any", scopes=OWNERS)
schemed = partial(Operation, root="/crm-object-schemas", versions=ALL, products=custom_type().products)
seen = partial(schemed, scopes=custom_type().scopes["schemaRead"])
reshaped = partial(schemed, scopes=custom_type().scopes["schemaWrite"])
importing = partial(
    Operation, api="imports", versions=ALL, verb="any", scopes=IMPORTS, answer=imported.PublicImportResponse
)
exporting = partial(Operation, api="exports", versions=ALL, verb="any", scopes=EXPORTS)
listing = partial(Operation, api="lists", versions=ALL, verb="any", scopes=LISTS)
relisting = partial(Operation, api="lists", versions=ALL, verb="any", scopes=LISTS_CHANGED)
foldering = partial(relisting, answer=foldered.FolderEnvelope)
joined = partial(relisting, "PUT", answer=joining.MembersMoved)
ruled = partial(Operation, api="property-validations", versions=ALL, verb="schemaRead", handler=rules.get)
libraried = partial(Operation, "GET", api="object-library", versions=ALL, verb="any")
calling = partial(Operation, root="/calling", versions=("v1",), fixed={"type": "calls"})
accounting = partial(Operation, root="/account-info", versions=(ALL[0], *ALL[2:]))
hooks = partial(Operation, root="/webhooks", roots=APP_HOOKS, versions=ALL, verb="any", scopes=WEBHOOKS)
hooking = partial(hooks, scopes=WEBHOOKS_CHANGED)
subscribing = partial(hooking, answer=hooked.SubscriptionAnswer)
pulling = partial(Operation, method="GET", verb="any", versions=ALL[2:3], scopes=JOURNAL, query=INSTALLED)
pulling_one = partial(pulling, answer=pulled.EntryAnswer, empty=True)
pulling_many = partial(pulling, answer=pulled.EntriesAnswer)
watching = partial(Operation, root=f"{PULLED}/subscriptions", versions=ALL[2:3], verb="any", scopes=WATCHES)
rewatching = partial(watching, scopes=WATCHES_CHANGED)
old_defined = partial(Operation, "GET", root="/properties", versions=("v2",))
old_flowed = partial(Operation, "GET", root="/crm-pipelines", versions=("v1",))
engaging = partial(
    Operation, root="/engagements", versions=("v1",), fixed={"type": "calls"}, answer=engaged.EngagementAnswer
)
granting = partial(Operation, root="/oauth", verb=None, versions=MOST, media="form")
private = partial(Operation, root="/oauth", verb=None, versions=("v2",), answer=oauth.PrivateTokenInfo)
telling = partial(Operation, root="/oauth", verb=None, versions=("v1",))


def entries_of(root: str, of: ModuleType, status: Handler) -> tuple[Operation, ...]:
    """The operations that read a journal of webhooks: that of one portal, or of all that an app is in."""
    one, many = partial(pulling_one, root=root), partial(pulling_many, root=root)
    return (
        one(path="/earliest", handler=of.earliest),
        one(path="/latest", handler=of.latest),
        one(path=NEXT, handler=of.following),
        many(path="/batch/earliest/{count}", handler=of.earliest_many),
        many(path="/batch/latest/{count}", handler=of.latest_many),
        many(path=NEXT_BATCH, handler=of.following_many),
        many(path="/batch/read", method="POST", handler=of.read_many, body=pulled.OffsetsBody, multi=MULTI),
        pulling(
            path="/status/{statusId}",
            root=root,
            handler=status,
            scopes=SNAPSHOTS,
            answer=pulled.SnapshotStatus,
            query=(),
        ),
    )


OPERATIONS: tuple[Operation, ...] = (
    many("POST", "/{type}/batch/upsert", "write", batches.upsert, 200, batch.UpsertBody),
    many("POST", "/{type}/batch/create", "write", batches.create, 201, batch.CreateBody, otherwise={"2025-09": 200}),
    many("POST", "/{type}/batch/update", "write", batches.update, 200, batch.UpsertBody),
    many("POST", "/{type}/batch/read", "read", batches.read, 200, batch.ReadBody, query=("archived",)),
    many("POST", "/{type}/batch/archive", "write", batches.archive, 204, batch.ArchiveBody, answer=None, query=()),
    searching("POST", "/{type}/search", "read", search.search, 200, sought.SearchBody),
    asked("GET", JOB, "read", later.show, also="write"),
    asked("DELETE", JOB, "write", later.cancel, also="read"),
    one("POST", "/{type}/merge", "write", records.merge, 200, input.MergeBody),
    one("POST", "/{type}/gdpr-delete", "write", records.erase, 204, input.EraseBody, answer=None),
    one("GET", "/{type}", "read", lists.page, answer=record.CollectionResponse, query=PAGE, versions=PAGED),
    one("POST", "/{type}", "write", records.create, 201, input.CreateBody),
    one("GET", "/{type}/{id}", "read", records.get, 200, query=KEYED),
    one("PATCH", "/{type}/{id}", "write", records.update, 200, input.UpdateBody, query=("idProperty",)),
    one("DELETE", "/{type}/{id}", "write", records.archive, 204, answer=None),
    tying("GET", TIES, "read", associations.page, 200, answer=association.AssociatedObjects),
    tied("PUT", f"{TIES}/{{toId}}", "write", associations.tie, 201, list[batch.AssociationSpec]),
    tied("PUT", DEFAULT_TIE, "write", associations.tie_default, 200, answer=association.DefaultAssociations),
    tied("DELETE", f"{TIES}/{{toId}}", "write", associations.cut, 204, answer=None),
    naming("GET", NAMED_TIES, "read", named.page, 200, answer=record.CollectionResponseAssociatedId, query=CURSOR),
    naming("PUT", f"{NAMED_TIES}/{{toId}}/{{kind}}", "write", named.tie, 200),
    naming("DELETE", f"{NAMED_TIES}/{{toId}}/{{kind}}", "write", named.cut, 204, answer=None),
    tying_many(f"{PAIR}/batch/create", "write", ties.create, 201, pairs.TieBody, pairs.TiesAnswer, otherwise=OK),
    usual(f"{PAIR}/batch/associate/default", "write", ties.create_default, 200, pairs.DefaultTieBody),
    tying_many(f"{PAIR}/batch/read", "read", ties.read, 200, pairs.TiesBody, pairs.TiesOfAnswer),
    parting(f"{PAIR}/batch/archive", "write", ties.archive, 204, pairs.CutBody),
    parting(f"{PAIR}/batch/labels/archive", "write", ties.archive_labels, 204, pairs.TieBody),
    naming_many(f"{NAMED_PAIR}/batch/create", "write", named.create, 201, by_name.NamedBody, by_name.NamedAnswer),
    naming_many(f"{NAMED_PAIR}/batch/read", "read", named.read, 200, by_name.NamedReadBody, by_name.NamedReadAnswer),
    naming_many(f"{NAMED_PAIR}/batch/archive", "write", named.archive, 204, by_name.NamedBody),
    labelled("GET", f"{NAMED_PAIR}/types", "read", named.list_types, 200, answer=by_name.NamedTypes, versions=ALL[:1]),
    labelled("GET", f"{PAIR}/labels", "read", labels.list_all, 200, answer=label.LabelList),
    labelled("POST", f"{PAIR}/labels", "write", labels.create, 200, label.NewLabelBody, label.LabelList),
    labelled("PUT", f"{PAIR}/labels", "write", labels.update, 204, label.LabelBody),
    labelled("DELETE", f"{PAIR}/labels/{{typeId}}", "write", labels.archive, 204),
    labelled("GET", f"{CAPS}/all", "any", capping.list_all, 200, answer=capped.LimitList),
    labelled("GET", f"{CAPS}{PAIR}", "read", capping.list_some, 200, answer=capped.LimitList),
    capping_many(f"{CAPS}{PAIR}/batch/create", "write", capping.create, 201, capped.LimitBody, otherwise=CAPPED),
    capping_many(f"{CAPS}{PAIR}/batch/update", "write", capping.update, 200, capped.LimitBody),
    parting(f"{CAPS}{PAIR}/batch/purge", "write", capping.purge, 204, capped.SpecBody),
    defined("GET", "/{type}", "schemaRead", properties.list_all, 200, answer=property.DefinitionList, query=DEFINED),
    defined("POST", "/{type}", "schemaWrite", properties.create, 201, property.NewDefinitionBody),
    batched("/{type}/batch/create", "schemaWrite", properties.create_batch, 201, definitions.CreateBody, otherwise=OK),
    batched("/{type}/batch/read", "schemaRead", properties.read_batch, 200, definitions.ReadBody, query=LOCALE),
    batched("/{type}/batch/archive", "schemaWrite", properties.archive_batch, 204, definitions.NamesBody, answer=None),
    grouped("GET", "/{type}/groups", "schemaRead", groups.list_all, 200, answer=group.GroupList, query=LOCALE),
    grouped("POST", "/{type}/groups", "schemaWrite", groups.create, 201, group.NewGroupBody),
    grouped("GET", "/{type}/groups/{group}", "schemaRead", groups.get, 200, query=LOCALE),
    grouped("PATCH", "/{type}/groups/{group}", "schemaWrite", groups.update, 200, group.GroupBody),
    grouped("DELETE", "/{type}/groups/{group}", "schemaWrite", groups.archive, 204, answer=None),
    defined("GET", "/{type}/{name}", "schemaRead", properties.get, 200, query=DEFINED),
    defined("PATCH", "/{type}/{name}", "schemaWrite", properties.update, 200, property.DefinitionBody),
    defined("DELETE", "/{type}/{name}", "schemaWrite", properties.archive, 204, answer=None),
    flowed("GET", "/{type}", "schemaRead", pipelines.list_all, 200, answer=flowing.PipelineList),
    flowed("POST", "/{type}", "schemaWrite", pipelines.create, 201, flowing.NewPipelineBody),
    flowed("GET", FLOW, "schemaRead", pipelines.get, 200),
    flowed("PUT", FLOW, "schemaWrite", pipelines.replace, 200, flowing.PipelineReplacement, query=CHECKED),
    flowed("PATCH", FLOW, "schemaWrite", pipelines.update, 200, flowing.PipelinePatch, query=CHECKED),
    flowed("DELETE", FLOW, "schemaWrite", pipelines.delete, 204, answer=None, query=CHECKED),
    flowed("GET", f"{FLOW}/audit", "schemaRead", pipelines.audit, 200, answer=flowing.AuditList),
    flowed("GET", f"{STAGE}/audit", "schemaRead", pipelines.audit_stage, 200, answer=flowing.AuditList),
    staged("GET", STAGES, "schemaRead", pipelines.list_stages, 200, answer=flowing.StageList),
    staged("POST", STAGES, "schemaWrite", pipelines.create_stage, 201, flowing.StageBody),
    staged("GET", STAGE, "schemaRead", pipelines.get_stage, 200),
    staged("PUT", STAGE, "schemaWrite", pipelines.replace_stage, 200, flowing.StageReplacement),
    staged("PATCH", STAGE, "schemaWrite", pipelines.update_stage, 200, flowing.StagePatch),
    staged("DELETE", STAGE, "schemaWrite", pipelines.delete_stage, 204, answer=None, query=CHECKED),
    owned("", handler=owners.page, answer=OwnerPage, query=("after", "archived", "email", "limit")),
    owned("/{owner}", handler=owners.get, answer=OwnerAnswer, query=("archived", "idProperty")),
    listing("GET", "", handler=segments.get_many, answer=listed.ListsAnswer, query=("listIds", *FILTERS)),
    relisting("POST", "", handler=segments.create, body=listed.NewListBody, answer=listed.ListEnvelope),
    listing("GET", "/folders", handler=folders.get, answer=foldered.FolderEnvelope, query=("folderId",)),
    foldering("POST", "/folders", handler=folders.create, body=foldered.NewFolderBody),
    relisting("PUT", "/folders/move-list", handler=folders.move_list, status=204, body=foldered.MoveBody),
    relisting("DELETE", FOLDER, handler=folders.delete, status=204),
    foldering("PUT", f"{FOLDER}/move/{{newParentFolderId}}", handler=folders.move),
    foldering("PUT", f"{FOLDER}/rename", handler=folders.rename, query=("newFolderName",)),
    listing("GET", "/idmapping", handler=segments.translate, answer=listed.Mapped, query=("legacyListId",)),
    listing("POST", "/idmapping", handler=segments.translate_many, body=list[str], answer=listed.ManyMapped),
    listing(
        "GET",
        "/object-type-id/{objectTypeId}/name/{listName}",
        handler=segments.get_by_name,
        answer=listed.ListEnvelope,
        query=FILTERS,
    ),
    listing(
        "POST",
        "/records/memberships/batch/read",
        handler=memberships.of_records,
        body=joining.RecordsBody,
        answer=joining.MembershipsOfMany,
    ),
    listing(
        "GET",
        "/records/{objectTypeId}/{recordId}/memberships",
        handler=memberships.of_record,
        answer=joining.Memberships,
    ),
    listing("POST", "/search", handler=segments.search, body=listed.ListSearchBody, answer=listed.ListsFound),
    listing("GET", LIST, handler=segments.get, answer=listed.ListEnvelope, query=FILTERS),
    relisting("DELETE", LIST, handler=segments.delete, status=204),
    relisting("PUT", f"{LIST}/restore", handler=segments.restore, status=204),
    relisting(
        "PUT",
        f"{LIST}/update-list-name",
        handler=segments.rename,
        answer=listed.ListUpdated,
        query=("listName", *FILTERS),
    ),
    relisting(
        "PUT",
        f"{LIST}/update-list-filters",
        handler=segments.refilter,
        body=listed.FiltersBody,
        answer=listed.ListUpdated,
        query=("enrollObjectsInWorkflows",),
    ),
    listing("GET", MEMBERS, handler=memberships.page, answer=joining.MembersPage, query=AROUND),
    listing("GET", f"{MEMBERS}/join-order", handler=memberships.page_joined, answer=joining.MembersPage, query=AROUND),
    relisting("DELETE", MEMBERS, handler=memberships.remove_all, status=204),
    joined(f"{MEMBERS}/add", handler=memberships.add, body=list[str]),
    joined(f"{MEMBERS}/remove", handler=memberships.remove, body=list[str]),
    joined(f"{MEMBERS}/add-and-remove", handler=memberships.add_and_remove, body=joining.MembersBody),
    relisting("PUT", f"{MEMBERS}/add-from/{{sourceListId}}", handler=memberships.add_from, status=204),
    seen("GET", "/schemas", "any", schemas.list_all, 200, answer=shaped.SchemaList, query=("archived", *INCLUDED)),
    reshaped("POST", "/schemas", "any", schemas.create, 201, shaped.NewSchemaBody, shaped.ObjectSchema),
    seen("POST", "/schemas/batch/read", "any", schemas.read_batch, 200, shaped.SchemasBody, shaped.SchemaList),
    seen("GET", SCHEMA, "any", schemas.get, 200, answer=shaped.ObjectSchema, query=INCLUDED),
    reshaped("PATCH", SCHEMA, "any", schemas.update, 200, shaped.SchemaBody, shaped.ObjectTypeDefinition),
    reshaped("DELETE", SCHEMA, "any", schemas.delete, 204, query=("archived",)),
    reshaped(
        "POST", SCHEMA_TIES, "any", schemas.create_association, 201, shaped.LinkBody, shaped.AssociationDefinition
    ),
    reshaped("DELETE", f"{SCHEMA_TIES}/{{association}}", "any", schemas.delete_association, 204),
    importing("GET", "", handler=imports.page, answer=imported.ImportPage, query=CURSOR),
    importing("POST", "", handler=imports.start_import, body=imported.ImportForm, media="multipart"),
    importing("GET", "/{import}", handler=imports.get),
    importing("POST", "/{import}/cancel", handler=imports.cancel, answer=imported.ActionResponse),
    importing("GET", "/{import}/errors", handler=imports.list_errors, answer=imported.ImportErrorPage, query=ERRORS),
    exporting(
        "POST",
        "/export/async",
        handler=exports.start_export,
        status=202,
        body=exported.ExportBody,
        answer=exported.TaskLocator,
    ),
    exporting("GET", TASK, handler=exports.show_status, answer=exported.ExportStatus),
    exporting("GET", "/export/{export}", handler=exports.get, answer=exported.PublicExportResponse),
    ruled("GET", "/{type}", handler=rules.list_all, answer=ruling.RulesByProperty),
    ruled("GET", "/{type}/{name}", handler=rules.list_of, answer=ruling.RuleList),
    ruled("GET", RULE, answer=ruling.RuleAnswer),
    ruled("PUT", RULE, verb="schemaWrite", handler=rules.put, status=204, body=ruling.RuleBody),
    libraried("/enablement", handler=library.list_all, answer=ruling.EnablementByType),
    libraried("/enablement/{type}", handler=library.get, answer=ruling.Enablement),
    calling("GET", "/dispositions", "read", dispositions, 200, answer=list[Disposition]),
    used("/records", handler=usage.records, answer=using.Divided),
    used("/custom-properties", handler=usage.properties, answer=using.OverallShare),
    used("/calculated-properties", handler=usage.calculated, answer=using.OverallUsage),
    used("/pipelines", handler=usage.pipelines, answer=using.Divided),
    used("/custom-object-types", handler=usage.schemas, answer=using.Simple),
    used("/associations/labels", handler=usage.labels, answer=using.LabelShares, query=BETWEEN),
    used("/associations/records/from", handler=usage.near_from, answer=using.NearTypes),
    used("/associations/records/{type}/to", verb="read", handler=usage.near_to, answer=using.NearTypes),
    used("/associations/records/{type}/{to}", verb="read", handler=usage.near, answer=using.NearRecords),
    accounting("GET", "/details", "any", account.details, 200, answer=AccountDetails),
    old_defined("/{type}/properties", "schemaRead", legacy.list_all, 200, answer=list[before.LegacyProperty]),
    old_defined("/{type}/properties/named/{name}", "schemaRead", legacy.get, 200, answer=before.LegacyProperty),
    old_flowed("/pipelines/{type}", "schemaRead", legacy.list_pipelines, answer=before.LegacyPipelines),
    engaging("POST", "/engagements", "write", engagements.create, 200, engaged.NewBody),
    engaging("GET", "/engagements/paged", "read", engagements.page, 200, answer=engaged.EngagementPage, query=OFFSET),
    engaging("GET", "/engagements/recent/modified", "read", engagements.recent, answer=engaged.RecentPage, query=SINCE),
    engaging("GET", "/engagements/{id}", "read", engagements.get, 200),
    engaging("PATCH", "/engagements/{id}", "write", engagements.update, 200, engaged.PatchBody),
    engaging("DELETE", "/engagements/{id}", "write", engagements.archive, 204, answer=None),
    granting("POST", "/token", handler=tokens.create, body=oauth.TokenForm, answer=oauth.TokenAnswer, versions=GRANTS),
    granting(
        "POST", "/token/introspect", handler=info.introspect, body=oauth.TokenQuestion, answer=oauth.Introspection
    ),
    granting("POST", "/token/revoke", handler=info.revoke, body=oauth.TokenQuestion),
    telling("GET", "/access-tokens/{token}", handler=info.access_token, answer=oauth.AccessTokenInfo),
    telling("GET", "/refresh-tokens/{token}", handler=info.refresh_token, answer=oauth.RefreshTokenInfo),
    telling("DELETE", "/refresh-tokens/{token}", handler=info.delete_refresh_token, status=204),
    private("POST", "/private-apps/get/access-token-info", handler=info.private_token, body=oauth.PrivateTokenBody),
    hooks("GET", TARGET, handler=webhooks.show_target, answer=hooked.SettingsAnswer),
    hooking("PUT", TARGET, handler=webhooks.set_target, body=hooked.TargetBody, answer=hooked.SettingsAnswer),
    hooking("DELETE", TARGET, handler=webhooks.drop_target, status=204),
    hooks("GET", TOLD, handler=webhooks.list_all, answer=hooked.SubscriptionList),
    subscribing("POST", TOLD, handler=webhooks.subscribe, status=201, body=hooked.SubscriptionBody),
    hooking(
        "POST",
        f"{TOLD}/batch/update",
        handler=webhooks.switch_many,
        body=hooked.SwitchesBody,
        answer=hooked.SwitchesAnswer,
        multi=MULTI,
    ),
    hooks("GET", TOLD_OF, handler=webhooks.get, answer=hooked.SubscriptionAnswer),
    subscribing("PATCH", TOLD_OF, handler=webhooks.switch, body=hooked.SwitchBody),
    hooking("DELETE", TOLD_OF, handler=webhooks.unsubscribe, status=204),
    watching("GET", "", handler=watches.list_all, answer=watched.WatchesAnswer),
    rewatching("POST", "", handler=watches.subscribe, body=watched.WatchBody, answer=watched.WatchAnswer),
    rewatching("POST", "/filters", handler=watches.create_filter, body=watched.FilterBody, answer=watched.FilterMade),
    watching(
        "GET",
        "/filters/subscription/{subscriptionId}",
        handler=watches.list_filters,
        answer=list[watched.FilterAnswer],
    ),
    watching("GET", "/filters/{filterId}", handler=watches.get_filter, answer=watched.FilterAnswer),
    rewatching("DELETE", "/filters/{filterId}", handler=watches.delete_filter, status=204),
    rewatching("DELETE", "/portals/{portalId}", handler=watches.unsubscribe_portal, status=204),
    watching("GET", "/{subscriptionId}", handler=watches.get, answer=watched.WatchAnswer),
    rewatching("DELETE", "/{subscriptionId}", handler=watches.unsubscribe, status=204),
    *entries_of(f"{PULLED}/journal", entries, snapshots.show_status),
    *entries_of(f"{PULLED}/journal-local", local, local.show_status),
    Operation(
        "POST",
        "/crm",
        "any",
        snapshots.create,
        root=f"{PULLED}/snapshots",
        versions=ALL[2:3],
        scopes=SNAPSHOTS_CHANGED,
        body=pulled.SnapshotsBody,
        answer=pulled.SnapshotsAnswer,
    ),
)
