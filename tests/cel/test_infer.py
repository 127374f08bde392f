"""From syntax to the compiled form: what becomes of names, places, macros and functions."""

from __future__ import annotations

import time

import pytest

from assentry.cel.environment import Constant, Environment
from assentry.code import form
from assentry.values.types import DYN, INT, STRING, map_of
from tests.support.expressions import environment, findings, functions_in_a_chain, inferred, lowered

PLACES = {
    "action.name": "fit(action.name)",
    "action.rows": "fit(action.rows?)",
    "action.labels[0]": "fit(action.labels[0])",
    "action['name']": "fit(action['name'])",
    "action.tags['k']": "fit(action.tags?['k'])",
    "action.tags.k": "fit(action.tags?.k?)",
    "action.params.a.b": "fit(action.params?.a?.b?)",
    "action.sample[action.name].x": "fit(action.sample?[fit(action.name)].x?)",
    "action.to.host": "fit(action.to?.host?)",
    "action.tree.next.next.id": "fit(action.tree?.next?.next?.id)",
    "has(action.to)": "has(action.to?)",
    "has(action.to.host)": "has(action.to?.host?)",
    "size(action.labels)": "size(action.labels)",
    "action.labels.size()": "size(action.labels)",
    "size(action.name)": "size_string(fit(action.name))",
    "size(action.sample)": "size?(fit(action.sample?))",
    "'a' in action.labels": "contains('a', action.labels)",
    "'a' in action.tags": "contains('a', action.tags?)",
    "'to' in action": "contains('to', action)",
    "action.name in action.sample": "contains(fit(action.name), action.sample?)",
    "action.name in ['a']": "in_list(fit(action.name), ['a'])",
    "action.labels == ['a']": "equals(fit(action.labels), ['a'])",
}


@pytest.mark.parametrize("text", PLACES)
def test_a_place_stays_one_until_something_consumes_its_value(text: str) -> None:
    assert lowered(text) == PLACES[text]


OPTIONALS = {
    "action.?rows.orValue(0)": "optional_orValue_value(maybe(action.rows?), 0)",
    "action.?to.hasValue()": "has(action.to?)",
    "action.?rows.hasValue()": "optional_hasValue(maybe(action.rows?))",
    "action.?to.?host.hasValue()": "and(has(action.to?), optional_hasValue(maybe(action.to?.host?)))",
    "action.?to.host.orValue('')": (
        "optional_orValue_value(if(has(action.to?), maybe(action.to?.host?), optional_none()), '')"
    ),
    "action.tags[?'k'].orValue('')": "optional_orValue_value(maybe(action.tags?['k']), '')",
    "action.?tags[?'k'].hasValue()": "and(has(action.tags?), optional_hasValue(maybe(action.tags?['k'])))",
    "action.parts[?0].?secret.hasValue()": (
        "and(less_int64(0, size(action.parts?)), optional_hasValue(maybe(action.parts?[0].secret?)))"
    ),
    "has(action.?to.host)": "and(has(action.to?), has(action.to?.host?))",
    "action.?to.optMap(t, t.kind).orValue('')": (
        "optional_orValue_value(if(has(action.to?), optional_of(fit(action.to?.kind)), optional_none()), '')"
    ),
    "action.?to.optFlatMap(t, t.?host)": "if(has(action.to?), maybe(action.to?.host?), optional_none())",
    "action.?rows.orValue(size(action.labels))": "optional_orValue_value(maybe(action.rows?), size(action.labels))",
    "action.?labels.orValue([])": "optional_orValue_value(maybe(action.labels), [])",
    "optional.of(1).or(optional.none())": "optional_or_optional(optional_of(1), optional_none())",
    "optional.of(1).optMap(y, y + 1)": (
        "let(optional = optional_of(1), if(optional_hasValue(optional), "
        "let(y = optional_value(optional), optional_of(add_int64(y, 1))), optional_none()))"
    ),
}


@pytest.mark.parametrize("text", OPTIONALS)
def test_optional_steps_read_no_more_than_they_have_to(text: str) -> None:
    assert lowered(text) == OPTIONALS[text]


LOOPS = {
    "action.labels.exists(l, l == 'a')": "exists(l in action.labels: equals(fit($l), 'a'))",
    "action.labels.all(i, l, i < 3 && l != 'a')": (
        "all(i, l in action.labels: and(less_int64(i, 3), not_equals(fit($l), 'a')))"
    ),
    "action.tags.all(k, k != 'a')": "all(k in action.tags?: not_equals(fit($k), 'a'))",
    "action.tags.exists(k, v, k == v)": "exists(k, v in action.tags?: equals(fit($k), fit($v)))",
    "action.parts.filter(p, p.id == 'a').size()": "list_size(filter(p in action.parts?: equals(fit($p.id), 'a')))",
    "action.parts.map(p, has(p.secret), p.id)": "map(p in action.parts? if has($p.secret?): fit($p.id))",
    "action.sample.exists(x, x == 1)": "exists(x in action.sample?: equals(fit($x), 1))",
    "action.sample.exists(k, x, x == 1)": "exists(k, x in fit(action.sample?): equals(x, 1))",
    "[1].exists(x, [x].exists(x, x == 1))": "exists(x in [1]: exists(x#2 in [x]: equals(x#2, 1)))",
    "[1].transformList(i, v, v > 0, v + i)": ("transform_list(i, v in [1] if greater_int64(v, 0): add_int64(v, i))"),
    "[2, 1].sortBy(x, -x)": (
        "let(list = [2, 1], list_int_sortByAssociatedKeys(list, map(x in list: negate_int64(x))))"
    ),
    "cel.bind(n, action.name, n + n)": "add_string(fit(action.name), fit(action.name))",
    "cel.bind(n, 1 + 2, n + n)": "let(n = add_int64(1, 2), add_int64(n, n))",
}


@pytest.mark.parametrize("text", LOOPS)
def test_macros(text: str) -> None:
    assert lowered(text) == LOOPS[text]


CALLS = {
    # a place goes in as a place
    "is_read(action.name)": "main.is_read@1{in_list(fit(action.name), ['read', 'list'])}",
    "outside(action.to)": "main.outside@4{and(has(action.to?.external?), fit(action.to?.external?))}",
    "some(action.labels)": "main.some@5{exists(x in action.labels: equals(fit($x), 'a'))}",
    # a value that is used once goes where it is used, in its own file
    "is_read(action.name + 'x')": "main.is_read@1{in_list(@0{add_string(fit(action.name), 'x')}, ['read', 'list'])}",
    # one that is used more often is computed once
    "big(action.rows + 1)": (
        "let(argument = add_int64(fit(action.rows?), 1), "
        "main.big@2{and(greater_int64(argument, 10), less_int64(argument, 1000))})"
    ),
    # one that is not used is not read
    "never(1 / 0 == action.rows)": "main.never@3{True}",
    "some(action.labels + ['x'])": (
        "main.some@5{exists(x in @0{add_list(fit(action.labels), ['x'])}: equals(x, 'a'))}"
    ),
    "nested(action.rows)": (
        "main.nested@7{let(argument = add_int64(fit(action.rows?), 1), "
        "main.big@2{and(greater_int64(argument, 10), less_int64(argument, 1000))})}"
    ),
    "main.is_read(action.name)": "main.is_read@1{in_list(fit(action.name), ['read', 'list'])}",
}


@pytest.mark.parametrize("text", CALLS)
def test_functions_of_the_rules_are_put_in_by_name(text: str) -> None:
    assert lowered(text) == CALLS[text]


def test_an_argument_used_inside_a_loop_is_computed_once() -> None:
    env = environment()
    assert lowered("[1].all(y, big(y * 2))", env).startswith("all(y in [1]: let(argument = ")


def test_an_element_in_an_argument_keeps_the_file_of_its_key() -> None:
    expr, _ = inferred("some([action.labels[size(action.labels) - 1]])")
    assert "@0{" in lowered("some([action.labels[size(action.labels) - 1]])")
    assert isinstance(expr, form.Inlined)


NAMES = {
    "external": "def0",
    "main.external": "def0",
    "other.known": "def1",
    "LABELS": "['pii', 'phi']",
    "accounts.owned": "['a', 'b']",
    "accounts['limit'] + 1": "add_int64(3, 1)",
    "risk >= 60": "risk >= 60",
    "60 <= risk": "risk >= 60",
    "risk < LIMIT": "risk < 60",
    "int": "TypeValue(name='int')",
}


@pytest.mark.parametrize("text", NAMES)
def test_names(text: str) -> None:
    assert lowered(text) == NAMES[text]


TYPES = {
    "action.rows": "int",
    "action.cost": "double",
    "action.at": "timestamp",
    "action.note": "wrapper(string)",
    "action.labels": "list(string)",
    "action.tags": "map(string, string)",
    "action.params": "map(string, dyn)",
    "action.sample": "dyn",
    "action.?rows": "optional_type(int)",
    "action.parts.filter(p, true)": "list(action.parts[])",
    "action.at - duration('1h')": "timestamp",
    "action.note == null": "bool",
    "action.note == 'x'": "bool",
    "action.note + 'x'": "string",
    "action.force || external": "bool",
    "[1, 'a']": "list(dyn)",
    "[]": "list(dyn)",
    "{'a': 1}": "map(string, int)",
    "{'a': 1}.a": "int",
    "[1, 2].map(x, string(x))": "list(string)",
    "true ? 1 : 2": "int",
    "true ? action.note : 'x'": "wrapper(string)",
    "dyn(1) + 1": "int",
    "dyn(1) == 'a'": "bool",
    "[[1], []]": "list(list(int))",
    "type(1) == int": "bool",
    "math.greatest(1, 2, 3)": "int",
}


@pytest.mark.parametrize("text", TYPES)
def test_types(text: str) -> None:
    assert inferred(text)[1] == TYPES[text]


def test_a_large_constant_is_looked_at_once() -> None:
    held = Constant.of({"all": [{"id": str(number)} for number in range(50_000)]})
    env = environment(constants={"accounts": held})
    started = time.process_time()
    for _ in range(200):
        inferred("action.name in accounts.all.map(x, x.id)", env)
    assert time.process_time() - started < 5


def test_null_leaves_the_choice_of_an_overload_to_the_value() -> None:
    assert lowered("action.note + 'x'") == "_+_?(fit(action.note?), 'x')"
    assert lowered("action.note == 'x'") == "equals(fit(action.note?), 'x')"


def test_containers_are_searched_from_the_inside_out() -> None:
    env = Environment(variables={"a.b.x": INT, "a.x": STRING, "x": DYN}, container="a.b")
    assert lowered("x", env) == "a.b.x"
    assert lowered(".x", env) == "x"
    assert lowered("x", Environment(variables={"a.x": STRING}, container="a.b")) == "a.x"


def test_the_longest_name_wins_unless_a_loop_variable_begins_it() -> None:
    env = Environment(variables={"a.b": map_of(STRING, INT), "a.b.c": STRING, "y.z": INT})
    assert lowered("a.b.c", env) == "a.b.c"
    assert inferred("a.b.c", env)[1] == "string"
    assert lowered("a.b.d", env) == "a.b.d"
    assert lowered("[{'z': 0}].exists(y, y.z == 0)", env) == "exists(y in [mapof('z', 0)]: equals(y.z, 0))"


def test_an_open_world_takes_every_name() -> None:
    env = Environment(open_world=True)
    assert lowered("x.y > 1", env) == "_>_?(x.y, 1)"
    assert lowered("[1].exists(x, x > 0) && x", env) == "and(exists(x#2 in [1]: greater_int64(x#2, 0)), x)"


def test_unchecked_expressions_leave_everything_to_the_values() -> None:
    env = Environment(checked=False)
    assert lowered("f(17) || 'a' < 1", env) == "or(f?(17), _<_?('a', 1))"
    assert lowered("'horses' && false", env) == "and('horses', False)"


def test_a_condition_with_its_functions_has_a_largest_size() -> None:
    text = " || ".join(["is_read(action.name)"] * 2500)
    assert [finding.code for finding in findings(text)] == ["too-large"]


def test_functions_within_functions_have_a_greatest_depth() -> None:
    assert findings(f"big({'-(' * 30}1{')' * 30})") == []
    chain = functions_in_a_chain(100)
    assert [finding.code for finding in findings("f99(1)", environment(functions=chain))] == ["too-deep"]
    assert findings("f20(1)", environment(functions=chain)) == []
