"""Every way a request can be refused, as one tree.

    Refusal                      answered to the client, in HubSpot's body
    ├─ MalformedBody         400 the body is not the JSON the operation takes
    ├─ UnknownObjectType     400 the path names no object type
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
    │   ├─ InvalidParameter      a query parameter or a path part is wrong
    │   └─ InvalidDefinition     a property definition that breaks a rule
    ├─ Unauthenticated       401 no token, or one that is not known
    ├─ MissingScopes         403 the token lacks the scope
    ├─ RecordNotFound        404 no such record
    ├─ MalformedRecordId     404 an id that is no positive number
    ├─ UnknownRecord         400 an upsert by record id that reaches no record
    ├─ PropertyNotFound      404 no such property definition
    ├─ PropertyExists        409 the name of a property is in use
    ├─ BodyTimeout           408 the body did not arrive in time
    ├─ BodyTooLarge          413 the body is over the limit
    ├─ UnsupportedMediaType  415 the body is labelled as something else than JSON
    └─ Unexpected            500 ours, logged with its cause
        ├─ StoreFull         500 no room left on the disk
        └─ StoreClosing      503 the server is stopping

Each class says its status and category; an instance adds the message, the context and the details that the client
reads. `trunkline.wire.error` renders all of them and nothing else does.
"""

from trunkline.errors.refusal import (
    Detail,
    Refusal,
)
from trunkline.errors.request import (
    BodyTimeout,
    BodyTooLarge,
    MalformedBody,
    MalformedRecordId,
    MissingScopes,
    PropertyExists,
    PropertyNotFound,
    RecordNotFound,
    StoreClosing,
    StoreFull,
    Unauthenticated,
    Unexpected,
    UnknownObjectType,
    UnknownRecord,
    UnsupportedMediaType,
)
from trunkline.errors.validation import (
    BlankId,
    ContradictedKey,
    DuplicateIds,
    InvalidDefinition,
    InvalidParameter,
    InvalidValue,
    InvalidValues,
    MissingRequired,
    NonUniqueProperty,
    TooManyHistories,
    TooManyInputs,
    UniqueValueTaken,
    UnknownIdProperty,
    ValidationFailure,
)

__all__ = [
    "BlankId",
    "BodyTimeout",
    "BodyTooLarge",
    "ContradictedKey",
    "Detail",
    "DuplicateIds",
    "InvalidDefinition",
    "InvalidParameter",
    "InvalidValue",
    "InvalidValues",
    "MalformedBody",
    "MalformedRecordId",
    "MissingRequired",
    "MissingScopes",
    "NonUniqueProperty",
    "PropertyExists",
    "PropertyNotFound",
    "RecordNotFound",
    "Refusal",
    "StoreClosing",
    "StoreFull",
    "TooManyHistories",
    "TooManyInputs",
    "Unauthenticated",
    "Unexpected",
    "UniqueValueTaken",
    "UnknownIdProperty",
    "UnknownObjectType",
    "UnknownRecord",
    "UnsupportedMediaType",
    "ValidationFailure",
]
