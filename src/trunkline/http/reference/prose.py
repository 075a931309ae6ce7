"""Docstrings as prose for readers of the API."""

import re

_SOURCE = re.compile(r"\s*\((?:[^()]*\b)?(?:behaviour \d|differences\b|chosen\b|recorded\b|\d+\.\d+)[^()]*\)")


def plain(text: str | None) -> str:
    """A docstring on one line for each paragraph, without the sources that it cites."""
    paragraphs = re.split(r"\n\s*\n", _SOURCE.sub("", text or ""))
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).strip()


def first_sentence(text: str | None) -> str:
    """What the first sentence of a docstring says first, without a stop."""
    return re.split(r"(?<=\w)[.;:](?=\s|$)", plain(text), maxsplit=1)[0]
