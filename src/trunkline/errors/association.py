"""Associations that cannot be made or found, and types of association that cannot be defined."""

from trunkline.errors.refusal import Detail, Refusal
from trunkline.errors.validation import ValidationFailure


class UnreachableEnd(ValidationFailure):
    """An association with a record that is not there, asked for alone (behaviour 3.13)."""

    advice = "Check the id; an archived record cannot be tied to."

    def __init__(self, type_name: str, id_: str) -> None:
        super().__init__(
            "One or more associations are invalid",
            context={
                "INVALID_OBJECT_IDS": [f"{type_name}={id_} is not valid"],
                "objectId": [id_],
                "objectType": [type_name],
            },
        )


class MissingEnd(ValidationFailure):
    """The same in a batch of associations (recorded)."""

    advice = "Check the id; an archived record cannot be tied to."

    def __init__(self, type_name: str, id_: str) -> None:
        self._end = type_name, id_
        super().__init__(f"{type_name}={id_} is not valid")

    def of_one(self) -> UnreachableEnd:
        """The same for one association that is asked for alone."""
        return UnreachableEnd(*self._end)


class UnknownAssociationType(ValidationFailure):
    """An association type that does not lead from one object type to the other, asked for alone (behaviour 3.13)."""

    advice = "Name a type that leads from the one object type to the other, or tie them as is usual."

    def __init__(self, spec: str) -> None:
        wrong = f"{spec} is not a valid association definition id"
        super().__init__(
            "One or more associations are invalid",
            context={"associationSpec": [spec], "INVALID_ASSOCIATION_TYPE_ID": [wrong]},
        )


class InvalidAssociationType(ValidationFailure):
    """The same in a batch of associations, or for a type that is named as version 3 names it."""

    sub_category = "crm.associations.INVALID_ASSOCIATION_TYPE"
    advice = "Take a type from the list of those between the two object types."

    def __init__(self, type_: str, source: str, target: str) -> None:
        super().__init__(
            f"{type_} is not a valid association type between {source} and {target}",
            context={"type": [type_], "fromObjectType": [source], "toObjectType": [target]},
        )


class InvalidIdentifier(ValidationFailure):
    """An id in a batch of associations that is no record id."""

    sub_category = "crm.associations.INVALID_IDENTIFIER"
    advice = "Record ids are positive whole numbers."

    def __init__(self, id_: str) -> None:
        super().__init__(f"{id_} is not a valid ID", context={"id": [id_]})


class TiedToItself(ValidationFailure):
    """An association of a record with itself."""

    advice = "Name two different records."

    def __init__(self, id_: str) -> None:
        super().__init__(f"Object {id_} cannot be associated to itself ({id_})")


class NoAssociations(Refusal):
    """A record of a batch read that is tied to nothing, or is not there."""

    category = "OBJECT_NOT_FOUND"
    sub_category = "crm.associations.NO_ASSOCIATIONS_FOUND"
    advice = "Take it as an empty list, unless the id is wrong."

    def __init__(self, source: str, id_: str, target: str) -> None:
        super().__init__(
            f"No {target} is associated with {source} {id_}.",
            context={"fromObjectId": [id_], "fromObjectType": [source], "toObjectType": [target]},
        )


class LabelNotFound(Refusal):
    """No label of the portal's own with that id between the two object types (text chosen: differences)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Take the id from the list of labels; HubSpot's own labels cannot be changed."

    def __init__(self, id_: int) -> None:
        super().__init__(f"No association label of the id {id_} exists.", context={"associationTypeId": [str(id_)]})


class LabelExists(Refusal):
    """The name or the label is in use between the two object types (text chosen: differences)."""

    status = 409
    category = "OBJECT_ALREADY_EXISTS"
    advice = "Use the label that is there, or choose another name."

    def __init__(self, field: str, text: str) -> None:
        super().__init__(
            f"An association type with the {field} '{text}' already exists.", context={field: [text]}, path=field
        )


class InvalidLabel(ValidationFailure):
    """An association label that breaks a rule (texts chosen: differences)."""

    advice = "Correct the label; nothing was changed."

    def __init__(self, message: str, code: str, field: str) -> None:
        super().__init__(message, details=[Detail(message, code, {"field": [field]}, field)], path=field)


class TooManyLabels(ValidationFailure):
    """More labels between two object types than a portal may have (text chosen: differences)."""

    advice = "Delete a label that is not needed any more."

    def __init__(self, limit: int) -> None:
        super().__init__(f"There can be at most {limit} association labels between two object types.")


class AssociationLimitReached(ValidationFailure):
    """An association with one record more than the portal lets one have (behaviour 16.8; text chosen: differences)."""

    sub_category = "crm.associations.ASSOCIATION_LIMIT_REACHED"
    advice = "Remove an association first, or raise the limit."

    def __init__(self, told: str, id_: str) -> None:
        super().__init__(told, context={"objectId": [id_]})


class ImpossibleLimit(ValidationFailure):
    """A limit on associations out of its range (behaviour 16.9; text chosen: differences)."""

    sub_category = "crm.associations.INVALID_ASSOCIATION_LIMIT"
    advice = "Send a number of the range; no label may have a higher limit than its two object types have."

    def __init__(self, type_: str, most: int, low: int, high: int) -> None:
        super().__init__(
            f"{most} is not a valid limit for {type_}: it must be from {low} to {high}.",
            context={"type": [type_], "maxToObjectIds": [str(most)], "range": [f"{low}-{high}"]},
        )


class LimitNotFound(Refusal):
    """No limit is set on that type of association (text chosen: differences)."""

    category = "OBJECT_NOT_FOUND"
    advice = "Set the limit with a batch create first."

    def __init__(self, type_: str) -> None:
        super().__init__(f"No limit is set for {type_}.", context={"type": [type_]})
