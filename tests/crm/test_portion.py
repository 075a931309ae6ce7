"""Parting the rows of a file: none is lost, and no portion says two things of one record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm import portion
from trunkline.crm.catalog import Catalog, Definitions, ObjectType
from trunkline.crm.importing import Column, File
from trunkline.crm.portion import LARGEST, Parting, Portion, key_of

CATALOG = Catalog(1, Definitions())
TYPES: dict[str, ObjectType] = {id_: CATALOG.type(id_) for id_ in ("0-1", "0-2", "0-3")}
EMAIL = Column(name="E", type="0-1", role="key", property="email", place=0)
NAME = Column(name="N", type="0-1", role="value", property="firstname", place=1)
DOMAIN = Column(name="D", type="0-2", role="key", property="domain", place=2)
DEAL = Column(name="S", type="0-3", role="id", place=3)
FOREIGN = Column(name="F", type="0-2", role="foreign", other="0-3", place=3)

Row = list[str]
ROW = st.tuples(
    st.sampled_from(["", "a@x.io", "A@x.io ", "b@x.io", "none"]),
    st.sampled_from(["Ada", "Bob"]),
    st.sampled_from(["", "x.io", "X.IO"]),
    st.sampled_from(["", "1"]),
).map(list)


def parted(rows: list[Row], *columns: Column) -> tuple[list[Portion], Parting]:
    parting = Parting()
    file = File("f", True, columns, 4)
    return list(parting.part(file, 0, enumerate(rows, 2), TYPES)), parting


@given(st.lists(ROW, max_size=30), st.integers(1, 5))
def test_no_row_is_lost_and_no_portion_contradicts_itself(rows: list[Row], largest: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portion, "LARGEST", largest)
        made, parting = parted(rows, EMAIL, NAME, DOMAIN, DEAL)
    assert parting.rows == len(rows)
    for type_id in ("0-1", "0-2", "0-3"):
        own = [one for one in made if (one.phase, one.type) == ("write", type_id)]
        assert [(line, row) for one in own for line, row in zip(one.lines, one.rows, strict=True)] == list(
            enumerate(rows, 2)
        )
    file = File("f", True, (EMAIL, NAME, DOMAIN, DEAL), 4)
    first: dict[tuple[str, str], tuple[int, int]] = {}
    for chunk, one in enumerate(made):
        assert len(one.rows) <= largest
        if one.phase != "write":
            continue
        said: dict[str, list[str]] = {}
        for place, row in enumerate(one.rows):
            key = key_of(file, TYPES[one.type], row)
            if key is not None:
                cells = portion.cells_of(file, one.type, row)
                assert said.setdefault(key, cells) == cells
                met = first.setdefault((one.type, key), (chunk, place))
                assert one.again.get(place) == (None if met == (chunk, place) else met)


def test_the_phases_of_a_group_of_rows() -> None:
    made, parting = parted([["a@x.io", "A", "x.io", "1"]] * (LARGEST + 1), EMAIL, DOMAIN, DEAL, FOREIGN)
    phases = [(one.phase, one.type) for one in made]
    once = [("write", "0-1"), ("write", "0-2"), ("write", "0-3"), ("tie", "0-1"), ("tie", "0-2")]
    assert phases == once * 2
    assert [one.sources for one in made[3:5]] == [{"0-1": 0, "0-2": 1, "0-3": 2}] * 2
    assert [one.sources for one in made[8:]] == [{"0-1": 5, "0-2": 6, "0-3": 7}] * 2
    assert [(one.phase, one.type, one.sources["0-2"]) for one in parting.late] == [
        ("foreign", "0-2", 1),
        ("foreign", "0-2", 6),
    ]


@pytest.mark.parametrize(
    ("cells", "keys"),
    [
        ([" A@x.io", "", "", ""], ("a@x.io", None, None)),
        (["none", "", " X.io ", "17"], (None, "x.io", "17")),
        ([], (None, None, None)),
    ],
)
def test_what_rows_of_one_record_have_in_common(cells: Row, keys: tuple[str | None, ...]) -> None:
    file = File("f", True, (EMAIL, NAME, DOMAIN, DEAL), 4)
    assert tuple(key_of(file, TYPES[id_], cells) for id_ in ("0-1", "0-2", "0-3")) == keys
