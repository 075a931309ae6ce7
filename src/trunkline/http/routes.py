"""Every operation of the imitated API, on one screen.

A row says: method, path, the versions of HubSpot's API that have it, the verb whose scopes it needs, the handler; then
what is not as usual: statuses, messages, parameters of the query (`trunkline.http.operation`).
"""

from functools import partial

from trunkline.http import associations, batches, groups, later, lists, properties, records, search
from trunkline.http.calling import dispositions
from trunkline.http.oauth import info, tokens
from trunkline.http.operation import Operation
from trunkline.wire import association, batch, definitions, group, input, oauth, property, record
from trunkline.wire import search as sought
from trunkline.wire.calling import Disposition

ALL = ("v3", "2025-09", "2026-03", "2026-09")
"""The versions of HubSpot's API that are served."""

MULTI = ("v3", "2026-03")
"""Where a batch of records that failed in part is a 207; the other versions' specifications know none."""

MOST = (ALL[0], *ALL[2:])
GRANTS = ("v1", *MOST)
"""Where tokens are given."""

OK = {"2026-09": 200}
"""Where a batch create of definitions is no 201."""

SHOWN = ("properties", "propertiesWithHistory")
READ = (*SHOWN, "associations", "archived")
KEYED = (*READ, "idProperty")
PAGE = ("limit", "after", *READ)
LOCALE = ("locale",)
DEFINED = ("archived", "dataSensitivity", *LOCALE, "properties")

JOB = "/{type}/batch/requests/{job}"
TIES = "/{type}/{id}/associations/{to}"
DEFAULT_TIE = "/{type}/{id}/associations/default/{to}/{toId}"

one = partial(Operation, api="objects", versions=ALL, answer=record.SimplePublicObject)
many = partial(one, answer=batch.BatchResponse, multi=MULTI, query=SHOWN)
erasing = partial(one, versions=("2025-09",), answer=None)
forgetting = partial(erasing, versions=MOST, fixed={"type": "contacts"})
asked = partial(one, answer=batch.BatchResponse)
searching = partial(one, answer=sought.SearchResponse, search=True)
tied = partial(one, versions=("v4", *ALL[1:]), answer=association.LabelsBetweenObjectPair)
tying = partial(tied, versions=("v4", "2025-09"), query=("limit", "after"))
defined = partial(Operation, api="properties", versions=ALL, answer=property.Definition)
batched = partial(Operation, "POST", api="properties", versions=ALL, answer=definitions.DefinitionBatch, multi=ALL[:3])
grouped = partial(defined, answer=group.GroupAnswer)
calling = partial(Operation, root="/calling", versions=("v1",), fixed={"type": "calls"})
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
    calling("GET", "/dispositions", "read", dispositions, 200, answer=list[Disposition]),
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
