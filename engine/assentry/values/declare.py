"""How a function or operator is declared: once, with its signatures, document, examples, code and cost.

A family is one file of declarations:

    FAMILY = Family("strings", "Text: searching, cutting, joining.")

    STARTS_WITH = FAMILY.function(
        "startsWith", "Whether a string begins with another.", ("'foobar'.startsWith('foo')", "true")
    )
    STARTS_WITH.add("starts_with_string", (STRING, STRING), BOOL, str.startswith, member=True)

An implementation takes CEL values of exactly the parameters' types and returns one, or raises
EvaluationError. The registry gathers the families.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assentry.values.types import Type

Implementation = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Cost:
    """The worst-case work of one call: `fixed` plus, for each term, the product of the sizes of the
    arguments that it names by position, in units of `unit` elements or code points.

    The size of a number, bool, null, timestamp or duration is 1; of a string its code points; of a
    list or map its elements.
    """

    fixed: int = 1
    terms: tuple[tuple[int, ...], ...] = ()
    unit: int = 1

    def bound(self, sizes: Sequence[int]) -> int:
        """The work for arguments of these sizes."""
        work = sum(math.prod(sizes[position] for position in term) for term in self.terms)
        return self.fixed + -(-work // self.unit)


CONSTANT = Cost()


def linear(*positions: int, unit: int = 1) -> Cost:
    """Work that grows with the size of each named argument."""
    return Cost(terms=tuple((position,) for position in positions), unit=unit)


def product(*positions: int, unit: int = 1) -> Cost:
    """Work that grows with the product of the sizes of the named arguments."""
    return Cost(terms=(positions,), unit=unit)


@dataclass(frozen=True, slots=True)
class Example:
    """An expression and what it gives: a CEL literal, or `error: ` and the text of an error's Kind."""

    expression: str
    result: str


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature of a function. `params` holds the target first when `member` (`x.f(y)`)."""

    id: str
    function: str
    params: tuple[Type, ...]
    result: Type
    member: bool
    impl: Implementation
    cost: Cost = CONSTANT

    def __str__(self) -> str:
        """The signature as documents show it: `string.startsWith(string) -> bool`."""
        texts = [str(param) for param in self.params]
        if self.member:
            return f"{texts[0]}.{self.function}({', '.join(texts[1:])}) -> {self.result}"
        return f"{self.function}({', '.join(texts)}) -> {self.result}"


@dataclass(frozen=True, slots=True)
class Function:
    """A function or operator by its CEL name.

    `overloads` are the signatures that a checker may choose from; `dynamic` are more that only a
    choice by run-time types finds (`1 < 2.0` is ill-typed, `dyn(1) < 2.0` is not). When `gathers`, a
    call with more arguments than any overload takes is a call with one list of them.
    """

    name: str
    doc: str
    examples: tuple[Example, ...]
    overloads: tuple[Overload, ...]
    dynamic: tuple[Overload, ...] = ()
    families: tuple[str, ...] = ()
    gathers: bool = False


class Declaration:
    """A function being declared: overloads are added one by one."""

    def __init__(self, family: str, name: str, doc: str, examples: tuple[Example, ...], gathers: bool) -> None:
        self.family = family
        self.name = name
        self.doc = doc
        self.examples = examples
        self.gathers = gathers
        self.overloads: list[Overload] = []
        self.dynamic: list[Overload] = []

    def add(
        self,
        id: str,
        params: Sequence[Type],
        result: Type,
        impl: Implementation,
        *,
        member: bool = False,
        cost: Cost = CONSTANT,
        dynamic: bool = False,
    ) -> None:
        """Declare one signature with its code; `dynamic` hides it from checkers."""
        overload = Overload(id, self.name, tuple(params), result, member, impl, cost)
        (self.dynamic if dynamic else self.overloads).append(overload)


class Family:
    """Functions that belong together: one file, one chapter of the reference."""

    def __init__(self, name: str, doc: str) -> None:
        self.name = name
        self.doc = doc
        self.declarations: list[Declaration] = []

    def function(self, name: str, doc: str, *examples: tuple[str, str], gathers: bool = False) -> Declaration:
        """Begin a declaration: `examples` are pairs of an expression and its result (see Example)."""
        pairs = tuple(Example(expression, result) for expression, result in examples)
        declaration = Declaration(self.name, name, doc, pairs, gathers)
        self.declarations.append(declaration)
        return declaration
