"""Property definitions and groups that cannot be made, changed or archived."""

from collections.abc import Sequence

from trunkline.errors.refusal import Detail, Refusal
from trunkline.errors.validation import InvalidDefinition, ValidationFailure


class InvalidBooleanOptions(InvalidDefinition):
    """A property of type bool without just the options true and false (behaviour 11.3)."""

    sub_category = "PropertyValidationError.INVALID_BOOLEAN_OPTION"
    advice = "Send two options, one of the value `true` and one of the value `false`."

    def __init__(self) -> None:
        super().__init__(
            "Boolean properties must have exactly two options; one with a value of 'true', the other with a value of "
            "'false'.",
            "INVALID_BOOLEAN_OPTION",
            "options",
        )


class CurrencyWithoutSymbol(InvalidDefinition):
    """A currency property without `showCurrencySymbol` (behaviour 11.17; the first words are chosen: differences)."""

    sub_category = "PropertyValidationError.ONLY_CURRENCY_PROPERTIES_CAN_SPECIFY_CURRENCY"
    advice = "Send `showCurrencySymbol` true; it cannot be taken back once a currency property was named."

    def __init__(self, name: str, currency: str) -> None:
        super().__init__(
            f"Property '{name}' cannot have a currency property name set to '{currency}'",
            "ONLY_CURRENCY_PROPERTIES_CAN_SPECIFY_CURRENCY",
            "currencyPropertyName",
        )


class PropertyInUse(ValidationFailure):
    """A property that calculated properties are made from cannot be archived (behaviour 11.9, 11.19)."""

    sub_category = "PropertyValidationError.CANNOT_DELETE_PROPERTY_IN_USE"
    advice = "Archive the calculated properties that the errors name first."

    def __init__(self, type_id: str, name: str, users: Sequence[str]) -> None:
        uses = [
            Detail(
                f"Used by {type_id}/{user}",
                context={"parentType": ["CALCULATED_PROPERTY"], "parentName": [f"{type_id}/{user}"]},
                sub_category="PropertyValidationError.PROPERTY_USAGE",
            )
            for user in users
        ]
        super().__init__(
            f"Property: {name} of object type {type_id} is currently used in {len(users)} places and cannot be deleted",
            context={"usageCount": [str(len(users))]},
            details=uses,
            path="name",
        )


class SensitiveScopeMissing(Refusal):
    """A sensitive property was asked for without the scope to write sensitive values (behaviour 11.18)."""

    status = 403
    category = "MISSING_SCOPES"
    advice = "Create a token with the object's sensitive write scope, as crm.objects.contacts.sensitive.write."

    def __init__(self) -> None:
        super().__init__("Missing required scope for: sensitive-data-property-create", path="dataSensitivity")


class GroupNotFound(Refusal):
    """No property group of that name (text chosen: differences)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Check the name in the list of groups; an archived group is gone for good."

    def __init__(self, name: str) -> None:
        super().__init__(f"A property group named '{name}' does not exist.", context={"name": [name]})


class GroupExists(Refusal):
    """The name of the new group is in use (behaviour 11.23 for the status; text chosen: differences)."""

    status = 409
    category = "OBJECT_ALREADY_EXISTS"
    advice = "Use the group that is there, or choose another name."

    def __init__(self, name: str) -> None:
        super().__init__(f"A property group named '{name}' already exists.", context={"name": [name]}, path="name")


class InvalidGroup(ValidationFailure):
    """A property group that breaks a rule (texts chosen: differences)."""

    advice = "Correct the group; nothing was changed."

    def __init__(self, message: str, code: str, field: str) -> None:
        super().__init__(message, details=[Detail(message, code, {"field": [field]}, field)], path=field)


class GroupInUse(ValidationFailure):
    """A group that holds live properties cannot be archived; told inside the message of another error (11.10)."""

    sub_category = "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES"
    nested = True
    advice = "Archive the properties of the group, or move them to another one, first."

    def __init__(self) -> None:
        super().__init__("Can't delete or purge a group with active properties")
