"""The compiled form: what the checker leaves of a rule set, and all that a saved policy holds.

Two layers of expression nodes:

- a *raw* node names a place in the input document (or an element of a list there) and has no value
  of its own: Root, Item, Field, Element;
- a *value* node has a CEL value or an error. `Fit` is the one door from raw to value: the checked
  read (language page, "How it decides", 6).

Names of variables are unique within one expression (`l`, `l#2`), so that nothing shadows.
Spans point into the file of the rule or definition that holds the node; `Inlined` switches file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from typing import Literal as Choice

from assentry.source import Span
from assentry.values.shapes import Shapes

# ---- expressions ----


@dataclass(frozen=True, slots=True)
class Expr:
    """The root of all nodes of the compiled form."""

    span: Span


@dataclass(frozen=True, slots=True)
class Raw(Expr):
    """A place in the input; `shape` is an index into the policy's shapes."""

    shape: int


@dataclass(frozen=True, slots=True)
class Root(Raw):
    """A top-level name of the action document: `action`."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class Item(Raw):
    """A loop variable that runs over the elements of a raw list, or the keys or values of a raw map."""

    name: str


@dataclass(frozen=True, slots=True)
class Field(Raw):
    """`base.name` where base is a raw object, map or any. An absent field is an error of the read,
    whether `required` or (unguarded at run time, as after `m[k]`) not."""

    base: Raw
    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class Element(Raw):
    """`base[key]` where base is a raw list, map, object or any, and `key` a value."""

    base: Raw
    key: Expr


@dataclass(frozen=True, slots=True)
class Fit(Expr):
    """The checked read of a raw place, whole: lists and maps with all that is in them."""

    raw: Raw


@dataclass(frozen=True, slots=True)
class Has(Expr):
    """`has(base.name)`: false for an absent optional field, error for a present misfit (checked as
    deep as the field's own node: a list is a list, whatever its elements) or an absent required one."""

    field: Field


@dataclass(frozen=True, slots=True)
class Maybe(Expr):
    """`base.?name` or `base[?key]` on a raw place: an optional value; absent is none, a misfit is an error."""

    raw: Field | Element


@dataclass(frozen=True, slots=True)
class Size(Expr):
    """`size()` of a raw list or map: its elements are not read."""

    raw: Raw


@dataclass(frozen=True, slots=True)
class IsNull(Expr):
    """`raw == null` of an object, which is no value otherwise: checked as deep as its own node."""

    raw: Raw


@dataclass(frozen=True, slots=True)
class Contains(Expr):
    """`item in raw`: element by element for a raw list (true as soon as one is equal, else an error if
    one does not fit, else false); by key for a raw map or object."""

    item: Expr
    raw: Raw


@dataclass(frozen=True, slots=True)
class Lit(Expr):
    """A constant: any CEL value."""

    value: object


@dataclass(frozen=True, slots=True)
class Var(Expr):
    """A variable that holds a CEL value: a binding of a plain CEL program, a loop variable, a `cel.bind`."""

    name: str


@dataclass(frozen=True, slots=True)
class And(Expr):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Expr):
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Expr):
    operand: Expr


@dataclass(frozen=True, slots=True)
class If(Expr):
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A strict function or operator by CEL name (`_==_`, `_+_`, `startsWith`, `math.greatest`).

    `overload` is the id of the one overload that the static types leave; empty when the choice waits
    for the run-time types. `member` tells `x.f(y)` from `f(x, y)`; args holds the target first.
    """

    function: str
    overload: str
    args: tuple[Expr, ...]
    member: bool = False


@dataclass(frozen=True, slots=True)
class Select(Expr):
    """`operand.name` on a value (a map or dyn); on an optional operand the result is optional too."""

    operand: Expr
    name: str


@dataclass(frozen=True, slots=True)
class HasKey(Expr):
    """`has(operand.name)` on a value (a map or dyn, or an optional of one)."""

    operand: Expr
    name: str


@dataclass(frozen=True, slots=True)
class ListOf(Expr):
    """A list literal; each element with whether it is optional (`[?a]`)."""

    elements: tuple[tuple[Expr, bool], ...]


@dataclass(frozen=True, slots=True)
class MapOf(Expr):
    """A map literal: key, value, optional."""

    entries: tuple[tuple[Expr, Expr, bool], ...]


@dataclass(frozen=True, slots=True)
class Let(Expr):
    """`cel.bind(name, value, body)`."""

    name: str
    value: Expr
    body: Expr


LoopKind = Choice[
    "all", "exists", "exists_one", "map", "filter", "transform_list", "transform_map", "transform_map_entry"
]


@dataclass(frozen=True, slots=True)
class Loop(Expr):
    """A macro over `range`.

    `range` is a raw list or map (then `first` and `second` are `Item`s in the body and elements are
    read where they are used) or a value (then they are `Var`s). With one variable it runs over a
    list's elements or a map's keys; with two over index and element, or key and value (`first` is then
    always a `Var` for a list's index).
    all, exists, exists_one, filter: `body` is the predicate. map, transform_*: `where` is the optional
    predicate and `body` the result (for transform_map_entry a map of one entry).
    """

    kind: LoopKind
    first: str
    second: str | None
    range: Expr
    where: Expr | None
    body: Expr


@dataclass(frozen=True, slots=True)
class Define(Expr):
    """A definition without parameters, by index into `Form.definitions`: evaluated at most once a decision."""

    index: int


@dataclass(frozen=True, slots=True)
class Inlined(Expr):
    """A function's body with this call's arguments in place: `span` is the call, the body's spans are in `file`."""

    name: str
    file: int
    body: Expr


@dataclass(frozen=True, slots=True)
class Risk(Expr):
    """`risk >= 60`: the summed risk against a constant; never an error."""

    operator: Choice["<", "<=", ">", ">="]
    bound: int


@dataclass(frozen=True, slots=True)
class Unreadable(Expr):
    """What stands for a condition of a saved policy that is none: always an error. `span` is the rule's head."""


# ---- rules ----


@dataclass(frozen=True, slots=True)
class SeatForm:
    count: int
    selector: Choice["group", "role"]
    name: str


@dataclass(frozen=True, slots=True)
class RuleForm:
    """One rule. `controls` are catalogue ids with prefix, in catalogue order; `within` is in seconds;
    `reason` alternates literal text and raw places to print; `shadow` for `mode: shadow`.

    In a saved policy, conditions and reasons are read when they are first looked at (`code/trees.py`).
    """

    id: str
    effect: Choice["allow", "deny", "require_approval", "risk"]
    file: int
    span: Span  # the whole head, `deny name`
    conditions: Sequence[Expr]
    title: str = ""
    reason: Sequence[str | Raw] = ()
    controls: tuple[str, ...] = ()
    seats: tuple[SeatForm, ...] = ()
    within: int = 3600
    redact: tuple[str, ...] = ()
    weight: int = 0
    shadow: bool = False
    reads_risk: bool = False
    meta: tuple[tuple[str, object], ...] = ()  # severity, owner, until, links, x_*: plain data


@dataclass(frozen=True, slots=True)
class DefinitionForm:
    """A definition: OR over its heads, AND over each head's conditions. Heads may stand in several files."""

    id: str
    heads: tuple[HeadForm, ...]


@dataclass(frozen=True, slots=True)
class HeadForm:
    file: int
    span: Span
    conditions: Sequence[Expr]


PlaceKind = Choice["text", "bool", "number", "list", "presence"]


@dataclass(frozen=True, slots=True)
class PlaceForm:
    """A place of the action that conditions compare with constants; names alone lead there.

    `text`, `bool` and `number` are scalars; `list` a list of texts that is searched; `presence` a place of which only
    matters whether something stands there that fits, as deep as its own node.
    """

    raw: Raw
    kind: PlaceKind


@dataclass(frozen=True, slots=True)
class TestForm:
    """A question about what stands at one place, answered by true, false or error.

    For a value that fits: whether it is among `values` (a list: whether one of its elements is), or, `negated`,
    whether it is not. For a number `values` are the bounds, ascending, from which on the answer changes; below the
    first it is `negated`. A value that does not fit is an error; where nothing stands at an optional place the answer
    is `absent`.
    """

    __test__ = False  # no test class of pytest

    place: int
    values: tuple[str | int | float | bool | None, ...]
    negated: bool
    absent: Choice["false", "error", "true"]


@dataclass(frozen=True, slots=True)
class RuleIndex:
    """What the index knows of one rule: it can fire or err only where none of its `tests` is false.

    `rest` are the rule's conditions that the tests do not settle, to be evaluated then; without any the rule
    fires exactly where all tests are true. With `firm` tests, each is one of the rule's conditions or several: where one
    is in error, the rule does not fire. Indices into `IndexForm.tests` and into the rule's conditions.
    """

    tests: tuple[int, ...]
    rest: tuple[int, ...]
    firm: bool


@dataclass(frozen=True, slots=True)
class IndexForm:
    """What rules ask of the action, place by place, so that a decision looks at each place once.

    `key` is the place that tells rules apart best: a required text. `reads` are the paths that any condition reads.
    """

    key: int | None
    places: tuple[PlaceForm, ...]
    tests: tuple[TestForm, ...]
    rules: tuple[RuleIndex, ...]
    reads: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FileForm:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """A whole compiled rule set: rules sorted by id, definitions in dependency order (a definition
    refers only to earlier ones)."""

    files: tuple[FileForm, ...]
    shapes: Shapes
    default: Choice["allow", "deny"]
    definitions: tuple[DefinitionForm, ...]
    rules: tuple[RuleForm, ...]
    index: IndexForm
    digest: str
    language: str


def children(expr: Expr) -> tuple[Expr, ...]:
    """The direct sub-expressions of a node, in the order in which they are read."""
    return _CHILDREN[type(expr)](expr)


def _none(_: Expr) -> tuple[Expr, ...]:
    return ()


def _of_loop(loop: Loop) -> tuple[Expr, ...]:
    return (loop.range, loop.body) if loop.where is None else (loop.range, loop.where, loop.body)


# A table and no `match`: every stage of the compiler walks every node, and most nodes have few children or none.
_CHILDREN: Mapping[type[Expr], Callable[[Any], tuple[Expr, ...]]] = {
    **dict.fromkeys((Root, Item, Lit, Var, Define, Risk, Unreadable), _none),
    Field: lambda node: (node.base,),
    Element: lambda node: (node.base, node.key),
    Fit: lambda node: (node.raw,),
    Has: lambda node: (node.field,),
    Maybe: lambda node: (node.raw,),
    Size: lambda node: (node.raw,),
    IsNull: lambda node: (node.raw,),
    Contains: lambda node: (node.item, node.raw),
    And: attrgetter("operands"),
    Or: attrgetter("operands"),
    Not: lambda node: (node.operand,),
    If: lambda node: (node.condition, node.then, node.otherwise),
    Call: attrgetter("args"),
    Select: lambda node: (node.operand,),
    HasKey: lambda node: (node.operand,),
    ListOf: lambda node: tuple([element for element, _ in node.elements]),
    MapOf: lambda node: tuple([part for key, value, _ in node.entries for part in (key, value)]),
    Let: lambda node: (node.value, node.body),
    Loop: _of_loop,
    Inlined: lambda node: (node.body,),
}
