"""What expressions of each type are made of: one line for each way, with its weight.

A template's holes are `{type}`; what stands in a hole has to bind at least as tightly as the hole's
place asks for. `$type` declares a variable of that type for the holes after it, `@type` for those after
the next one. Types are texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

# How tightly an expression binds.
TERNARY, OR, AND, RELATION, SUM, PRODUCT, UNARY, PRIMARY = range(8)

Who = Literal["all", "google", "ours"]
"""Who is asked: `all` (also cel-python), `google` (also Google's wheel), `ours` (what others lack or do otherwise)."""


@dataclass(frozen=True, slots=True)
class Hole:
    type: str
    level: int


@dataclass(frozen=True, slots=True)
class Declared:
    """A new variable for the holes after it; `late` when the next hole does not see it yet."""

    type: str
    late: bool


@dataclass(frozen=True, slots=True)
class Production:
    """One way to make an expression: text, holes and declared variables in turn."""

    parts: tuple[str | Hole | Declared, ...]
    level: int
    who: Who
    alias: str = ""
    """The type of the one hole that is the whole template."""


_PART = re.compile(r"\{([a-z_]+(?:\([a-z_, ]*(?:\([a-z, ]*\))?\))?)\}|([$@])([a-z]+(?:\([a-z, ]*\))?)")


def _production(template: str, who: Who) -> Production:
    infix = re.fullmatch(r"(\{[^}]*\}) (\|\||&&|==|!=|<=|>=|<|>|in|\+|-|\*|/|%) (\{[^}]*\})", template)
    if infix is not None:
        level = _LEVELS[infix[2]]
        left, right = Hole(infix[1][1:-1], level), Hole(infix[3][1:-1], level + 1)
        return Production((left, f" {infix[2]} ", right), level, who)
    if template.startswith(("!", "-{")):
        return Production((template[0], Hole(template[2:-1], PRIMARY)), UNARY, who)
    if " ? " in template:
        first, second, third = (Hole(found[1], OR) for found in _PART.finditer(template))
        return Production((first, " ? ", second, " : ", Hole(third.type, TERNARY)), TERNARY, who)
    alone = _PART.fullmatch(template)
    if alone is not None:
        return Production((), PRIMARY, who, alone[1])
    parts: list[str | Hole | Declared] = []
    done = 0
    for found in _PART.finditer(template):
        if found.start() > done:
            parts.append(template[done : found.start()])
        if found[2] is not None:
            parts.append(Declared(found[3], found[2] == "@"))
        else:
            parts.append(Hole(found[1], PRIMARY if template[found.end() : found.end() + 1] in {".", "["} else TERNARY))
        done = found.end()
    parts.append(template[done:])
    return Production(tuple(parts), PRIMARY, who)


_LEVELS = {"||": OR, "&&": AND, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT}
_LEVELS |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), RELATION)

# Weight, who, template. An `A` in a line stands for each of the types in TYPES_OF_A in turn.
_SOURCE = {
    "bool": """
        60 all    {bool} && {bool}
        60 all    {bool} || {bool}
        30 all    !{bool}
        20 all    {bool} ? {bool} : {bool}
        40 all    {int} == {int}
        40 all    {string} == {string}
        20 all    {int} != {int}
        40 all    {int} < {int}
        30 all    {int} >= {int}
        20 all    {string} != {string}
        10 google {string} < {string}
        10 google {string} >= {string}
        10 google {double} <= {double}
        10 google {double} > {double}
        10 google {double} == {double}
        10 google {uint} < {uint}
        10 google {uint} == {uint}
        8  google {bytes} == {bytes}
        8  google {bytes} < {bytes}
        8  google {timestamp} < {timestamp}
        8  google {timestamp} == {timestamp}
        8  google {duration} <= {duration}
        8  google {duration} == {duration}
        6  google {bool} < {bool}
        10 google {bool} == {bool}
        6  google {type} == {type}
        10 google {list(int)} == {list(int)}
        6  google {list(dyn)} != {list(dyn)}
        6  google {map(string, int)} == {map(string, int)}
        6  google {map(string, dyn)} == {map(string, dyn)}
        20 google {dyn} == {dyn}
        10 google {dyn} != {dyn}
        14 google {dyn} < {dyn}
        8  google {dyn} >= {dyn}
        6  google {optional_type(int)} == {optional_type(int)}
        10 google {dyn}
        20 all    {int} in {list(int)}
        20 all    {string} in {list(string)}
        14 google {dyn} in {list(dyn)}
        10 google {string} in {map(string, int)}
        8  google {int} in {map(int, string)}
        8  ours   {dyn} in {map(dyn, dyn)}
        6  google {bool} in {map(bool, int)}
        20 all    {string}.startsWith({string})
        20 all    {string}.endsWith({string})
        20 google {string}.contains({string})
        14 google {string}.matches({pattern})
        4  google matches({string}, {pattern})
        20 all    {list(int)}.all($int, {bool})
        20 all    {list(int)}.exists($int, {bool})
        14 all    {list(string)}.exists($string, {bool})
        10 google {list(dyn)}.all($dyn, {bool})
        10 all    {list(int)}.exists_one($int, {bool})
        8  google {map(string, int)}.all($string, {bool})
        8  google {map(string, dyn)}.exists($string, {bool})
        6  google {list(list(int))}.exists($list(int), {bool})
        8  ours   {list(int)}.all($int, $int, {bool})
        8  ours   {map(string, int)}.exists($string, $int, {bool})
        4  ours   {map(string, dyn)}.existsOne($string, $dyn, {bool})
        10 google has({map(string, dyn)}.k)
        6  google has({map(string, int)}.a)
        6  google has({dyn}.k)
        4  google has({optional_type(map(string, int))}.a)
        10 google {optional_type(int)}.hasValue()
        6  google {optional_type(string)}.hasValue()
        8  google cel.bind(@int, {int}, {bool})
        4  google cel.bind(@dyn, {dyn}, {bool})
        6  google bool({string})
        4  google math.isNaN({double})
        4  google math.isInf({double})
        4  google math.isFinite({double})
        4  ours   isIP({string})
        4  ours   cidr({network}).containsIP({address})
        4  ours   ip({address}).isGlobalUnicast()
        4  ours   sets.contains({list(int)}, {list(int)})
        4  ours   sets.equivalent({list(dyn)}, {list(dyn)})
        4  ours   sets.intersects({list(string)}, {list(string)})
    """,
    "int": """
        60 all    {int} + {int}
        40 all    {int} - {int}
        30 all    {int} * {int}
        30 all    {int} / {int}
        20 google {int} % {int}
        20 all    -{int}
        20 all    {bool} ? {int} : {int}
        20 all    size({string})
        20 all    {list(int)}.size()
        10 google size({list(dyn)})
        10 google {map(string, int)}.size()
        6  google size({bytes})
        20 google {list(int)}[{int}]
        14 google {map(string, int)}[{string}]
        14 google {map(string, int)}.k
        8  google {map(bool, int)}[{bool}]
        6  google {list(list(int))}[{int}][0]
        10 google int({double})
        10 google int({uint})
        10 google int({string})
        4  google int({timestamp})
        10 google {optional_type(int)}.orValue({int})
        6  google {optional_type(int)}.value()
        8  google cel.bind(@int, {int}, {int})
        4  google cel.bind(@list(int), {list(int)}, {int})
        6  google {string}.indexOf({string})
        4  google {string}.indexOf({string}, {int})
        6  google {string}.lastIndexOf({string})
        4  google {string}.lastIndexOf({string}, {int})
        6  google {timestamp}.getFullYear()
        4  google {timestamp}.getMonth()
        4  google {timestamp}.getDate({zone})
        4  google {timestamp}.getDayOfMonth()
        4  google {timestamp}.getDayOfWeek({zone})
        4  google {timestamp}.getDayOfYear()
        6  google {timestamp}.getHours({zone})
        4  google {timestamp}.getMinutes({zone})
        4  google {timestamp}.getSeconds()
        4  google {timestamp}.getMilliseconds()
        4  google {duration}.getHours()
        4  google {duration}.getMinutes()
        4  google {duration}.getSeconds()
        4  google {duration}.getMilliseconds()
        6  google math.greatest({int}, {int})
        4  google math.least({int}, {int}, {int})
        4  google math.greatest({list(int)})
        4  google math.abs({int})
        4  google math.sign({int})
        4  google math.bitAnd({int}, {int})
        4  google math.bitOr({int}, {int})
        4  google math.bitXor({int}, {int})
        3  google math.bitNot({int})
        4  google math.bitShiftLeft({int}, {int})
        4  google math.bitShiftRight({int}, {int})
        4  ours   ip({address}).family()
        4  ours   cidr({network}).prefixLength()
        4  ours   {list(int)}.first().orValue({int})
        6  google {dyn}
    """,
    "uint": """
        20 google {uint} + {uint}
        16 google {uint} - {uint}
        10 google {uint} * {uint}
        10 google {uint} / {uint}
        8  google {uint} % {uint}
        8  google {bool} ? {uint} : {uint}
        10 google uint({int})
        6  google uint({double})
        6  google uint({string})
        3  google math.bitOr({uint}, {uint})
        3  google math.bitShiftRight({uint}, {int})
        3  google math.bitNot({uint})
        2  google math.greatest({uint}, {uint})
        3  google {dyn}
    """,
    "double": """
        20 google {double} + {double}
        16 google {double} - {double}
        10 google {double} * {double}
        14 google {double} / {double}
        8  google -{double}
        8  google {bool} ? {double} : {double}
        10 google double({int})
        6  google double({uint})
        6  google double({string})
        4  google math.ceil({double})
        4  google math.floor({double})
        4  google math.round({double})
        4  google math.trunc({double})
        4  google math.abs({double})
        4  google math.sign({double})
        3  google math.sqrt({double})
        3  google math.greatest({double}, {double})
        3  google {dyn}
    """,
    "string": """
        40 all    {string} + {string}
        20 all    {bool} ? {string} : {string}
        20 google {list(string)}[{int}]
        10 google {map(int, string)}[{int}]
        10 google string({int})
        6  google string({uint})
        6  google string({bool})
        6  google string({bytes})
        3  ours   string({double})
        3  ours   string({timestamp})
        3  ours   string({duration})
        6  google {optional_type(string)}.orValue({string})
        6  google {string}.substring({int})
        6  google {string}.substring({int}, {int})
        6  google {string}.charAt({int})
        8  google {string}.replace({string}, {string})
        4  google {string}.replace({string}, {string}, {int})
        6  google {string}.lowerAscii()
        6  google {string}.upperAscii()
        6  google {string}.trim()
        6  google {string}.reverse()
        6  google {list(string)}.join()
        6  google {list(string)}.join({string})
        4  google strings.quote({string})
        4  google '%d and %s'.format([{int}, {string}])
        3  google '%x %X %o'.format([{int}, {uint}, {int}])
        3  google '%.2f %e'.format([{double}, {double}])
        3  google '%b %x'.format([{bool}, {string}])
        3  ours   '%s %s'.format([{dyn}, {list(dyn)}])
        3  ours   '%s'.format([{map(dyn, dyn)}])
        3  google base64.encode({bytes})
        3  ours   string(ip({address}))
        3  ours   string(cidr({network}).masked())
        6  google cel.bind(@string, {string}, {string})
        6  google {dyn}
    """,
    "bytes": """
        10 google {bytes} + {bytes}
        8  google bytes({string})
        4  ours   base64.decode({string})
        4  google base64.decode(base64.encode({bytes}))
        6  google {bool} ? {bytes} : {bytes}
        3  google {dyn}
    """,
    "timestamp": """
        10 google {timestamp} + {duration}
        6  google {duration} + {timestamp}
        8  google {timestamp} - {duration}
        8  google {bool} ? {timestamp} : {timestamp}
        4  google timestamp({int})
        3  google {dyn}
    """,
    "duration": """
        8  google {duration} + {duration}
        6  google {duration} - {duration}
        8  google {timestamp} - {timestamp}
        8  google {bool} ? {duration} : {duration}
        3  google {dyn}
    """,
    "type": """
        10 google type({dyn})
        6  google type({int})
        4  google type({list(dyn)})
    """,
    "list(int)": """
        30 all    [{int}, {int}]
        20 all    [{int}, {int}, {int}]
        6  google [?{optional_type(int)}, {int}]
        20 all    {list(int)} + {list(int)}
        30 google {list(int)}.map($int, {int})
        14 google {list(string)}.map($string, {int})
        14 google {list(int)}.map($int, {bool}, {int})
        30 all    {list(int)}.filter($int, {bool})
        6  ours   {map(string, int)}.map($string, {int})
        8  google {bool} ? {list(int)} : {list(int)}
        6  ours   {map(string, int)}.transformList($string, $int, {int})
        6  ours   {list(int)}.transformList($int, $int, {bool}, {int})
        4  ours   {list(int)}.sort()
        4  ours   {list(int)}.sortBy($int, {int})
        4  ours   {list(int)}.distinct()
        4  ours   {list(int)}.slice({int}, {int})
        4  ours   {list(int)}.reverse()
        4  ours   {list(list(int))}.flatten()
        4  ours   lists.range({int} % 5)
        4  google {list(list(int))}[{int}]
        3  google {dyn}
    """,
    "list(string)": """
        20 all    [{string}, {string}]
        14 google {list(string)} + {list(string)}
        14 all    {list(string)}.filter($string, {bool})
        14 google {list(string)}.map($string, {string})
        6  ours   {map(string, int)}.filter($string, {bool})
        6  ours   {map(string, dyn)}.map($string, {string})
        8  google {string}.split({string})
        6  google {string}.split({string}, {int})
        4  ours   {list(string)}.sort()
        3  google {dyn}
    """,
    "list(dyn)": """
        14 google [{dyn}, {dyn}]
        10 google [{int}, {string}, {null}]
        8  google [{double}, {uint}, {int}]
        6  google {list(dyn)} + {list(dyn)}
        10 google {list(dyn)}.filter($dyn, {bool})
        10 google {list(dyn)}.map($dyn, {dyn})
        3  ours   {list(dyn)}.distinct()
        3  google {dyn}
    """,
    "list(list(int))": """
        10 google [{list(int)}, {list(int)}]
        6  google {list(int)}.map($int, {list(int)})
    """,
    "map(string, int)": """
        14 google {'a': {int}, 'k': {int}}
        6  google {{string}: {int}}
        4  google {?'k': {optional_type(int)}, 'a': {int}}
        8  google {bool} ? {map(string, int)} : {map(string, int)}
        6  ours   {map(string, int)}.transformMap($string, $int, {int})
        4  ours   {list(string)}.transformMapEntry($int, $string, {{string}: {int}})
        2  google {dyn}
    """,
    "map(int, string)": """
        10 google {1: {string}, 2: {string}}
        6  google {{int}: {string}}
        4  ours   {list(string)}.transformMap($int, $string, {string})
    """,
    "map(bool, int)": """
        10 google {true: {int}, false: {int}}
        4  google {{bool}: {int}}
    """,
    "map(string, dyn)": """
        10 google {'k': {dyn}, 'a': {int}}
        6  google {'k': {'k': {int}}, 'b': {string}}
    """,
    "map(dyn, dyn)": """
        6  google {1: {string}, 'a': {int}}
        4  ours   {{dyn}: {dyn}}
    """,
    "optional_type(int)": """
        14 google optional.of({int})
        8  google optional.ofNonZeroValue({int})
        6  google optional.none()
        14 google {map(string, int)}[?{string}]
        14 google {map(string, int)}.?k
        10 google {list(int)}[?{int}]
        8  google {optional_type(int)}.or({optional_type(int)})
        10 google {optional_type(int)}.optMap($int, {int})
        6  google {optional_type(int)}.optFlatMap($int, {optional_type(int)})
        4  google {optional_type(map(string, int))}.a
    """,
    "optional_type(string)": """
        8  google optional.of({string})
        6  google {list(string)}[?{int}]
        4  google {map(int, string)}[?{int}]
    """,
    "optional_type(map(string, int))": """
        8  google optional.of({map(string, int)})
        6  google optional.none()
    """,
    "dyn": """
        20 google dyn({int})
        12 google dyn({string})
        10 google dyn({bool})
        10 google dyn({double})
        10 google dyn({uint})
        5  google dyn({timestamp})
        5  google dyn({bytes})
        6  google dyn({list(int)})
        6  google dyn({map(string, int)})
        20 google {map(string, dyn)}.k
        8  google {map(string, dyn)}[{string}]
        14 google {list(dyn)}[{int}]
        8  google {dyn}.k
        8  google {dyn}[{int}]
        8  google {dyn} + {dyn}
        5  google {dyn} - {dyn}
        5  google {dyn} * {dyn}
        4  google -{dyn}
        4  google dyn(size({dyn}))
        4  google dyn(int({dyn}))
        4  google dyn({dyn}.size())
        4  google dyn({dyn}.startsWith({string}))
        6  google dyn({dyn}.map($dyn, {dyn}))
        6  google dyn({dyn}.filter($dyn, {bool}))
        6  google {bool} ? {dyn} : {dyn}
        5  google dyn({optional_type(int)}.orValue({dyn}))
        4  google math.greatest({dyn}, {dyn})
        4  google cel.bind(@dyn, {dyn}, {dyn})
    """,
}


def _read(lines: str) -> tuple[Production, ...]:
    weighted: list[Production] = []
    for line in lines.strip().splitlines():
        weight, who, template = line.split(None, 2)
        weighted += [_production(template, who)] * int(weight)  # type: ignore[arg-type]
    return tuple(weighted)


PRODUCTIONS: dict[str, tuple[Production, ...]] = {result: _read(lines) for result, lines in _SOURCE.items()}
"""By the type of the result; each production as often as it weighs."""
