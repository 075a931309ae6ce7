"""The example requests of an operation, in each language, with what they answered."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from trunkline.http.reference.markup import Html, element
from trunkline.language import Say

Json = dict[str, Any]

EMPTY = {"200": "OK, and no body", "204": "No Content"}
SHOWN = {"Shell": "curl", "Python": "Python", "JavaScript": "Node"}
"""What the pages call the languages of the document's samples."""


def samples(say: Say, anchor: str, told: Json) -> Iterator[Html]:
    """A figure for each example; of its languages one at a time is folded out."""
    by_label: dict[str, list[Json]] = {}
    for sample in told["x-codeSamples"]:
        by_label.setdefault(sample["label"], []).append(sample)
    for number, (label, of_label) in enumerate(by_label.items()):
        group = f"{anchor}-{number}"
        yield element(
            "figure",
            element("figcaption", say(label)),
            *(_sample(say, group, sample, n == 0) for n, sample in enumerate(of_label)),
            *_shown(say, label, told["responses"]),
        )


def command(say: Say, source: str) -> Html:
    """A command with a button that copies it; the button is there only where it works."""
    button = element("button", say("Copy"), type="button", class_="copy", hidden=True)
    return element("div", button, element("pre", element("code", source), tabindex="0"), class_="command")


def _sample(say: Say, group: str, sample: Json, is_first: bool) -> Html:
    name = SHOWN[sample["lang"]]
    title = element("summary", name)
    return element("details", title, command(say, sample["source"]), class_="sample", name=group, open=is_first)


def _shown(say: Say, label: str, responses: Json) -> Iterator[Html]:
    for status, response in responses.items():
        for media in response.get("content", {}).values():
            example = media.get("examples", {}).get(label)
            if example is not None:
                yield _answered(say, status, example)
                return
    for status in ("200", "204"):
        if status in responses and "content" not in responses[status]:
            yield element("p", element("strong", status), f" {say(EMPTY[status])}", class_="answered")


def _answered(say: Say, status: str, example: Json) -> Html:
    text = json.dumps(example["value"], indent=2, ensure_ascii=False)
    return element(
        "details",
        element("summary", element("strong", status), f" {HTTPStatus(int(status)).phrase}"),
        element("p", _cut(say, example), class_="note") if "x-total" in example else None,
        element("pre", element("code", text), tabindex="0"),
        class_="answered",
        open=True,
    )


def _cut(say: Say, example: Json) -> str:
    return say("The first {shown} of {total} results.", shown=example["x-shown"], total=example["x-total"])
