"""HubSpot's bodies of an error: the one place where a refusal becomes JSON.

With `full` set, each error also carries what HubSpot's page shows and the service leaves out: `id`, `in` (where the
field stands in the request), `subCategory`, and `links` to its explanation.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from contextvars import ContextVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trunkline.crm.plan import Failed
from trunkline.errors import Detail, MissingScopes, OAuthRefusal, RateLimited, Refusal

Context = Mapping[str, Sequence[str]]

EXPLANATIONS = "/_trunkline/errors"
"""Where the server explains its errors, each under its code."""


RENAMED = {
    "correlation_id": "correlationId",
    "error_type": "errorType",
    "path": "in",
    "policy_name": "policyName",
    "request_id": "requestId",
    "sub_category": "subCategory",
}


class Told(Struct, frozen=True):
    """A refusal that an answer tells of, what tells its inputs apart, and the position of a single one."""

    refusal: Refusal
    context: Context = {}
    position: int | None = None


telling: ContextVar[list[Told] | None] = ContextVar("telling", default=None)
"""Where the refusals go that the answer to the running request tells of, in their order, if anybody wants to know."""


class ErrorDetail(Struct, rename=RENAMED):
    """One entry of an error's own `errors`."""

    message: str
    code: str | UnsetType = UNSET
    path: str | UnsetType = UNSET
    context: Context | UnsetType = UNSET
    sub_category: str | UnsetType = UNSET


class Error(Struct, rename=RENAMED, kw_only=True):
    """The body of a request that is refused; members in the order of the captures (behaviour 4.7 and 6.4)."""

    status: str = "error"
    message: str
    error_type: str | UnsetType = UNSET
    correlation_id: str
    policy_name: str | UnsetType = UNSET
    request_id: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    path: str | UnsetType = UNSET
    errors: list[ErrorDetail] | UnsetType = UNSET
    context: Context | UnsetType = UNSET
    links: Mapping[str, str] | UnsetType = UNSET
    category: str | UnsetType = UNSET
    sub_category: str | UnsetType = UNSET


class OAuthError(Struct):
    """The body of what the authorization server refuses (behaviour 10.6): in the order of the captures."""

    status: str
    message: str
    error: str
    error_description: str


class StandardError(Struct, rename=RENAMED, kw_only=True):
    """One entry of `errors` in a 207: no correlation id, and the trace id of the input it belongs to (1.14)."""

    status: str = "error"
    id: str | UnsetType = UNSET
    category: str | UnsetType = UNSET
    sub_category: str | UnsetType = UNSET
    message: str
    path: str | UnsetType = UNSET
    context: Context
    links: Mapping[str, str] | UnsetType = UNSET
    errors: list[ErrorDetail] | UnsetType = UNSET


def body(refusal: Refusal, correlation_id: str, full: bool = False) -> bytes:
    """The body of a request that is refused."""
    told = telling.get()
    if told is not None:
        # It takes the place of whatever was to be answered before.
        told[:] = [Told(refusal)]
    if isinstance(refusal, OAuthRefusal):
        return msgspec.json.encode(OAuthError(refusal.fault, refusal.message, refusal.error, refusal.message))
    inner = _body(refusal, correlation_id, full)
    if full or not refusal.nested:
        return inner
    return msgspec.json.encode(Error(message=inner.decode(), correlation_id=correlation_id))


def _body(refusal: Refusal, correlation_id: str, full: bool) -> bytes:
    context = dict(refusal.context or {})
    if full and isinstance(refusal, MissingScopes):
        context["missingScopes"] = refusal.scopes
    answer = Error(
        message=refusal.message,
        correlation_id=correlation_id,
        id=correlation_id if full else UNSET,
        path=_path(refusal.path, full),
        errors=[_detail(detail, full) for detail in refusal.details] or UNSET,
        context=context or UNSET,
        links=_links(refusal, full),
        category=refusal.category or UNSET,
        sub_category=_sub_category(refusal, full),
    )
    if isinstance(refusal, RateLimited):
        answer.error_type, answer.policy_name = refusal.error_type, refusal.policy
        # Another id than the correlation id in all captures; made from it, so that it need not be kept.
        answer.request_id = str(uuid.uuid5(uuid.NAMESPACE_OID, correlation_id))
    return msgspec.json.encode(answer)


def partial(failed: Failed, error_id: str, full: bool = False) -> StandardError:
    """One failed input of a 207."""
    context = {"objectWriteTraceId": [failed.trace or ""]}
    return _standard(_noted(Told(failed.refusal, context, failed.position)), error_id, full)


def alone(failed: Failed, id_: str | None, error_id: str, full: bool = False) -> StandardError:
    """One failed input of a batch that is carried out later: told by its position, its id and its trace id.

    No request is answered with it.
    """
    context: dict[str, Sequence[str]] = {"objectWriteTraceId": [failed.trace]} if failed.trace else {}
    if id_ is not None:
        context["ids"] = [id_]
    return _standard(Told(failed.refusal, context | {"index": [str(failed.position)]}), error_id, full)


def grouped(refusal: Refusal, traces: Sequence[str], error_id: str, full: bool = False) -> StandardError:
    """The one error of a 207 for all inputs that reach no record (behaviour 2.5)."""
    return _standard(_noted(Told(refusal, {"objectWriteTraceId": traces} if traces else {})), error_id, full)


def _noted(told: Told) -> Told:
    others = telling.get()
    if others is not None:
        others.append(told)
    return told


def _standard(told: Told, error_id: str, full: bool) -> StandardError:
    refusal = told.refusal
    return StandardError(
        id=error_id if full else UNSET,
        category=refusal.category or UNSET,
        sub_category=_sub_category(refusal, full),
        message=refusal.message,
        path=_path(refusal.path, full),
        context={**told.context, **(refusal.context or {})},
        links=_links(refusal, full),
        errors=[_detail(detail, full) for detail in refusal.details] if full else UNSET,
    )


def code(kind: type[Refusal]) -> str:
    """The name of a kind of error in links and sub-categories, as DUPLICATE_IDS."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).upper()


def sub_category(kind: type[Refusal]) -> str:
    """HubSpot's own sub-category where one is known, else ours."""
    return kind.sub_category or f"trunkline.{code(kind)}"


def _path(path: str | None, full: bool) -> str | UnsetType:
    return path if full and path else UNSET


def _sub_category(refusal: Refusal, full: bool) -> str | UnsetType:
    return sub_category(type(refusal)) if full or refusal.sub_category else UNSET


def _links(refusal: Refusal, full: bool) -> Mapping[str, str] | UnsetType:
    links = dict(refusal.links or {})
    if full:
        links["explanation"] = f"{EXPLANATIONS}/{code(type(refusal))}"
    return links or UNSET


def _detail(detail: Detail, full: bool) -> ErrorDetail:
    return ErrorDetail(
        message=detail.message,
        code=detail.code or UNSET,
        path=_path(detail.path, full),
        context=detail.context or UNSET,
        sub_category=detail.sub_category or (f"trunkline.{detail.code}" if full and detail.code else UNSET),
    )
