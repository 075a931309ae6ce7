"""From the rows of a portion to the inputs of a batch, and from what became of those to what is wrong with rows."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from trunkline.crm.catalog import Catalog, ObjectType
from trunkline.crm.cell import DATE, NUMBER, Reading, read
from trunkline.crm.check import Checked, Input, NewInput, check_addressed, check_new
from trunkline.crm.importing import Column, File, Operation
from trunkline.crm.plan import Plan
from trunkline.crm.portion import Portion, cells_of, key_of
from trunkline.crm.values import Unfit
from trunkline.errors import (
    DuplicateIds,
    InvalidValue,
    InvalidValues,
    MissingRequired,
    RecordExists,
    Refusal,
    UniqueValueTaken,
    UnknownRecord,
)

LONGEST_VALUE = 1_000
"""Characters of a value that a fault shows (chosen: differences)."""

UNKNOWN = "UNKNOWN_BAD_REQUEST"

Held = Mapping[str, Sequence[int]]
"""By a natural key in lower case, the ids of the records that have it."""


class Fault(Struct, array_like=True, frozen=True):
    """What is wrong with one row, by its place in the portion: HubSpot's code, and the place of the cell, or -1."""

    row: int
    code: str
    message: str
    place: int = -1
    value: str = ""


class Drafted(Struct):
    """The inputs of a portion, for each the rows that it stands for, and what is wrong with other rows."""

    checked: list[Checked]
    rows: list[list[int]]
    faults: list[Fault]


class Drafting:
    """How the rows of a file become inputs for records of one object type."""

    def __init__(
        self, file: File, operation: Operation, type_: ObjectType, catalog: Catalog, reading: Reading, held: Held
    ) -> None:
        self._file = file
        self._operation = operation
        self._type = type_
        self._catalog = catalog
        self._reading = reading
        self._held = held
        self._columns = file.of(type_.id)
        self._address = file.address(type_.id)

    def drafted(self, portion: Portion) -> Drafted:
        """The inputs of a portion. Rows that mean the same record are one input; rows without a cell are none."""
        made = Drafted([], [], [])
        met: dict[str, int] = {}
        for row, cells in enumerate(portion.rows):
            own = cells_of(self._file, self._type.id, cells)
            if len(cells) != self._file.width:
                made.faults += self._misshapen(row, len(cells))
            elif any(own):
                key = key_of(self._file, self._type, cells)
                if key is not None and key in met:
                    made.rows[met[key]].append(row)
                else:
                    self._add(made, row, own)
                    if key is not None and made.rows and made.rows[-1] == [row]:
                        met[key] = len(made.rows) - 1
        return made

    def faults(self, plan: Plan, drafted: Drafted, portion: Portion) -> list[Fault]:
        """What is wrong with the rows, those among them whose inputs were refused; in the order of the rows."""
        found = list(drafted.faults)
        for failed in (*plan.failed, *plan.missing):
            for row in drafted.rows[failed.position]:
                found += self._told(row, portion.rows[row], failed.refusal)
        return sorted(found, key=lambda fault: fault.row)

    def _misshapen(self, row: int, count: int) -> Iterator[Fault]:
        """A row of the wrong size is told once, whatever types it has."""
        if self._type.id == self._file.types[0]:
            message = f"The row has {count} cells where {self._file.width} are expected."
            yield Fault(row, "INCORRECT_NUMBER_OF_COLUMNS", message)

    def _add(self, made: Drafted, row: int, cells: Sequence[str]) -> None:
        values, bad = self._values(row, cells)
        if bad:
            made.faults += bad
            return
        checked = self._addressed(len(made.checked), row, cells, values)
        if isinstance(checked, Fault):
            made.faults.append(checked)
        else:
            made.checked.append(checked)
            made.rows.append([row])

    def _values(self, row: int, cells: Sequence[str]) -> tuple[dict[str, str], list[Fault]]:
        """The texts of the properties that have a cell; an empty one changes nothing (behaviour 15.7)."""
        values: dict[str, str] = {}
        bad = []
        for column, cell in zip(self._columns, cells, strict=True):
            if column.role == "value" and cell:
                try:
                    # A property may have been archived since the import was asked for; the check then says so.
                    known = self._type.properties.get(column.property)
                    values[column.property] = cell if known is None else read(cell, known, self._reading)
                except Unfit as unfit:
                    bad.append(_fault(row, unfit.code, unfit.message, column, cell))
        return values, bad

    def _addressed(self, n: int, row: int, cells: Sequence[str], values: Mapping[str, str]) -> Checked | Fault:
        """The input of a row; what is wrong where the row means no record, or one that it must not."""
        column = self._address
        cell = "" if column is None else cells[self._columns.index(column)]
        if column is None or not cell:
            if self._operation == "UPDATE" and column is not None:
                return _fault(row, _unusable(column), "The row does not say which record is to be updated.", column, "")
            return self._new(n, values)
        if column.role == "id":
            if self._operation == "CREATE":
                return _fault(row, "CREATE_ONLY_IMPORT", "The row means a record that is there.", column, cell)
            return self._by(n, cell, values, None)
        if column.property not in self._type.unique:
            return self._natural(n, row, column, cell, values)
        if self._operation == "CREATE":
            return self._new(n, {**values, column.property: cell})
        return self._by(n, cell, values, column.property)

    def _natural(self, n: int, row: int, column: Column, cell: str, values: Mapping[str, str]) -> Checked | Fault:
        """The input of a row whose record is found by a property that need not be unique."""
        ids = self._held.get(cell.lower(), ())
        if len(ids) > 1:
            return _fault(row, "MULTIPLE_COMPANIES_WITH_THIS_DOMAIN", f"{len(ids)} records have it.", column, cell)
        if ids and self._operation == "CREATE":
            return _fault(row, "CREATE_ONLY_IMPORT", "The row means a record that is there.", column, cell)
        if ids:
            return self._by(n, str(ids[0]), values, None)
        if self._operation == "UPDATE":
            return _fault(row, "UPDATE_ONLY_IMPORT", "No record has it.", column, cell)
        return self._new(n, {**values, column.property: cell})

    def _new(self, n: int, values: Mapping[str, str]) -> Checked:
        return check_new([NewInput(values)], self._type, self._catalog, n)[0]

    def _by(self, n: int, id_: str, values: Mapping[str, str], name: str | None) -> Checked:
        return check_addressed([Input(id_, values, name)], self._type, self._catalog.portal, n)[0]

    def _told(self, row: int, cells: Sequence[str], refusal: Refusal) -> Iterator[Fault]:
        """What a refused input means for its row."""
        if isinstance(refusal, InvalidValues):
            for value in refusal.values:
                column = self._column(value.name)
                yield _fault(row, self._code(value), value.message, column, _sent(cells, column))
            return
        name = refusal.name if isinstance(refusal, UniqueValueTaken) else ""
        column = self._column(name) or (None if isinstance(refusal, MissingRequired) else self._address)
        yield _fault(row, self._refused(refusal, name), refusal.message, column, _sent(cells, column))

    def _refused(self, refusal: Refusal, name: str) -> str:
        taken = isinstance(refusal, RecordExists | UniqueValueTaken)
        own = isinstance(refusal, RecordExists) or (self._address is not None and self._address.property == name)
        if self._operation == "CREATE" and taken and own:
            return "CREATE_ONLY_IMPORT"
        if isinstance(refusal, UnknownRecord):
            by_id = self._address is not None and self._address.role == "id"
            return "INVALID_OBJECT_ID" if by_id else "UPDATE_ONLY_IMPORT"
        if isinstance(refusal, DuplicateIds):
            return "DUPLICATE_ALTERNATE_ID"
        if isinstance(refusal, MissingRequired):
            return "MISSING_REQUIRED_PROPERTY"
        return "DUPLICATE_UNIQUE_PROPERTY_VALUE" if taken else UNKNOWN

    def _column(self, name: str) -> Column | None:
        return next((one for one in self._columns if one.property == name), None)

    def _code(self, value: InvalidValue) -> str:
        """HubSpot's code of an import error for what is wrong with a value."""
        definition = self._type.properties.get(value.name)
        if value.code == "INVALID_LONG" and definition is not None:
            return NUMBER if definition.type == "number" else DATE
        return CODES.get(value.code, "FAILED_VALIDATION")


CODES = {
    "INVALID_OPTION": "INVALID_ENUMERATION_OPTION",
    "INVALID_EMAIL": "INVALID_EMAIL",
    "INVALID_DATE": DATE,
    "INVALID_INTEGER": "COULD_NOT_FIND_OWNER",
    "PROPERTY_DOESNT_EXIST": "PROPERTY_DEFINITION_NOT_FOUND",
}
"""By HubSpot's code of a bad property value, that of an import error."""


def _unusable(column: Column) -> str:
    return "INVALID_OBJECT_ID" if column.role == "id" else "INVALID_ALTERNATE_ID"


def _sent(cells: Sequence[str], column: Column | None) -> str:
    return "" if column is None else cells[column.place].strip()


def _fault(row: int, code: str, message: str, column: Column | None, value: str) -> Fault:
    return Fault(row, code, message, -1 if column is None else column.place, value[:LONGEST_VALUE])
