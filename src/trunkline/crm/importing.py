"""What an import asks: the files, what their columns mean, and how rows become records."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from trunkline.crm.association import LinkSpec
from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.link import LinkType
from trunkline.crm.tying import between
from trunkline.errors import InvalidImport

Operation = Literal["CREATE", "UPDATE", "UPSERT"]
Role = Literal["value", "key", "id", "label", "foreign"]

DATE_FORMATS = ("MONTH_DAY_YEAR", "DAY_MONTH_YEAR", "YEAR_MONTH_DAY")

NATURAL_KEYS: Mapping[str, str] = {"0-1": "email", "0-2": "domain"}
"""By object type, the property by which rows find their records where no column is said to (behaviour 15.6)."""

MOST_FILES = 50
MOST_COLUMNS = 1_000
MOST_TYPES = 10
"""What one import may have of each (chosen: differences)."""


class Column(Struct, frozen=True, kw_only=True):
    """One mapped column: what its cells are to the records of an object type, given by its id.

    A `value` is one of a property, a `key` the unique value by which a record is found, an `id` its own id, a `label`
    the name of an association with the `other` type of the row, and a `foreign` one the value by which a record of the
    `other` type is found, which another file has. `identifier` marks the column of that file. `place` is where the
    cells stand in a row.
    """

    name: str
    type: str
    role: Role
    property: str = ""
    other: str = ""
    link: LinkSpec | None = None
    identifier: bool = False
    place: int = -1


class File(Struct, frozen=True):
    """One file: its name, whether its first row is a header, its columns, and how many cells a row has, once known."""

    name: str
    has_header: bool
    columns: Sequence[Column]
    width: int = 0

    @property
    def types(self) -> list[str]:
        """The object types whose records its rows make or change, in the order of the columns."""
        return list(dict.fromkeys(one.type for one in self.columns if one.role in ("value", "key", "id")))

    def of(self, type_id: str) -> list[Column]:
        """The columns with which records of one type are made."""
        return [one for one in self.columns if one.type == type_id and one.role in ("value", "key", "id")]

    def address(self, type_id: str) -> Column | None:
        """The column by which records of a type are found."""
        return next((one for one in self.of(type_id) if one.role != "value"), None)

    def foreign(self, type_id: str) -> list[Column]:
        """The columns that tie records of a type to those of other files."""
        return [one for one in self.columns if one.type == type_id and one.role == "foreign"]


class Import(Struct, frozen=True, kw_only=True):
    """A whole import. `operations` are by object type id; where none is named it is UPSERT."""

    name: str
    operations: Mapping[str, Operation]
    date_format: str
    zone: str
    files: Sequence[File]

    @property
    def types(self) -> list[str]:
        """The object types whose records it makes or changes."""
        return list(dict.fromkeys(type_id for file in self.files for type_id in file.types))

    def operation(self, type_id: str) -> Operation:
        """What is done with records of one type."""
        return self.operations.get(type_id, "UPSERT")

    def identifier(self, column: Column) -> Column | None:
        """The column of another file in which stands what a foreign column names."""
        others = (one for file in self.files for one in file.columns if one.type == column.other)
        return next((one for one in others if one.identifier and one.role in ("value", "key")), None)


def checked(asked: Import, catalog: Catalog) -> Import:
    """The same with each type by its id, once everything in it is known; raises `InvalidImport`.

    Raises `UnknownObjectType` as well.
    """
    _require_few(asked)
    files = [_file(file, n, catalog) for n, file in enumerate(asked.files)]
    operations = {catalog.type(alias).id: operation for alias, operation in asked.operations.items()}
    known = replace(asked, files=files, operations=operations)
    for n, file in enumerate(files):
        _require_addresses(known, file, n)
        _require_ties(known, file, n, catalog)
    return known


def _require_few(asked: Import) -> None:
    if not asked.files:
        raise InvalidImport("An import needs at least one file.", "files")
    if len(asked.files) > MOST_FILES:
        raise InvalidImport(f"An import may have at most {MOST_FILES} files.", "files")


def _file(file: File, number: int, catalog: Catalog) -> File:
    where = f"files[{number}].fileImportPage.columnMappings"
    if not file.columns:
        raise InvalidImport("A file needs at least one mapped column.", where)
    if len(file.columns) > MOST_COLUMNS:
        raise InvalidImport(f"A file may have at most {MOST_COLUMNS} mapped columns.", where)
    columns = [_column(column, f"{where}[{n}]", catalog) for n, column in enumerate(file.columns)]
    known = replace(file, columns=_with_natural_keys(columns))
    if not known.types:
        raise InvalidImport("No column of the file has a property.", where)
    if len(known.types) > MOST_TYPES:
        raise InvalidImport(f"A file may have columns of at most {MOST_TYPES} object types.", where)
    for type_id in known.types:
        _require_once(known, type_id, where)
    return known


def _column(column: Column, where: str, catalog: Catalog) -> Column:
    """One column with its types by their ids; raises `InvalidImport` for a property that cannot be written."""
    type_ = catalog.type(column.type)
    other = catalog.type(column.other).id if column.other else ""
    if column.role in ("label", "foreign") and not other:
        raise InvalidImport("A column that associates needs a toColumnObjectTypeId.", where)
    if column.role in ("value", "key"):
        _require_property(column, type_, where)
    return replace(column, type=type_.id, other=other)


def _require_property(column: Column, type_: ObjectType, where: str) -> None:
    name = column.property
    if name not in type_.properties:
        raise InvalidImport(f'Property "{name}" does not exist', f"{where}.propertyName", "PROPERTY_DOESNT_EXIST")
    if name not in type_.checkers:
        message = f'"{name}" is a read only property; its value cannot be set.'
        raise InvalidImport(message, f"{where}.propertyName", "READ_ONLY_VALUE")
    if column.role == "key" and name not in type_.unique and NATURAL_KEYS.get(type_.id) != name:
        message = f'Property "{name}" is not unique, so that no {type_.name} can be found by it'
        raise InvalidImport(message, f"{where}.columnType", "INVALID_ALTERNATE_ID")


def _with_natural_keys(columns: Sequence[Column]) -> list[Column]:
    """The columns, where a type has no address with its natural key as that (behaviour 15.6)."""
    addressed = {one.type for one in columns if one.role in ("key", "id")}
    return [
        replace(one, role="key")
        if one.role == "value" and one.type not in addressed and NATURAL_KEYS.get(one.type) == one.property
        else one
        for one in columns
    ]


def _require_once(file: File, type_id: str, where: str) -> None:
    columns = file.of(type_id)
    if sum(one.role != "value" for one in columns) > 1:
        raise InvalidImport(f"More than one column says which {type_id} a row means.", where)
    names = [one.property for one in columns if one.role != "id"]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidImport(f'More than one column is mapped to the property "{twice}".', where)


def _require_addresses(asked: Import, file: File, number: int) -> None:
    for type_id in file.types:
        if asked.operation(type_id) == "UPDATE" and file.address(type_id) is None:
            where = f"files[{number}].fileImportPage.columnMappings"
            raise InvalidImport(f"No column says which {type_id} is to be updated.", where)


def _require_ties(asked: Import, file: File, number: int, catalog: Catalog) -> None:
    """Raises `InvalidImport` for records that cannot be associated."""
    where = f"files[{number}].fileImportPage.columnMappings"
    for source, target in combinations(file.types, 2):
        if catalog.links.default(source, target) is None:
            raise InvalidImport(f"Records of {source} and {target} cannot be associated.", where)
    for column in file.columns:
        if column.role == "label" and not {column.type, column.other} <= set(file.types):
            raise InvalidImport("An association label needs columns of both object types in its file.", where)
        if column.role == "foreign":
            _require_foreign(asked, file, column, where, catalog)


def _require_foreign(asked: Import, file: File, column: Column, where: str, catalog: Catalog) -> None:
    if column.type not in file.types:
        raise InvalidImport("A column that associates needs columns of its own object type in its file.", where)
    found = asked.identifier(column)
    if found is None:
        raise InvalidImport("No column of another file is marked as associationIdentifierColumn.", where)
    other = catalog.type(column.other)
    if found.property not in other.unique and NATURAL_KEYS.get(other.id) != found.property:
        raise InvalidImport(f'Property "{found.property}" of the associationIdentifierColumn is not unique.', where)
    if foreign_type(column, catalog) is None:
        raise InvalidImport(f"Records of {column.type} and {column.other} cannot be associated so.", where)


def foreign_type(column: Column, catalog: Catalog) -> LinkType | None:
    """The type of association that a foreign column asks for, from its own type to the other one."""
    ends = catalog.type(column.type), catalog.type(column.other)
    if column.link is None:
        return catalog.links.default(ends[0].id, ends[1].id)
    turned = between(column.link, (ends[1], ends[0]), catalog.links)
    return between(column.link, ends, catalog.links) or (catalog.links.inverse(turned) if turned else None)
