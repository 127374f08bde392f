"""docs/reference/functions.md: every operator, function and macro with signatures and examples."""

from __future__ import annotations

from assentry.cel.calls import MACROS
from assentry.cel.messages import short, signature
from assentry.values.declare import Declaration, Family, Overload
from assentry.values.registry import FAMILIES
from tests.docs.generate import markdown
from tests.docs.generate.markdown import box, code, table

_LOGIC = (
    ("`a && b`", "true when both are; false as soon as one is false, even if the other is in error"),
    ("`a || b`", "true as soon as one is, even if the other is in error; false when both are"),
    ("`!a`", "the other of true and false"),
    ("`a ? b : c`", "`b` when `a` is true, else `c`; the other one is not evaluated"),
)
_MACROS = {
    "has": ("has(a.b)", "Whether the optional field `b` is there."),
    "all": ("xs.all(x, condition)", "Whether the condition holds for every element (or key)."),
    "exists": ("xs.exists(x, condition)", "Whether it holds for at least one."),
    "exists_one": ("xs.exists_one(x, condition)", "Whether it holds for exactly one."),
    "existsOne": ("xs.existsOne(x, condition)", "Another spelling of `exists_one`."),
    "map": ("xs.map(x, value)", "A list of one value for each element; `xs.map(x, condition, value)` for some."),
    "filter": ("xs.filter(x, condition)", "A list of the elements for which the condition holds."),
    "transformList": ("xs.transformList(i, x, value)", "A list of one value for each index and element, or key and value."),
    "transformMap": ("m.transformMap(k, v, value)", "A map with the same keys and new values."),
    "transformMapEntry": ("m.transformMapEntry(k, v, {key: value})", "A map of new keys and new values."),
    "optMap": ("o.optMap(x, value)", "The value for what the optional `o` holds, as an optional; none if it holds nothing."),
    "optFlatMap": ("o.optFlatMap(x, optional)", "As `optMap`, for a body that is itself an optional."),
    "sortBy": ("xs.sortBy(x, key)", "The list in the order of the elements' keys."),
    "bind": ("cel.bind(name, value, expression)", "The expression, in which the name stands for the value."),
}  # fmt: skip


_OPERATORS = {"_[_]": "[ ]", "_[?_]": "[? ]", "-_": "-", "_?._": ".?", "@in": "in"}


def page() -> str:
    assert set(_MACROS) == set(MACROS), "every macro is documented"
    families = [family for family in FAMILIES if family.declarations]
    return markdown.page(
        "Operators, functions and macros",
        "What a condition can compute with. Types are written `int`, `uint`, `double`, `bool`, `string`, `bytes`,\n"
        "`timestamp`, `duration`, `null`, `list(...)`, `map(key, value)`, `optional(...)`; a capital letter stands\n"
        "for any type, the same one wherever it recurs. [Conditions](../language/conditions.md) tells how to use them.",
        "## Logic\n\n" + table(("written", "gives"), _LOGIC),
        "## Macros\n\n`all`, `exists` and `exists_one` take two variables as well: index and element of a list, or key\n"
        "and value of a map. The transforming macros take a condition before the value.\n\n"
        + table(("written", "gives"), ((code(form), text) for form, text in _MACROS.values())),
        *map(_chapter, families),
    )


def _chapter(family: Family) -> str:
    shown = [part for part in family.declarations if not part.name.startswith("@") or part.name == "@in"]
    return "\n\n".join([f"## {family.name.capitalize()}", family.doc, *map(_entry, shown)])


def _entry(part: Declaration) -> str:
    lines = [f"### {code(_shown(part.name))}", part.doc]
    if part.overloads:
        lines.append(box("\n".join(dict.fromkeys(map(_signature, part.overloads)))))
    if part.examples:
        rows = ((code(example.expression), code(example.result)) for example in part.examples)
        lines.append(table(("example", "gives"), rows))
    return "\n\n".join(lines)


def _shown(name: str) -> str:
    """A function or operator as one writes it: `+` for `_+_`."""
    return _OPERATORS.get(name) or (name.strip("_") if name.startswith("_") else name)


def _signature(overload: Overload) -> str:
    return f"{signature(overload)} -> {short(overload.result)}"
