"""Bodies made up from the structs that the routes name, with terms that mean something where there are any."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec.inspect as inspect
from fuzz.sense import fit
from fuzz.terms import ODD, OWN, UNFIT, VALUES, Known, names, required, values

FEW = 4
"""Elements of a list, at most."""

WHOLE = (0, 1, -1, 10, 194, 2**31 - 1, 2**31, 2**63, -(2**63) - 1, 10**30)
REAL = (0.5, -1.5, 1e308, 1e-300)


@dataclass(frozen=True)
class Maker:
    """Makes up values; `oddity` is how likely one of them makes no sense, `type` the object type they are for."""

    chance: Random
    known: Known
    oddity: float
    type: str = "calls"

    def body(self, kind: Any) -> Any:
        """JSON that a type of message allows."""
        made = self._value(inspect.type_info(kind), "")
        return made if self.odd() else fit(made, self.type, self.known, self.chance)

    def odd(self) -> bool:
        """Whether the next value is to make no sense."""
        return self.chance.random() < self.oddity

    def term(self, member: str) -> Any:
        """A value for a member, or a part of a path or a query."""
        terms = self.known.terms(member, self.type)
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
        fields = [field for field in kind.fields if field.required or self.chance.random() < 0.75]
        return {field.encode_name: self._value(field.type, field.encode_name) for field in fields}

    def _list(self, kind: Any, member: str) -> Any:
        return [self._value(kind.item_type, member) for _ in range(self.chance.randint(0, FEW))]

    def _map(self, kind: Any, member: str) -> Any:
        had = names(self.type)
        chosen = set(self.chance.sample(had, self.chance.randint(1, min(FEW, len(had)))))
        if self.odd():
            chosen.add(self.chance.choice((*OWN, *ODD, *VALUES)))
        if not self.odd():
            chosen.update(required(self.type))
        return {name: self._value_of(name) for name in sorted(chosen)}

    def _value_of(self, name: str) -> Any:
        fit = values(name, self.type)
        return self.chance.choice((*UNFIT, *ODD)) if self.odd() or not fit else self.chance.choice(fit)

    def _text(self, kind: Any, member: str) -> Any:
        return self.term(member) if self.known.terms(member, self.type) else self.chance.choice(("a", "b", "c"))

    def _whole(self, kind: Any, member: str) -> Any:
        terms = self.known.terms(member, self.type)
        return self.chance.choice(terms) if terms and not self.odd() else self.chance.choice(WHOLE)


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
