"""Where each operation stands: the pages of the versions, their chapters, and the places in these."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from trunkline.http.reference.document import document

Json = dict[str, Any]

NUMBERED = "v3"
"""The pages of all versions with a number: v3, and the operations of v1, v2 and v4."""

PATH = "/docs"


class Entry(Struct, frozen=True):
    """An operation in one version: `anchor` is its place in its chapter, `others` leads to it in other versions."""

    method: str
    path: str
    told: Json
    anchor: str
    others: Mapping[str, str] = {}

    @property
    def place(self) -> str:
        """The path in short: of records and properties what follows the version and the part of the API."""
        start = self.path.find("{") if self.path.startswith("/crm/") else 0
        return self.path[start:]


def names() -> list[str]:
    """The versions that have pages of their own."""
    return list(dict.fromkeys(_shown_in(told["x-version"]) for _, _, told in _operations(document())))


def title(name: str) -> str:
    """The versions that the pages of a name show, as `v3, v4`."""
    versions = dict.fromkeys(told["x-version"] for _, _, told in _operations(document()))
    return ", ".join(version for version in versions if _shown_in(version) == name)


def chapters(name: str) -> dict[str, str]:
    """The tags that have a chapter in a version, by the last part of its address; none of what is no version."""
    return {slug(tag): tag for tag in entries(document(), name)}


def contents(name: str) -> str:
    """Where the contents of a version are."""
    return PATH if name == NUMBERED else f"{PATH}/{name}"


def link(name: str, tag: str) -> str:
    """Where the chapter of a tag is."""
    return f"{PATH}/{name}/{slug(tag)}"


def slug(tag: str) -> str:
    """A tag's name as a part of an address."""
    return re.sub(r"\W+", "-", tag.lower())


def entries(whole: Json, name: str) -> dict[str, list[Entry]]:
    """The operations of a version by tag, from the document in some language."""
    versions: dict[str, list[str]] = {}
    for _, _, told in _operations(whole):
        versions.setdefault(_name(told), []).append(told["x-version"])
    found: dict[str, list[Entry]] = {tag["name"]: [] for tag in whole["tags"]}
    for method, path, told in _operations(whole):
        if _shown_in(told["x-version"]) == name:
            found[told["tags"][0]].append(_entry(method, path, told, versions[_name(told)]))
    return {tag: of_tag for tag, of_tag in found.items() if of_tag}


def _entry(method: str, path: str, told: Json, versions: list[str]) -> Entry:
    anchors = {version: _anchor(_name(told), version, versions) for version in versions}
    (tag,) = told["tags"]
    others = {
        version: f"{link(_shown_in(version), tag)}#{anchor}"
        for version, anchor in anchors.items()
        if version != told["x-version"]
    }
    return Entry(method, path, told, anchors[told["x-version"]], others)


def _operations(whole: Json) -> list[tuple[str, str, Json]]:
    paths: Mapping[str, Json] = whole["paths"]
    return [(method.upper(), path, told) for path, methods in paths.items() for method, told in methods.items()]


def _shown_in(version: str) -> str:
    return NUMBERED if version.startswith("v") else version


def _name(told: Json) -> str:
    """What an operation is called in all versions."""
    version = told["x-version"].replace("-", "_")
    return str(told["operationId"]).removesuffix(f"_{version}").replace("_", "-")


def _anchor(operation: str, version: str, versions: Collection[str]) -> str:
    """Where a version of an operation stands in its chapter, where another one may have the operation's own name."""
    is_other = _shown_in(version) == NUMBERED in versions and version != NUMBERED
    return f"{operation}-{version}" if is_other else operation
