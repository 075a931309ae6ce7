"""The plain and the tidy form of a record's HTML body, as its preview properties show them (behaviour 9.9)."""

from collections.abc import Iterator
from functools import lru_cache
from html import escape

from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser, LexborNode

LONGEST = 512
"""Characters that a preview keeps; the real limit is not known (chosen: differences)."""

_HIDDEN = frozenset(("script", "style", "head", "template"))
_VOID = frozenset(("br", "hr", "img", "input", "wbr"))
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol"),
        *("p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_ONE_LINE = frozenset(["address", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li", "p", "pre", "td", "th"])


class Preview(Struct, frozen=True):
    """The preview of one body: its text without tags, its tidied HTML, and whether the text was cut."""

    text: str
    html: str
    truncated: bool


@lru_cache(maxsize=32)
def preview(body: str) -> Preview:
    """The preview of a body of text or HTML."""
    if "<" in body or "&" in body:
        lines = list(_lines(_root(body), 1))
        words = " ".join(" ".join(text for _, text in lines).split())
        inner = "".join(f"\n{markup}" for markup, _ in lines)
    else:
        # Most bodies are plain text, and need no parser.
        words = " ".join(body.split())
        inner = "\n " + words.replace(">", "&gt;") if words else ""
    html = f"<html>\n <head></head>\n <body>{inner}\n </body>\n</html>"
    return Preview(words[:LONGEST], html, len(words) > LONGEST)


def _root(body: str) -> LexborNode:
    root = LexborHTMLParser(body).body
    assert root is not None, "the parser gives every document a body"
    return root


def _lines(node: LexborNode, depth: int) -> Iterator[tuple[str, str]]:
    """Each line of the children of a node: its markup, indented, and its text."""
    run: list[tuple[str, str]] = []
    for child in node.iter(include_text=True):
        if child.tag in _HIDDEN:
            continue
        if child.tag in _BLOCKS:
            yield from _flushed(run, depth)
            yield from _block(child, depth)
        else:
            run.append(_inline(child, depth))
    yield from _flushed(run, depth)


def _flushed(run: list[tuple[str, str]], depth: int) -> Iterator[tuple[str, str]]:
    markup = "".join(part for part, _ in run).strip()
    if markup:
        yield " " * depth + markup, "".join(text for _, text in run)
    run.clear()


def _block(node: LexborNode, depth: int) -> Iterator[tuple[str, str]]:
    indent, tag = " " * depth, node.tag
    if tag in _VOID:
        yield f"{indent}{_start(node)}", ""
    elif tag in _ONE_LINE or depth > _DEEPEST:
        markup, text = _inside(node, depth)
        yield f"{indent}{_start(node)}{markup.strip()}</{tag}>", text
    else:
        yield f"{indent}{_start(node)}", ""
        yield from _lines(node, depth + 1)
        yield f"{indent}</{tag}>", ""


_DEEPEST = 64
"""Levels that are indented; a body nested deeper is written on one line, and one twice as deep is cut."""


def _inline(node: LexborNode, depth: int) -> tuple[str, str]:
    if node.tag == "-text":
        text = node.text(deep=False) or ""
        folded = f"{' ' * text[:1].isspace()}{' '.join(text.split())}{' ' * text[-1:].isspace()}" if text else ""
        return escape(folded, quote=False), folded
    if node.tag is None or not node.tag[:1].isalpha() or depth > 2 * _DEEPEST:
        return "", ""
    if node.tag in _VOID:
        return _start(node), " "
    markup, text = _inside(node, depth)
    return f"{_start(node)}{markup}</{node.tag}>", text


def _inside(node: LexborNode, depth: int) -> tuple[str, str]:
    parts = [_inline(child, depth + 1) for child in node.iter(include_text=True) if child.tag not in _HIDDEN]
    return "".join(markup for markup, _ in parts), "".join(text for _, text in parts)


def _start(node: LexborNode) -> str:
    attributes = "".join(f' {name}="{escape(value or "")}"' for name, value in node.attributes.items())
    return f"<{node.tag}{attributes}>"
