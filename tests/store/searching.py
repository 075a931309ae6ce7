"""What a search must find, on every engine: what a plain look at each record finds. With the searches to try it by."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.ledger import CALLS, CONTACTS, PORTAL, Ledger

from trunkline.crm.catalog import ObjectType, shipped_types
from trunkline.crm.cut import Counted, Cut, Cycle, Ranges, Values
from trunkline.crm.filter import OPERATORS
from trunkline.crm.property import Property
from trunkline.crm.query import (
    Condition,
    Every,
    Exactly,
    Field,
    Not,
    Operand,
    Piece,
    Query,
    Recurring,
    Some,
    Sort,
    Test,
    Tied,
    Within,
    field,
)
from trunkline.crm.record import Record
from trunkline.crm.words import folded, patterns, words
from trunkline.store.protocol import Hits


def own(name: str, type_: str, field_type: str = "text") -> Property:
    """A property of the portal's own."""
    return Property(name=name, label=name, type=type_, field_type=field_type, hubspot_defined=False)


def calculated(name: str, type_: str, formula: str) -> Property:
    """A property that is made from others."""
    made = own(name, type_, "calculation_equation")
    return msgspec.structs.replace(made, calculated=True, hints={"calculationFormula": formula})


OWN = (
    *(own("note", "string"), own("score", "number"), own("day", "date"), own("tags", "enumeration", "checkbox")),
    calculated("double", "number", "score * 2"),
    calculated("verdict", "string", "if score > 0 then concatenate('good ', string(note)) else ''"),
)
TYPE = ObjectType(next(data for data in shipped_types() if data.type_id == CALLS), OWN)
SEARCHED = TYPE.data.searchable_properties


class Searching:
    """A ledger, with a loop to search it in."""

    def __init__(self, ledger: Ledger, runner: asyncio.Runner) -> None:
        self.ledger = ledger
        self.runner = runner

    async def hits(self, query: Query, type_: ObjectType) -> Hits:
        """What the engine finds."""
        raise NotImplementedError

    async def counted(self, query: Query, type_: ObjectType, cuts: Sequence[Cut]) -> Counted:
        """How many records the engine finds, and how many in each part."""
        raise NotImplementedError

    def search(self, query: Query, type_: ObjectType = TYPE) -> tuple[int, list[Record]]:
        hits = self.runner.run(self.hits(query, type_))
        return hits.total, hits.records

    def check(self, query: Query, type_: ObjectType = TYPE) -> None:
        """The page and the count are those of the oracle."""
        wanted = self.ledger.find(query, type_)
        total, records = self.search(query, type_)
        assert total == len(wanted)
        assert [record.id for record in records] == wanted[query.offset : query.offset + query.limit]
        assert records == [self.ledger.records[type_.id][record.id] for record in records]

    def count(self, query: Query, *cuts: Cut, type_: ObjectType = TYPE) -> None:
        """The counts are those of the oracle, and values come in their order."""
        counted = self.runner.run(self.counted(query, type_, cuts))
        assert counted == self.ledger.tabulate(query, type_, cuts)
        for cut, parts, wanted in zip(cuts, counted.parts, self.ledger.tabulate(query, type_, cuts).parts, strict=True):
            assert not isinstance(cut, Values) or list(parts) == list(wanted)

    def reopen(self) -> None:
        """Closes the index, and opens it again."""
        raise NotImplementedError

    def replay(self, steps: list[Any]) -> None:
        """Makes changes and checks searches, in their order, and in the end what is there."""
        for step in steps:
            if isinstance(step, Query):
                self.check(step)
                self.count(step, *CUTS)
            elif step == "reopen":
                self.reopen()
            else:
                edit(self.ledger, *step)
        self.check(Query(limit=200))


def of(name: str) -> Field:
    return field(TYPE.properties[name])


def where(name: str, operator: Any, *values: Operand) -> Query:
    return Query(groups=((Condition(of(name), operator, values),),), limit=200)


ODD = (
    *("*", "%", "_", "NEAR", "AND", "OR", "NOT", "-", "^", "(", ")", ":", "{", "}", "+", "[a-z]", "?", "\\", '"', "'"),
    *("Ärger", "ärger", "A\u0308rger", "STRASSE", "straße", "İstanbul", "Σ", "ς", "ﬁn", "fin", "日本語", "Ⅷ", "🂡", "ǅ"),
    *("\u0345", "a\u0301", "x²", "½", "\U00010400", "\U00010428", "\u1e9e", "\u00a0", "\u2028", "\t", "\x01"),
    *(
        ";",
        ";;",
        "a;b",
        "<p>Hello <b>World</b></p>",
        "&amp;",
        "AT&T",
        "R2-D2",
        "don't",
        "acme",
        "Acme-Corp",
        "acmecorp",
    ),
    *("0", "01", "1.0", "1e3", "1000", "-0", "1e400", "9007199254740993", "9223372036854775808", "0x10", "١٢", "5."),
    *(".5", "+5", "true", "TRUE", "a b c", "COMPLETED", " ", "x" * 600, "2025-05-11", "2025-05-11T09:29:07Z"),
    *("2025-05-11T09:29:07.120Z", "2025-02-30", "2025-05-11T24:00:00Z", "1746955747120", "12:00", "now"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"),
)

NAMES = (
    *("hs_call_title", "hs_call_body", "hs_body_preview", "hs_call_duration", "hs_call_status", "hs_timestamp"),
    *("hs_attachment_ids", "hs_call_from_number", "hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
    *("hs_connected_count", "hs_obj_coords", "hubspot_owner_id", "hs_user_ids_of_all_owners", "hs_object_source"),
    *("hs_object_source_id", "hs_engagements_last_contacted", "hs_body_preview_is_truncated"),
    *("note", "score", "day", "tags", "double", "verdict"),
)
WRITTEN = tuple(name for name in NAMES if TYPE.properties[name].derivation is None)

plain = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
pieces = st.sampled_from(ODD) | plain
texts = st.lists(pieces, max_size=3).map(" ".join) | pieces
values = st.dictionaries(st.sampled_from(WRITTEN), texts, max_size=5)


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """A condition that makes sense, with values that may be there."""
    looked_at = of(draw(st.sampled_from(NAMES)))
    operator: Any = draw(st.sampled_from(sorted(OPERATORS[looked_at.kind])))
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        return Condition(looked_at, operator)
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        starred = draw(texts) + draw(st.sampled_from(("", "*", " *b*", "c*m*")))
        return Condition(looked_at, operator, tuple(patterns(starred)))
    least = 2 if operator == "BETWEEN" else 1
    most = least if operator not in ("IN", "NOT_IN") else 4
    operands = draw(st.lists(operand(looked_at), min_size=least, max_size=most))
    return Condition(looked_at, operator, tuple(sorted(operands) if operator == "BETWEEN" else operands))


def operand(looked_at: Field) -> st.SearchStrategy[Any]:
    match looked_at.kind:
        case "text":
            return texts.map(folded)
        case "number":
            return st.sampled_from((0, 1, 5, 0.5, 1000, 12, 9007199254740993, 1e22)) | st.integers(-(10**17), 10**17)
        case "moment":
            return st.sampled_from((1_746_955_747_000, 1_746_921_600_000, 1_700_000_000_004, -62_135_596_800_000))
        case "id":
            return st.integers(100_000_000_000, 100_000_000_012) | st.sampled_from((-5, 0, 2**60))
        case "many":
            return st.sampled_from(("a", "b", "a;b", "COMPLETED", "\x01", "")) | plain
        case _:
            return texts


fields = st.sampled_from(NAMES).map(of)
CONTACT = ObjectType(next(data for data in shipped_types() if data.type_id == CONTACTS))
tested = Condition(field(CONTACT.properties["firstname"]), "EQ", ("amara",))
LISTS = (1, 2)


@st.composite
def pieces_of_texts(draw: st.DrawFn) -> Piece:
    """A test for a piece of a text."""
    looked_at = of(draw(st.sampled_from([name for name in NAMES if of(name).kind == "text"])))
    text = folded(draw(texts)) or "e"
    return Piece(looked_at, draw(st.sampled_from(("anywhere", "start", "end"))), text)


contacts = st.sampled_from(
    (
        tested,
        Condition(field(CONTACT.properties["email"]), "HAS_PROPERTY"),
        Not(Condition(field(CONTACT.properties["firstname"]), "CONTAINS_TOKEN", ("a*a",))),
        Every(),
    )
)
leaves: st.SearchStrategy[Test] = st.one_of(
    conditions(),
    pieces_of_texts(),
    st.builds(Exactly, st.just(of("tags")), st.lists(st.sampled_from(("a", "b")), min_size=1, unique=True).map(tuple)),
    st.builds(Recurring, st.just(of("hs_timestamp")), st.just(3_600_000), st.just(24), st.sampled_from((0, 9, 23))),
    st.builds(Within, st.just(PORTAL), st.sampled_from(LISTS)),
    st.builds(Tied, st.just(CONTACT), st.just("HUBSPOT_DEFINED"), st.just(194), contacts),
)
tests = st.recursive(
    leaves,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Every, st.lists(inner, max_size=3).map(tuple))
        | st.builds(Some, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=5,
)
queries = st.builds(
    Query,
    groups=st.lists(st.lists(conditions(), max_size=4).map(tuple), max_size=3).map(tuple),
    test=st.none() | tests,
    words=st.lists(texts, max_size=2).map(lambda found: tuple(dict.fromkeys(words(" ".join(found))))),
    searched=st.sampled_from((SEARCHED, SEARCHED[:1], ("hs_call_title", "note"))),
    sort=st.none() | st.builds(Sort, fields, st.booleans()),
    offset=st.integers(0, 3),
    limit=st.integers(1, 12),
)
TESTS: tuple[Test, ...] = (
    Condition(of("note"), "EQ", ("a b",)),
    Condition(of("score"), "GT", (1,)),
    Condition(of("note"), "CONTAINS_TOKEN", ("b",)),
    Condition(Field(CONTACTS, "linked"), "HAS_PROPERTY"),
    Piece(of("note"), "end", "b"),
    Piece(of("note"), "start", "a"),
    Exactly(of("tags"), ("a", "b")),
    Recurring(of("score"), 2, 3, 1),
    Within(PORTAL, 1),
    Within(PORTAL, 2),
    *(Tied(CONTACT, "HUBSPOT_DEFINED", 194, test) for test in (Every(), tested, Not(tested))),
)
"""Of a few records each lets some through and others not."""

edits = st.one_of(
    st.tuples(st.just("create"), st.lists(values, min_size=1, max_size=4)),
    st.tuples(st.sampled_from(("update", "archive", "restore", "erase")), st.tuples(st.integers(0, 20), values)),
    st.tuples(st.just("tie"), st.tuples(st.integers(0, 20), st.sampled_from(("Amara", "Li", "")))),
    st.tuples(st.just("put"), st.tuples(st.integers(0, 20), st.sampled_from(LISTS))),
)


def edit(ledger: Ledger, kind: str, detail: Any) -> None:
    """Makes a change, of a record that there is."""
    if kind == "create":
        ledger.create(*detail)
        return
    number, changed = detail
    ids = [id_ for id_, r in ledger.records[CALLS].items() if (r.archived is not None) == (kind == "restore")]
    if not ids:
        return
    id_ = ids[number % len(ids)]
    if kind == "update":
        ledger.update(id_, changed)
    elif kind == "tie":
        (contact,) = ledger.create({"firstname": changed, "email": f"{changed}@x"}, type_=CONTACTS)
        ledger.tie(id_, contact)
    elif kind == "put":
        ledger.put(changed, id_)
    else:
        getattr(ledger, kind)(id_)


ranges = st.lists(st.integers(-(10**13), 10**13), min_size=2, max_size=9, unique=True).map(sorted).map(tuple)
cuts: st.SearchStrategy[Cut] = st.one_of(
    st.builds(Values, st.sampled_from(("hs_call_status", "hubspot_owner_id")).map(of), st.integers(1, 5)),
    st.builds(
        Ranges,
        st.sampled_from(("hs_timestamp", "hs_call_duration", "hs_createdate", "score", "double")).map(of),
        ranges | st.lists(st.integers(-2, 1002), min_size=2, unique=True).map(sorted).map(tuple),
    ),
    st.builds(Cycle, st.sampled_from(("hs_timestamp", "day")).map(of), st.integers(1, 90_000_000), st.integers(1, 400)),
)
CUTS = (
    Values(of("hs_call_status"), 3),
    Ranges(of("score"), (-math.inf, 0, 1, 2, 1000, 10**17, math.inf)),
    Ranges(of("hs_timestamp"), tuple(range(1_746_835_200_000, 1_747_008_000_000, 3_600_000))),
    Cycle(of("hs_timestamp"), 3_600_000, 168),
)
"""Ways to part calls by what they may have."""


class SearchConformance:
    """What each engine does, in a `world` that its own module makes."""

    def test_the_records_that_another_is_associated_with(self, world: Searching) -> None:
        ledger = world.ledger
        calls = ledger.create({"hs_timestamp": "2025-01-02"}, {"hs_timestamp": "2025-01-03"}, {}, {})
        contacts = ledger.create({}, {}, {}, type_=CONTACTS)
        for call, contact in ((0, 0), (1, 0), (1, 1), (2, 1)):
            ledger.tie(calls[call], contacts[contact])
        newest = Sort(of("hs_timestamp"), descending=True)
        for _ in range(2):
            for operator, ids in (
                *(("EQ", contacts[n : n + 1]) for n in range(3)),
                *(("NEQ", contacts[n : n + 1]) for n in range(3)),
                *((operator, contacts[n : n + 2]) for n in range(2) for operator in ("IN", "NOT_IN")),
                *(("EQ", [wrong]) for wrong in (0, -1, 2**62, calls[0])),
                *((operator, []) for operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY")),
            ):
                made: Any = operator
                condition = Condition(Field(CONTACTS, "linked"), made, tuple(ids))
                world.check(Query(groups=((condition,),), sort=newest))
                world.check(Query(groups=((condition, Condition(of("hs_timestamp"), "HAS_PROPERTY")),)))
            ledger.archive(contacts[0], CONTACTS)
            ledger.archive(calls[1])

    def test_other_types_and_portals_are_apart(self, world: Searching) -> None:
        world.ledger.create({"hs_call_title": "Amara"})
        made = {"firstname": "Amara"}, {"email": "amara@example.com"}, {"jobtitle": "Amara"}
        world.ledger.create(*made, type_=CONTACTS)
        for type_ in (TYPE, CONTACT):
            world.check(Query(), type_)
            world.check(Query(words=("amara",), searched=type_.data.searchable_properties), type_)

    @pytest.mark.parametrize("number", range(len(TESTS)))
    def test_tests_are_put_together(self, world: Searching, number: int) -> None:
        made: tuple[dict[str, str], ...] = (
            {},
            {"note": "a b", "tags": "a"},
            {"note": "B", "tags": "b;a", "score": "1"},
            {"score": "2"},
        )
        calls = world.ledger.create(*made)
        contacts = world.ledger.create({"firstname": "Amara"}, {}, {"firstname": "Amara"}, type_=CONTACTS)
        for call, contact in ((0, 0), (1, 1), (2, 2)):
            world.ledger.tie(calls[call], contacts[contact])
        world.ledger.archive(contacts[2], CONTACTS)
        for list_, call in ((1, 0), (2, 0), (2, 2)):
            world.ledger.put(list_, calls[call])
        one, others = TESTS[number], TESTS[number:]
        for test in (one, Not(one), *(Every((one, Not(other))) for other in others), *(Some((one, o)) for o in others)):
            world.check(Query(test=test))
        found = world.ledger.find(Query(test=one), TYPE)
        assert 0 < len(found) < 4, "a test that tells no record from another tries nothing"

    @pytest.mark.parametrize("text", ["a\0", "a\0b", "\0", "b\0;a"])
    def test_what_has_a_nul_is_equal_to_nothing(self, world: Searching, text: str) -> None:
        made = ("", "a", "ab", "a\x01", "b", "b;a", "\x01")
        world.ledger.create(*({"note": value, "hs_call_status": value, "tags": value} for value in made))
        for name in ("note", "hs_call_status"):
            for operator in ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "IN", "NOT_IN"):
                world.check(where(name, operator, text))
            world.check(where(name, "BETWEEN", text, "b"))
            world.check(where(name, "BETWEEN", "a", text))
            world.check(where(name, "IN", text, "a"))
            world.check(where(name, "NOT_IN", text, "a"))
        for operator in ("EQ", "NEQ", "IN", "NOT_IN"):
            world.check(where("tags", operator, text))
        world.check(Query(test=Exactly(of("tags"), (text,))))
        for place in ("anywhere", "start", "end"):
            world.check(Query(test=Piece(of("note"), place, text)))

    def test_a_property_of_another_type_is_filled_again(self, world: Searching) -> None:
        world.ledger.create(*({"x": text} for text in ("10", "9", "1e1", "ten", "2025-01-01", "a;b")))
        kinds = (own("x", "string"), own("x", "number"), own("x", "datetime"), own("x", "enumeration", "checkbox"))
        for definition in (*kinds, kinds[0]):
            type_ = ObjectType(TYPE.data, [definition])
            by = field(definition)
            world.check(Query(sort=Sort(by), limit=200), type_)
            operands: dict[str, Operand] = {"number": 10, "moment": 1_735_689_600_000, "many": "a"}
            operand = operands.get(by.kind, "10")
            world.check(Query(groups=((Condition(by, "EQ", (operand,)),),)), type_)
            world.check(Query(groups=((Condition(by, "NEQ", (operand,)),),)), type_)

    def test_a_formula_that_is_changed_is_calculated_again(self, world: Searching) -> None:
        world.ledger.create(*({"note": text} for text in ("a", "b", "a b", "")))
        for word in ("b", "c", "b"):
            definition = calculated("made", "string", f"concatenate(string(note), ' {word}')")
            type_ = ObjectType(TYPE.data, [own("note", "string"), definition])
            by = field(type_.properties["made"])
            world.check(Query(groups=((Condition(by, "CONTAINS_TOKEN", ("b",)),),)), type_)
            world.check(Query(groups=((Condition(by, "NOT_CONTAINS_TOKEN", ("a",)),),), sort=Sort(by)), type_)
            world.check(Query(groups=((Condition(by, "EQ", ("a b",)),),), sort=Sort(by)), type_)

    def test_other_properties_are_searched(self, world: Searching) -> None:
        world.ledger.create({"note": "Amara", "hs_call_title": "Li"}, {"note": "Li", "hs_call_body": "Amara"})
        for searched in (SEARCHED, ("note",), ("hs_call_title", "note"), SEARCHED[:1], SEARCHED, ()):
            world.check(Query(words=("ama",), searched=searched))
            world.ledger.create({"note": "Amara", "hs_call_title": "Amara"})
            world.check(Query(words=("li", "ama"), searched=searched, sort=Sort(of("hs_createdate"), True)))

    @settings(deadline=None, max_examples=20, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_records_are_counted_by_parts(self, world: Searching, data: st.DataObject) -> None:
        world.ledger.create(*data.draw(st.lists(values, max_size=8)))
        world.count(data.draw(queries), *data.draw(st.lists(cuts, min_size=1, max_size=4)))

    def test_parts_without_a_record_are_left_out(self, world: Searching) -> None:
        times = "1969-12-31T23:59:59.999Z", "1970-01-01", "1970-01-05T01:00:00Z", "1970-01-05T01:59:59.999Z", ""
        world.ledger.create(*({"hs_timestamp": time, "hs_call_status": "BUSY" if time else ""} for time in times))
        day, hours, status = of("hs_timestamp"), Cycle(of("hs_timestamp"), 3_600_000, 168), Values(of("hs_call_status"))
        counted = world.runner.run(
            world.counted(Query(), TYPE, (hours, Ranges(day, (-1, 0, 1, 10**11, 10**12)), status))
        )
        assert counted == Counted(5, [{0: 1, 97: 2, 167: 1}, {-1: 1, 0: 1, 1: 2}, {"BUSY": 4, None: 1}])

    def test_a_collection_without_a_record(self, world: Searching) -> None:
        world.count(Query(), *CUTS)
        world.check(Query(sort=Sort(of("note"))))
        world.check(Query(words=("a",), searched=SEARCHED))
        world.check(where("note", "NOT_HAS_PROPERTY"))

    @pytest.mark.parametrize(
        "sought",
        [
            ("a" * 5_000,),
            tuple(f"{n:03}" for n in range(1_250)),
            tuple(f"w{n}" for n in range(700)),
            ("日" * 1_600, "x"),
        ],
    )
    def test_long_queries(self, world: Searching, sought: tuple[str, ...]) -> None:
        world.ledger.create({"hs_call_title": " ".join(sought)}, {"hs_call_title": " ".join(sought[:-1])})
        world.check(Query(words=sought, searched=SEARCHED))
        world.check(where("hs_call_title", "CONTAINS_TOKEN", *sought))
        world.check(where("note", "NOT_CONTAINS_TOKEN", *sought))

    def test_many_groups_of_many_conditions(self, world: Searching) -> None:
        world.ledger.create(*({"note": f"note {n}", "score": str(n)} for n in range(60)))
        tests = [Condition(of("score"), "GTE", (n,)) for n in range(50)]
        tests += [Condition(of("note"), "CONTAINS_TOKEN", ("n*e", "5*"))] * 10
        world.check(Query(groups=tuple(tuple(tests[n:]) for n in range(60)), sort=Sort(of("note"))))
        world.check(Query(groups=((Condition(of("score"), "IN", tuple(range(0, 2000, 2))),),)))

    def test_a_page_beyond_the_end(self, world: Searching) -> None:
        world.ledger.create({}, {}, {})
        assert world.search(Query(offset=3)) == (3, [])
        assert world.search(Query(offset=9_999, words=("a",), searched=SEARCHED)) == (0, [])

    def test_pages_follow_each_other(self, world: Searching) -> None:
        world.ledger.create(*({"score": str(n % 5)} if n % 7 else {} for n in range(100)))
        for falls in (False, True):
            for offset in range(0, 110, 10):
                world.check(Query(sort=Sort(of("score"), falls), offset=offset))
                world.check(Query(groups=where("score", "LT", 4).groups, sort=Sort(of("score"), falls), offset=offset))
