"""What a word is, and how texts are compared in any case (behaviour 7.18)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm.words import folded, patterns, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Call with Maria", ["call", "with", "maria"]),
        ("testperson@hubspot.com", ["testperson", "hubspot", "com"]),
        ("D&R/Service Review", ["d", "r", "service", "review"]),
        ("Buc-ee's", ["buc", "ee", "s"]),
        ("qbs_ledger", ["qbs", "ledger"]),
        ("InMail \u2014 free", ["inmail", "free"]),
        ("+49 30 1234", ["49", "30", "1234"]),
        ("Straße ÉTÉ", ["strasse", "été"]),
        ("Москва 東京", ["москва", "東京"]),
        ("?! -- ...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*@hubspot.com", ["hubspot", "com"]),
        ("Acme*", ["acme*"]),
        ("*acme* CORP", ["*acme*", "corp"]),
        ("a**b", ["a*b"]),
        ("a b A", ["a", "b"]),
        ("*foo-bar*", ["*foo", "bar*"]),
        ("*", []),
        ("--", []),
    ],
)
def test_patterns(text: str, expected: list[str]) -> None:
    assert patterns(text) == expected


@pytest.mark.parametrize(("one", "other"), [("ALICE", "alice"), ("cafe\u0301", "CAF\u00c9"), ("STRASSE", "straße")])
def test_case_and_composition_do_not_count(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@given(st.text())
def test_words_are_found_again_in_what_they_make(text: str) -> None:
    found = words(text)
    assert words(" ".join(found)) == found
    assert all(word.isalnum() for word in found)


@given(st.text(alphabet="ab* -_.A1é"))
def test_a_pattern_is_a_word_but_for_its_stars(text: str) -> None:
    for pattern in patterns(text):
        assert "**" not in pattern
        assert "".join(pattern.split("*")).isalnum()
