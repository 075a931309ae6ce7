"""Which rows of the journal each of some plans wrote that PostgreSQL writes as one."""

import pytest

from trunkline.crm.plan import Plan, Update
from trunkline.crm.record import Change, Record
from trunkline.store.postgres.writing import stretches

RECORD = Record(id=1, properties={}, created=0, updated=0, app=1)
UPDATE = Update(RECORD, Change(at=0, app=1, values={}))


@pytest.mark.parametrize(
    ("plans", "last", "found"),
    [
        ([(3, 0, 0)], 7, [[(7, 7)]]),
        ([(0, 2, 1)], 7, [[(5, 7)]]),
        ([(1, 2, 1)], 7, [[(4, 4), (5, 7)]]),
        ([(2, 0, 0), (1, 3, 0), (0, 1, 1)], 20, [[(14, 14)], [(15, 15), (16, 18)], [(19, 20)]]),
        ([(0, 0, 0), (1, 0, 0)], 1, [[], [(1, 1)]]),
        ([(0, 0, 0)], 5, [[]]),
    ],
)
def test_creates_are_one_row_for_each_plan_and_come_before_all_changes(
    plans: list[tuple[int, int, int]], last: int, found: list[list[tuple[int, int]]]
) -> None:
    made = [
        Plan(0, 1, creates=[RECORD] * creates, updates=[UPDATE] * updates, archives=[RECORD] * archives)
        for creates, updates, archives in plans
    ]
    assert stretches([("0-48", plan) for plan in made], last) == found
