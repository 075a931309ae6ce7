"""Reading a request's body, within its limits of size and time."""

import asyncio
from collections.abc import Mapping
from typing import Literal

from starlette.requests import Request

from trunkline.errors import BodyTimeout, BodyTooLarge, UnsupportedMediaType
from trunkline.settings import Settings

Media = Literal["json", "form", "multipart"]

LARGEST_FORM = 64 * 1024
"""Bytes; forms come from those who have yet to prove who they are."""

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

LABELS: Mapping[Media, str] = {"json": "application/json", "form": FORM, "multipart": MULTIPART}


async def read_body(request: Request, settings: Settings, media: Media = "json") -> bytes:
    """The whole body of a request of JSON, of a form, or of a form with files.

    Raises `UnsupportedMediaType`, `BodyTooLarge` and `BodyTimeout`, and Starlette's `ClientDisconnect` when the
    client hung up half-way.
    """
    _require_media(request.headers.get("content-type"), media)
    limit = settings.max_body if media != "form" else min(settings.max_body, LARGEST_FORM)
    _require_size(_announced(request), limit)
    try:
        async with asyncio.timeout(settings.body_timeout):
            return await _collect(request, limit)
    except TimeoutError:
        raise BodyTimeout(settings.body_timeout) from None


def _require_media(content_type: str | None, media: Media) -> None:
    """A body that is not labelled at all counts as what is wanted (chosen: differences)."""
    expected = LABELS[media]
    given = (content_type or expected).partition(";")[0].strip().lower()
    if given != expected and not (media == "json" and given.endswith("+json")):
        raise UnsupportedMediaType(given, expected)


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
