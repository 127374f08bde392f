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
_NUMBERS = frozenset({"int", "uint", "double"})
SHOWN = 6


def describe(item: Type) -> str:
    """A type as a noun: `a string`, `a list of int`, `the object action.destination`, `a string or null`."""
    match item.name, item.params:
        case "wrapper", (inner,):
            return f"{describe(inner)} or null"
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


def shown_name(function: str) -> str:
    """A function or operator as one writes it: `+` for `_+_`."""
    return {"_[_]": "[ ]", "_[?_]": "[? ]", "-_": "-", "_?._": ".?"}.get(function) or _BINARY.get(function, function)


def no_overload(function: str, args: Sequence[Type], member: bool) -> str:
    """The fact that no signature fits: `` `<` does not take an int and a string ``."""
    if function in {"_[_]", "_[?_]"}:
        return f"{describe(args[0])} cannot be indexed with {describe(args[1])}"
    if function == "@in":
        return f"`in` cannot look for {describe(args[0])} in {describe(args[1])}"
    if function in _BINARY:
        return f"`{_BINARY[function]}` does not take {describe(args[0])} and {describe(args[1])}"
    if function == "-_":
        return f"`-` does not take {describe(args[0])}"
    if member:
        given = f" with {_joined(args[1:])}" if args[1:] else ""
        return f"`{function}` cannot be called on {describe(args[0])}{given}"
    return f"`{function}` does not take {_joined(args)}" if args else f"`{function}` takes arguments"


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


def conversion(args: Sequence[Type], texts: Sequence[str]) -> str | None:
    """Advice for two operands of near types: how to write the one so that it agrees with the other."""
    if len(args) != 2:
        return None
    for this, other, text in ((args[0], args[1], texts[0]), (args[1], args[0], texts[1])):
        if this.name == "int" and other.name in {"double", "uint"} and text.isdecimal():
            return f"write `{text}.0`" if other.name == "double" else f"write `{text}u`"
    left, right = args
    for this, other, text in ((right, left, texts[1]), (left, right, texts[0])):
        if this.name in _NUMBERS and other.name in _NUMBERS and this.name != other.name:
            return f"convert one of them: `{other.name}({text})`"
        if this.name == "string" and other.name in {"timestamp", "duration"}:
            return f"write `{other.name}({text})`"
        if this.name == "optional_type":
            return f"give it a value for the case that it has none: `{text}.orValue(...)`"
    return None
