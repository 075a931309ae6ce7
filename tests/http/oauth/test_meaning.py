"""What scopes permit, in words: there are words for every scope that an operation asks for."""

import re
from collections.abc import Iterator

import pytest

from trunkline.crm.catalog import shipped_types
from trunkline.http.oauth.meaning import NOT_KNOWN, _meanings, explained, meaning


def asked_for() -> Iterator[str]:
    """The scopes that some operation asks for: all of them come from the object types' data."""
    for type_ in shipped_types():
        for scopes in type_.scopes.values():
            yield from scopes


@pytest.mark.parametrize("scope", sorted({*asked_for(), "oauth"}))
def test_every_scope_that_an_operation_asks_for_has_a_meaning(scope: str) -> None:
    assert meaning(scope) != NOT_KNOWN


def test_a_scope_that_nobody_knows_has_a_neutral_one() -> None:
    assert explained(["no.such.scope", "oauth"]) == [("no.such.scope", NOT_KNOWN), ("oauth", meaning("oauth"))]


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("crm.objects.contacts.read", "See contacts"),
        ("crm.objects.contacts.write", "Create, change and delete contacts"),
        ("crm.objects.companies.read", "See companies"),
        ("crm.objects.companies.write", "Create, change and delete companies"),
        ("crm.schemas.deals.read", "See how deals"),
        ("crm.schemas.deals.write", "Change how deals"),
    ],
)
def test_reading_and_writing_are_told_apart(scope: str, words: str) -> None:
    assert meaning(scope).startswith(words)


def test_the_data_is_sorted_and_every_meaning_is_one_short_sentence() -> None:
    assert list(_meanings()) == sorted(_meanings())
    for scope, sentence in _meanings().items():
        assert re.fullmatch(r"[a-z][a-z0-9_.-]*", scope)
        assert re.fullmatch(r"[A-Z][^.<>&\"]{5,110}\.", sentence), scope


def test_what_only_reads_does_not_sound_as_if_it_wrote() -> None:
    for scope, sentence in _meanings().items():
        if re.search(r"\.read(\.v2)?$", scope):
            assert not re.search(r"\b(create|change|delete|add|write|remove)\b", sentence, re.IGNORECASE), scope
