"""Records as Parquet: a column for each property, all of them text."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
from msgspec import UNSET
from pyarrow.parquet import ParquetWriter

from trunkline.load.exported import HISTORY, TIES, Content, Parted, Past, Tie, column_of

GROUP = 20_000
"""Records of one row group at most."""

GROUP_BYTES = 64 << 20
"""Bytes of one row group, about, before they are compressed."""

_kind = pa.struct([("category", pa.string()), ("typeId", pa.int64()), ("label", pa.string())])
_tie = pa.struct([("id", pa.string()), ("property", pa.string()), ("key", pa.string()), ("types", pa.list_(_kind))])
_past = pa.struct(
    [
        *((name, pa.string()) for name in ("value", "timestamp", "sourceType", "sourceId", "sourceLabel")),
        ("updatedByUserId", pa.int64()),
    ]
)
_pasts = msgspec.json.Decoder(list[Past])


def schema(content: Content) -> pa.Schema:
    """The columns of a file."""
    return pa.schema(
        [
            ("id", pa.string()),
            ("createdAt", pa.string()),
            ("updatedAt", pa.string()),
            ("archived", pa.bool_()),
            ("archivedAt", pa.string()),
            *((column_of(name), pa.string()) for name in content.properties),
            *((HISTORY + name, pa.list_(_past)) for name in content.properties if content.history),
            *((TIES + type_, pa.list_(_tie)) for type_ in content.associations),
        ]
    )


class Parquet:
    """Gathers records until they are a row group."""

    kind = Parted

    def __init__(self, out: BinaryIO, content: Content) -> None:
        self._content = content
        self._schema = schema(content)
        self._writer = ParquetWriter(out, self._schema, compression="zstd")
        self._batches: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, records: Sequence[Parted]) -> None:
        """Adds records."""
        if not records:
            return
        all_ = self._columns(records)
        columns = [pa.array(column, field.type) for column, field in zip(all_, self._schema, strict=True)]
        batch = pa.RecordBatch.from_arrays(columns, schema=self._schema)
        self._batches.append(batch)
        self._rows += len(records)
        self._bytes += batch.nbytes
        if self._rows >= GROUP or self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Ends the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches), row_group_size=self._rows)
        self._batches.clear()
        self._rows = self._bytes = 0

    def _columns(self, records: Sequence[Parted]) -> list[list[Any]]:
        values = [one.properties for one in records]
        pasts = [one.properties_with_history or {} for one in records]
        ties = [one.associations or {} for one in records]
        return [
            [one.id for one in records],
            [one.created_at for one in records],
            [one.updated_at for one in records],
            [one.archived for one in records],
            [None if one.archived_at is UNSET else one.archived_at for one in records],
            *([one.get(name) for one in values] for name in self._content.properties),
            *(
                [_versions(one.get(name)) for one in pasts]
                for name in self._content.properties
                if self._content.history
            ),
            *([[_shown(tie) for tie in one.get(type_, ())] for one in ties] for type_ in self._content.associations),
        ]


def _versions(told: msgspec.Raw | None) -> Any:
    return None if told is None else msgspec.to_builtins(_pasts.decode(told))


def _shown(tie: Tie) -> Any:
    return msgspec.to_builtins(tie)
