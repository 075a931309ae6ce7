"""What a file of records has that `trunkline export` wrote: the one place that its writers and readers share."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from msgspec import UNSET, Raw, Struct, UnsetType

from trunkline.load.stopped import Stopped

HEAD = ("id", "createdAt", "updatedAt", "archived", "archivedAt")
"""What stands in front of a record's properties, as the API names it; by these columns such a file is known."""

REJECTED = ("line", "reason")
"""What `trunkline load` puts before the columns of rows that it could not load."""

HISTORY = "history."
TIES = "associations."
_OWN = "properties."


class Null(int):
    """What the module `csv` takes for a number, and so leaves without quotes, and what it writes as nothing."""

    def __str__(self) -> str:
        return ""


NULL = Null()


class Form(StrEnum):
    """The kinds of file."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


_ENDINGS = {".csv": Form.CSV, ".ndjson": Form.NDJSON, ".jsonl": Form.NDJSON, ".parquet": Form.PARQUET}


def form_of(file: Path) -> Form | None:
    """What a file is by the end of its name; None where that does not tell."""
    return _ENDINGS.get(file.suffix.lower())


class Kind(Struct, rename="camel"):
    """One way in which two records are tied."""

    category: str
    type_id: int
    label: str | None = None


class Tie(Struct):
    """A record at the other end, and how it is tied.

    `key` is its value of the unique property `property`, by which it is found where its id is another one; both may be
    missing.
    """

    id: str
    types: list[Kind]
    property: str | UnsetType | None = UNSET
    key: str | UnsetType | None = UNSET


class Head(Struct, rename="camel", kw_only=True):
    """What the API tells of a record beside its properties."""

    id: str
    created_at: str | None = None
    updated_at: str | None = None
    archived: bool = False
    archived_at: str | UnsetType = UNSET


class Whole(Head, rename="camel", kw_only=True):
    """A record whose values nobody looks at: a line of NDJSON."""

    properties: Raw
    properties_with_history: Raw | UnsetType = UNSET
    associations: dict[str, list[Tie]] | UnsetType = UNSET


class Parted(Head, rename="camel", kw_only=True):
    """A record whose values go into columns of their own."""

    properties: dict[str, str | None]
    properties_with_history: dict[str, Raw] | UnsetType = UNSET
    associations: dict[str, list[Tie]] | UnsetType = UNSET


class Past(Struct, rename="camel"):
    """One value that a property had (behaviour 9.6)."""

    value: str | None = None
    timestamp: str | None = None
    source_type: str | None = None
    source_id: str | None = None
    source_label: str | None = None
    updated_by_user_id: int | None = None


class Content(Struct, frozen=True):
    """What a file has of each record: properties, their history or not, and ties to records of some types."""

    properties: tuple[str, ...]
    history: bool = False
    associations: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns of a table of it."""
        past = (HISTORY + name for name in self.properties if self.history)
        return [*HEAD, *map(column_of, self.properties), *past, *(TIES + type_ for type_ in self.associations)]


def property_of(column: str, exported: bool = True) -> str:
    """The property of a column."""
    return column.removeprefix(_OWN) if exported else column


def column_of(name: str) -> str:
    """The column of a property; only one that is named like a column of the head has another name than its own."""
    return _OWN + name if name in HEAD else name


def content_of(columns: Sequence[str]) -> Content | None:
    """What a table of these columns has; None for one that is no export, nor what was rejected of one."""
    columns = columns[len(REJECTED) :] if tuple(columns[: len(REJECTED)]) == REJECTED else columns
    if tuple(columns[: len(HEAD)]) != HEAD:
        return None
    rest = columns[len(HEAD) :]
    names = tuple(property_of(name) for name in rest if not name.startswith((HISTORY, TIES)))
    ties = tuple(name.removeprefix(TIES) for name in rest if name.startswith(TIES))
    return Content(names, any(name.startswith(HISTORY) for name in rest), ties)


def require_arrow() -> None:
    """Raises `Stopped` where Parquet can neither be read nor written."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as cause:
        raise Stopped("Parquet needs pyarrow, which is not installed: pip install 'trunkline[parquet]'.") from cause


def named(text: str, option: str) -> tuple[str, ...]:
    """Names that are parted by commas, each once. Raises `Stopped` where there is none."""
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise Stopped(f"{option} {text!r}: write names, parted by commas.")
    return names
