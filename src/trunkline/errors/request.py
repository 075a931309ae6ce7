"""Requests that cannot be read, are not allowed, mean nothing that is there, or met a failure of ours."""

from collections.abc import Sequence

from trunkline.errors.refusal import Detail, Refusal

SCOPES_URL = "https://developers.hubspot.com/scopes"
AUTHENTICATION_URL = "https://developers.hubspot.com/docs/methods/auth/oauth-overview"


class MalformedBody(Refusal):
    """The body is not the JSON that the operation takes (behaviour 5.1 to 5.5)."""

    advice = "Send the JSON of the operation; the message names the line and the column where reading stopped."


class UnknownObjectType(Refusal):
    """The path names no object type (behaviour 1.25)."""

    advice = "Use an object type's plural name, its singular, or its type id, as calls, call or 0-48."

    def __init__(self, name: str) -> None:
        super().__init__(f"Unable to infer object type from: {name}")


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
    """Inputs of a batch whose ids are no record's (behaviour 2.5; at upsert without idProperty: differences).

    Without idProperty an id can only be a record id, and a record is never created under an id that a client chose.
    """

    category = "OBJECT_NOT_FOUND"
    advice = "Check the ids; to create or update by a unique property, upsert with its name in idProperty."

    def __init__(self, type_name: str, ids: Sequence[str], position: int) -> None:
        self.type_name = type_name
        self.ids = list(ids)
        self.position = position
        super().__init__(
            f"Could not get some {type_name} objects, they may be deleted or not exist. Check that ids are valid.",
            context={"ids": self.ids},
            path=f"inputs[{position}].id",
        )

    @classmethod
    def merged(cls, failures: "Sequence[UnknownRecord]") -> "UnknownRecord":
        """One refusal with the ids of all, as a batch lists them (behaviour 2.5)."""
        ids = dict.fromkeys(id_ for failure in failures for id_ in failure.ids)
        return cls(failures[0].type_name, list(ids), failures[0].position)


class RecordExists(Refusal):
    """A new record whose conflict property another record holds (behaviour 2.3, 2.4, 3.10)."""

    status = 409
    category = "CONFLICT"
    advice = "Update the record that is there, or upsert by the property."

    def __init__(self, label: str, holder: int, position: int = 0) -> None:
        self.label = label
        self.holder = holder
        self.position = position
        super().__init__(
            f"{label} already exists. Existing ID: {holder}",
            context={"existingId": [str(holder)]},
            path=f"inputs[{position}]",
        )

    def of_one(self) -> "RecordExists":
        """As a single create is answered: without a context (behaviour 3.10)."""
        told = RecordExists(self.label, self.holder)
        told.context = None
        return told

    def of_batch(self) -> "RecordExists":
        """As a batch that is refused whole is answered: without the id of the other record (behaviour 2.3)."""
        told = self.of_one()
        told.message = f"{self.label} already exists"
        return told


class Conflict(Refusal):
    """The operator asks for what contradicts what is there."""

    status = 409
    category = "CONFLICT"
    advice = "The message says what is in the way."


class InvalidSeed(Refusal):
    """A seed that cannot be put into a portal, and where in it the reason is; the portal is as it was before."""

    status = 400
    category = "VALIDATION_ERROR"
    advice = "Mend the part of the document that the message names, or reset the portal first."

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")


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
    """A body labelled as something else than what is taken (behaviour 5.8; shape chosen: differences)."""

    status = 415
    advice = "Send the content type that the message names."

    def __init__(self, content_type: str, expected: str) -> None:
        super().__init__(f"Content type {content_type} is not supported. Send {expected}.")


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


class StoreUnreachable(Unexpected):
    """The database server is not there, or went away before it said what became of the request."""

    status = 503
    advice = (
        "Send the request again in a moment. What was acknowledged is safe; whether this request was carried out "
        "before the connection broke is not known, so send creates by an upsert."
    )

    def __init__(self) -> None:
        super().__init__("The database cannot be reached at the moment.")


class StoreClosing(Unexpected):
    """The server is stopping and takes no more writes; nothing of the request was written."""

    status = 503
    advice = "Send the request again when the server is back."

    def __init__(self) -> None:
        super().__init__("The server is stopping: nothing of this request was written.")
