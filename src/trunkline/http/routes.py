"""Every operation of the imitated API, on one screen.

A row says: method, path, the versions of HubSpot's API that have it, the verb whose scopes it needs, the handler; then
what is not as usual: statuses, messages, parameters of the query (`trunkline.http.operation`).
"""

from functools import partial

from trunkline.http import (
    account,
    associations,
    batches,
    engagements,
    groups,
    labels,
    later,
    legacy,
    lists,
    named,
    owners,
    pipelines,
    properties,
    records,
    search,
    ties,
)
from trunkline.http.calling import dispositions
from trunkline.http.oauth import info, tokens
from trunkline.http.operation import Operation
from trunkline.http.scopes import OWNERS
from trunkline.wire import association, batch, definitions, group, input, label, oauth, property, record
from trunkline.wire import engagement as engaged
from trunkline.wire import legacy as before
from trunkline.wire import named as by_name
from trunkline.wire import pipeline as flowing
from trunkline.wire import search as sought
from trunkline.wire import ties as pairs
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

TYING = ("v4", *ALL[1:])
"""Where associations have types with labels; version 3 has names for them."""

OK = {"2026-09": 200}
"""Where a batch create of definitions or associations is no 201."""

SHOWN = ("properties", "propertiesWithHistory")
READ = (*SHOWN, "associations", "archived")
KEYED = (*READ, "idProperty")
PAGE = ("limit", "after", *READ)
OFFSET = ("limit", "offset")
SINCE = ("count", "offset", "since")
CURSOR = ("limit", "after")
LOCALE = ("locale",)
DEFINED = ("archived", "dataSensitivity", *LOCALE, "properties")

JOB = "/{type}/batch/requests/{job}"
TIES = "/{type}/{id}/associations/{to}"
PAIR = "/{type}/{to}"
NAMED_TIES = "/{type}/{id}/associations/{toType}"
NAMED_PAIR = "/{type}/{toType}"
FLOW = "/{type}/{pipeline}"
STAGES = f"{FLOW}/stages"
STAGE = f"{STAGES}/{{stage}}"
CHECKED = ("validateDealStageUsagesBeforeDelete", "validateReferencesBeforeDelete")
DEFAULT_TIE = "/{type}/{id}/associations/default/{to}/{toId}"

one = partial(Operation, api="objects", versions=ALL, answer=record.SimplePublicObject)
many = partial(one, answer=batch.BatchResponse, multi=MULTI, query=SHOWN)
erasing = partial(one, versions=("2025-09",), answer=None)
forgetting = partial(erasing, versions=MOST, fixed={"type": "contacts"})
asked = partial(one, answer=batch.BatchResponse)
searching = partial(one, answer=sought.SearchResponse, search=True)
tied = partial(one, versions=TYING, answer=association.LabelsBetweenObjectPair)
tying = partial(tied, versions=TYING[:3], query=CURSOR)
naming = partial(one, versions=ALL[:1])
tying_many = partial(Operation, "POST", api="associations", versions=TYING, multi=TYING[:3])
parting = partial(tying_many, answer=pairs.CutAnswer, otherwise=dict.fromkeys(TYING[1:], 200), multi=())
usual = partial(tying_many, answer=association.DefaultAssociations, multi=())
naming_many = partial(Operation, "POST", api="associations", versions=ALL[:1], multi=ALL[:1])
labelled = partial(Operation, api="associations", versions=TYING)
defined = partial(Operation, api="properties", versions=ALL, answer=property.Definition)
batched = partial(Operation, "POST", api="properties", versions=ALL, answer=definitions.DefinitionBatch, multi=ALL[:3])
grouped = partial(defined, answer=group.GroupAnswer)
flowed = partial(Operation, api="pipelines", versions=ALL, answer=flowing.PipelineAnswer)
staged = partial(flowed, answer=flowing.StageAnswer)
owned = partial(Operation, "GET", api="owners", versions=ALL, verb="any", scopes=OWNERS)
calling = partial(Operation, root="/calling", versions=("v1",), fixed={"type": "calls"})
accounting = partial(Operation, root="/account-info", versions=(ALL[0], *ALL[2:]))
old_defined = partial(Operation, "GET", root="/properties", versions=("v2",))
engaging = partial(
    Operation, root="/engagements", versions=("v1",), fixed={"type": "calls"}, answer=engaged.EngagementAnswer
)
granting = partial(Operation, root="/oauth", verb=None, versions=MOST, media="form")
private = partial(Operation, root="/oauth", verb=None, versions=("v2",), answer=oauth.PrivateTokenInfo)
telling = partial(Operation, root="/oauth", verb=None, versions=("v1",))

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
    erasing("POST", "/{type}/gdpr-delete", "write", records.erase, 204, input.EraseBody),
    forgetting("POST", "/contacts/gdpr-delete", "write", records.erase, 204, input.EraseBody),
    one("GET", "/{type}", "read", lists.page, 200, answer=record.CollectionResponse, query=PAGE),
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
    staged("GET", STAGES, "schemaRead", pipelines.list_stages, 200, answer=flowing.StageList),
    staged("POST", STAGES, "schemaWrite", pipelines.create_stage, 201, flowing.StageBody),
    staged("GET", STAGE, "schemaRead", pipelines.get_stage, 200),
    staged("PUT", STAGE, "schemaWrite", pipelines.replace_stage, 200, flowing.StageReplacement),
    staged("PATCH", STAGE, "schemaWrite", pipelines.update_stage, 200, flowing.StagePatch),
    staged("DELETE", STAGE, "schemaWrite", pipelines.delete_stage, 204, answer=None, query=CHECKED),
    owned("", handler=owners.page, answer=OwnerPage, query=("after", "archived", "email", "limit")),
    owned("/{owner}", handler=owners.get, answer=OwnerAnswer, query=("archived", "idProperty")),
    calling("GET", "/dispositions", "read", dispositions, 200, answer=list[Disposition]),
    accounting("GET", "/details", "any", account.details, 200, answer=AccountDetails),
    old_defined("/{type}/properties", "schemaRead", legacy.list_all, 200, answer=list[before.LegacyProperty]),
    old_defined("/{type}/properties/named/{name}", "schemaRead", legacy.get, 200, answer=before.LegacyProperty),
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
)
