"""The addresses of contacts: whatever is written, each is one contact's, and what is held is what the contacts say."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm import alias
from trunkline.crm.archive import Archive
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.check import Input, NewInput, check_addressed, check_new
from trunkline.crm.merge import Merge
from trunkline.crm.plan import Found, Plan, UniqueKey
from trunkline.crm.record import Record
from trunkline.crm.write import Write
from trunkline.errors import Refusal

CATALOG = Catalog(7, Definitions())
CONTACTS = CATALOG.type("contacts")
LIST = "hs_additional_emails"
ADDRESSES = [f"{name}@example.com" for name in "abcd"]


@dataclass
class Ledger:
    """What a store does with plans, as little of it as there can be."""

    records: dict[int, Record] = field(default_factory=dict)
    holders: dict[UniqueKey, int] = field(default_factory=dict)

    def carry_out(self, work: Write | Archive | Merge) -> Plan | None:
        """Applies the plan of some work; None for work that is refused."""
        wanted = work.wanted()
        holders = {key: self.holders[key] for key in wanted.keys if key in self.holders}
        ids = {*wanted.ids, *holders.values()} & self.records.keys()
        try:
            plan = work.plan(
                Found(len(self.records), len(self.records) + 1, holders, {i: self.records[i] for i in ids})
            )
        except Refusal:
            return None
        for key in plan.released:
            del self.holders[key]
        for key, id_ in plan.claimed:
            assert key not in self.holders, "it is not claimed twice"
            self.holders[key] = id_
        for record in (*plan.creates, *(update.record for update in plan.updates), *plan.archives):
            self.records[record.id] = record
        return plan

    def create(self, **sent: str) -> Plan | None:
        """Makes one contact."""
        checked = check_new([NewInput(sent)], CONTACTS, CATALOG)
        return self.carry_out(Write(checked, CONTACTS, CATALOG, 5, "create", each=True))

    def write(self, id_: str, by: str | None, **sent: str) -> Plan | None:
        """Changes one contact, or makes it where it is addressed by an address."""
        checked = check_addressed([Input(id_, sent, by)], CONTACTS, 7)
        return self.carry_out(Write(checked, CONTACTS, CATALOG, 5, "upsert" if by else "update", each=True))

    def said(self) -> list[tuple[UniqueKey, int]]:
        """Every address that a live contact has, as the texts of its properties say."""
        found = []
        for record in self.records.values():
            if record.archived is None:
                texts = [record.properties.get("email", ""), *record.properties.get(LIST, "").split(";")]
                found += [(("email", text), record.id) for text in texts if text]
        return found


addresses = st.lists(st.sampled_from([*ADDRESSES, "A@Example.com ", ""]), max_size=4).map(";".join)
sent = st.fixed_dictionaries(
    {}, optional={"email": st.sampled_from([*ADDRESSES, ""]), LIST: addresses | addresses.map(lambda text: f";{text}")}
)
numbers = st.integers(1, 4)
steps = st.one_of(
    st.tuples(st.just("create"), sent),
    st.tuples(st.just("update"), numbers, sent),
    st.tuples(st.just("upsert"), st.sampled_from(ADDRESSES), sent),
    st.tuples(st.just("merge"), numbers, numbers),
    st.tuples(st.just("archive"), numbers),
)


def take(ledger: Ledger, step: tuple[str, ...]) -> None:
    """Takes one step, which may be refused."""
    match step:
        case ("create", values):
            ledger.create(**values)  # type: ignore[arg-type]
        case ("update", number, values):
            ledger.write(str(number), None, **values)  # type: ignore[arg-type]
        case ("upsert", address, values):
            ledger.write(address, "email", **values)  # type: ignore[arg-type]
        case ("merge", one, other) if one != other:
            ledger.carry_out(Merge(int(one), int(other), CONTACTS, 5))
        case ("archive", number):
            ledger.carry_out(Archive([int(number)], CONTACTS, 5))


@given(st.lists(steps, max_size=12))
def test_an_address_is_held_by_the_one_contact_that_has_it(taken: list[tuple[str, ...]]) -> None:
    ledger = Ledger()
    for step in taken:
        take(ledger, step)
        said = ledger.said()
        assert sorted(said) == sorted(ledger.holders.items())
        assert len({key for key, _ in said}) == len(said), "no address is there twice"


@given(st.lists(steps, max_size=6), numbers, st.sampled_from(ADDRESSES))
def test_a_contact_loses_no_address_that_becomes_its_first(
    taken: list[tuple[str, ...]], number: int, address: str
) -> None:
    ledger = Ledger()
    for step in taken:
        take(ledger, step)
    if ledger.holders.get(("email", address)) == number:
        before = dict(ledger.holders)
        ledger.write(str(number), None, email=address)
        assert ledger.holders == before
        assert ledger.records[number].properties["email"] == address


@pytest.mark.parametrize(
    ("values", "kept", "after"),
    [
        ({"email": "a"}, {}, {"email": "a"}),
        ({LIST: "a;b"}, {"email": "a"}, {LIST: "b"}),
        ({LIST: ";b"}, {LIST: "a"}, {LIST: "a;b"}),
        ({LIST: ""}, {LIST: "a"}, {LIST: ""}),
        ({"email": "b"}, {"email": "a", LIST: "b;c"}, {"email": "b", LIST: "a;c"}),
        ({"email": "b", LIST: "c"}, {"email": "a", LIST: "b"}, {"email": "b", LIST: "c"}),
        ({"email": "b"}, {LIST: "b;c"}, {"email": "b", LIST: "c"}),
        ({"email": ""}, {"email": "a", LIST: "b"}, {"email": ""}),
    ],
)
def test_what_a_write_comes_to(values: dict[str, str], kept: dict[str, str], after: dict[str, str]) -> None:
    assert alias.settled(values, kept, CONTACTS) == after


def test_calls_list_nothing() -> None:
    calls = CATALOG.type("calls")
    assert not calls.lists
    assert alias.merged({"hs_call_title": "a"}, {"hs_call_title": "b"}, calls) == {}
