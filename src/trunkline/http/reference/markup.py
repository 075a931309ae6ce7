"""HTML that cannot be broken by what it shows: every text is escaped, unless it is HTML already."""

import re
from html import escape

Attribute = str | bool | None


class Html(str):
    """A piece of HTML."""

    __slots__ = ()


EMPTY = frozenset({"meta", "link", "wbr", "input"})


def element(name: str, /, *parts: str | None, **attributes: Attribute) -> Html:
    """An element; `class_` and `aria_label` become class and aria-label, None and False leave something out."""
    said = "".join(_attribute(name_, value) for name_, value in attributes.items() if value not in (None, False))
    return Html(f"<{name}{said}>" if name in EMPTY else f"<{name}{said}>{joined(*parts)}</{name}>")


def joined(*parts: str | None) -> Html:
    """Pieces one after the other."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts if part))


def _attribute(name: str, value: Attribute) -> str:
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'


def prose(text: str) -> Html:
    """A sentence in which what stands between backticks is code."""
    pieces = re.split(r"`([^`]*)`", text)
    return joined(*(element("code", piece) if n % 2 else piece for n, piece in enumerate(pieces)))


def paragraphs(text: str) -> Html:
    """Sentences with an empty line between the paragraphs."""
    return joined(*(element("p", prose(part)) for part in text.split("\n\n")))


def filled(template: str, **parts: str) -> Html:
    """A sentence in which names in braces stand for pieces, and what is between backticks is code."""
    pieces = re.split(r"\{(\w+)\}", template)
    return joined(*(parts[piece] if n % 2 else prose(piece) for n, piece in enumerate(pieces)))
