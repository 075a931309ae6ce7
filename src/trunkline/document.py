"""Documents that people write for the workbench: YAML or JSON, of texts, numbers, lists and mappings."""

from pathlib import Path
from typing import Any


def read(path: Path) -> Any:
    """What a file says; raises `OSError` when it cannot be read, and `ValueError` when it is neither YAML nor JSON."""
    try:
        return parsed(path.read_text(encoding="utf-8"))
    except ValueError as cause:
        raise ValueError(f"{path}: {cause}") from cause


def parsed(text: str, *, aliases: bool = True) -> Any:
    """What a text says. A time in it is the text that it is, since HubSpot's values are texts.

    Without `aliases` no part of it may stand for another, by which a small text from anybody could say more than there
    is room for. Raises `ValueError` when it is neither YAML nor JSON, or nested too deeply.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if not aliases and self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("aliases (*name) are not taken here")
            return super().compose_node(parent, index)

    times = "tag:yaml.org,2002:timestamp"
    Loader.yaml_implicit_resolvers = {
        letter: [pair for pair in pairs if pair[0] != times]
        for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        return yaml.load(text, Loader)
    except (yaml.YAMLError, RecursionError) as cause:
        raise ValueError(str(cause)) from cause
