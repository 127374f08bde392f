"""Types and signatures in words, for people who know their rules but not CEL's type system."""

from __future__ import annotations

from collections.abc import Sequence

from assentry.values.declare import Function, Overload
from assentry.values.types import Type

_ARTICLES = {"int": "an int", "bytes": "bytes", "null_type": "null", "dyn": "a value of any type"}
_BINARY = {
    "_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "@in": "in",
    "_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%",
}  # fmt: skip
_PRINTED = frozenset({"string", "int", "uint", "double", "bool", "bytes", "timestamp", "duration"})
SHOWN = 6


def describe(item: Type) -> str:
    """A type as a noun: `a string`, `a list of int`, `the object action.destination`, `a string or null`."""
    match item.name, item.params:
        case "wrapper", (inner,):
            return f"{describe(inner)} or null"
        case "list", (inner,) if inner.is_object:
            return "a list of objects"
        case "list", (inner,):
            return f"a list of {short(inner)}"
        case "map", (key, value):
            return f"a map from {short(key)} to {short(value)}"
        case "optional_type", (inner,):
            return f"an optional {short(inner)}"
        case "type", _:
            return "a type"
    if item.is_object:
        return f"the object `{short(item)}`"
    if item.is_param:
        return "a value of any type"
    return _ARTICLES.get(item.name, f"a {item.name}")


def short(item: Type) -> str:
    """A type as it stands inside another: `string`, `list(int)`, `any`."""
    match item.name, item.params:
        case "wrapper", (inner,):
            return f"{short(inner)} or null"
        case (("list" | "map"), params) if all(part.is_param for part in params):
            return item.name
        case (("list" | "map"), params):
            return f"{item.name}({', '.join(map(short, params))})"
        case "optional_type", (inner,):
            return f"optional({short(inner)})"
        case "dyn", _:
            return "any"
        case "null_type", _:
            return "null"
    if item.is_param:
        return "any" if item.name.startswith("~_") else item.name.removeprefix("~")
    return item.name.removeprefix("object:")


def no_overload(function: str, args: Sequence[Type], member: bool) -> str:
    """The fact that no signature fits: `` `<` does not take an int and a string ``."""
    if function in {"_[_]", "_[?_]"}:
        return f"{describe(args[0])} cannot be indexed with {describe(args[1])}"
    if function == "@in":
        return f"`in` cannot look for {describe(args[0])} in {describe(args[1])}"
    if function in _BINARY:
        return f"`{_BINARY[function]}` does not take {describe(args[0])} and {describe(args[1])}"
    if member:
        given = f" with {_joined(args[1:])}" if args[1:] else ""
        return f"`{function}` cannot be called on {describe(args[0])}{given}"
    shown = "-" if function == "-_" else function
    return f"`{shown}` does not take {_joined(args)}" if args else f"`{shown}` takes arguments"


def _joined(args: Sequence[Type]) -> str:
    texts = [describe(arg) for arg in args]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def candidates(function: Function, args: Sequence[Type], member: bool) -> str:
    """What the function takes, nearest signatures first, as a help line."""
    fitting = [overload for overload in function.overloads if overload.member is member]
    if not fitting:
        texts = [f"`{signature(overload)}`" for overload in function.overloads[:SHOWN]]
        return f"write it as {' or '.join(texts)}"
    ranked = sorted(fitting, key=lambda overload: -_nearness(overload, args))
    best = _nearness(ranked[0], args)
    near = [overload for overload in ranked if _nearness(overload, args) == best]
    shown = near[:SHOWN]
    more = ", ..." if len(near) > len(shown) else ""
    return f"it takes {', '.join(f'`{signature(overload)}`' for overload in shown)}{more}"


def signature(overload: Overload) -> str:
    """A signature as one would write the call: `int < int`, `string.startsWith(string)`."""
    texts = [short(param) for param in overload.params]
    if overload.function in _BINARY:
        return f"{texts[0]} {_BINARY[overload.function]} {texts[1]}"
    if overload.function in {"_[_]", "_[?_]"}:
        return f"{texts[0]}[{'?' if '?' in overload.function else ''}{texts[1]}]"
    if overload.function == "-_":
        return f"-{texts[0]}"
    if overload.member:
        return f"{texts[0]}.{overload.function}({', '.join(texts[1:])})"
    return f"{overload.function}({', '.join(texts)})"


def _nearness(overload: Overload, args: Sequence[Type]) -> int:
    same_count = len(overload.params) == len(args)
    agreeing = sum(
        wanted.is_param or wanted.name == given.name for wanted, given in zip(overload.params, args, strict=False)
    )
    return agreeing + 10 * same_count


def advice(function: str, args: Sequence[Type], texts: Sequence[str]) -> str | None:
    """What to write instead, for two operands that nearly agree; None when nothing is near."""
    for found in (_optional(args, texts), _null(args, texts), _numbers(args, texts), _times(function, args, texts)):
        if found is not None:
            return found
    names = {arg.name for arg in args}
    if function == "@in":
        return _membership(args, texts)
    if function == "_+_" and "string" in names and len(names) == 2 and names <= _PRINTED:
        this = texts[0] if args[1].name == "string" else texts[1]
        return f"write `string({this})`"
    if function in {"_==_", "_!=_"}:
        verdict = "never equal" if function == "_==_" else "always unequal"
        return f"{describe(args[0])} and {describe(args[1])} are {verdict}"
    return None


def _optional(args: Sequence[Type], texts: Sequence[str]) -> str | None:
    for arg, text in zip(args, texts, strict=True):
        if arg.name == "optional_type" and any(other.name != "optional_type" for other in args):
            return f"give it a value for the case that it has none: `{text}.orValue(...)`"
    return None


def _null(args: Sequence[Type], texts: Sequence[str]) -> str | None:
    if args[0].name != "null_type" and args[1].name != "null_type":
        return None
    other = texts[0] if args[1].name == "null_type" else texts[1]
    return f"`{other}` is never null; whether an optional field is there says `has({other})`"


def _numbers(args: Sequence[Type], texts: Sequence[str]) -> str | None:
    """Numbers of two types: a literal is written as the other type, anything else converted."""
    wanted = {"double": ("int", "uint"), "uint": ("int",), "int": ("uint",)}
    for target, sources in wanted.items():
        for this, other, text in ((args[1], args[0], texts[1]), (args[0], args[1], texts[0])):
            if other.name == target and this.name in sources:
                if target == "int":
                    return f"write `int({text})`"
                if not text.isdecimal():
                    return f"write `double({text})`" if target == "double" else None
                return f"write `{text}.0`" if target == "double" else f"write `{text}u`"
    return None


def _times(function: str, args: Sequence[Type], texts: Sequence[str]) -> str | None:
    """A text or number where a time is meant."""
    for this, other, text in ((args[1], args[0], texts[1]), (args[0], args[1], texts[0])):
        if other.name not in {"timestamp", "duration"}:
            continue
        wanted = "duration" if function in {"_+_", "_-_"} else other.name
        if this.name == "string":
            return f"write `{wanted}({text})`"
        if this.name == "int" and wanted == "duration" and text.isdecimal():
            return f'write `duration("{text}s")`'
    return None


def _membership(args: Sequence[Type], texts: Sequence[str]) -> str:
    item, container = args
    if item.name == container.name == "string":
        return f"whether a text contains another says `{texts[1]}.contains({texts[0]})`"
    match container.name, container.params:
        case "list", (inner,):
            return f"its elements are of type {short(inner)}"
        case "map", (key, _):
            return f"its keys are of type {short(key)}"
    return "`in` looks into a list or for a key of a map"


def index_advice(held: Type, text: str) -> str:
    """How to take one element of a value, after an index of the wrong type."""
    match held.name, held.params:
        case "list", _:
            return f"a list's index is an int, as in `{text}[0]`"
        case "map", (key, _):
            return f"its keys are of type {short(key)}"
        case "optional_type", _:
            return f"give it a value for the case that it has none: `{text}.orValue(...)`"
    return "only lists and maps have elements"
