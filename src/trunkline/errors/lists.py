"""Lists and folders that cannot be made, changed or removed, and those that are not there."""

from trunkline.errors.refusal import Refusal
from trunkline.errors.validation import ValidationFailure


class InvalidList(ValidationFailure):
    """A list, or what is asked of one, that breaks a rule (behaviour 14.2 to 14.6; texts chosen: differences)."""

    advice = "Correct what the message names; nothing was changed."

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, path=field)


class InvalidListFilter(ValidationFailure):
    """A filter of a list that is none, or that cannot be evaluated here (behaviour 14.4; texts chosen: differences)."""

    advice = "Use the filters and operators that the reference names; nothing was changed."

    def __init__(self, message: str, field: str = "filterBranch") -> None:
        super().__init__(message, path=field)


class InvalidListFolder(ValidationFailure):
    """A folder that breaks a rule (behaviour 14.7; texts chosen: differences)."""

    advice = "Correct what the message names; nothing was changed."

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, path=field)


class DuplicateListName(ValidationFailure):
    """A name that another list has (behaviour 14.2; text chosen: differences)."""

    sub_category = "ILS.DUPLICATE_LIST_NAMES"
    advice = "Choose another name; the name of a deleted list is free."

    def __init__(self, name: str) -> None:
        super().__init__(f"A list with the name {name[:200]} already exists", path="name")


class TooManyMembers(ValidationFailure):
    """More records than one request may add to a list or take out of it (behaviour 14.5; text chosen: differences)."""

    advice = "Split the request; nothing was changed."

    def __init__(self, limit: int) -> None:
        super().__init__(f"No more than {limit} records can be added to or removed from a list at once", path="body")


class ListNotFound(Refusal):
    """No such list, or one that was deleted (behaviour 14.3; text chosen: differences)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Check the id; a list that was deleted can be restored for 90 days."

    def __init__(self, what: str) -> None:
        super().__init__(f"List does not exist with {what[:200]}", path="listId")


class ListFolderNotFound(Refusal):
    """No such folder of lists (behaviour 14.7; text chosen: differences)."""

    status = 404
    category = "OBJECT_NOT_FOUND"
    advice = "Read the folder 0 to see all that are there."

    def __init__(self, id_: str) -> None:
        super().__init__(f"List folder does not exist with ID {id_[:200]}", path="folderId")
