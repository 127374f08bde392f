"""What the names of an expression mean.

A rule's condition sees the action document (roots), constants, definitions and functions; a plain CEL
expression sees declared variables and added functions. Names may be dotted and are looked up as the
CEL language definition says: in container `a.b`, the name `c` is `a.b.c`, else `a.c`, else `c`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assentry.cel.nodes import Node
from assentry.cel.typenames import parse_type
from assentry.cel.unify import type_of_constant
from assentry.source import Source
from assentry.values.registry import FUNCTIONS
from assentry.values.registry import Function as Declared
from assentry.values.runtime import TYPE_VALUES
from assentry.values.shapes import Property, Shapes
from assentry.values.types import Type, type_of


@dataclass(frozen=True, slots=True)
class Constant:
    """A name for a value known when compiling: a `const`, an imported data file."""

    value: object
    type: Type
    _entries: dict[str, Constant] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, value: object) -> Constant:
        """The constant of a CEL value, with the type that the value shows."""
        return cls(value, type_of_constant(value))

    def entry(self, name: str) -> Constant | None:
        """What the constant, a map, holds under a name: with its own type, since data files mix types."""
        if name not in self._entries and isinstance(self.value, dict) and name in self.value:
            self._entries[name] = Constant.of(self.value[name])
        return self._entries.get(name)


@dataclass(frozen=True, slots=True)
class FunctionHead:
    """One head of a function of the rule language: `name(params) if conditions`.

    `environment` holds the names of the head's own file; None stands for those of the call. `file` is
    the index under which the compiled form knows the source.
    """

    params: tuple[str, ...]
    conditions: tuple[Node, ...]
    source: Source
    file: int
    environment: Environment | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the rule language: OR over its heads, AND over each head's conditions."""

    name: str
    heads: tuple[FunctionHead, ...]


@dataclass(frozen=True, slots=True)
class Environment:
    """The names that an expression may use.

    `roots` are the top-level places of the document whose shapes are `shapes`; `definitions` gives the
    index of each definition. `overloads` are functions added to the standard ones. With `risk`, the name
    `risk` may be compared. `file` is the index of the expression's own source. `open_world` makes every
    undeclared name a variable of any type; without `checked`, types are left to the evaluation. `rules` are
    names of rules, known only to say that conditions cannot read them. `meanings` keeps what names were found to
    mean: given by who adds no more names.
    """

    shapes: Shapes = ()
    roots: Mapping[str, Property] = field(default_factory=dict)
    variables: Mapping[str, Type] = field(default_factory=dict)
    constants: Mapping[str, Constant] = field(default_factory=dict)
    definitions: Mapping[str, int] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    overloads: Mapping[str, Declared] = field(default_factory=dict)
    container: str = ""
    risk: bool = False
    file: int = 0
    open_world: bool = False
    checked: bool = True
    mixed_numbers: bool = False
    rules: Collection[str] = frozenset()
    meanings: dict[tuple[str, bool], Meaning | None] | None = None
    types: dict[int, Type] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By shape: what `places.type_of_shape` found, as it is asked of every place."""

    def candidates(self, name: str, absolute: bool = False) -> Iterator[str]:
        """The full names that a name may stand for, the most particular first."""
        container = "" if absolute else self.container
        while container:
            yield f"{container}.{name}"
            container = container.rpartition(".")[0]
        yield name

    def lookup(self, name: str, absolute: bool = False) -> Meaning | None:
        """What a (possibly dotted) name means here."""
        if self.meanings is None:
            return self._lookup(name, absolute)
        key = name, absolute
        if key not in self.meanings:
            self.meanings[key] = self._lookup(name, absolute)
        return self.meanings[key]

    def _lookup(self, name: str, absolute: bool) -> Meaning | None:
        for full in self.candidates(name, absolute):
            if full in self.variables:
                return Meaning(full, variable=self.variables[full])
            if full in self.roots:
                return Meaning(full, root=self.roots[full])
            if full in self.constants:
                return Meaning(full, constant=self.constants[full])
            if full in self.definitions:
                return Meaning(full, definition=self.definitions[full])
            if full in TYPE_NAMES:
                return Meaning(full, constant=TYPE_NAMES[full])
        return None

    def lookup_function(self, name: str, absolute: bool = False) -> Function | Declared | None:
        """The function that a (possibly dotted) name means here."""
        for full in self.candidates(name, absolute):
            found = self.functions.get(full) or self.overloads.get(full) or FUNCTIONS.get(full)
            if found is not None:
                return found
        return None

    def names(self) -> set[str]:
        """Every name that can be written, for did-you-mean: with and without this container."""
        known = {*self.variables, *self.roots, *self.constants, *self.definitions}
        prefix = f"{self.container}."
        return known | {name.removeprefix(prefix) for name in known if name.startswith(prefix)}

    def function_names(self) -> set[str]:
        """Every function that can be called by name, for did-you-mean."""
        known = {*self.functions, *self.overloads, *(name for name in FUNCTIONS if name[0].isalpha())}
        prefix = f"{self.container}."
        return known | {name.removeprefix(prefix) for name in known if name.startswith(prefix)}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name was found to mean; exactly one part besides the full name is set."""

    name: str
    variable: Type | None = None
    root: Property | None = None
    constant: Constant | None = None
    definition: int | None = None


TYPE_NAMES: Mapping[str, Constant] = MappingProxyType(
    {name: Constant(value, type_of(parse_type(name))) for name, value in TYPE_VALUES.items()}
)
"""What the names of types mean: `int`, `list`, `net.IP`, ..."""
