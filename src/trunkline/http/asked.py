"""What a batch request asks, from its bytes to the batch that it means: the same for one that is carried out later."""

from collections.abc import Callable, Collection, Mapping

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.batch import Batch, Operation
from trunkline.crm.values import text
from trunkline.http.call import Call
from trunkline.stopwatch import stopwatch
from trunkline.wire import batch as wire


class Asked(Struct, frozen=True, kw_only=True):
    """What a batch asks beside its inputs; `names` and `past` are the properties to show, with their histories.

    `size` is how many inputs go into each chunk of one that is carried out later.
    """

    operation: Operation
    portal: int
    app: int
    type: str
    names: list[str]
    past: list[str]
    archived: bool
    id_property: str | None = None
    full: bool
    size: int = 0


def asked(call: Call, operation: Operation) -> Asked:
    """What a call asks in its path, its query and its headers."""
    return Asked(
        operation=operation,
        portal=call.portal,
        app=call.caller.app,
        type=call.type.id,
        names=call.names("properties"),
        past=call.names("propertiesWithHistory"),
        archived=call.flag("archived"),
        full=call.full,
    )


def decoded(asked: Asked, body: bytes, *, each: bool = False, first: int = 0, done: Collection[int] = ()) -> Batch:
    """The batch that a body means, or one part of it (`trunkline.crm.batch`); raises `MalformedBody`."""
    batch = Batch(
        operation=asked.operation,
        portal=asked.portal,
        app=asked.app,
        type=asked.type,
        inputs=(),
        names=asked.names,
        past=asked.past,
        archived=asked.archived,
        id_property=asked.id_property,
        full=asked.full,
        each=each,
        first=first,
        done=done,
    )
    batch = _READERS[asked.operation](batch, body)
    stopwatch().lap("decode")
    return batch


def _with_read(batch: Batch, body: bytes) -> Batch:
    sent = wire.decode_read(body)
    return replace(
        batch,
        inputs=[text(input_.id) for input_ in sent.inputs or ()],
        names=[*batch.names, *filter(None, map(text, sent.properties or ()))],
        past=[*batch.past, *filter(None, map(text, sent.properties_with_history or ()))],
        id_property=text(sent.id_property) or batch.id_property,
    )


def _with_archive(batch: Batch, body: bytes) -> Batch:
    return replace(batch, inputs=[text(input_.id) for input_ in wire.decode_archive(body).inputs or ()])


_READERS: Mapping[Operation, Callable[[Batch, bytes], Batch]] = {
    "create": lambda batch, body: replace(batch, inputs=wire.decode_create(body)),
    "read": _with_read,
    "update": lambda batch, body: replace(batch, inputs=wire.decode_update(body)),
    "upsert": lambda batch, body: replace(batch, inputs=wire.decode_upsert(body)),
    "archive": _with_archive,
}
