"""Reading a request's body, within its limits of size and time."""

import asyncio

from starlette.requests import Request

from trunkline.errors import BodyTimeout, BodyTooLarge, UnsupportedMediaType
from trunkline.settings import Settings


async def read_body(request: Request, settings: Settings) -> bytes:
    """The whole body of a JSON request.

    Raises `UnsupportedMediaType`, `BodyTooLarge` and `BodyTimeout`, and Starlette's `ClientDisconnect` when the
    client hung up half-way.
    """
    _require_json(request.headers.get("content-type"))
    _require_size(_announced(request), settings.max_body)
    try:
        async with asyncio.timeout(settings.body_timeout):
            return await _collect(request, settings.max_body)
    except TimeoutError:
        raise BodyTimeout(settings.body_timeout) from None


def _require_json(content_type: str | None) -> None:
    """A body that is not labelled at all counts as JSON (chosen: differences)."""
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise UnsupportedMediaType(media_type)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


def _require_size(size: int, limit: int) -> None:
    if size > limit:
        raise BodyTooLarge(limit)


async def _collect(request: Request, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        _require_size(size, limit)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
