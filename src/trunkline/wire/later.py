"""The answers about a batch that is carried out later.

What is kept of each chunk is the JSON of its results and errors, so that an answer is put together from bytes.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Raw, Struct

from trunkline.wire.batch import BatchResponse, encode
from trunkline.wire.body import BYTE_ORDER_MARK
from trunkline.wire.error import StandardError
from trunkline.wire.record import SimplePublicObject


class _Kept(Struct, array_like=True, frozen=True):
    """The elements of both lists as JSON, parted by commas and without brackets, and how many errors there are."""

    results: memoryview
    errors: memoryview
    failed: int


class _Body(Struct):
    inputs: list[Raw] | None = None


class _Named(Struct):
    id: str
    url: str


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(_Kept).decode
_bodies = msgspec.json.Decoder(_Body)
_named = msgspec.json.Decoder(list[_Named])
_one = msgspec.json.Decoder(_Named)
_raw = msgspec.json.Decoder(list[Raw])

_RESULTS = b'"results":['
_ERRORS = b'"errors":['


def split(body: bytes, size: int) -> list[bytes]:
    """The body of a batch as bodies of at most `size` inputs each, at least one; other members are left out."""
    inputs = _bodies.decode(body.removeprefix(BYTE_ORDER_MARK)).inputs or []
    starts = range(0, max(len(inputs), 1), size)
    return [b'{"inputs":[%b]}' % b",".join(inputs[start : start + size]) for start in starts]


def kept(results: Sequence[SimplePublicObject], errors: Sequence[StandardError]) -> bytes:
    """What is kept of the outcome of one chunk."""
    return _pack(_Kept(_elements(results), _elements(errors), len(errors)))


def _elements(list_: Sequence[Struct]) -> memoryview:
    return memoryview(encode(list_))[1:-1]


def ids(outcome: bytes) -> list[int]:
    """The ids of the records in the results of a chunk."""
    return [int(named.id) for named in _named.decode(_list(_unpack(outcome).results))]


def without(outcome: bytes, url_end: str) -> bytes:
    """The outcome of a chunk without the results of the record whose URL ends so (`trunkline.wire.record.place`)."""
    chunk = _unpack(outcome)
    left = [one for one in _raw.decode(_list(chunk.results)) if not _one.decode(one).url.endswith(url_end)]
    return _pack(_Kept(memoryview(b",".join(left)), chunk.errors, chunk.failed))


def _list(elements: memoryview) -> bytes:
    return b"".join((b"[", elements, b"]"))


def listing(response: BatchResponse, outcomes: Iterable[bytes]) -> list[bytes | memoryview]:
    """The JSON of a response in pieces, with the results and errors of these chunks as its lists."""
    chunks = [_unpack(outcome) for outcome in outcomes]
    response.results = ()
    if failed := sum(chunk.failed for chunk in chunks):
        response.num_errors, response.errors = failed, ()
    start, results, middle = encode(response).partition(_RESULTS)
    middle, errors, end = middle.partition(_ERRORS)
    listed = _joined(chunk.results for chunk in chunks)
    failures = _joined(chunk.errors for chunk in chunks)
    return [start + results, *listed, middle + errors, *failures, end]


def _joined(parts: Iterable[memoryview]) -> Iterator[bytes | memoryview]:
    """The parts that are not empty, with commas between them."""
    comma = b""
    for part in parts:
        if part:
            yield comma
            yield part
            comma = b","
