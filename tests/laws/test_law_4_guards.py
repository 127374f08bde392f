"""Law 4: reading an optional field unguarded is a compile-time error, and a guard makes the read safe."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.compiler import load_sources
from assentry.errors import CompileError
from tests.support.atoms import Ref
from tests.support.generate import World, Writer, pool
from tests.support.laws import RULESETS, law, policy, verdict, worlds
from tests.support.schemas import SCHEMAS

SAFE = {
    "lines": "allow x if {\n{guard}\n{read}\n}",
    "lines, the other way round": "allow x if {\n{read}\n{guard}\n}",
    "and": "allow x if ({guard}) && ({read})",
    "and, the other way round": "allow x if ({read}) && ({guard})",
    "and, far away": "allow x if {\n({read}) && 1 < 2\n2 < 3 && ({guard})\n}",
    "or": "allow x if !({guard}) || ({read})",
    "or, the other way round": "allow x if ({read}) || !({guard})",
    "ternary": "allow x if ({guard}) ? ({read}) : false",
    "negated ternary": "allow x if !({guard}) ? true : ({read})",
    "definition": "there if {guard}\nallow x if {\nthere\n{read}\n}",
    "definition of two heads": "there if {guard}\nthere if {\n1 < 2\n{guard}\n}\nallow x if {\n{read}\nthere\n}",
    "definition of a definition": "first if {guard}\nthere if first\nallow x if there && ({read})",
}

UNSAFE = {
    "nothing": "allow x if {read}",
    "or": "allow x if ({guard}) || ({read})",
    "and of not": "allow x if !({guard}) && ({read})",
    "the wrong branch": "allow x if ({guard}) ? false : ({read})",
    "one head of two": "there if {guard}\nthere if 1 < 2\nallow x if there && ({read})",
    "another rule": "deny y if {guard}\nallow x if {read}",
    "a negated definition": "there if {guard}\nallow x if !there && ({read})",
    "half of a disjunction": "allow x if (({guard}) || 1 < 2) && ({read})",
    "inside a loop": "allow x if [1].all(v, v == 1 && ({guard})) && ({read})",
}


def compiles(text: str, schema: str) -> list[str]:
    """The codes of what is wrong with a rule file."""
    try:
        load_sources({"x.assent": f"package p\n\n{text}\n"}, schema=SCHEMAS[schema])
    except CompileError as error:
        return [finding.code for finding in error.diagnostics]
    return []


def filled(template: str, guard: str, read: str) -> str:
    return template.replace("{guard}", guard).replace("{read}", read)


@st.composite
def optional_reads(draw: st.DrawFn) -> tuple[str, Ref, str]:
    """A schema, an optional field of it, and a condition that reads the field."""
    schema = draw(st.sampled_from(sorted(name for name in SCHEMAS if any(ref.guards for ref in pool(name)[0]))))
    writer = Writer(Random(draw(st.integers(0, 2**32))), schema)
    ref = writer.rng.choice([ref for ref in writer.every if ref.guards and ref.spec.kind != "object"])
    return schema, ref, writer.about(ref, 1)


def guards(ref: Ref) -> list[str]:
    """Guards of the field, the way to it included."""
    *way, last = ref.guards
    base, _, name = last.rpartition(".")
    before = [f"has({path})" for path in way]
    return [" && ".join([*before, final]) for final in (f"has({last})", f"{base}.?{name}.hasValue()")]


@law(RULESETS // 12)
@given(optional_reads(), st.integers(0, 1))
def test_guarded_reads_compile(read: tuple[str, Ref, str], which: int) -> None:
    schema, ref, condition = read
    for name, template in SAFE.items():
        text = filled(template, guards(ref)[which], condition)
        assert compiles(text, schema) == [], (name, text)


@law(RULESETS // 12)
@given(optional_reads(), st.integers(0, 1))
def test_unguarded_reads_do_not(read: tuple[str, Ref, str], which: int) -> None:
    schema, ref, condition = read
    for name, template in UNSAFE.items():
        text = filled(template, guards(ref)[which], condition)
        assert set(compiles(text, schema)) == {"unguarded-field"}, (name, text)


@law(RULESETS // 12)
@given(worlds())
def test_a_fitting_action_lacks_nothing_that_is_read(world: World) -> None:
    """In a legal rule set a declared field that is read is there, whenever the action fits its schema."""
    for case in world.cases:
        if case.fitting is None:
            continue
        for error in verdict(policy(world), case.fitting)["errors"]:
            for cause in error["causes"]:
                declared = not cause.get("path", "]").endswith("]")
                assert not (declared and cause["found"] == "missing"), (case.fitting, error)


@pytest.mark.parametrize("access", ['action.tags["k"] == "a"', "action.words[0] == null", 'resource.index["a"].public'])
def test_elements_need_no_guard(access: str) -> None:
    holder = access.partition("[")[0]
    assert (
        compiles(f"allow x if has({holder}) && {access}" if "resource.index" not in access else "", "collections") == []
    )
