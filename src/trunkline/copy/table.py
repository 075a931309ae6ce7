"""The tables of a store as no engine has them: rows of plain values, the same whichever engine they come from.

Records are named by portal, object type and id. The journal of each portal is numbered from 1 on, without gaps. Of a
unique value there is what stands for it (`trunkline.store.postgres.keys`). Of a portal that was removed there is its
own row and what belongs to the server, whatever else of it has not been taken away yet.
"""

from typing import Any

from msgspec import Struct

Row = tuple[Any, ...]
"""The values of a row, in the order of its table's columns: text, whole numbers, bytes, or None."""


class Table(Struct, frozen=True):
    """One table: what its columns are called, which of them name a row, and which may be large.

    What is `of_portal` has the portal as its first column, and only rows of portals that are there. `first` comes
    before all keys.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    first: tuple[int | str, ...]
    large: tuple[str, ...] = ()
    of_portal: bool = True

    @property
    def weights(self) -> tuple[int, ...]:
        """Where in a row the large columns are."""
        return tuple(self.columns.index(name) for name in self.large)


def _server(name: str, key: str, rest: str = "") -> Table:
    keys = tuple(key.split())
    first = tuple("" if column == "name" else -1 for column in keys)
    return Table(name, (*keys, *rest.split()), keys, first, of_portal=False)


def _portal(name: str, key: str, rest: str, *, texts: str = "", large: str = "") -> Table:
    keys = ("portal", *key.split())
    first = tuple("" if column in texts.split() else -1 for column in keys)
    return Table(name, (*keys, *rest.split()), keys, first, tuple(large.split()))


SEQUENCES = ("app", "event", "person")
"""What the server numbers, and never gives the same number again, not even one that nobody has any more."""

TABLES = (
    _server("portal", "id", "name created products limits removed version"),
    _server("app", "id", "portal name client_id redirect_uris scopes optional_scopes created removed"),
    _server("person", "id", "email password created removed"),
    _server("person_portal", "person portal"),
    _server(
        "credential",
        "position",
        "digest kind app portal person scopes family redirect_uri challenge created expires ended",
    ),
    _server("event", "position", "at kind portal app person address detail count"),
    _server("sequence", "name", "last"),
    _portal("definition", "kind type name", "definition last_change", texts="kind type name", large="definition"),
    _portal(
        "record", "type id", "properties created updated app archived last_change", texts="type", large="properties"
    ),
    _portal("change", "position", "kind type at app record previous detail", large="detail"),
    _portal("unique_value", "type property value", "record", texts="type property value"),
    _portal(
        "association", "source_type source target_type target category kind", "at app", texts="source_type target_type"
    ),
    _portal("departed", "type id", "successor", texts="type"),
    _portal("list", "id", "detail", large="detail"),
    _portal("list_folder", "id", "detail", large="detail"),
    _portal("list_member", "list type record", "at", texts="type"),
    _portal(
        "job",
        "id",
        "kind asked state chunk chunks requested started completed progress",
        texts="id",
        large="asked progress",
    ),
    _portal("job_chunk", "job chunk", "inputs outcome", texts="job", large="inputs outcome"),
    _portal("counter", "name", "last", texts="name"),
    _portal("note", "kind name", "detail", texts="kind name"),
)
"""All of a store but its search index, which is made anew, in the order in which they are written: who refers to a row
comes after it. Which record id comes next follows from the records."""
