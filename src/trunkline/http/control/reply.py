"""What the control namespace answers."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from trunkline.errors import Refusal
from trunkline.http.frame import JSON
from trunkline.wire import error


def json(value: object, status: int = 200) -> Response:
    """An answer with a body."""
    return Response(msgspec.json.encode(value), status, {"content-type": JSON.decode(), "cache-control": "no-store"})


def refused(refusal: Refusal, request: Request) -> Response:
    """An answer that refuses."""
    body = error.body(refusal, request.scope["correlation_id"])
    return Response(body, refusal.status, {"content-type": JSON.decode()})
