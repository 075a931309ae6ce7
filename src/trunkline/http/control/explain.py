"""Every kind of error and of warning in words, from its own definition: `links` in full errors lead here."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from trunkline import errors
from trunkline.crm.warning import MISTAKES
from trunkline.errors import RecordNotFound, Refusal
from trunkline.http.control.reply import json, refused
from trunkline.wire import error


async def explain(request: Request) -> Response:
    """What one kind of error means and what to do about it."""
    for kind in refusals():
        if error.code(kind) == request.path_params["code"]:
            return json(explanation(kind))
    return refused(RecordNotFound(), request)


async def explain_warning(request: Request) -> Response:
    """What one kind of warning is about and what to do about it."""
    code = request.path_params["code"]
    mistake = MISTAKES.get(code)
    if mistake is None:
        return refused(RecordNotFound(), request)
    return json({"code": code, "meaning": f"{mistake.does} {mistake.becomes}", "advice": mistake.advice})


def refusals() -> Iterable[type[Refusal]]:
    """Every kind of error that a client can meet, by status and name."""
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Refusal))
    return sorted((kind for kind in kinds if kind.advice), key=lambda kind: (kind.status, error.code(kind)))


def explanation(kind: type[Refusal]) -> dict[str, object]:
    """One kind of error in words."""
    return {
        "code": error.code(kind),
        "status": kind.status,
        "category": kind.category,
        "subCategory": None if issubclass(kind, errors.OAuthRefusal) else error.sub_category(kind),
        "meaning": " ".join((kind.__doc__ or "").split()),
        "advice": kind.advice,
    }
