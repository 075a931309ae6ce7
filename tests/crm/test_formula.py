"""The language of calculated properties (behaviour 11.20)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm.calculation import calculate
from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.definition import Draft, created
from trunkline.crm.derivation import Derivations
from trunkline.crm.formula import DEEPEST, LONGEST, InvalidFormula, parse
from trunkline.crm.property import Property
from trunkline.crm.record import Record
from trunkline.crm.view import value

HELD = {
    "a": "5",
    "b": "2",
    "half": "0.5",
    "s": "hi",
    "yes": "true",
    "no": "false",
    "empty": "",
    "day": "2025-01-01",
    "moment": "2025-01-02T00:00:00.500Z",
    "huge": "1e308",
    "odd": "1_0",
}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a+1", "a + 1"),
        ("  A\t*\nB ", "a * b"),
        ("10a", "10 * a"),
        ("2.50(a)", "2.5 * a"),
        ("property1 * (100 - property2/(50 - property3))", "property1 * (100 - property2 / (50 - property3))"),
        ("(a + b - 100c * 150.652) = 150-230b", "a + b - 100 * c * 150.652 equals 150 - 230 * b"),
        ("string(x) != 'Test'", "not (string(x) equals 'Test')"),
        ("\"x\" + string(y) + 'z'", "concatenate('x', string(y), 'z')"),
        ("((a))", "a"),
        ("a-(b-c)", "a - (b - c)"),
        ("a-b-c", "a - b - c"),
        ("a/(b*c)", "a / (b * c)"),
        ("(a*b)/c", "a * b / c"),
        ("-a", "0 - a"),
        ("NOT bool(a) AND bool(b)", "not bool(a) and bool(b)"),
        ("not a > b", "not (a > b)"),
        ("(bool(a) or bool(b)) and bool(c)", "(bool(a) or bool(b)) and bool(c)"),
        ("IF a >= 1 THEN 'x' ENDIF", "if a >= 1 then 'x'"),
        ("if a>1 then 1 elseif a>0 then 2 else 3", "if a > 1 then 1\nelseif a > 0 then 2 else 3"),
        ("if a>1 then if b>1 then 1 endif else 3", "if a > 1 then (if b > 1 then 1) else 3"),
        ("contains(\"it's\", 'x')", "contains(\"it's\", 'x')"),
        ("max(1,2) + min(a, b)", "max(1, 2) + min(a, b)"),
        ("1e", "1 * e"),
    ],
)
def test_the_spelling_that_is_kept(sent: str, kept: str) -> None:
    formula = parse(sent)
    assert formula.text == kept
    assert parse(kept).tree == formula.tree


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "ends too early"),
        ("a +", "ends too early"),
        ("a b", "unexpected b"),
        ("(a", "expected \\)"),
        ("a)", "unexpected \\)"),
        ("a[1]", "unexpected \\["),
        ("TARGET.x", "unexpected \\."),
        ("if(a, b, c)", "expected \\)"),
        ("if a then b", "if takes a bool, not a number"),
        ("if a > 1 b", "expected then"),
        ("'open", "unexpected '"),
        ("a + 'x'", "concatenate takes a string, not a number"),
        ("'x' * 2", "\\* takes a number, not a string"),
        ("a = 'x'", "one kind"),
        ("bool(a) = 1", "one kind"),
        ("a and b", "and takes a bool"),
        ("not a", "not takes a bool"),
        ("coalesce(a, true)", "one kind"),
        ("if a > 1 then 1 else 'x'", "one kind"),
        ("max(1)", "max takes 2 to 100 values, not 1"),
        ("nope(1)", "there is no function nope"),
        ("string(1)", "takes the name of a property"),
        ("string('a')", "takes the name of a property"),
        ("bool(if)", "takes the name of a property"),
        ("then", "unexpected then"),
        ("a,b", "unexpected ,"),
        ("(" * 30 + "a" + ")" * 30, "brackets"),
        ("+".join("a" * (DEEPEST + 1)), "inside each other"),
        ("a" * (LONGEST + 1), "characters"),
    ],
)
def test_what_means_nothing(text: str, says: str) -> None:
    with pytest.raises(InvalidFormula, match=says):
        parse(text)


def test_a_formula_knows_what_it_reads_and_comes_to() -> None:
    formula = parse("if bool(a) then coalesce(string(b), 'x') elseif c + hs_call_duration > 1 then 'y' else ''")
    assert sorted(formula.names) == ["a", "b", "c", "hs_call_duration"]
    assert formula.kind == "string"
    assert parse("''").kind == "nothing"


@pytest.mark.parametrize(
    ("formula", "comes_to"),
    [
        ("a + b", "7"),
        ("a - b * 2", "1"),
        ("a / b", "2.5"),
        ("half * 3", "1.5"),
        ("a / (b - 2)", None),
        ("huge * huge", None),
        ("moment - day", "86400500"),
        ("odd + 1", None),
        ("s + 1", None),
        ("nothing + 1", None),
        ("empty + 1", None),
        ("coalesce(nothing, empty, 4) + 1", "5"),
        ("coalesce(nothing, empty)", None),
        ("is_present(nothing)", "false"),
        ("is_present(empty)", "false"),
        ("is_present(a / 0)", "false"),
        ("is_present(bool(a))", "false"),
        ("is_present(bool(no))", "true"),
        ("is_present(string(s))", "true"),
        ("a > b", "true"),
        ("a < b", "false"),
        ("a >= 5 and b <= 2", "true"),
        ("a equals 5", "true"),
        ("string(s) = 'Hi'", "false"),
        ("string(s) != 'Hi'", "true"),
        ("not bool(yes)", "false"),
        ("bool(yes) or nothing > 1", "true"),
        ("bool(no) or nothing > 1", None),
        ("bool(no) and nothing > 1", "false"),
        ("bool(yes) and nothing > 1", None),
        ("max(a, b, 9)", "9"),
        ("min(a, half, b)", "0.5"),
        ("contains(string(s), 'i')", "true"),
        ("contains(string(s), 'I')", "false"),
        ("'<' + string(s) + '>'", "<hi>"),
        ("number_to_string(a / b) + '!'", "2.5!"),
        ("number_to_string(a) + '!'", "5!"),
        ("string_to_number('4') * 2", "8"),
        ("string_to_number(string(s)) * 2", None),
        ("if a > 1 then 'more' else 'less'", "more"),
        ("if a > 9 then 'more' elseif b > 1 then 'some' else 'less'", "some"),
        ("if a > 9 then 'more'", None),
        ("if nothing > 1 then 'x' else 'y'", None),
        ("if a > 1 then 'x' elseif nothing > 1 then 'y' else 'z'", "x"),
        ("if a > 9 then 'x' elseif nothing > 1 then 'y' else 'z'", None),
        ("if bool(yes) then a else a / 0", "5"),
        ("''", None),
        ("-a", "-5"),
    ],
)
def test_what_a_formula_comes_to(formula: str, comes_to: str | None) -> None:
    assert calculate(parse(formula), HELD.get) == comes_to


numbers = st.recursive(
    st.sampled_from(["1", "0.5", "a", "b", "gone"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(inner, inner).map(lambda parts: f"max({parts[0]}, {parts[1]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"(if {parts[0]} > {parts[1]} then {parts[2]} else 1)"),
    ),
    max_leaves=8,
)


@given(numbers)
def test_the_kept_spelling_means_the_same(text: str) -> None:
    formula = parse(text)
    again = parse(formula.text)
    assert again.text == formula.text
    assert calculate(again, HELD.get) == calculate(formula, HELD.get)


@given(st.text(alphabet="ab1.,()'\"+-*/<>=! ifthenlsuqy", max_size=30))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        formula = parse(text)
    except InvalidFormula:
        return
    assert parse(formula.text).text == formula.text
    calculate(formula, HELD.get)


def test_a_property_is_calculated_from_derived_and_from_calculated_ones() -> None:
    known: list[Property] = []
    for name, formula in (("age", "hs_lastmodifieddate - hs_createdate"), ("twice", "2age"), ("plain", "twice + 1")):
        draft = Draft(
            name=name,
            label=name,
            type="number",
            field_type="calculation_equation",
            group_name="call",
            hints={"calculationFormula": formula},
        )
        known.append(created(draft, Catalog(1, Definitions(1, {"0-48": known})).type("calls"), 1))
    type_ = Catalog(1, Definitions(1, {"0-48": known})).type("calls")
    record = Record(id=100_000_000_001, properties={}, created=1_000, updated=1_250, app=1)
    assert [value(record, type_, name) for name in ("age", "twice", "plain")] == ["250", "500", "501"]
    for name, comes_to in (("age", "250"), ("plain", "501")):
        alone = Derivations("0-48", {name: str(type_.properties[name].derivation)})
        assert alone.one(record, name) == alone.rule(name)(record) == comes_to
    found = type_.derived.all(record)
    assert (found["age"], found["plain"]) == ("250", "501")
