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

from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec import Struct, json

SCOPES_URL = "https://developers.hubspot.com/scopes"
AUTHENTICATION_URL = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"


class Detail(Struct, frozen=True):
    """One entry of an error's `errors` list: what is wrong with one field.

    `path` is where the field stands in the request, as `inputs[3].properties.hs_call_status`.
    """

    message: str
    code: str | None = None
    context: Mapping[str, Sequence[str]] | None = None
    path: str | None = None


class Refusal(Exception):
    """A request, or one input of it, that is refused, with all that its answer shows.

    `message` is public; the private cause, where there is one, is the exception's `__cause__`.
    """

    status: ClassVar[int] = 400
    category: ClassVar[str | None] = None
    advice: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        context: Mapping[str, Sequence[str]] | None = None,
        details: Sequence[Detail] = (),
        links: Mapping[str, str] | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.context = context
        self.details = details
        self.links = links
        self.path = path

    sub_category: ClassVar[str | None] = None


class MalformedBody(Refusal):
    """The body is not the JSON that the operation takes (behaviour 5.1 to 5.5)."""

    advice = "Send the JSON of the operation; the message names the line and the column where reading stopped."


class UnknownObjectType(Refusal):
    """The path names no object type (behaviour 1.25)."""

    advice = "Use an object type's plural name, its singular, or its type id, as calls, call or 0-48."

    def __init__(self, name: str) -> None:
        super().__init__(f"Unable to infer object type from: {name}")


class ValidationFailure(Refusal):
    """A request that was read and breaks a rule."""

    category = "VALIDATION_ERROR"


class TooManyInputs(ValidationFailure):
    """A batch of more inputs than one request may carry (behaviour 1.10)."""

    advice = "Split the batch; nothing of it was written."

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The maximum number of inputs supported in a batch is {limit}. "
            "Please reduce the number of items and try again",
            path="inputs",
        )


class TooManyHistories(ValidationFailure):
    """A batch with histories of more inputs than one request may carry then (behaviour 2.10)."""

    advice = "Split the batch, or read the histories apart from it; nothing of it was written."

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The maximum number of inputs supported in a batch request for property histories is {limit}",
            path="inputs",
        )


class BlankId(ValidationFailure):
    """An input whose id is empty, blank, or holds a character that no store keeps (chosen: differences)."""

    advice = "Give every input the unique value of its record."

    def __init__(self, position: int) -> None:
        super().__init__(
            f"The id of input {position} is blank or not storable. Every input needs a usable id.",
            context={"index": [str(position)]},
            path=f"inputs[{position}].id",
        )


class DuplicateIds(ValidationFailure):
    """Two inputs of one batch that reach the same record (behaviour 1.11)."""

    advice = "Merge the inputs that mean the same record, or send them in separate requests, in order."

    def __init__(self, ids: Sequence[str], positions: Sequence[int] = ()) -> None:
        super().__init__(
            f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique",
            context={"ids": list(ids)},
            path=f"inputs[{positions[0]}].id" if positions else None,
        )


class NonUniqueProperty(ValidationFailure):
    """An idProperty that exists and is not unique (behaviour 1.8)."""

    advice = "Upsert by a property whose definition has hasUniqueValue true; hs_object_id is not one."

    def __init__(self, type_id: str, name: str, portal: int, position: int | None = None) -> None:
        super().__init__(
            f"Unable to perform update/upsert by non-unique {type_id} property {name} in portal ID {portal}",
            path="idProperty" if position is None else f"inputs[{position}].idProperty",
        )


class UnknownIdProperty(ValidationFailure):
    """An idProperty that does not exist (no source has the text; chosen: differences)."""

    advice = "Create the property first, with hasUniqueValue true, or correct its name."

    def __init__(self, name: str, position: int | None = None) -> None:
        message = f'Property "{name}" does not exist'
        where = "idProperty" if position is None else f"inputs[{position}].idProperty"
        detail = Detail(message, "PROPERTY_DOESNT_EXIST", {"propertyName": [name]}, where)
        super().__init__(message, details=[detail], path=where)


class MissingRequired(ValidationFailure):
    """A record that would lack a required property (behaviour 3.9)."""

    advice = "Set the properties that the context names."

    def __init__(self, verb: str, type_name: str, names: Sequence[str], position: int | None = None) -> None:
        super().__init__(
            f"Error {verb} {type_name}. Some required properties were not set.",
            context={"properties": list(names)},
            path=None if position is None else f"inputs[{position}].properties",
        )


class InvalidValue(Struct, frozen=True):
    """One property that an input may not write as it did: its name, HubSpot's error code, the message, and where."""

    name: str
    code: str
    message: str
    path: str | None = None


class InvalidValues(ValidationFailure):
    """Unknown properties, read-only ones, and values that do not fit their property (behaviour 4.1 to 4.5)."""

    advice = "Correct or leave out the properties that the entries name."

    def __init__(self, values: Sequence[InvalidValue], portal: int) -> None:
        self.values = values
        self.portal = portal
        entries = [_entry(value, portal) for value in values]
        super().__init__(
            "Property values were not valid: " + json.encode(entries).decode(),
            details=[Detail(v.message, v.code, {"propertyName": [v.name]}, v.path) for v in values],
            path=values[0].path if values else None,
        )

    @classmethod
    def merged(cls, failures: "Sequence[InvalidValues]") -> "InvalidValues":
        """One refusal that lists the bad values of all, as a batch refused whole does (behaviour 2.9)."""
        return cls([value for failure in failures for value in failure.values], failures[0].portal)


def _entry(value: InvalidValue, portal: int) -> dict[str, object]:
    return {
        "isValid": False,
        "message": value.message,
        "error": value.code,
        "name": value.name,
        "localizedErrorMessage": value.message,
        "portalId": portal,
    }


class ContradictedKey(ValidationFailure):
    """An input whose id and whose properties disagree on the same property (chosen: differences)."""

    advice = "Leave the id property out of the properties, or give it the value of the id."

    def __init__(self, name: str, id_: str, position: int) -> None:
        message = f'The id "{id_}" and the value of "{name}" in properties differ. An upsert cannot change its own key.'
        where = f"inputs[{position}].properties.{name}"
        detail = Detail(message, "ID_PROPERTY_MISMATCH", {"propertyName": [name]}, where)
        super().__init__(message, details=[detail], path=where)


class UniqueValueTaken(ValidationFailure):
    """A unique value that another record already holds (behaviour 1.16)."""

    advice = "Write to the record that holds the value, or choose another value."

    def __init__(
        self, *, portal: int, type_name: str, name: str, value: str, record: int, holder: int, position: int
    ) -> None:
        super().__init__(
            f"Cannot set PropertyValueCoordinates{{portalId={portal}, "
            f"objectTypeId=ObjectTypeId{{legacyObjectType={type_name}}}, "
            f"propertyName={name}, value={value}}} on {record}. {holder} already has that value.",
            path=f"inputs[{position}].properties.{name}",
        )


class InvalidParameter(ValidationFailure):
    """A query parameter, or a part of the path, that cannot be read (behaviour 5.6)."""

    advice = "Correct the parameter that the message names."

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"Unable to parse value for {kind} parameter: {name}", path=name)


class InvalidDefinition(ValidationFailure):
    """A property definition that breaks a rule of the catalog (behaviour 4.10; texts chosen: differences)."""

    advice = "Correct the definition; nothing was changed."

    def __init__(self, message: str, code: str, field: str) -> None:
        super().__init__(message, details=[Detail(message, code, {"field": [field]}, field)], path=field)


class Unauthenticated(Refusal):
    """No token, or one that is not known, expired or revoked (behaviour 6.1)."""

    status = 401
    category = "INVALID_AUTHENTICATION"
    advice = "Send `Authorization: Bearer <token>` with a token that `trunkline token create` printed."

    def __init__(self) -> None:
        super().__init__(
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
            f"details at {AUTHENTICATION_URL}"
        )


class MissingScopes(Refusal):
    """The token is known and was not granted what the operation asks (behaviour 6.3)."""

    status = 403
    category = "MISSING_SCOPES"
    advice = "Create a token with one of the scopes named."

    def __init__(self, scopes: Sequence[str]) -> None:
        self.scopes = list(scopes)
        super().__init__(
            "This app hasn't been granted all required scopes to make this call. "
            f"Read more about required scopes here: {SCOPES_URL}.",
            details=[
                Detail(
                    "One or more of the following scopes are required.",
                    context={"requiredGranularScopes": self.scopes},
                )
            ],
            links={"scopes": SCOPES_URL},
        )


class RecordNotFound(Refusal):
    """No record of that id, or of that unique value (behaviour 3.6, 3.11)."""

    status = 404
    advice = "Check the id; an archived record is read with archived=true."

    def __init__(self) -> None:
        super().__init__("resource not found")


class MalformedRecordId(Refusal):
    """A record id that is no positive number (behaviour 3.7)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Record ids are positive whole numbers; to read by a unique property, name it in idProperty."

    def __init__(self, id_: str, rule: str) -> None:
        super().__init__(f"Object not found.  objectId {rule}.", context={"id": [id_]})


class UnknownRecord(Refusal):
    """An upsert without idProperty whose id is no record's (behaviour 2.5 for the text; chosen: differences).

    Without idProperty an id can only be a record id, and a record is never created under an id that a client chose.
    """

    category = "OBJECT_NOT_FOUND"
    advice = "Name the unique property in idProperty to create or update by it."

    def __init__(self, type_name: str, id_: str, position: int) -> None:
        super().__init__(
            f"Could not get some {type_name} objects, they may be deleted or not exist. Check that ids are valid.",
            context={"ids": [id_]},
            path=f"inputs[{position}].id",
        )


class PropertyNotFound(Refusal):
    """No property definition of that name (text chosen: differences)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    sub_category = "Properties.PROPERTY_NOT_FOUND"
    advice = "Check the name, or read it with archived=true."

    def __init__(self, name: str) -> None:
        super().__init__(f"A property named '{name}' does not exist.", context={"name": [name]})


class PropertyExists(Refusal):
    """The name of the new property is in use (recorded for batch create; behaviour 1.14 for the envelope)."""

    status = 409
    category = "OBJECT_ALREADY_EXISTS"
    sub_category = "Properties.PROPERTY_WITH_NAME_EXISTS"
    advice = "Use the property that is there, or choose another name."

    def __init__(self, name: str) -> None:
        super().__init__(f"A property named '{name}' already exists.", context={"name": [name]}, path="name")


class BodyTimeout(Refusal):
    """The body did not arrive in the time a body has."""

    status = 408
    advice = "Send the whole body without pausing; nothing was written."

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The request body did not arrive within {seconds:g} seconds.")


class BodyTooLarge(Refusal):
    """The body is over the limit of the server (`TRUNKLINE_MAX_BODY`)."""

    status = 413
    category = "VALIDATION_ERROR"
    advice = "Send smaller batches, or raise TRUNKLINE_MAX_BODY."

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body is over the limit of {limit} bytes.")


class UnsupportedMediaType(Refusal):
    """A body labelled as something else than JSON (behaviour 5.8; shape chosen: differences)."""

    status = 415
    advice = "Send `Content-Type: application/json`."

    def __init__(self, content_type: str) -> None:
        super().__init__(f"Content type {content_type} is not supported. Send application/json.")


class Unexpected(Refusal):
    """A failure of ours; the client is told no more than the correlation id, the log has the cause."""

    status = 500
    advice = "Send the request again; if it stays, look for the correlation id in the server's log."

    def __init__(self, message: str = "internal error") -> None:
        super().__init__(message)


class StoreFull(Unexpected):
    """The disk, or the store's own limit, has no room left; nothing of the request was written."""

    advice = "Free disk space and send the request again; what was acknowledged before is safe."

    def __init__(self) -> None:
        super().__init__("The store has no room left: nothing of this request was written.")


class StoreClosing(Unexpected):
    """The server is stopping and takes no more writes; nothing of the request was written."""

    status = 503
    advice = "Send the request again when the server is back."

    def __init__(self) -> None:
        super().__init__("The server is stopping: nothing of this request was written.")
