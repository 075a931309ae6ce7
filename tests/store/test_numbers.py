"""Which record id comes next."""

from trunkline.store.sqlite.collection import Collection
from trunkline.store.sqlite.numbers import Numbers
from trunkline.store.sqlite.schema import FIRST_ID

CALLS, NOTES, DEALS, OTHERS = (
    Collection(1, 7, "calls"),
    Collection(2, 7, "notes"),
    Collection(3, 7, "deals"),
    Collection(4, 8, "notes"),
)


def numbers() -> Numbers:
    made = Numbers({"calls", "notes"})
    for collection in (CALLS, NOTES, DEALS, OTHERS):
        made.add(collection)
    return made


def test_types_that_are_numbered_together_never_share_an_id() -> None:
    made = numbers()
    made[CALLS.slot] = FIRST_ID + 3
    assert [made[one.slot] for one in (CALLS, NOTES, DEALS, OTHERS)] == [FIRST_ID + 3, FIRST_ID + 3, FIRST_ID, FIRST_ID]
    made[NOTES.slot] = FIRST_ID + 5
    assert made[CALLS.slot] == FIRST_ID + 5


def test_a_collection_that_comes_late_goes_on_where_the_others_are() -> None:
    made = Numbers({"calls", "notes"})
    made.add(CALLS)
    made[CALLS.slot] = FIRST_ID + 3
    made.add(NOTES)
    assert made[NOTES.slot] == FIRST_ID + 3


def test_a_portal_that_goes_takes_its_numbers_along() -> None:
    made = numbers()
    made[CALLS.slot] = FIRST_ID + 3
    for collection in (CALLS, NOTES, DEALS):
        made.drop(collection)
    made.add(NOTES)
    assert made[NOTES.slot] == FIRST_ID == made[OTHERS.slot]
