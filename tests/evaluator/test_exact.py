"""The exact tier: every node's meaning, and which errors are absorbed, united or left."""

from __future__ import annotations

import math
import sys

import pytest

from assentry.code import form
from assentry.errors import Kind
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Cause, Failure
from assentry.source import Source
from assentry.values.runtime import NONE, BoolKey, Optional
from tests.support import forms
from tests.support.forms import HERE, call, equals, has, item, lit, loop, raw, read, var

TRUE, FALSE = lit(True), lit(False)
BAD_ROWS = read("action.rows")
ROWS_MISSING = Cause("path", "action.rows", "int >= 0", "missing")
RATIO_MISSING = Cause("path", "action.ratio", "double", "missing")


def evaluate(
    expr: form.Expr, text: str = "", definitions: tuple[form.DefinitionForm, ...] = (), **changes: object
) -> object:
    rules = forms.rule_set(definitions=definitions, text=text)
    return Exact(World.of(rules), forms.action(**changes)).value(expr)


def causes(expr: form.Expr, text: str = "", **changes: object) -> set[Cause]:
    outcome = evaluate(expr, text, (), **changes)
    assert isinstance(outcome, Failure), outcome
    return set(outcome.causes)


def failing(path: str) -> form.Expr:
    """A condition in error: `path > 100` of something missing."""
    return forms.over(path)


# ---- logic ----


@pytest.mark.parametrize("node", [form.And, form.Or])
def test_the_absorbing_value_wins_over_errors_on_either_side(node: type[form.And] | type[form.Or]) -> None:
    absorbing = lit(node is form.Or)
    neutral = lit(node is form.And)
    for operands in [(absorbing, failing("action.rows")), (failing("action.rows"), absorbing)]:
        assert evaluate(node(HERE, operands)) is (node is form.Or)
    mixed = node(HERE, (failing("action.rows"), neutral, failing("action.ratio")))
    assert causes(mixed) == {ROWS_MISSING, RATIO_MISSING}


def test_an_operand_that_is_no_bool_is_an_error_of_its_own_text() -> None:
    number = forms.at(lit(1), 5, 6)
    assert causes(form.And(HERE, (TRUE, number)), "true && 1") == {Cause("expression", "&", "bool", "int")}
    assert evaluate(form.And(HERE, (FALSE, number))) is False
    assert causes(form.Not(HERE, lit("x"))) == {Cause("expression", "", "bool", "string")}
    assert causes(form.If(HERE, lit(None), TRUE, TRUE)) == {Cause("expression", "", "bool", "null_type")}


def test_only_the_chosen_branch_counts() -> None:
    assert evaluate(form.If(HERE, TRUE, lit(1), BAD_ROWS)) == 1
    assert causes(form.If(HERE, failing("action.rows"), lit(1), lit(1))) == {ROWS_MISSING}


def test_a_bound_value_is_in_error_only_where_it_is_used() -> None:
    assert evaluate(form.Let(HERE, "x", BAD_ROWS, TRUE)) is True
    assert causes(form.Let(HERE, "x", BAD_ROWS, var("x"))) == {ROWS_MISSING}
    assert evaluate(form.Let(HERE, "x", lit(2), call("_+_", var("x"), var("x")))) == 4


# ---- calls ----


def test_calls_are_strict_and_unite_causes() -> None:
    both = call("_+_", read("action.rows"), read("action.ratio"))
    assert causes(both) == {ROWS_MISSING, RATIO_MISSING}


def test_an_operation_that_fails_shows_its_own_text() -> None:
    divided = forms.at(call("_/_", lit(1), lit(0), overload="divide_int64"), 0, 7)
    assert causes(divided, "1  /  0 && true") == {Cause("expression", "1 / 0", "a value", Kind.DIVIDE_BY_ZERO.value)}
    assert causes(call("_+_", lit(1), lit("a"))) == {Cause("expression", "", "a value", "no such overload")}
    assert causes(call("nonsense", lit(1))) == {Cause("expression", "", "a value", "unknown function")}


def test_a_call_that_no_checker_would_pass_is_an_error_not_a_crash() -> None:
    assert causes(call("_<_", lit(1), lit("a"), overload="less_int64")) == {
        Cause("expression", "", "a value", "no such overload")
    }
    assert causes(call("_<_", lit(1), overload="less_int64"))


# ---- reads ----


def test_a_read_errs_at_the_first_place_that_does_not_fit() -> None:
    assert causes(read("action.destination.kind")) == {Cause("path", "action.destination", "map", "missing")}
    assert causes(read("action.destination.kind"), destination=[]) == {
        Cause("path", "action.destination", "map", "list")
    }
    assert causes(read("action.destination.kind"), destination={}) == {
        Cause("path", "action.destination.kind", "string", "missing")
    }
    assert causes(read("action.params.k"), params={}) == {Cause("path", 'action.params["k"]', "any value", "missing")}


def test_has_is_false_only_for_an_absent_optional_field() -> None:
    assert evaluate(has("action.rows")) is False
    assert evaluate(has("action.rows"), rows=3) is True
    assert causes(has("action.rows"), rows="3") == {Cause("path", "action.rows", "int >= 0", "string")}
    assert causes(has("action.rows"), rows=-3) == {Cause("path", "action.rows", "int >= 0", "out of range")}
    assert evaluate(has("action.kind"), kind=None) is True
    assert evaluate(has("resource.sizes"), sizes=["no int"]) is True
    assert causes(has("resource.sizes"), sizes={}) == {Cause("path", "resource.sizes", "list", "map")}
    assert causes(has("action.destination.kind"), destination={}) == {
        Cause("path", "action.destination.kind", "string", "missing")
    }


def test_optional_reads() -> None:
    place = raw("action.destination.account")
    assert isinstance(place, form.Field)
    maybe = form.Maybe(HERE, place)
    assert evaluate(maybe, destination={"kind": "x"}) == NONE
    assert evaluate(maybe, destination={"account": "a"}) == Optional.of("a")
    assert causes(maybe, destination={"account": 1}) == {Cause("path", "action.destination.account", "string", "int")}
    entry = form.Maybe(HERE, form.Element(HERE, forms.ANY, raw("action.params"), lit("k")))
    assert evaluate(entry, params={}) == NONE
    assert evaluate(entry, params={"k": None}) == Optional.of(None)
    past = form.Maybe(HERE, form.Element(HERE, forms.STRING, raw("resource.labels"), lit(7)))
    assert evaluate(past) == NONE


def test_elements() -> None:
    def element(path: str, key: object, shape: int = forms.ANY) -> form.Fit:
        return form.Fit(HERE, form.Element(HERE, shape, raw(path), lit(key)))

    assert evaluate(element("resource.labels", 0)) == "pii"
    assert evaluate(element("resource.labels", 0.0)) == "pii"
    assert causes(element("resource.labels", 1)) == {Cause("expression", "", "a value", "index out of range")}
    assert causes(element("resource.labels", -1)) == {Cause("expression", "", "a value", "index out of range")}
    assert causes(element("action.params", "k"), params={}) == {Cause("expression", "", "a value", "no such key")}
    assert causes(element("action.params", 1), params={"k": 1}) == {Cause("expression", "", "a value", "no such key")}
    assert causes(element("action.params", "k"), params=[]) == {Cause("path", "action.params", "map", "list")}
    assert causes(element("action.params", "k"), params={"k": math.nan}) == {
        Cause("path", 'action.params["k"]', "any value", "not finite")
    }
    lost = form.Fit(HERE, form.Element(HERE, forms.ANY, raw("action.params"), read("action.rows")))
    assert causes(lost) == {Cause("path", "action.params", "map", "missing"), ROWS_MISSING}


def test_sizes_read_no_elements() -> None:
    assert evaluate(form.Size(HERE, raw("resource.sizes")), sizes=["no int", None]) == 2
    assert evaluate(form.Size(HERE, raw("action.params")), params={"a": 1}) == 1
    assert evaluate(form.Size(HERE, raw("action.params")), params={"a": 1, 2: "no key of a map"}) == 2
    assert evaluate(form.Size(HERE, raw("action.sample")), sample="four") == 4
    assert causes(form.Size(HERE, raw("resource.sizes"))) == {Cause("path", "resource.sizes", "list", "missing")}


def test_membership_goes_element_by_element() -> None:
    def contains(value: object) -> form.Contains:
        return form.Contains(HERE, lit(value), raw("resource.labels"))

    assert evaluate(contains("pii"), labels=[1, "pii", None]) is True
    assert causes(contains("pii"), labels=["a", 1, None]) == {Cause("path", "resource.labels[1]", "string", "int")}
    assert evaluate(contains("pii"), labels=[]) is False
    assert causes(contains("pii"), labels=["pii"] * 4097) == {Cause("path", "resource.labels", "list", "too long")}
    both = form.Contains(HERE, read("action.rows"), raw("resource.sizes"))
    assert causes(both) == {ROWS_MISSING, Cause("path", "resource.sizes", "list", "missing")}
    assert evaluate(form.Contains(HERE, lit("k"), raw("action.params")), params={"k": math.nan}) is True
    assert evaluate(form.Contains(HERE, lit("name"), raw("action"))) is True
    assert evaluate(form.Contains(HERE, lit("other"), raw("action")), other=1) is False


# ---- loops ----


def big(variable: str = "s", shape: int = forms.INT) -> form.Expr:
    return call("_>_", item(variable, shape), lit(5), overload="greater_int64")


SIZES = raw("resource.sizes")
NO_INT = Cause("path", "resource.sizes[1]", "int", "string")


@pytest.mark.parametrize(
    ("kind", "sizes", "expected"),
    [
        ("exists", [1, "x", 9], True),
        ("exists", [1, "x", None], {NO_INT}),
        ("all", [9, "x", 1], False),
        ("all", [9, "x", 9], {NO_INT}),
        ("all", [], True),
        ("exists", [], False),
        ("exists_one", [1, 9, 2], True),
        ("exists_one", [9, 9], False),
        ("exists_one", [9, "x", 9], {NO_INT}),
        ("filter", [9, 1, 7.0], [9, 7]),
        ("map", [9, 1], [True, False]),
        ("map", [9, "x"], {NO_INT}),
    ],
)
def test_loops_over_the_input(kind: form.LoopKind, sizes: list[object], expected: object) -> None:
    outcome = evaluate(loop(kind, "s", SIZES, big()), sizes=sizes)
    assert (set(outcome.causes) if isinstance(outcome, Failure) else outcome) == expected


def test_an_element_is_read_only_where_it_is_used() -> None:
    assert evaluate(loop("all", "s", SIZES, TRUE), sizes=["x", None]) is True
    inner = form.Fit(HERE, form.Field(HERE, forms.STRING, form.Item(HERE, forms.PART, "p"), "id", True))
    parts = loop("exists", "p", raw("resource.parts"), equals(inner, lit("a")))
    assert evaluate(parts, parts=[{"id": "a", "secret": "no bool"}]) is True
    assert causes(parts, parts=[{"id": 1}, 5]) == {Cause("path", "resource.parts[0].id", "string", "int")}
    assert causes(parts, parts=[5, {"id": 1}]) == {Cause("path", "resource.parts[0]", "map", "int")}


def test_maps_are_visited_in_the_order_of_their_keys() -> None:
    keys = loop("map", "k", raw("action.params"), item("k", forms.STRING))
    assert evaluate(keys, params={"z": 1, "a": 2}) == ["a", "z"]
    over_value = loop("map", "k", lit({"z": 1, 2: 1, BoolKey(True): 1}), var("k"))
    assert evaluate(over_value) == [True, 2, "z"]
    broken = loop("all", "k", raw("action.params"), equals(item("v", forms.INT), lit(1)), second="v")
    assert causes(broken, params={"z": "x", "b": "y"}) == {Cause("path", 'action.params["b"]', "int", "string")}
    assert causes(keys, params={1: 1}) == {Cause("path", "action.params", "map", "unsupported")}


def test_two_variables_and_transformations() -> None:
    total = call("_+_", var("i"), item("s", forms.INT))
    assert evaluate(loop("transform_list", "i", SIZES, total, second="s"), sizes=[5, 5]) == [5, 6]
    assert evaluate(loop("transform_map", "i", SIZES, total, second="s"), sizes=[5, 5]) == {0: 5, 1: 6}
    entry = form.MapOf(HERE, ((item("s", forms.INT), var("i"), False),))
    turned = loop("transform_map_entry", "i", SIZES, entry, second="s", where=call("_<_", var("i"), lit(2)))
    assert evaluate(turned, sizes=[7, 8, 9]) == {7: 0, 8: 1}
    assert causes(turned, sizes=[7, 7]) == {Cause("expression", "", "a value", "duplicate key")}


def test_a_range_that_is_none_is_an_error() -> None:
    assert causes(loop("all", "s", SIZES, TRUE)) == {Cause("path", "resource.sizes", "list", "missing")}
    assert causes(loop("all", "x", lit(5), TRUE)) == {Cause("expression", "", "a value", "no such overload")}
    assert causes(loop("all", "x", lit([0] * 4097), TRUE)) == {Cause("expression", "", "a value", "limit exceeded")}


# ---- literals and fields of values ----


def test_fields_of_values() -> None:
    held = lit({"a": 1})
    assert evaluate(form.Select(HERE, held, "a")) == 1
    assert causes(form.Select(HERE, held, "b")) == {Cause("expression", "", "a value", "no such key")}
    assert causes(form.Select(HERE, lit(1), "b")) == {Cause("expression", "", "a value", "no such overload")}
    assert evaluate(form.Select(HERE, lit(Optional.of({"a": 1})), "a")) == Optional.of(1)
    assert evaluate(form.HasKey(HERE, held, "a")) is True
    assert evaluate(form.HasKey(HERE, lit(NONE), "a")) is False


def test_literals_with_optional_parts() -> None:
    some, none = lit(Optional.of(1)), lit(NONE)
    assert evaluate(form.ListOf(HERE, ((some, True), (none, True), (lit(2), False)))) == [1, 2]
    assert evaluate(form.MapOf(HERE, ((lit("a"), some, True), (lit("b"), none, True)))) == {"a": 1}
    assert evaluate(form.MapOf(HERE, ((TRUE, lit(1), False),))) == {BoolKey(True): 1}
    doubled = form.MapOf(HERE, ((lit(1), TRUE, False), (lit(1), TRUE, False)))
    assert causes(doubled) == {Cause("expression", "", "a value", "duplicate key")}
    assert causes(form.ListOf(HERE, ((TRUE, True),))) == {Cause("expression", "", "a value", "no such overload")}


# ---- definitions ----


def test_definitions_absorb_over_heads_and_conditions() -> None:
    two_heads = forms.definition("d", [failing("action.rows"), TRUE], [failing("action.ratio"), FALSE])
    expr = form.Define(HERE, 0)
    assert causes_of(evaluate(expr, definitions=(two_heads,))) == {ROWS_MISSING}
    assert evaluate(expr, definitions=(forms.definition("d", [failing("action.rows")], [TRUE]),)) is True


def causes_of(outcome: object) -> set[Cause]:
    assert isinstance(outcome, Failure)
    return set(outcome.causes)


def test_a_long_chain_of_definitions_needs_no_deep_stack() -> None:
    first = forms.definition("d0", [failing("action.rows")])
    chain = [forms.definition(f"d{n}", [form.Define(HERE, n - 1), TRUE]) for n in range(1, sys.getrecursionlimit() * 2)]
    outcome = evaluate(form.Define(HERE, len(chain)), definitions=(first, *chain))
    assert causes_of(outcome) == {ROWS_MISSING}


def test_variables_of_a_definition_are_its_own() -> None:
    inner = forms.definition("d", [loop("exists", "s", lit([7]), equals(var("s"), lit(7)))])
    outer = loop("map", "s", lit([1, 2]), form.If(HERE, form.Define(HERE, 0), var("s"), lit(0)))
    assert evaluate(outer, definitions=(inner,)) == [1, 2]


def test_risk_counts_errors_in_full() -> None:
    rules = forms.rule_set(
        forms.rule("a", "risk", failing("action.rows"), weight=30),
        forms.rule("b", "risk", TRUE, weight=20),
        forms.rule("c", "risk", FALSE, weight=7),
        forms.rule("d", "risk", TRUE, weight=100, shadow=True),
    )
    exact = Exact(World.of(rules), forms.action())
    assert exact.risk == 50
    assert exact.condition(form.Risk(HERE, ">=", 50)) is True
    assert exact.condition(form.Risk(HERE, ">", 50)) is False


# ---- plain programs, and the host's own trouble ----


def test_bindings_of_a_plain_program() -> None:
    exact = Exact(World((Source("<expression>", "x * 2"),)), bindings={"x": 4})
    assert exact.value(call("_*_", var("x"), lit(2))) == 8
    unbound = exact.value(var("y"))
    assert isinstance(unbound, Failure)
    assert unbound.first.kind == Kind.UNBOUND


class Hostile:
    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    def __hash__(self) -> int:
        return hash("name")


def test_nothing_is_raised_for_hostile_objects() -> None:
    world = World.of(forms.rule_set())
    outcome = Exact(world, {"action": {Hostile(): 1}}).condition(forms.named("x"))
    assert isinstance(outcome, Failure)


def test_the_end_of_the_stack_is_an_error_not_a_crash() -> None:
    deep: form.Expr = TRUE
    for _ in range(sys.getrecursionlimit()):
        deep = form.Not(HERE, deep)
    outcome = Exact(World.of(forms.rule_set()), forms.action()).condition(deep)
    assert isinstance(outcome, Failure)
    assert outcome.first.kind == Kind.LIMIT
