"""Law 6: every rule has a static worst-case cost within a budget, and run-time limits are properties of values."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.compiler import load_sources
from assentry.errors import CompileError
from assentry.evaluator.policy import Policy
from assentry.values.limits import MAX_DEPTH, MAX_LIST, MAX_STRING
from tests.oracle.interpret import interpret
from tests.support.laws import RULESETS, law
from tests.support.schemas import ANYTHING, entries, integer, many, text, thing

SCHEMA = thing(
    action=thing(
        name=text(),
        pattern=text(),
        items=many(text()),
        counts=entries(integer()),
        blob=ANYTHING,
    )
)


def policy(condition: str) -> Policy:
    return load_sources({"x.assent": f"package p\n\nallow x if {condition}\n"}, schema=SCHEMA)


def action(**parts: Any) -> dict[str, Any]:
    return {"action": {"name": "a", "pattern": "a", "items": [], "counts": {}, "blob": None, **parts}}


def found(condition: str, **parts: Any) -> list[str]:
    """What the causes of the rule's error say, by every way of deciding."""
    whole = action(**parts)
    rules = policy(condition)
    verdict: dict[str, Any] = rules.decide(whole).to_dict()
    assert rules.decide_interpreted(whole).to_dict() == verdict
    oracle = interpret({"x.assent": f"package p\n\nallow x if {condition}\n"}, whole, SCHEMA)
    assert {**oracle, "policy": rules.digest} == verdict
    return [cause["found"] for error in verdict["errors"] for cause in error["causes"]]


def nested(levels: int, inner: Any = 1) -> Any:
    for _ in range(levels):
        inner = [inner]
    return inner


# ---- limits of values ----

LISTS = (
    "action.items.all(x, x != 'b')",
    "!action.items.exists(x, x == 'b')",
    "!('b' in action.items)",
    "action.items == action.items",
    "action.items.filter(x, x == 'a') != ['b']",
    "size(action.items.map(x, x)) > 0",
    "!action.items.exists(i, x, x == 'b')",
)


@pytest.mark.parametrize("condition", LISTS)
def test_lists(condition: str) -> None:
    assert found(condition, items=["a"] * MAX_LIST) == []
    assert found(condition, items=["a"] * (MAX_LIST + 1)) == ["too long"]


@pytest.mark.parametrize("condition", ["action.counts.all(k, k != 'b')", "action.counts == action.counts"])
def test_maps(condition: str) -> None:
    assert found(condition, counts={str(at): at for at in range(MAX_LIST)}) == []
    assert found(condition, counts={str(at): at for at in range(MAX_LIST + 1)}) == ["too long"]


@pytest.mark.parametrize("condition", ["size(action.items) > 1", "action.items[5000] == 'a'", "'7' in action.counts"])
def test_what_does_not_go_through_a_list_has_no_limit(condition: str) -> None:
    many_counts = {str(at): at for at in range(MAX_LIST + 1)}
    assert found(condition, items=["a"] * (2 * MAX_LIST), counts=many_counts) == []


@pytest.mark.parametrize(
    "condition",
    [
        "action.name.matches('^a+$')",
        "action.name.replace('b', 'c') == action.name",
        "action.name.lowerAscii() == action.name",
        "action.name.split(',').size() == 1",
        "action.name + '' == action.name",
    ],
)
def test_strings(condition: str) -> None:
    assert found(condition, name="a" * MAX_STRING) == []
    assert found(condition, name="a" * (MAX_STRING + 1)) == ["limit exceeded"]


@pytest.mark.parametrize(
    "condition", ["action.name > 'a'", "action.name in ['a', 'b'] || true", "size(action.name) > 9"]
)
def test_comparing_strings_has_no_limit(condition: str) -> None:
    assert found(condition, name="a" * (MAX_STRING + 1)) == []


def test_what_grows_is_stopped() -> None:
    double = "action.name"
    for _ in range(5):
        double = f"({double} + {double})"
    assert found(f"{double} != ''", name="a" * (MAX_STRING // 32)) == []
    assert found(f"{double} != ''", name="a" * (MAX_STRING // 16)) == ["limit exceeded"]


def test_depth() -> None:
    assert found("action.blob != 1", blob=nested(MAX_DEPTH)) == []
    assert found("action.blob != 1", blob=nested(MAX_DEPTH + 1)) == ["too deep"]
    assert found("action.blob != 1", blob=nested(100_000)) == ["too deep"]


@law(RULESETS // 20)
@given(st.integers(MAX_LIST - 2, MAX_LIST + 2), st.integers(0, MAX_LIST + 1), st.sampled_from(["a", 1, None]))
def test_a_limit_depends_on_the_value_alone(length: int, at: int, odd: Any) -> None:
    """Too long is too long, wherever the answer would have been found."""
    items: list[Any] = ["a"] * length
    items[at % length] = odd
    causes = found("action.items.exists(x, x == 'a')", items=items)
    assert causes == (["too long"] if length > MAX_LIST else [])


# ---- budgets ----


@pytest.mark.parametrize(
    "condition",
    [
        "action.items.exists(a, action.items.exists(b, action.items.exists(c, a + b == c)))",
        "action.items.all(a, action.items.map(b, action.items.filter(c, c == b)) == [])",
        "action.items.exists(a, action.items.exists(b, ['1', '2', '3'].exists(d, action.items.exists(c, c == d + a))))",
    ],
)
def test_costly_rules_are_refused(condition: str) -> None:
    with pytest.raises(CompileError) as refused:
        policy(condition)
    assert "too-costly" in {finding.code for finding in refused.value.diagnostics}


def test_cost_counts_definitions_and_functions() -> None:
    rules = """
    package p
    twice(a) if action.items.exists(b, action.items.exists(c, c + b == a))
    deny x if action.items.exists(a, twice(a))
    """
    with pytest.raises(CompileError) as refused:
        load_sources({"x.assent": "\n".join(line.strip() for line in rules.split("\n"))}, schema=SCHEMA)
    assert "too-costly" in {finding.code for finding in refused.value.diagnostics}


@pytest.mark.parametrize("condition", ["action.items.exists(a, action.items.exists(b, a != b))", "action.name == 'a'"])
def test_reasonable_rules_are_not(condition: str) -> None:
    policy(condition)


# ---- regular expressions ----


def test_patterns_run_in_linear_time() -> None:
    started = time.process_time()
    assert found("!action.name.matches('^(a+)+$')", name="a" * 60_000 + "!") == []
    assert found("!action.name.matches(action.pattern)", name="a" * 60_000 + "!", pattern="(a|aa)+$") == []
    assert time.process_time() - started < 5


@pytest.mark.parametrize("pattern", [r"(a)\\1", "(?=a)b", "(?<!a)b", "a**", "(", "[z-a]", "a{1001}"])
def test_patterns_are_re2(pattern: str) -> None:
    with pytest.raises(CompileError) as refused:
        policy(f"action.name.matches('{pattern}')")
    assert {finding.code for finding in refused.value.diagnostics} == {"bad-regex"}
    assert found("action.name.matches(action.pattern)", pattern=pattern.replace("\\\\", "\\")) == ["invalid argument"]
