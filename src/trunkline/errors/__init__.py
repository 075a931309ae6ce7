"""Every way a request can be refused, as one tree.

    Refusal                      answered to the client, in HubSpot's body
    ├─ MalformedBody         400 the body is not the JSON the operation takes
    ├─ UnknownObjectType     400 the path names no object type
    ├─ Unsearchable          400 a search for what cannot be compared so
    ├─ ValidationFailure     400 category VALIDATION_ERROR
    │   ├─ TooManyInputs         more than 100 inputs
    │   ├─ TooManyHistories      more than 50 inputs with their histories
    │   ├─ BlankId               an input whose id is empty or cannot be stored
    │   ├─ DuplicateIds          two inputs that reach the same record
    │   ├─ NonUniqueProperty     an idProperty that is not unique
    │   ├─ UnknownIdProperty     an idProperty that does not exist
    │   ├─ MissingRequired       a required property is not set
    │   ├─ InvalidValues         unknown or read-only properties, values of the wrong type
    │   ├─ ContradictedKey       the id says one thing, the same property another
    │   ├─ UniqueValueTaken      another record holds the value
    │   ├─ InvalidAssociations   a new record is tied to what is not there
    │   ├─ UnreachableEnd        a record is tied to one that is not there
    │   ├─ MissingEnd            the same in a batch
    │   ├─ UnknownAssociationType  a tie of a type that does not lead there
    │   ├─ InvalidAssociationType  the same in a batch, or by a name
    │   ├─ InvalidIdentifier     an id in a batch of ties that is none
    │   ├─ TiedToItself          a record is tied to itself
    │   ├─ InvalidLabel          an association label that breaks a rule
    │   ├─ TooManyLabels         more association labels than there may be
    │   ├─ AssociationLimitReached  an association beyond a limit of the portal's
    │   ├─ ImpossibleLimit       a limit on associations out of its range
    │   ├─ NothingToUpdate       an update without properties
    │   ├─ ImpossibleMerge       a record merged with itself
    │   ├─ UnusableId            an id in a body that is no record id
    │   ├─ LimitOutOfRange       a page size that is not given
    │   ├─ MalformedCursor       an after that no page gave
    │   ├─ TooManyFilterGroups   a search with more than 5 groups of filters
    │   ├─ TooManyFilters        more than 6 in a group, or 18 in all
    │   ├─ TooManyValues         a list in a filter that is too long
    │   ├─ TooManySorts          a search sorted by more than one property
    │   ├─ PageOutOfRange        a page of results before the first, or beyond 10,000
    │   ├─ QueryTooLong          a search for too long a text
    │   ├─ InvalidParameter      a query parameter or a path part is wrong
    │   ├─ InvalidDefinition     a property definition that breaks a rule
    │   │   ├─ InvalidBooleanOptions  a bool without just true and false
    │   │   └─ CurrencyWithoutSymbol  a currency without its symbol
    │   ├─ PropertyInUse         a property that others are calculated from
    │   ├─ InvalidGroup          a property group that breaks a rule
    │   ├─ GroupInUse            a group that holds live properties
    │   ├─ InvalidPipeline       a pipeline that breaks a rule
    │   ├─ StageLabelTaken       a label that another stage has
    │   ├─ InvalidStageMetadata  a stage that is neither open nor closed
    │   ├─ NoClosedStage         a pipeline without a closed stage
    │   ├─ StageInUse            a stage in which records stand
    │   ├─ InvalidList           a list that breaks a rule
    │   ├─ InvalidListFilter     a filter of a list that is none
    │   ├─ InvalidListFolder     a folder of lists that breaks a rule
    │   ├─ DuplicateListName     a name that another list has
    │   ├─ InvalidWebhook        webhook settings or a subscription that break a rule
    │   ├─ TooManyMembers        more records for a list than one request may carry
    │   ├─ InvalidRule           a rule for values that its property cannot have
    │   ├─ InvalidSchema         a schema of a custom object that breaks a rule
    │   ├─ TooManySchemas        more custom objects than a portal may have
    │   ├─ SchemaInUse           a custom object that has records
    │   ├─ InvalidImport         an import that could never be carried out
    │   └─ InvalidExport         an export that could never be carried out
    ├─ SchemaExists          409 the name of a custom object is in use
    ├─ SchemaLinkNotFound    404 no such association of a custom object
    ├─ ListNotFound          404 no such list
    ├─ ListFolderNotFound    404 no such folder of lists
    ├─ SubscriptionNotFound  404 no such webhook subscription
    ├─ JournalEntryNotFound  404 no such entry of the journal of webhooks
    ├─ InvalidStage          400 a stage that breaks a rule
    ├─ StageIdTaken          409 a stage of another pipeline has the id
    ├─ PipelineNotFound      404 no such pipeline or stage
    ├─ OwnerNotFound         404 no such owner
    ├─ RuleNotFound          404 no such rule for the values of a property
    ├─ OAuthRefusal          400 what the authorization server refuses
    │   ├─ BadClientId           no client id, or one of no app
    │   ├─ BadClientSecret       no client secret, or a wrong one
    │   ├─ BadGrantType          no grant type, or one that is not served
    │   ├─ BadAuthCode           no code, or one that is not good any more
    │   ├─ ExpiredAuthCode       a code that was not used in time
    │   ├─ MismatchedRedirect    not the redirect URI of the code
    │   ├─ BadCodeVerifier       not the verifier of the code
    │   ├─ BadRefreshToken       no refresh token, or one that is not good
    │   ├─ BadHub                the portal is gone
    │   ├─ BadScopes             scopes that the app does not have
    │   └─ MalformedForm         a parameter that is missing or sent twice
    ├─ UnreadableToken       400 a question about a token that is none
    ├─ Unauthenticated       401 no token, or one that is not known
    ├─ MissingScopes         403 the token lacks the scope
    │   └─ ProductMissing        the portal lacks a product
    ├─ SensitiveScopeMissing 403 the token may not make sensitive properties
    ├─ ApiKeyGone            401 an API key, which is no longer taken
    ├─ ExpiredToken          401 a token that was good once
    ├─ ExportForbidden       403 an export that the account does not have
    ├─ LinkExpired           403 a link to a file that is not good any more
    ├─ RecordNotFound        404 no such record
    ├─ MalformedRecordId     404 an id that is no positive number
    ├─ UnknownRecord         400 ids in a batch that reach no record
    ├─ RecordExists          409 a new record that is there already
    ├─ PropertyNotFound      404 no such property definition
    ├─ PropertyExists        409 the name of a property is in use
    ├─ NoAssociations        400 a record that is tied to nothing
    ├─ LabelNotFound         404 no such association label
    ├─ LabelExists           409 an association label is in use
    ├─ LimitNotFound         404 no such limit on associations
    ├─ GroupNotFound         404 no such property group
    ├─ GroupExists           409 the name of a group is in use
    ├─ Conflict              409 the operator contradicts what is there
    ├─ InvalidSeed           400 a seed that cannot be put into a portal
    ├─ TooManyFailures       429 too many failed to prove who they are
    ├─ TooManyJobs           429 too many batches wait to be carried out
    ├─ RateLimited           429 more requests than a limit allows
    ├─ BodyTimeout           408 the body did not arrive in time
    ├─ BodyTooLarge          413 the body is over the limit
    ├─ UnsupportedMediaType  415 the body is labelled as something else than JSON
    └─ Unexpected            500 ours, logged with its cause
        ├─ StoreFull         500 no room left on the disk
        ├─ StoreUnreachable  503 the database server is not there
        ├─ SearchTooSlow     503 a search that took too long
        ├─ IndexNotReady     503 a search by what is still being indexed
        └─ StoreClosing      503 the server is stopping

Each class says its status and category; an instance adds the message, the context and the details that the client
reads. `trunkline.wire.error` renders all of them and nothing else does.
"""

from trunkline.errors.access import ApiKeyGone, ExpiredToken, ProductMissing
from trunkline.errors.association import (
    AssociationLimitReached,
    ImpossibleLimit,
    InvalidAssociationType,
    InvalidIdentifier,
    InvalidLabel,
    LabelExists,
    LabelNotFound,
    LimitNotFound,
    MissingEnd,
    NoAssociations,
    TiedToItself,
    TooManyLabels,
    UnknownAssociationType,
    UnreachableEnd,
)
from trunkline.errors.brake import TooManyFailures
from trunkline.errors.definition import (
    CurrencyWithoutSymbol,
    GroupExists,
    GroupInUse,
    GroupNotFound,
    InvalidBooleanOptions,
    InvalidGroup,
    PropertyInUse,
    SensitiveScopeMissing,
)
from trunkline.errors.index import (
    IndexNotReady,
    SearchTooSlow,
)
from trunkline.errors.later import TooManyJobs
from trunkline.errors.limit import RateLimited
from trunkline.errors.lists import (
    DuplicateListName,
    InvalidList,
    InvalidListFilter,
    InvalidListFolder,
    ListFolderNotFound,
    ListNotFound,
    TooManyMembers,
)
from trunkline.errors.oauth import (
    BadAuthCode,
    BadClientId,
    BadClientSecret,
    BadCodeVerifier,
    BadGrantType,
    BadHub,
    BadRefreshToken,
    BadScopes,
    ExpiredAuthCode,
    MalformedForm,
    MismatchedRedirect,
    OAuthRefusal,
    UnreadableToken,
)
from trunkline.errors.pipeline import (
    InvalidPipeline,
    InvalidStage,
    InvalidStageMetadata,
    NoClosedStage,
    OwnerNotFound,
    PipelineNotFound,
    StageIdTaken,
    StageInUse,
    StageLabelTaken,
)
from trunkline.errors.refusal import (
    Detail,
    Refusal,
)
from trunkline.errors.request import (
    BodyTimeout,
    BodyTooLarge,
    Conflict,
    InvalidSeed,
    MalformedBody,
    MalformedRecordId,
    MissingScopes,
    PropertyExists,
    PropertyNotFound,
    RecordExists,
    RecordNotFound,
    StoreClosing,
    StoreFull,
    StoreUnreachable,
    Unauthenticated,
    Unexpected,
    UnknownObjectType,
    UnknownRecord,
    UnsupportedMediaType,
)
from trunkline.errors.rule import InvalidRule, RuleNotFound
from trunkline.errors.schema import (
    InvalidSchema,
    SchemaExists,
    SchemaInUse,
    SchemaLinkNotFound,
    TooManySchemas,
)
from trunkline.errors.search import (
    PageOutOfRange,
    QueryTooLong,
    TooManyFilterGroups,
    TooManyFilters,
    TooManySorts,
    TooManyValues,
    Unsearchable,
)
from trunkline.errors.transfer import ExportForbidden, InvalidExport, InvalidImport, LinkExpired
from trunkline.errors.validation import (
    BlankId,
    ContradictedKey,
    DuplicateIds,
    ImpossibleMerge,
    InvalidAssociations,
    InvalidDefinition,
    InvalidParameter,
    InvalidValue,
    InvalidValues,
    LimitOutOfRange,
    MalformedCursor,
    MissingRequired,
    NonUniqueProperty,
    NothingToUpdate,
    TooManyHistories,
    TooManyInputs,
    UniqueValueTaken,
    UnknownIdProperty,
    UnusableId,
    ValidationFailure,
)
from trunkline.errors.webhook import InvalidWebhook, JournalEntryNotFound, SubscriptionNotFound

__all__ = [
    "ApiKeyGone",
    "AssociationLimitReached",
    "BadAuthCode",
    "BadClientId",
    "BadClientSecret",
    "BadCodeVerifier",
    "BadGrantType",
    "BadHub",
    "BadRefreshToken",
    "BadScopes",
    "BlankId",
    "BodyTimeout",
    "BodyTooLarge",
    "Conflict",
    "ContradictedKey",
    "CurrencyWithoutSymbol",
    "Detail",
    "DuplicateIds",
    "DuplicateListName",
    "ExpiredAuthCode",
    "ExpiredToken",
    "ExportForbidden",
    "GroupExists",
    "GroupInUse",
    "GroupNotFound",
    "ImpossibleLimit",
    "ImpossibleMerge",
    "IndexNotReady",
    "InvalidAssociationType",
    "InvalidAssociations",
    "InvalidBooleanOptions",
    "InvalidDefinition",
    "InvalidExport",
    "InvalidGroup",
    "InvalidIdentifier",
    "InvalidImport",
    "InvalidLabel",
    "InvalidList",
    "InvalidListFilter",
    "InvalidListFolder",
    "InvalidParameter",
    "InvalidPipeline",
    "InvalidRule",
    "InvalidSchema",
    "InvalidSeed",
    "InvalidStage",
    "InvalidStageMetadata",
    "InvalidValue",
    "InvalidValues",
    "InvalidWebhook",
    "JournalEntryNotFound",
    "LabelExists",
    "LabelNotFound",
    "LimitNotFound",
    "LimitOutOfRange",
    "LinkExpired",
    "ListFolderNotFound",
    "ListNotFound",
    "MalformedBody",
    "MalformedCursor",
    "MalformedForm",
    "MalformedRecordId",
    "MismatchedRedirect",
    "MissingEnd",
    "MissingRequired",
    "MissingScopes",
    "NoAssociations",
    "NoClosedStage",
    "NonUniqueProperty",
    "NothingToUpdate",
    "OAuthRefusal",
    "OwnerNotFound",
    "PageOutOfRange",
    "PipelineNotFound",
    "ProductMissing",
    "PropertyExists",
    "PropertyInUse",
    "PropertyNotFound",
    "QueryTooLong",
    "RateLimited",
    "RecordExists",
    "RecordNotFound",
    "Refusal",
    "RuleNotFound",
    "SchemaExists",
    "SchemaInUse",
    "SchemaLinkNotFound",
    "SearchTooSlow",
    "SensitiveScopeMissing",
    "StageIdTaken",
    "StageInUse",
    "StageLabelTaken",
    "StoreClosing",
    "StoreFull",
    "StoreUnreachable",
    "SubscriptionNotFound",
    "TiedToItself",
    "TooManyFailures",
    "TooManyFilterGroups",
    "TooManyFilters",
    "TooManyHistories",
    "TooManyInputs",
    "TooManyJobs",
    "TooManyLabels",
    "TooManyMembers",
    "TooManySchemas",
    "TooManySorts",
    "TooManyValues",
    "Unauthenticated",
    "Unexpected",
    "UniqueValueTaken",
    "UnknownAssociationType",
    "UnknownIdProperty",
    "UnknownObjectType",
    "UnknownRecord",
    "UnreachableEnd",
    "UnreadableToken",
    "Unsearchable",
    "UnsupportedMediaType",
    "UnusableId",
    "ValidationFailure",
]
