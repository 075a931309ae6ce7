"""Imports and exports that cannot be taken, and what is asked of them in vain."""

from trunkline.errors.refusal import Detail, Refusal
from trunkline.errors.validation import ValidationFailure


class InvalidImport(ValidationFailure):
    """An import that could never be carried out (texts chosen: differences)."""

    advice = "Correct the member of importRequest that `in` names; nothing was imported."

    def __init__(self, message: str, path: str, code: str | None = None) -> None:
        details = [] if code is None else [Detail(message, code, None, path)]
        super().__init__(message, details=details, path=path)


class InvalidExport(ValidationFailure):
    """An export that could never be carried out (texts chosen: differences)."""

    advice = "Correct the member of the body that `in` names."

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message, path=path)


class ExportForbidden(Refusal):
    """An export that the account does not have (behaviour 15.12)."""

    status = 403
    advice = "Use the id that the request for the export answered; it is kept for a few days."

    def __init__(self, id_: str, portal: int) -> None:
        message = f"Permission to get export file cannot be granted for exportId {id_} and portalId {portal}"
        super().__init__(message)


class LinkExpired(Refusal):
    """A link to the file of an export, or of the journal of webhooks, that is not good any more (behaviour 15.11)."""

    status = 403
    advice = "Ask again for what led to the file, as the status of an export: each answer has a new link."

    def __init__(self) -> None:
        super().__init__("This link has expired, or it is not one that this server gave.")
