"""Every command with its options: the page `docs/reference/command-line.md`."""

from collections.abc import Iterator
from typing import Any

import typer
from tables import NOTE, in_line, table

from trunkline.cli import app


def root() -> Any:
    """The command that has all others."""
    return typer.main.get_command(app)


def page() -> str:
    """Every command, from the declarations that parse it."""
    return f"{NOTE}# Command line\n" + "".join(_command(root(), "trunkline"))


def _command(command: Any, name: str) -> Iterator[str]:
    parts = getattr(command, "commands", None)
    if parts is None:
        options = (_option(parameter) for parameter in command.params if parameter.name != "help")
        yield f"\n## {name}\n\n{in_line(command.help)}\n\n{table(('option', 'default', 'meaning'), options)}"
        return
    for part in sorted(parts):
        yield from _command(parts[part], f"{name} {part}")


def _option(parameter: Any) -> tuple[str, ...]:
    names = (
        ", ".join(f"`{name}`" for name in parameter.opts)
        if parameter.opts[0].startswith("-")
        else f"`{parameter.name}`"
    )
    default = parameter.default
    shown = "required" if parameter.required else "" if default in (None, "", (), [], False) else f"`{default}`"
    return names, shown, in_line(getattr(parameter, "help", None))
