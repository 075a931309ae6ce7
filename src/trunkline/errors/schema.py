"""Schemas of custom objects that cannot be made, changed or removed (behaviour 13; texts chosen: differences)."""

from trunkline.errors.refusal import Detail, Refusal
from trunkline.errors.validation import ValidationFailure


class InvalidSchema(ValidationFailure):
    """A schema that breaks a rule (behaviour 13.1, 13.4)."""

    advice = "Correct the schema; nothing was changed."

    def __init__(self, message: str, code: str, field: str) -> None:
        super().__init__(message, details=[Detail(message, code, {"field": [field]}, field)], path=field)


class SchemaExists(Refusal):
    """The name of the new schema is in use, be it by an archived one (behaviour 13.7)."""

    status = 409
    category = "OBJECT_ALREADY_EXISTS"
    advice = "Choose another name; that of an archived schema is free once it is deleted with `archived=true`."

    def __init__(self, name: str) -> None:
        super().__init__(
            f"An object type with the name '{name}' already exists.", context={"name": [name]}, path="name"
        )


class TooManySchemas(ValidationFailure):
    """More custom objects than a portal may have (behaviour 13.8)."""

    advice = "Delete the schema of a custom object that is not needed any more."

    def __init__(self, limit: int) -> None:
        super().__init__(f"The maximum number of custom objects is {limit}.")


class SchemaInUse(ValidationFailure):
    """The schema of a custom object that has records cannot be deleted (behaviour 13.7)."""

    advice = "Archive all records of the custom object first."

    def __init__(self, name: str) -> None:
        super().__init__(f"Object type {name} has records and cannot be deleted.", context={"objectType": [name]})


class SchemaLinkNotFound(Refusal):
    """No association of that id or name that the schema defined (behaviour 13.6)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Take the id from the schema's associations; HubSpot's own associations cannot be deleted."

    def __init__(self, identifier: str) -> None:
        super().__init__(
            f"No association definition found with identifier {identifier}",
            context={"associationIdentifier": [identifier]},
        )
