"""A form with files: its fields and its files, which are kept outside of memory where they are large."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import BinaryIO

from msgspec import Struct
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from trunkline.errors import MalformedBody
from trunkline.http.call import Call

MOST_PARTS = 100
"""Fields, and files, of one form."""


class Upload(Struct):
    """The texts of a form by their names, and its files by theirs; of two alike the last counts."""

    fields: dict[str, str]
    files: dict[str, BinaryIO]


@asynccontextmanager
async def uploaded(call: Call) -> AsyncIterator[Upload]:
    """The form that a body is, for as long as the block runs; raises `MalformedBody`."""
    headers, stream = call.request.headers, _stream(call.body)
    try:
        parser = MultiPartParser(
            headers, stream, max_files=MOST_PARTS, max_fields=MOST_PARTS, max_part_size=len(call.body)
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as cause:
        raise MalformedBody("Could not parse multipart form") from cause
    async with _closing(form.multi_items()) as parts:
        yield Upload(
            {name: part for name, part in parts if isinstance(part, str)},
            {part.filename or "": part.file for _, part in parts if isinstance(part, UploadFile)},
        )


async def _stream(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


@asynccontextmanager
async def _closing(parts: list[tuple[str, UploadFile | str]]) -> AsyncIterator[list[tuple[str, UploadFile | str]]]:
    try:
        yield parts
    finally:
        for _, part in parts:
            if isinstance(part, UploadFile):
                await part.close()
