"""Tying the records that the rows of a portion made or changed."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from trunkline.crm.association import Tie
from trunkline.crm.catalog import Catalog
from trunkline.crm.importing import File, foreign_type
from trunkline.crm.link import LinkType
from trunkline.crm.plan import Found, Plan, Wanted
from trunkline.crm.portion import Portion
from trunkline.crm.rows import Fault

Ids = Mapping[str, Sequence[int]]
"""By object type, for each row the id of the record that it made or changed; 0 where there is none."""

NO_RECORD = "FAILED_TO_FIND_RECORD_FOR_ASSOCIATIONS"


class Wish(Struct, frozen=True):
    """Two records of a row that are to be tied, and in which ways."""

    row: int
    tie: Tie
    types: tuple[LinkType, ...]


class Joining:
    """The ties of a portion; records that are not there any more are told, and so are labels that nobody knows."""

    def __init__(self, wishes: Sequence[Wish], faults: Sequence[Fault], source: str, app: int) -> None:
        self._wishes = wishes
        self._source = source
        self._app = app
        self._known = list(faults)
        self.faults = self._known
        self.made = 0

    def wanted(self) -> Wanted:
        """The records on both sides."""
        return Wanted(ends=[end for wish in self._wishes for end in ((self._source, wish.tie.record), wish.tie.end)])

    def plan(self, found: Found) -> Plan:
        """Ties those of which both records are there."""
        plan = Plan(found.now, self._app)
        faults = list(self._known)
        for wish in self._wishes:
            if (self._source, wish.tie.record) in found.ends and wish.tie.end in found.ends:
                plan.ties += [Tie(wish.tie.record, wish.tie.end, type_) for type_ in wish.types]
            else:
                faults.append(Fault(wish.row, NO_RECORD, "A record of the row is not there any more."))
        self.made = len(self._wishes) - (len(faults) - len(self._known))
        self.faults = sorted(faults, key=lambda fault: fault.row)
        return plan


def of_row(portion: Portion, file: File, ids: Ids, catalog: Catalog, app: int) -> Joining:
    """The ties of the rows' records with each other, from one type to those after it in the file."""
    wishes: list[Wish] = []
    faults: list[Fault] = []
    source = portion.type
    for target in file.types[file.types.index(source) + 1 :]:
        usual = catalog.links.default(source, target)
        for row, cells in enumerate(portion.rows):
            ends = ids[source][row], ids[target][row]
            if usual is None or not all(ends):
                continue
            labelled, unknown = _labelled(file, source, target, cells, catalog)
            faults += [
                Fault(row, "ASSOCIATION_LABEL_NOT_FOUND", f"No association is labelled {name[:100]}.", place, name)
                for place, name in unknown
            ]
            types = catalog.links.with_plain(labelled or [usual])
            wishes.append(Wish(row, Tie(ends[0], (target, ends[1]), usual), types))
    return Joining(wishes, faults, source, app)


def _labelled(
    file: File, source: str, target: str, cells: Sequence[str], catalog: Catalog
) -> tuple[list[LinkType], list[tuple[int, str]]]:
    """The types that the labels of a row name, and those labels, with their places, that name none."""
    found: list[LinkType] = []
    unknown = []
    for column in file.columns:
        if column.role == "label" and {column.type, column.other} == {source, target}:
            for name in filter(None, map(str.strip, cells[column.place].split(";"))):
                type_ = _by_label(name, column.type, column.other, catalog)
                turned = catalog.links.inverse(type_) if type_ and type_.source != source else type_
                if turned is None:
                    unknown.append((column.place, name))
                else:
                    found.append(turned)
    return found, unknown


def _by_label(name: str, source: str, target: str, catalog: Catalog) -> LinkType | None:
    types = catalog.links.between(source, target)
    return next((one for one in types if (one.label or "").casefold() == name.casefold()), None)


def foreign(
    portion: Portion, file: File, ids: Ids, found: Mapping[int, Mapping[str, Sequence[int]]], catalog: Catalog, app: int
) -> Joining:
    """The ties of the rows' records with those of other files; `found` has, by column place and cell, who is meant."""
    wishes: list[Wish] = []
    faults: list[Fault] = []
    for column in file.foreign(portion.type):
        type_ = foreign_type(column, catalog)
        for row, id_, cell in _named(portion, ids[portion.type], column.place):
            meant = found[column.place].get(cell, ())
            if type_ is None or not meant:
                faults.append(Fault(row, NO_RECORD, f"No record has {cell[:100]}.", column.place, cell))
                continue
            types = catalog.links.with_plain([type_])
            wishes += [Wish(row, Tie(id_, (column.other, other), type_), types) for other in meant]
    return Joining(wishes, faults, portion.type, app)


def _named(portion: Portion, ids: Sequence[int], place: int) -> Iterable[tuple[int, int, str]]:
    """The rows that have a record and a cell at a place."""
    for row, cells in enumerate(portion.rows):
        cell = cells[place].strip() if place < len(cells) else ""
        if ids[row] and cell:
            yield row, ids[row], cell
