"""What people read, in their language: which one it is, and that the translations are whole."""

import re
from string import Formatter

import pytest

from trunkline.language import LANGUAGES, SHELVES, TAGS, chosen, keeping, shelf, text

TRANSLATED = [code for code in LANGUAGES if code != "en"]
EACH = [(code, name) for code in TRANSLATED for name in SHELVES]


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "code"),
    [
        (None, None, None, "en"),
        (None, None, "", "en"),
        (None, None, "*", "en"),
        (None, None, "de", "de"),
        (None, None, "pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        (None, None, "fr-FR, DE-at;q=0.7, en;q=0.3", "de"),
        (None, None, "en;q=0.4,de;q=0.5", "de"),
        (None, None, "de;q=0,pt;q=0.1", "pt"),
        (None, None, "de;q=x;,pt;p=1", "en"),
        (None, "pt", "de", "pt"),
        (None, "tlh", "de", "de"),
        ("en", "pt", "de", "en"),
        ("../de", None, "pt", "pt"),
    ],
)
def test_the_language_goes_by_the_address_then_by_the_last_choice_then_by_the_browser(
    asked: str | None, kept: str | None, accepted: str | None, code: str
) -> None:
    assert chosen(asked, kept, accepted) == code


def test_only_a_choice_of_a_language_is_kept() -> None:
    assert keeping(None) is None
    assert keeping("x\r\nset-cookie: y") is None
    assert (keeping("de") or "").startswith("trunkline_language=de; Path=/; ")


def test_english_is_as_it_was_written_and_what_is_unknown_stays_english() -> None:
    assert text("en", "{n} of {all}", n=1, all=2) == "1 of 2"
    assert text("en", "{n} as it stands") == "{n} as it stands"
    assert text("de", "Nobody translated {n}.", n=1) == "Nobody translated 1."


def test_each_language_has_a_name_a_tag_and_its_shelves() -> None:
    assert LANGUAGES.keys() == TAGS.keys()
    for code, name in EACH:
        assert isinstance(shelf(code, name), dict)


@pytest.mark.parametrize("name", SHELVES)
def test_all_languages_translate_the_same_texts(name: str) -> None:
    first, *others = (shelf(code, name).keys() for code in TRANSLATED)
    for other in others:
        assert first ^ other == set()


@pytest.mark.parametrize(("code", "name"), EACH)
def test_a_translation_keeps_names_code_and_paragraphs(code: str, name: str) -> None:
    for english, translated in shelf(code, name).items():
        assert translated.strip() == translated != "", english
        assert _names(english) == _names(translated), english
        assert sorted(re.findall("`[^`]*`", english)) == sorted(re.findall("`[^`]*`", translated)), english
        assert english.count("`") == translated.count("`"), english
        assert english.count("\n\n") == translated.count("\n\n"), english


def _names(template: str) -> list[str]:
    """The names in braces; a text with braces of another kind stands for itself, in its code."""
    plain = re.sub("`[^`]*`", "", template)
    return sorted(name for _, name, _, _ in Formatter().parse(plain) if name is not None)
