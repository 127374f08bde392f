"""Emitted expressions: that the usual is decided without the exact tier, and where the code stands."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from assentry.code import access, form
from assentry.code.program import Program, emit_expression
from assentry.evaluator.exact import Exact, World
from assentry.source import Source, Span
from assentry.values.runtime import BoolKey, Optional, Timestamp
from tests.support import forms
from tests.support.forms import HERE, call, equals, has, item, lit, loop, raw, read, var

EVERYTHING: dict[str, object] = {
    "rows": 5,
    "ratio": 0.5,
    "kind": "bucket",
    "at": "2001-09-09T01:46:40Z",
    "destination": {"kind": "bucket", "external": True, "account": "a"},
    "params": {"b": 1, "a": "x"},
    "sample": {"a": [1]},
    "labels": ["pii", "secret"],
    "sizes": [1, 2, 3],
    "parts": [{"id": "p1"}, {"id": "p2", "secret": True}],
}

ACCOUNT = raw("action.destination.account")
SIZES, LABELS, PARAMS, PARTS = (
    raw("resource.sizes"),
    raw("resource.labels"),
    raw("action.params"),
    raw("resource.parts"),
)
assert isinstance(ACCOUNT, form.Field)
MAYBE = form.Maybe(HERE, ACCOUNT)


def int_item(name: str) -> form.Expr:
    return item(name, forms.INT)


def in_list(value: form.Expr, members: list[object]) -> form.Expr:
    return call("@in", value, lit(members), overload="in_list")


USUAL: dict[str, tuple[form.Expr, object]] = {
    "string": (read("subject.id"), "etl-7"),
    "int": (read("action.rows"), 5),
    "double": (read("action.ratio"), 0.5),
    "enum": (read("action.kind"), "bucket"),
    "date-time": (read("action.at"), Timestamp(10**18)),
    "list": (read("resource.sizes"), [1, 2, 3]),
    "map": (read("action.params"), {"a": "x", "b": 1}),
    "object": (read("action.destination"), EVERYTHING["destination"]),
    "any": (read("action.sample"), {"a": [1]}),
    "has": (has("action.destination.account"), True),
    "has not": (has("subject.owner"), False),
    "has a list": (has("resource.sizes"), True),
    "maybe": (MAYBE, Optional.of("a")),
    "maybe or": (call("orValue", MAYBE, lit("z"), overload="optional_orValue_value", member=True), "a"),
    "maybe there": (call("hasValue", MAYBE, overload="optional_hasValue", member=True), True),
    "maybe an entry": (form.Maybe(HERE, form.Element(HERE, forms.ANY, PARAMS, lit("z"))), Optional(False)),
    "size of a list": (form.Size(HERE, SIZES), 3),
    "size of a map": (form.Size(HERE, PARAMS), 2),
    "element": (form.Fit(HERE, form.Element(HERE, forms.INT, SIZES, lit(1))), 2),
    "entry": (form.Fit(HERE, form.Element(HERE, forms.ANY, PARAMS, lit("b"))), 1),
    "field of an element": (
        form.Fit(HERE, form.Field(HERE, forms.STRING, form.Element(HERE, forms.PART, PARTS, lit(0)), "id", True)),
        "p1",
    ),
    "in a list": (form.Contains(HERE, lit("pii"), LABELS), True),
    "in a list of numbers": (form.Contains(HERE, read("action.rows"), SIZES), False),
    "in a map": (form.Contains(HERE, lit("a"), PARAMS), True),
    "in something": (form.Contains(HERE, lit("a"), raw("action.sample")), True),
    "in a constant": (in_list(read("subject.id"), ["a", "etl-7"]), True),
    "in an empty constant": (in_list(read("subject.id"), []), False),
    "in a mixed constant": (in_list(read("action.rows"), ["a", 5.0]), True),
    "in a constant map": (call("@in", read("subject.id"), lit({"a": 1}), overload="in_map"), False),
    "starts": (call("startsWith", read("subject.id"), lit("etl"), overload="starts_with_string", member=True), True),
    "contains": (call("contains", read("subject.id"), lit("l-"), overload="contains_string", member=True), True),
    "less": (call("_<_", read("action.rows"), lit(9), overload="less_int64"), True),
    "plus": (call("_+_", read("action.rows"), lit(9), overload="add_int64"), 14),
    "dynamic": (call("_+_", read("action.rows"), lit(9)), 14),
    "equal mixed": (equals(read("action.rows"), lit(5.0)), True),
    "differs": (call("_!=_", read("subject.id"), lit("x"), overload="not_equals"), True),
    "differs mixed": (call("_!=_", read("action.rows"), lit(5.0), overload="not_equals"), False),
    "if": (form.If(HERE, has("action.rows"), lit(1), lit(2)), 1),
    "not": (form.Not(HERE, read("action.destination.external")), False),
    "and": (form.And(HERE, (has("action.rows"), read("action.destination.external"))), True),
    "let": (form.Let(HERE, "x", read("action.rows"), call("_+_", var("x"), var("x"))), 10),
    "select": (form.Select(HERE, read("action.sample"), "a"), [1]),
    "has key": (form.HasKey(HERE, read("action.sample"), "b"), False),
    "list of": (form.ListOf(HERE, ((lit(1), False), (MAYBE, True))), [1, "a"]),
    "map of": (form.MapOf(HERE, ((lit(True), lit(1), False),)), {BoolKey(True): 1}),
    "inlined": (form.Inlined(HERE, "f", 0, read("action.rows")), 5),
    "exists in constant": (loop("exists", "l", LABELS, in_list(item("l", forms.STRING), ["pii"])), True),
    "all in constant": (loop("all", "l", LABELS, in_list(item("l", forms.STRING), ["pii"])), False),
    "exists equal": (loop("exists", "l", LABELS, equals(item("l", forms.STRING), lit("secret"))), True),
    "exists": (loop("exists", "l", LABELS, equals(item("l", forms.STRING), read("subject.id"))), False),
    "all": (loop("all", "s", SIZES, call("_<_", int_item("s"), lit(9), overload="less_int64")), True),
    "exists one": (loop("exists_one", "s", SIZES, equals(int_item("s"), lit(2))), True),
    "filter": (loop("filter", "s", SIZES, call("_<_", int_item("s"), lit(3), overload="less_int64")), [1, 2]),
    "map with a condition": (
        loop("map", "s", SIZES, call("_+_", int_item("s"), lit(1)), where=equals(int_item("s"), lit(2))),
        [3],
    ),
    "filter of objects": (
        loop(
            "filter",
            "p",
            PARTS,
            form.Has(HERE, form.Field(HERE, forms.BOOL, form.Item(HERE, forms.PART, "p"), "secret", False)),
        ),
        [{"id": "p2", "secret": True}],
    ),
    "keys": (loop("map", "k", PARAMS, item("k", forms.STRING)), ["a", "b"]),
    "entries": (loop("exists", "k", PARAMS, equals(item("v", forms.ANY), lit(1)), second="v"), True),
    "indices": (loop("transform_list", "i", SIZES, call("_+_", var("i"), int_item("s")), second="s"), [1, 3, 5]),
    "values": (loop("map", "x", lit(["a", "b"]), call("_+_", var("x"), var("x"))), ["aa", "bb"]),
    "values of a map": (loop("transform_map", "k", lit({"a": 1}), var("v"), second="v"), {"a": 1}),
    "turned": (
        loop("transform_map_entry", "k", lit({"a": 1}), form.MapOf(HERE, ((var("v"), var("k"), False),)), second="v"),
        {1: "a"},
    ),
    "nested": (
        loop(
            "map",
            "s",
            SIZES,
            loop("filter", "t", SIZES, call("_<_", int_item("t"), int_item("s"), overload="less_int64")),
        ),
        [[], [1], [1, 2]],
    ),
    "nested range": (
        loop("exists", "t", loop("map", "s", SIZES, call("_+_", int_item("s"), lit(1))), equals(var("t"), lit(4))),
        True,
    ),
    "bound in a loop": (
        loop("map", "s", SIZES, form.Let(HERE, "d", call("_+_", int_item("s"), int_item("s")), var("d"))),
        [2, 4, 6],
    ),
}


@pytest.mark.parametrize("name", USUAL)
def test_what_is_usual_needs_no_exact_tier(name: str) -> None:
    expr, expected = USUAL[name]
    action = forms.action(**EVERYTHING)
    rules = forms.rule_set(forms.rule("r", "deny", call("same", expr, lit(0))))
    assert Exact(World.of(rules), action).value(expr) == expected
    # As a rule's condition, twice, so that what can be hoisted is: and once alone.
    for conditions in ([equals(expr, lit(expected))], [equals(expr, lit(expected)), equals(lit(expected), expr)]):
        compiled = forms.rule_set(forms.rule("r", "deny", *conditions))
        assert Program(compiled, World.of(compiled).sources).rule(0)(action, 0, {}) is True


def test_definitions_are_evaluated_at_most_once() -> None:
    calls = call("size", lit("x" * 20), overload="size_string")
    many = form.And(HERE, tuple(equals(calls, lit(20)) for _ in range(9)))
    compiled = forms.rule_set(
        forms.rule("a", "deny", form.Define(HERE, 1)),
        forms.rule("b", "deny", form.Define(HERE, 1), form.Define(HERE, 0)),
        definitions=[forms.definition("d", [many]), forms.definition("e", [form.Define(HERE, 0)], [lit(False)])],
    )
    memo: dict[int, bool] = {}
    program = Program(compiled, World.of(compiled).sources)
    assert [program.rule(index)(forms.action(), 0, memo) for index in (0, 1)] == [True, True]
    assert memo == {0: True, 1: True}
    assert [program.rule(index)(forms.action(), 0, {0: True, 1: False}) for index in (0, 1)] == [False, False]


def test_a_chain_of_definitions_longer_than_the_stack() -> None:
    long = form.And(HERE, (lit(True),) * 20)
    chain = [forms.definition("d0", [long])]
    chain += [forms.definition(f"d{n}", [form.Define(HERE, n - 1), long]) for n in range(1, 2500)]
    compiled = forms.rule_set(forms.rule("r", "deny", form.Define(HERE, 2499)), definitions=chain)
    with pytest.raises((RecursionError, access.GiveUp)):  # out of stack: it leaves the rule to the exact tier
        Program(compiled, World.of(compiled).sources).rule(0)(forms.action(), 0, {})


def test_nesting_deeper_than_python_compiles_is_left_to_the_exact_tier() -> None:
    deep: form.Expr = read("action.destination.external")
    for _ in range(3000):
        deep = form.Not(HERE, deep)
    compiled = forms.rule_set(forms.rule("r", "deny", deep))
    with pytest.raises(access.GiveUp):
        Program(compiled, World.of(compiled).sources).rule(0)(forms.action(), 0, {})


# ---- where the code stands ----

TEXT = """package exports

deny ä if {
    action.name == "data.export"
    action.rows > 100
}
"""


def spanned(text: str, expr: form.Expr) -> form.Expr:
    start = TEXT.index(text)
    return forms.at(expr, start, start + len(text))


def test_a_traceback_shows_the_rules_own_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "exports.assent"
    file.write_text(TEXT, encoding="utf-8")
    rows = forms.at(read("action.rows"), TEXT.index("action.rows"), TEXT.index(" > 100"))
    condition = spanned("action.rows > 100", call("_>_", rows, lit(100), overload="greater_int64"))
    rule = forms.rule(
        "exports.ä", "deny", spanned('action.name == "data.export"', forms.named("data.export")), condition
    )
    compiled = forms.rule_set(rule, text=TEXT)
    run = Program(compiled, [Source(str(file), TEXT)]).rule(0)
    with pytest.raises(KeyError) as caught:
        run(forms.action(), 0, {})
    shown = "".join(traceback.format_exception(caught.value))
    assert f'File "{file}", line 5, in rule' in shown
    assert "    action.rows > 100\n    ^^^^^^^^^^^" in shown


def test_columns_count_as_python_counts_them() -> None:
    text = 'deny ä if "ä" == action.name && action.rows > 1'
    start = text.index("action.rows")
    compiled = forms.rule_set(forms.rule("r", "deny", forms.at(forms.over("action.rows"), start, len(text))), text=text)
    [position] = {place[2:] for place in positions(compiled) if place[2] == len(text[:start].encode())}
    assert position == (len(text[:start].encode()), len(text.encode()))


def positions(compiled: form.Form) -> set[tuple[object, ...]]:
    run = Program(compiled, World.of(compiled).sources).rule(0)
    return set(run.__code__.co_positions())


def test_a_body_of_another_file_stands_at_its_call() -> None:
    body = forms.at(read("action.rows"), 500, 520)
    inlined = form.Inlined(Span(2, 4), "f", 1, equals(body, lit(1)))
    compiled = forms.rule_set(forms.rule("r", "deny", inlined), text="a\nbcd\n")
    assert {place[0] for place in positions(compiled)} <= {1, 2}


# ---- plain programs ----


def test_an_expression_is_a_function_of_its_bindings() -> None:
    run = emit_expression(call("_*_", var("x"), lit(2)), Source("<expression>", "x * 2"))
    assert run({"x": 4}) == 8
    with pytest.raises(KeyError):
        run({"y": 4})
