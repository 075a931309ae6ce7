"""Bodies made up from the structs that the routes name, with terms that mean something where there are any."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec.inspect as inspect
from fuzz.ground import AT
from fuzz.terms import ODD, OWN, UNFIT, VALUES, Known

FEW = 4
"""Elements of a list, at most."""

WHOLE = (0, 1, -1, 10, 194, 2**31 - 1, 2**31, 2**63, -(2**63) - 1, 10**30)
REAL = (0.5, -1.5, 1e308, 1e-300)


@dataclass(frozen=True)
class Maker:
    """Makes up values; `oddity` is how likely one of them makes no sense."""

    chance: Random
    known: Known
    oddity: float

    def body(self, kind: Any) -> Any:
        """JSON that a type of message allows."""
        made = self._value(inspect.type_info(kind), "")
        return made if self.odd() else self._fitting(made)

    def odd(self) -> bool:
        """Whether the next value is to make no sense."""
        return self.chance.random() < self.oddity

    def term(self, member: str) -> Any:
        """A value for a member, or a part of a path or a query."""
        terms = self.known.terms(member)
        return self.chance.choice(ODD) if self.odd() or not terms else self.chance.choice(terms)

    def _value(self, kind: Any, member: str) -> Any:
        return _MAKERS[type(kind)](self, kind, member)

    def _one_of(self, kind: Any, member: str) -> Any:
        # The first of several kinds is the one that is meant, the others are let pass.
        kinds = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        if not kinds or self.odd():
            return None
        return self._value(self.chance.choice(kinds) if self.odd() else kinds[0], member)

    def _struct(self, kind: Any, member: str) -> Any:
        fields = [field for field in kind.fields if field.required or self.chance.random() < 0.6]
        return {field.encode_name: self._value(field.type, field.encode_name) for field in fields}

    def _list(self, kind: Any, member: str) -> Any:
        return [self._value(kind.item_type, member) for _ in range(self.chance.randint(0, FEW))]

    def _map(self, kind: Any, member: str) -> Any:
        names = self.chance.sample(list(VALUES), self.chance.randint(0, FEW))
        if self.odd():
            names.append(self.chance.choice((*OWN, *ODD)))
        made = {} if self.odd() else {"hs_timestamp": AT}
        return made | {name: self._value_of(name) for name in names}

    def _value_of(self, name: str) -> Any:
        if self.odd() or name not in VALUES:
            return self.chance.choice((*UNFIT, *ODD))
        return self.chance.choice(VALUES[name])

    def _text(self, kind: Any, member: str) -> Any:
        return self.term(member) if self.known.terms(member) else self.chance.choice(("a", "b", "c"))

    def _whole(self, kind: Any, member: str) -> Any:
        terms = self.known.terms(member)
        return self.chance.choice(terms) if terms and not self.odd() else self.chance.choice(WHOLE)

    def _fitting(self, made: Any, by: str | None = None) -> Any:
        """A body whose ids are of the sort that its idProperty asks for: unique values, or record ids without one."""
        if isinstance(made, list):
            return [self._fitting(element, by) for element in made]
        if not isinstance(made, dict):
            return made
        by = made.get("idProperty", by)
        kept = {name: self._fitting(value, by) for name, value in made.items() if name != "properties"}
        for name in {"id", "objectId"} & made.keys():
            kept[name] = self.chance.choice(self.known.keys if by else self.known.ids)
        return {name: kept.get(name, value) for name, value in made.items()}


_MAKERS: dict[type[inspect.Type], Callable[[Maker, Any, str], Any]] = {
    inspect.UnionType: Maker._one_of,
    inspect.StructType: Maker._struct,
    inspect.ListType: Maker._list,
    inspect.VarTupleType: Maker._list,
    inspect.DictType: Maker._map,
    inspect.StrType: Maker._text,
    inspect.IntType: Maker._whole,
    inspect.FloatType: lambda maker, kind, member: maker.chance.choice(REAL),
    inspect.BoolType: lambda maker, kind, member: maker.chance.random() < 0.5,
    inspect.LiteralType: lambda maker, kind, member: maker.chance.choice(kind.values),
    inspect.NoneType: lambda maker, kind, member: None,
    inspect.AnyType: lambda maker, kind, member: maker.chance.choice(UNFIT),
}
