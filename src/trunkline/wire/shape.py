"""What a request body may look like, as data: enough to tell why a body was refused.

A shape names the Java type the real service binds a value to, because that name is part of its messages (behaviour 5).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Text:
    """A string; numbers, booleans and null are taken as well (behaviour 5.4)."""

    java: str = "java.lang.String"


@dataclass(frozen=True, slots=True)
class Flag:
    """true, false, null, or one of the strings "true" and "false"."""

    java: str = "java.lang.Boolean"


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer, null, or a string that holds an integer; of 32 bits, or of 64 where `java` is java.lang.Long.

    With `blank` a string without a visible character is taken as null.
    """

    java: Literal["java.lang.Integer", "java.lang.Long"] = "java.lang.Integer"
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the strings `values`, or null; the values are listed in messages in this order."""

    java: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """A list whose items all have the shape `item`."""

    java: str
    item: "Shape"
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Map:
    """An object with free keys whose values all have the shape `value`; with None they may be anything."""

    java: str
    value: "Shape | None"
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Object:
    """An object with known fields; others are ignored, and of a repeated field the last counts.

    `required` names the fields that must be there and not be null, in the order in which messages list them.
    `objection` is told the JSON of an object whose fields are all as they should be, and says what is wrong with it as
    a whole, or None. With `text` a string is taken in place of the object.
    """

    java: str
    fields: "Mapping[str, Shape]"
    required: tuple[str, ...] = ()
    nullable: bool = True
    objection: Callable[[bytes], str | None] | None = None
    text: bool = False


Scalar = Text | Flag | Whole | Choice
Container = Array | Map | Object
Shape = Scalar | Container
