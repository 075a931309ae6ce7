"""What a preview shows of a body (behaviour 9.9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.crm.preview import LONGEST, preview


def document(inner: str) -> str:
    return f"<html>\n <head></head>\n <body>\n{inner}\n </body>\n</html>"


@pytest.mark.parametrize(
    ("body", "text", "inner"),
    [
        ("Test call", "Test call", " Test call"),
        ("  two\n words ", "two words", " two words"),
        ("a > b", "a > b", " a &gt; b"),
        ("a &amp; b<br>c", "a & b c", " a &amp; b<br>c"),
        ("<p>Hello <b>bold</b> x</p><p>two</p>", "Hello bold x two", " <p>Hello <b>bold</b> x</p>\n <p>two</p>"),
        ("<div><p>x</p>y</div>", "x y", " <div>\n  <p>x</p>\n  y\n </div>"),
        ('<a href="x?a=1&b=2">link</a>', "link", ' <a href="x?a=1&amp;b=2">link</a>'),
        ("seen<script>alert(1)</script><style>p{}</style>", "seen", " seen"),
        ("<!-- hidden -->shown", "shown", " shown"),
        ("half < done", "half < done", " half &lt; done"),
    ],
)
def test_preview(body: str, text: str, inner: str) -> None:
    found = preview(body)
    assert (found.text, found.html, found.truncated) == (text, document(inner), False)


def test_a_long_text_is_cut_and_says_so() -> None:
    found = preview("word " * LONGEST)
    assert found.truncated
    assert len(found.text) == LONGEST


@given(st.text(max_size=200) | st.text("<>/abp &;!-\"'=", max_size=200))
def test_any_body_has_a_preview(body: str) -> None:
    found = preview(body)
    assert len(found.text) <= LONGEST
    assert "<script" not in found.html


@pytest.mark.parametrize("body", ["<div>" * 20_000, "<b>" * 20_000, "<" * 60_000, "<p>" * 20_000 + "x"])
def test_a_hostile_body_is_got_over(body: str) -> None:
    assert len(preview(body).text) <= LONGEST
