"""Rules for values: what each takes and refuses, and which a property can have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm.catalog import Catalog, Definitions
from trunkline.crm.conformity import TESTS
from trunkline.crm.property import Property
from trunkline.crm.rule import KINDS, Rule, made, ruled, standing
from trunkline.crm.values import Scalar, Unfit, checker
from trunkline.errors import InvalidRule, PropertyNotFound

FIELDS = {"string": "text", "number": "number", "date": "date", "datetime": "date", "phone_number": "phonenumber"}
TYPES = {
    "AFTER_DATETIME_DURATION": "datetime",
    "AFTER_DURATION": "date",
    "BEFORE_DATETIME_DURATION": "datetime",
    "BEFORE_DURATION": "date",
    "DAYS_OF_WEEK": "date",
    "DECIMAL": "number",
    "END_DATE": "date",
    "END_DATETIME": "datetime",
    "MAX_NUMBER": "number",
    "MIN_NUMBER": "number",
    "PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE": "phone_number",
    "START_DATE": "date",
    "START_DATETIME": "datetime",
}
"""What a property is that has a rule of a kind; a text where it is not in here."""


def own(type_: str, field: str = "", created: int = 5, **members: object) -> Property:
    kept = {"name": "p", "label": "p", "type": type_, "field_type": field or FIELDS[type_], "created": created}
    return Property(hubspot_defined=False, **{**kept, **members})  # type: ignore[arg-type]


def rule(kind: str, *arguments: str, normalize: bool | None = None, at: int = 9) -> Rule:
    return Rule(name="p", kind=kind, arguments=arguments, normalize=normalize, made=at)


def kept(value: Scalar, *rules: Rule, type_: str = "") -> str:
    """What is kept of a value of a property with these rules."""
    definition = own(type_ or TYPES.get(rules[0].kind, "string"))
    return ruled(checker(definition), rules, definition)(value)


ALPHA, NUMERIC = ("ALPHANUMERIC", "ALPHA_ONLY"), ("ALPHANUMERIC", "NUMERIC_ONLY")
MIDNIGHT = "1745452800000"
"""24 April 2025, a Thursday."""


@pytest.mark.parametrize(
    ("asked", "good", "bad"),
    [
        (ALPHA, ("Ann", "Mary Ann", "Zoë"), ("Ann1", "O'Neil", "a-b", "1")),
        (NUMERIC, ("007", "12 34"), ("1.5", "-1", "a", "٤x")),
        (("ALPHANUMERIC", "ALPHANUMERIC"), ("a1", "a 1"), ("a_1", "a!")),
        (("SPECIAL_CHARACTERS", "NOT_ALLOWED"), ("a 1", "é"), ("a!", "@")),
        (("FORMAT", "UPPER"), ("ABC 1", "1"), ("Abc", "aBC")),
        (("FORMAT", "LOWER"), ("abc", "1"), ("Abc",)),
        (("FORMAT", "CAPITALIZATION"), ("Abc Def", "A 1b", "ABC"), ("abc Def", "Abc def")),
        (("MIN_LENGTH", "3"), ("abc", "abcd", "   "), ("ab",)),
        (("MAX_LENGTH", "3"), ("abc", "a"), ("abcd",)),
        (("WHITESPACE",), ("ab",), ("a b", " ab", "a\tb")),
        (("WHITESPACE", "ALL"), ("ab",), ("a b",)),
        (("WHITESPACE", "TRIM"), ("a b",), (" a b", "a b\n")),
        (("MIN_NUMBER", "-10.5"), ("-10.5", "0", "1e3"), ("-10.51", "-1e2")),
        (("MAX_NUMBER", "99.99"), ("99.99", "-5", "9.999e1"), ("100", "1e99")),
        (("DECIMAL", "2"), ("1", "1.25", "1.250", "1e5", "0.0000", "125e-2"), ("1.255", "1e-3")),
        (("DECIMAL", "0"), ("1", "1.0", "10"), ("1.5",)),
        (("START_DATE", MIDNIGHT), ("2025-04-24", "2026-01-01"), ("2025-04-23", "1969-12-31")),
        (("END_DATE", MIDNIGHT), ("2025-04-24", "1969-12-31"), ("2025-04-25",)),
        (("START_DATETIME", MIDNIGHT), ("2025-04-24T00:00:00Z",), ("2025-04-23T23:59:59.999Z",)),
        (("END_DATETIME", MIDNIGHT), ("2025-04-24T00:00:00Z",), ("2025-04-24T00:00:00.001Z",)),
        (("DAYS_OF_WEEK", "THURSDAY", "MONDAY"), ("2025-04-24", "1970-01-01", "1969-12-29"), ("2025-04-25",)),
        (("EMAIL",), ("a@b.co",), ("a", "a@b", "a b@c.de")),
        (("EMAIL_ALLOWED_DOMAINS", "b.co", "C.de"), ("a@b.co", "a@x.B.co", "a@c.de"), ("a@bb.co", "a", "b.com")),
        (("EMAIL_BLOCKED_DOMAINS", "b.co"), ("a@c.de", "a@bb.co"), ("a@b.co", "a@x.b.co", "a@b.co ")),
        (("DOMAIN",), ("b.co", "x-y.example.com"), ("b", "-b.co", "http://b.co", "b..co", "a b.co")),
        (
            ("URL",),
            ("https://b.co/x?y", "http://b.co:8080"),
            ("b.co", "ftp://b.co", "https://", "http://[", "http://a b"),
        ),
        (("URL_ALLOWED_DOMAINS", "b.co"), ("https://b.co", "http://www.b.co/x"), ("https://bb.co", "b.co", "x")),
        (("URL_BLOCKED_DOMAINS", "b.co"), ("https://bb.co", "text"), ("https://b.co", "https://x.B.CO/y")),
        (("PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE",), ("+1 (555) 010-0999",), ("555 010 0999", "+1", "+12-34")),
        (("REGEX", "^[A-Z]+$", "Must be upper case"), ("abc", "ABC"), ()),
        (("AFTER_DURATION", "P7D"), ("1970-01-01",), ()),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_what_a_rule_lets_in(asked: tuple[str, ...], good: tuple[str, ...], bad: tuple[str, ...]) -> None:
    one = rule(*asked)
    made(one, {"p": own(TYPES.get(one.kind, "string"))})
    for value in good:
        assert kept(value, one) == value
    for value in bad:
        with pytest.raises(Unfit) as caught:
            kept(value, one)
        assert caught.value.code.startswith("INVALID_") and caught.value.message
    assert kept("", one) == kept(None, one) == "", "what is cleared meets all"


def test_the_code_and_text_that_are_known() -> None:
    with pytest.raises(Unfit) as caught:
        kept("Ann1", rule(*ALPHA))
    assert (caught.value.code, caught.value.message) == ("INVALID_ALPHA", "Enter only letters")


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        (("WHITESPACE", "TRIM"), " a b\n", "a b"),
        (("WHITESPACE",), " a b\n", "ab"),
        (("FORMAT", "UPPER"), "straße", "STRASSE"),
        (("FORMAT", "LOWER"), "ABC", "abc"),
        (("FORMAT", "CAPITALIZATION"), "ann o'neil  bell", "Ann O'neil  Bell"),
    ],
)
def test_a_value_that_is_put_right(asked: tuple[str, ...], value: str, expected: str) -> None:
    assert kept(value, rule(*asked, normalize=True)) == expected


def test_a_value_is_put_right_before_it_is_looked_at() -> None:
    assert kept(" ab ", rule("MAX_LENGTH", "2"), rule("WHITESPACE", "TRIM", normalize=True)) == "ab"
    with pytest.raises(Unfit):
        kept("   ", rule("MIN_LENGTH", "1"), rule("ALPHANUMERIC", "ALPHA_ONLY"), rule("MIN_LENGTH", "4"))


def test_a_unique_value_is_not_put_right() -> None:
    definition = own("string", has_unique_value=True)
    check = ruled(checker(definition), [rule("WHITESPACE", "TRIM", normalize=True)], definition)
    assert check("a") == "a"
    with pytest.raises(Unfit):
        check(" a")


def test_the_type_of_a_property_comes_before_its_rules() -> None:
    with pytest.raises(Unfit) as caught:
        kept("x", rule("MIN_NUMBER", "1"))
    assert caught.value.code == "INVALID_LONG"


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        *(("ALPHANUMERIC", wrong) for wrong in ([], ["letters"], ["ALPHA_ONLY", "NUMERIC_ONLY"])),
        *(("DECIMAL", wrong) for wrong in ([], ["21"], ["-1"], ["1.5"], ["x"], ["9" * 99])),
        *(("MAX_LENGTH", wrong) for wrong in ([], ["0"], ["10001"], ["٤"])),
        *(("MIN_NUMBER", wrong) for wrong in ([], ["x"], ["1e3"], ["NaN"], ["1", "2"])),
        *(("START_DATE", wrong) for wrong in ([], ["2025-04-24"], ["9" * 16])),
        *(("DAYS_OF_WEEK", wrong) for wrong in ([], ["monday"], ["MONDAY"] * 8)),
        *(("AFTER_DURATION", wrong) for wrong in ([], ["P"], ["7D"], ["P7DT"], ["P1Y", "P1Y"])),
        *(("EMAIL_ALLOWED_DOMAINS", wrong) for wrong in ([], [" "], ["a.b"] * 21, ["a" * 10_001])),
        *(("REGEX", wrong) for wrong in ([], [""], ["a", "b", "c"], ["a" * 10_001])),
        *(("PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE", wrong) for wrong in (["US"], ["usa"], ["us", "de"])),
        *(("WHITESPACE", wrong) for wrong in (["NONE"], ["ALL", "TRIM"])),
        *((kind, ["x"]) for kind in ("EMAIL", "URL", "DOMAIN")),
    ],
)
def test_arguments_that_a_rule_does_not_take(kind: str, arguments: list[str]) -> None:
    with pytest.raises(InvalidRule):
        made(rule(kind, *arguments), {"p": own(TYPES.get(kind, "string"))})


@pytest.mark.parametrize(
    "definition",
    [own("number"), own("string", "html"), own("enumeration", "checkbox"), own("string", read_only=True)],
    ids=lambda one: f"{one.type}-{one.field_type}",
)
def test_a_property_that_cannot_have_a_rule(definition: Property) -> None:
    with pytest.raises(InvalidRule):
        made(rule("MAX_LENGTH", "5"), {"p": definition})


def test_a_rule_of_no_property() -> None:
    with pytest.raises(PropertyNotFound):
        made(rule("MAX_LENGTH", "5"), {})


def test_a_rule_goes_with_its_property() -> None:
    one = rule("MAX_LENGTH", "5", at=9)
    assert standing([one], {"p": own("string", created=9)}) == {"p": (one,)}
    assert standing([one], {"p": own("string", created=10)}) == {}, "another property has taken the name"
    assert standing([one], {"p": own("number")}) == {}, "it is of another type now"
    assert standing([one], {}) == {}


def test_every_kind_is_known_and_those_that_are_not_held_are_meant() -> None:
    assert TESTS.keys() < KINDS.keys()
    assert KINDS.keys() - TESTS.keys() == {
        "REGEX",
        *(f"{word}{part}_DURATION" for word in ("AFTER", "BEFORE") for part in ("", "_DATETIME")),
    }


def test_a_type_without_rules_has_its_checkers_as_they_are() -> None:
    plain = Catalog(7, Definitions()).type("calls")
    one = Rule(name="hs_call_title", kind="MAX_LENGTH", arguments=("3",), made=9)
    with_rule = Catalog(7, Definitions(rules={"0-48": [one]})).type("calls")
    assert plain.rules == {}
    assert with_rule.rules == {"hs_call_title": (one,)}
    assert plain.checkers["hs_call_title"]("four") == "four"
    with pytest.raises(Unfit):
        with_rule.checkers["hs_call_title"]("four")
    assert Catalog(7, Definitions(rules={"0-48": [one]})).type("contacts").rules == {}


REPAIRS = [
    ("WHITESPACE",),
    ("WHITESPACE", "TRIM"),
    *(("FORMAT", case) for case in ("UPPER", "LOWER", "CAPITALIZATION")),
]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.sampled_from(REPAIRS))
def test_what_was_put_right_is_right(value: str, asked: tuple[str, ...]) -> None:
    repaired = kept(value, rule(*asked, normalize=True))
    assert kept(repaired, rule(*asked, normalize=True)) == repaired
