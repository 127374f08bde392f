"""Syntax trees for tests: without their places, written short, and drawn by hypothesis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import strategies as st

from assentry.cel import nodes as cel
from assentry.cel import parse as cel_parse
from assentry.diagnostics import Diagnostic, render
from assentry.language import nodes
from assentry.language import parse as language_parse
from assentry.source import Source, Span

NOWHERE = Span(0, 0)


def expression(text: str) -> cel.Node:
    """The tree of a legal expression."""
    report: list[Diagnostic] = []
    node = cel_parse.parse(Source("x.cel", text), report)
    assert node is not None, "\n".join(map(render, report))
    assert not report
    return node


def file(text: str) -> nodes.File:
    """The tree of a legal rule file."""
    report: list[Diagnostic] = []
    tree = language_parse.parse(Source("x.assent", text), report)
    assert tree is not None, "\n".join(map(render, report))
    assert not report, "\n".join(map(render, report))
    return tree


def findings(text: str) -> list[Diagnostic]:
    """What is wrong with a rule file."""
    report: list[Diagnostic] = []
    language_parse.parse(Source("x.assent", text), report)
    return report


def unplaced(node: Any) -> Any:
    """The tree as plain tuples, without spans, source and comments; values with their types, NaN-safe."""
    if isinstance(node, Span | Source):
        return None
    if is_dataclass(node):
        return type(node).__name__, *(unplaced(getattr(node, f.name)) for f in fields(node) if f.name != "comments")
    if isinstance(node, tuple):
        return tuple(map(unplaced, node))
    return type(node).__name__, repr(node)


def short(node: cel.Node) -> str:
    """An expression in prefix form: `(&& a (== b 1))`."""
    match node:
        case cel.Literal():
            return f"{node.value!r}u" if node.kind == "uint" else repr(node.value)
        case cel.Ident():
            return f".{node.name}" if node.absolute else node.name
        case cel.Select():
            return f"{short(node.operand)}.{'?' if node.optional else ''}{node.field}"
        case cel.Index():
            return f"{short(node.operand)}[{'?' if node.optional else ''}{short(node.index)}]"
        case cel.Call():
            target = "" if node.target is None else f"{short(node.target)}."
            return f"{target}{'.' if node.absolute else ''}{node.function}({', '.join(map(short, node.args))})"
        case cel.And() | cel.Or():
            return f"({'&&' if isinstance(node, cel.And) else '||'} {' '.join(map(short, node.operands))})"
        case cel.Ternary():
            return f"(? {short(node.condition)} {short(node.then)} {short(node.otherwise)})"
        case cel.Unary():
            return f"({node.operator} {short(node.operand)})"
        case cel.Binary():
            return f"({node.operator} {short(node.left)} {short(node.right)})"
        case cel.ListLiteral():
            return f"[{', '.join(('?' if optional else '') + short(element) for element, optional in node.elements)}]"
        case cel.MapLiteral():
            entries = [f"{'?' if o else ''}{short(key)}: {short(value)}" for key, value, o in node.entries]
            return f"{{{', '.join(entries)}}}"
        case cel.MessageLiteral():
            entries = [f"{'?' if o else ''}{name}: {short(value)}" for name, value, o in node.fields]
            return f"{node.name}{{{', '.join(entries)}}}"
        case _:
            raise TypeError(type(node).__name__)


def parts(node: cel.Node) -> Iterator[cel.Node]:
    """The node and all below it."""
    yield node
    for field in fields(node):
        pending = [getattr(node, field.name)]
        while pending:
            value = pending.pop()
            if isinstance(value, cel.Node):
                yield from parts(value)
            elif type(value) is tuple:
                pending.extend(value)


# ---- trees drawn at random ----

_RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
        "allow",
        "deny",
        "require",
        "risk",
        "default",
        "with",
        "in",
        "true",
        "false",
        "null",
        "approval",
        "of",
        "and",
        "group",
        "role",
        "not",
        "or",
        "is",
    ]
)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: name not in _RESERVED)
_fields = names | st.sampled_from(["if", "in", "true", "allow", "with", "a-b", "x y", "a.b/c"])
# Characters that a rule file refuses may stand in a value, spelled as escapes.
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['"', "'", "\\", "\r\n", "\u202e"]
)
_literals = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(lambda v: cel.Literal(NOWHERE, "int", v)),
    st.integers(0, 2**64 - 1).map(lambda v: cel.Literal(NOWHERE, "uint", v)),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda v: cel.Literal(NOWHERE, "double", v)),
    _texts.map(lambda v: cel.Literal(NOWHERE, "string", v)),
    st.binary(max_size=6).map(lambda v: cel.Literal(NOWHERE, "bytes", v)),
    st.booleans().map(lambda v: cel.Literal(NOWHERE, "bool", v)),
    st.just(cel.Literal(NOWHERE, "null", None)),
)
_idents = st.builds(cel.Ident, st.just(NOWHERE), names, st.sampled_from([False, False, False, True]))


def _larger(inner: st.SearchStrategy[cel.Node]) -> st.SearchStrategy[cel.Node]:
    here = st.just(NOWHERE)
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    few = st.lists(inner, max_size=3).map(tuple)
    operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%"])
    calls = st.builds(cel.Call, here, names, st.none() | inner, few, here)
    return st.one_of(
        st.builds(cel.Select, here, inner, _fields, here, st.booleans()),
        st.builds(cel.Index, here, inner, inner, st.booleans()),
        calls | calls.filter(lambda call: call.target is None).map(lambda call: replace(call, absolute=True)),
        st.builds(cel.ListLiteral, here, st.lists(st.tuples(inner, st.booleans()), max_size=3).map(tuple)),
        st.builds(cel.MapLiteral, here, st.lists(st.tuples(inner, inner, st.booleans()), max_size=3).map(tuple)),
        st.builds(
            cel.MessageLiteral,
            here,
            st.lists(names, min_size=1, max_size=3).map(".".join),
            st.lists(st.tuples(names, inner, st.booleans()), max_size=2).map(tuple),
        ),
        st.builds(cel.And, here, several),
        st.builds(cel.Or, here, several),
        st.builds(cel.Ternary, here, inner, inner, inner),
        st.builds(cel.Unary, here, st.sampled_from(["!", "-"]), inner),
        st.builds(cel.Binary, here, operators, inner, inner, here),
    )


# Deferred, since hypothesis would else write out the whole strategy for its messages.
expressions: st.SearchStrategy[cel.Node] = st.deferred(
    lambda: st.recursive(_literals | _idents, _larger, max_leaves=12)
)

# ---- statements ----

_here = st.just(NOWHERE)
_own_names = st.builds(nodes.Name, _here, names)
_plain_texts = st.builds(nodes.Text, _here, _texts)
_durations = st.sampled_from([("30s", 30), ("15m", 900), ("1h30m", 5400), ("2d", 172800)])
_values: st.SearchStrategy[nodes.Value] = st.recursive(
    st.one_of(
        _plain_texts,
        st.builds(nodes.Number, _here, st.integers(-(2**63), 2**63 - 1) | st.sampled_from([1.5, -0.25, 1e300])),
        st.builds(nodes.Flag, _here, st.sampled_from([True, False, None])),
        st.builds(nodes.Word, _here, names),
        _durations.map(lambda pair: nodes.Duration(NOWHERE, *pair)),
        st.builds(nodes.Control, _here, st.sampled_from(["A.8.12", "soc2:CC6.1", "nist:AC-2(1)", "iso42001:A.8.2"])),
        st.builds(nodes.Path, _here, st.lists(names, min_size=2, max_size=3).map(tuple)),
        st.lists(
            st.builds(nodes.Seat, _here, st.integers(1, 9), st.sampled_from(["group", "role"]), _texts),
            min_size=1,
            max_size=3,
        ).map(lambda seats: nodes.Seats(NOWHERE, tuple(seats))),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: nodes.Items(NOWHERE, tuple(items))),
        st.lists(st.tuples(_plain_texts, inner), max_size=2).map(lambda pairs: nodes.Mapping(NOWHERE, tuple(pairs))),
    ),
    max_leaves=4,
)
_withs = st.lists(st.builds(nodes.Entry, _here, _own_names, _values), min_size=1, max_size=4).map(
    lambda entries: nodes.With(NOWHERE, tuple(entries))
)
_bodies = st.one_of(
    expressions.map(lambda condition: nodes.Body(NOWHERE, (condition,), False)),
    st.lists(expressions, min_size=1, max_size=3).map(lambda several: nodes.Body(NOWHERE, tuple(several), True)),
)
_params = st.none() | st.lists(_own_names, min_size=1, max_size=3).map(tuple)
_rules = st.builds(
    nodes.Rule,
    _here,
    st.sampled_from(["allow", "deny", "require_approval"]),
    _own_names,
    _bodies,
    st.none() | _withs,
)
_statements: st.SearchStrategy[nodes.Statement] = st.one_of(
    _rules,
    _rules.map(lambda rule: replace(rule, effect="risk", weight=30, weight_span=NOWHERE)),
    st.builds(nodes.Head, _here, _own_names, _params, _bodies),
    st.builds(nodes.Const, _here, _own_names, expressions),
    st.builds(nodes.Default, _here, st.sampled_from(["allow", "deny"])),
    st.lists(_own_names, min_size=1, max_size=2).map(
        lambda path: nodes.Import(NOWHERE, (nodes.Name(NOWHERE, "data"), *path))
    ),
)
files: st.SearchStrategy[nodes.File] = st.deferred(
    lambda: st.builds(
        nodes.File,
        st.just(Source("x.assent", "")),
        st.builds(nodes.Package, _here, _own_names, st.none() | _withs),
        st.lists(_statements, max_size=4).map(tuple),
        st.just(()),
    )
)
