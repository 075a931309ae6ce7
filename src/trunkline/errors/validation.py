"""Requests that were read and break a rule: category VALIDATION_ERROR."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, json

from trunkline.errors.refusal import Detail, Refusal


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
        self.name = name
        super().__init__(
            f"Cannot set PropertyValueCoordinates{{portalId={portal}, "
            f"objectTypeId=ObjectTypeId{{legacyObjectType={type_name}}}, "
            f"propertyName={name}, value={value}}} on {record}. {holder} already has that value.",
            path=f"inputs[{position}].properties.{name}",
        )


class InvalidAssociations(ValidationFailure):
    """Associations of a new record that name no type, or reach no record (behaviour 3.13)."""

    advice = "Check the association types and the ids that the context names."

    def __init__(self, context: Mapping[str, Sequence[str]], position: int) -> None:
        super().__init__(
            "One or more associations are invalid", context=context, path=f"inputs[{position}].associations"
        )


class NothingToUpdate(ValidationFailure):
    """An update of one record that names no property (behaviour 3.5)."""

    advice = "Send at least one property."

    def __init__(self) -> None:
        super().__init__(
            "No properties found to update, please provide at least one.",
            context={"properties": ["{}"]},
            path="properties",
        )


class ImpossibleMerge(ValidationFailure):
    """A merge of a record with itself (text chosen: differences)."""

    advice = "Name two different records."

    def __init__(self, id_: str) -> None:
        super().__init__(f"A record cannot be merged with itself: {id_}", context={"id": [id_]}, path="objectIdToMerge")


class UnusableId(ValidationFailure):
    """An id in a body that is no record id, where only one will do (behaviour 2.8; text chosen: differences)."""

    advice = "Record ids are positive whole numbers."

    def __init__(self, ids: Sequence[str], path: str) -> None:
        super().__init__(f"Invalid object IDs: [{', '.join(ids)}]", context={"ids": list(ids)}, path=path)


class LimitOutOfRange(ValidationFailure):
    """A page size that the operation does not give (behaviour 8.5; text chosen: differences)."""

    advice = "Ask for a smaller page and follow `paging`."

    def __init__(self, limit: str, largest: int) -> None:
        super().__init__(
            f"limit must be between 1 and {largest}, but was {limit}", context={"limit": [limit]}, path="limit"
        )


class MalformedCursor(ValidationFailure):
    """An `after` that no page gave (behaviour 8.5; text after the service's JSON library)."""

    advice = "Send the `after` of the page before, as it is."

    def __init__(self, after: str) -> None:
        super().__init__(
            f'Cannot deserialize value of type `java.lang.Long` from String "{after[:100]}": not a valid `long` value',
            context={"after": [after[:100]]},
            path="after",
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
