"""Whatever is asked for, and of whatever: an answer or an error of ours, soon, and in little memory.

Each hostile expression runs in a process of its own whose address space and processor time are limited by
the system: there, what is not bounded dies.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Any

import pytest

from assentry import cel
from assentry.cel.meter import WORK
from assentry.errors import CompileError, EvaluationError, Kind
from assentry.values.limits import MAX_LIST, MAX_NODES, MAX_STRING, MAX_TEXT

MEMORY = 1 << 30
SECONDS = 20
RESIDENT = 400 << 20

LONG = list(range(MAX_LIST))
TEXT = "x" * MAX_STRING
HALF = "x" * (MAX_STRING // 2)
WIDE = "\U0001f600" * (MAX_STRING // 2)


def nested(before: str, depth: int, after: str, middle: str = "1") -> str:
    return before * depth + middle + after * depth


def bound(depth: int, step: str, start: str, last: str) -> str:
    """`cel.bind(a0, start, cel.bind(a1, step of a0, ...))`."""
    text = last.format(f"a{depth}")
    for number in range(depth, 0, -1):
        text = f"cel.bind(a{number}, {step.format(f'a{number - 1}')}, {text})"
    return f"cel.bind(a0, {start}, {text})"


# Name, expression (as Python), bindings (as Python).
HOSTILE: dict[str, tuple[str, str]] = {
    # comprehensions
    "two loops": ("'l.all(x, l.all(y, x + y >= 0))'", "{'l': LONG}"),
    "two loops that build": ("'l.map(x, l.map(y, x + y)).size()'", "{'l': LONG}"),
    "two loops that build texts": ("'l.map(x, l.map(y, s + s)).size()'", "{'l': LONG, 's': HALF}"),
    "two loops that build wide texts": ("'l.map(x, s + s).size()'", "{'l': LONG, 's': WIDE}"),
    "maps in maps": ("'l.transformMap(i, x, l.transformMap(j, y, s + string(y))).size()'", "{'l': LONG, 's': HALF}"),
    "three loops": ("'l.all(x, l.all(y, l.all(z, true)))'", "{'l': LONG}"),
    "exponential loops": ("nested('[0, 1].all(x, ', 40, ')', '1 / 0 > 0')", "{}"),
    "exponential loops within the estimate": ("nested('[0, 1].all(x, ', 20, ')', '1 / 0 > 0')", "{}"),
    "loops over loops": ("'[[[1]]]' + '.map(x, [x + x, x + x])' * 40 + '.size()'", "{}"),
    "errors in loops": ("'l.exists(x, l.exists(y, 1 / (x - x) > y))'", "{'l': LONG}"),
    # texts
    "doubling": ("bound(40, '{0} + {0}', repr('ab'), 'size({0})')", "{}"),
    "doubling in a loop": ("'l.map(x, s).join(s).size()'", "{'l': LONG, 's': HALF}"),
    "replacing": ("bound(30, '{0}.replace(\"x\", {0})', repr('xx'), 'size({0})')", "{}"),
    "format width": ('\'"%.1000f".format([1.5]) + "%.999999999f".format([1.5])\'', "{}"),
    "format growth": ("'\"' + '%.1000f' * 1000 + '\".format(l)'", "{'l': [1.5] * 1000}"),
    "format of shared lists": ("bound(40, '[{0}, {0}]', '[1]', '\"%s\".format([{0}])')", "{}"),
    "joining": ("'l.map(x, s).join()'", "{'l': LONG, 's': TEXT}"),
    "splitting": ('\'s.split("").size() + s.split("x").size()\'', "{'s': TEXT}"),
    "many texts at once": ("'[' + ', '.join(['s + s'] * 3000) + '].size()'", "{'s': WIDE}"),
    "quoting": ("bound(30, 'strings.quote({0})', repr('\"'), 'size({0})')", "{}"),
    "base64": ("bound(30, 'base64.encode(bytes({0}))', 's', 'size({0})')", "{'s': HALF}"),
    "searching": ("'s.lastIndexOf(t) + s.indexOf(t) + size(s.replace(t, s))'", "{'s': TEXT, 't': HALF + 'y'}"),
    "long number": ("'int(s) + 1'", "{'s': '9' * MAX_STRING}"),
    "long duration": ("'duration(s + \"h\")'", "{'s': '9' * (MAX_STRING - 1)}"),
    "long double": ("'double(s)'", "{'s': '9' * MAX_STRING}"),
    "long address": ("'isIP(s) || isCIDR(s)'", "{'s': ':' * 10_000_000}"),
    # lists
    "list doubling": ("bound(40, '{0} + {0}', '[1, 2]', 'size({0})')", "{}"),
    "range": ("'lists.range(9223372036854775807).size()'", "{}"),
    "flattening": ("bound(30, '[{0}, {0}]', '[1]', '{0}.flatten(100).size()')", "{}"),
    "comparing shared lists": ("bound(40, '[{0}, {0}]', '[1]', bound(1, '{0}', 'a40', '{0} == a39'))", "{}"),
    "distinct lists": ("'l.map(x, l).distinct().size()'", "{'l': LONG}"),
    "sets of lists": ("'sets.contains(l.map(x, [x, m]), l.map(x, [x + 1, m]))'", "{'l': LONG, 'm': LONG}"),
    "sorting": ("'l.map(x, -x).sort().sortBy(x, -x).reverse().size()'", "{'l': LONG}"),
    # regular expressions
    "counted pattern": ("'s.matches(\"((a{100}){100}){100}\")'", "{'s': TEXT}"),
    "counted pattern at run time": ("'s.matches(p)'", "{'s': TEXT, 'p': '((((x{1,9}){1,9}){1,9}){1,9})*y'}"),
    "backtracking pattern": ("'s.matches(p)'", "{'s': TEXT, 'p': '(x+)+' * 100 + 'y'}"),
    "long pattern": ("'s.matches(p)'", "{'s': TEXT, 'p': '(a|b|c|[d-z]*)' * 4000}"),
    "many patterns": ("'l.all(x, s.matches(string(x) + p))'", "{'l': LONG[:500], 's': TEXT, 'p': '(x?){500}x{500}y'}"),
    "unicode classes": ("'s.matches(p)'", "{'s': WIDE, 'p': r'(\\pL|\\pN|\\p{Greek}|.)*' * 300}"),
    # syntax
    "parentheses": ("nested('(', 100_000, ')')", "{}"),
    "lists in lists": ("nested('[', 100_000, ']')", "{}"),
    "negations": ("'!' * 100_000 + 'true'", "{}"),
    "a long sum": ("' + '.join(['1'] * 100_000)", "{}"),
    "a long chain": ("'a' + '.b' * 100_000", "{'a': {}}"),
    "long logic": ("' || '.join(['x'] * 20_000)", "{'x': False}"),
    "ternaries": ("'true ? ' * 5_000 + '1' + ' : 2' * 5_000", "{}"),
    "calls": ("nested('size(', 50_000, ')')", "{}"),
    "one long text": ("repr('x' * 5_000_000)", "{}"),
    "digits": ("'1' * 1_000_000", "{}"),
    "unclosed": ("'[{(' * 30_000", "{}"),
    # bindings
    "a deep binding": ("'x == x && size(x) > 0'", "{'x': deep(100_000)}"),
    "a deep binding, formatted": ("'\"%s\".format([x])'", "{'x': deep(100_000)}"),
    "a long list": ("'1 in x || x.exists(y, y == 1)'", "{'x': [0] * 2_000_000}"),
    "a long text": ('\'x.contains("y") || x.matches("y") || (x + x).size() > 0\'', "{'x': 'x' * 20_000_000}"),
    "a large map": ("'x.all(k, k != \"y\") && x == x'", "{'x': {str(n): n for n in range(500_000)}}"),
    "a large integer": ("'x + 1 > 0'", "{'x': 10 ** 100_000}"),
    "a list of itself": ("'x == x'", "{'x': loop()}"),
}


def deep(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def loop() -> list[Any]:
    value: list[Any] = [1]
    value.append(value)
    return value


def attempt(name: str) -> dict[str, object]:
    """What an expression comes to, in how many seconds of processor time and at what size."""
    expression, bindings = (eval(text) for text in HOSTILE[name])
    begin = time.process_time()
    try:
        program = cel.compile(expression)
        outcome = f"value of type {type(program.evaluate(bindings)).__name__}"
    except CompileError as error:
        outcome = f"refused: {', '.join(sorted({finding.code for finding in error.diagnostics}))}"
    except EvaluationError as error:
        outcome = f"error: {error.kind.value}"
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"outcome": outcome, "seconds": time.process_time() - begin, "resident": resident}


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"from tests.cel.test_limits import *; print(json.dumps(attempt({name!r})))"],
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=limited,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["resident"] < RESIDENT, found
    assert found["seconds"] < SECONDS / 2, found


# ---- the budget ----


def kind(program: cel.Program, bindings: dict[str, object], budget: int | None = None) -> Kind:
    with pytest.raises(EvaluationError) as caught:
        program.evaluate(bindings, budget)
    return caught.value.kind


def test_the_budget_of_an_evaluation() -> None:
    program = cel.compile("l.map(x, x * 2).exists(y, y == n)", {"l": "list(int)", "n": "int"})
    bindings = {"l": [1, 2, 3], "n": 6}
    assert program.evaluate(bindings) is True
    assert program.evaluate(bindings, 1_000) is True
    assert kind(program, bindings, 10) is Kind.BUDGET
    assert kind(program, {"l": LONG, "n": -1}, 1_000) is Kind.BUDGET


@pytest.mark.parametrize(
    "text",
    [
        "l.all(x, x >= 0) || 1 / 0 > 0",
        "1 / 0 > 0 || l.all(x, x >= 0) || 1 / 0 > 0",
        "[1].exists(z, l.all(x, x >= 0)) || 1 / 0 > 0",
        "[l].exists(z, 1 / 0 > 0 || z.exists(x, x < 0)) ? 1 > 0 : 1 / 0 > 0",
        "cel.bind(big, l.map(x, x), big.size() < 0 || 1 / 0 > 0)",
    ],
)
def test_no_operator_absorbs_the_end_of_the_budget(text: str) -> None:
    program = cel.compile(text, {"l": "list(int)"})
    assert kind(program, {"l": LONG}, 3_000) is Kind.BUDGET


def test_what_may_take_long_has_a_budget_by_default() -> None:
    program = cel.compile("l.all(x, l.all(y, x + y >= 0))", {"l": "list(int)"})
    assert program.evaluate({"l": LONG[:100]}) is True
    assert kind(program, {"l": LONG}) is Kind.BUDGET
    assert program.evaluate({"l": LONG[:2_000]}, WORK * 100) is True


# ---- what loops build ----


def test_what_a_loop_builds_is_weighed() -> None:
    program = cel.compile("l.map(x, s + t).size()", {"l": "list(int)", "s": "string", "t": "string"})
    most = MAX_TEXT // 4096
    assert program.evaluate({"l": list(range(4096)), "s": "x" * (most - 1), "t": "y"}) == 4096
    assert kind(program, {"l": list(range(4096)), "s": "x" * most, "t": "y"}) is Kind.LIMIT


def test_what_loops_within_loops_build_is_weighed_together() -> None:
    program = cel.compile("l.map(x, m.map(y, x + y)).size()", {"l": "list(int)", "m": "list(int)"})
    side = 500
    assert side * side < MAX_NODES
    assert program.evaluate({"l": LONG[:side], "m": LONG[:side]}) == side
    assert kind(program, {"l": LONG[: side + 20], "m": LONG[: side + 20]}) is Kind.LIMIT


def test_maps_that_loops_build_are_weighed() -> None:
    program = cel.compile("l.transformMap(i, x, s + t).size()", {"l": "list(int)", "s": "string", "t": "string"})
    assert program.evaluate({"l": LONG, "s": "x", "t": "y"}) == MAX_LIST
    assert kind(program, {"l": LONG, "s": HALF, "t": HALF}) is Kind.LIMIT
    entries = cel.compile(
        "l.transformMapEntry(i, x, {string(i): s + t}).size()", {"l": "list(int)", "s": "string", "t": "string"}
    )
    assert entries.evaluate({"l": LONG, "s": "x", "t": "y"}) == MAX_LIST
    assert kind(entries, {"l": LONG, "s": HALF, "t": HALF}) is Kind.LIMIT


# ---- when compiling ----


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (nested("(", 65, ")"), "too-deep"),
        (nested("[1].all(x, ", 30, ")", "l.all(y, l.all(z, l.all(a, true)))"), "too-costly"),
        ("[" + ", ".join(["s + s"] * 1025) + "]", "too-costly"),
        ("'" + "x" * 70_000 + "'", "too-long"),
    ],
)
def test_what_is_refused_before_it_is_evaluated(text: str, code: str) -> None:
    with pytest.raises(CompileError) as caught:
        cel.compile(text)
    assert code in {finding.code for finding in caught.value.diagnostics}
    assert all(finding.help for finding in caught.value.diagnostics)


def test_what_the_specification_asks_to_support() -> None:
    """langdef.md: at least 24 to 32 repetitions, and 12 levels of nesting."""
    for text in (
        " || ".join(["false"] * 32),
        " && ".join(["true"] * 32),
        f"[{', '.join(['1'] * 32)}].size() == 32",
        f"{{{', '.join(f'{n}: {n}' for n in range(32))}}}.size() == 32",
        "true ? 1 : " * 24 + "2",
        " + ".join(["1"] * 25),
        nested("dyn(", 12, ")"),
        "{'a': " * 12 + "1" + "}" * 12 + ".a" * 12,
        "[" * 12 + "1" + "]" * 12 + "[0]" * 12,
    ):
        cel.compile(text).evaluate()
