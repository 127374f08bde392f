"""Expressions with mistakes in them: refused with findings that say where, what and what to do, or evaluated.

The mistakes are made in the specification's cases where they are there, in the examples of our own
declarations and in generated expressions: tokens left out, doubled, swapped, replaced, characters changed,
two expressions grown into each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assentry.cel.program import Program, compile
from assentry.diagnostics import Diagnostic, render
from assentry.errors import CompileError, EvaluationError
from assentry.values.registry import FUNCTIONS
from tests.differential.draws import Below, seeded
from tests.differential.expressions import draw
from tests.differential.literals import LITERALS, VARIABLES

CASES = Path(__file__).parents[2] / ".." / "shared" / "data" / "cel-conformance.json"
TOKEN = re.compile(r"\s+|[A-Za-z_]\w*|\d+(?:\.\d+)?|&&|\|\||[=!<>]=|'[^']*'|\"[^\"]*\"|.", re.DOTALL)
WORDS = [
    *("true", "false", "null", "in", "has", "all", "exists", "map", "x", "a", "size", "int", "type", "cel", "bind"),
    *("optional", "math", "as", "package", "risk", "_", "@in", "`a`", "1", "1u", "1.5", "''", "b''", "r'\\'", "'''"),
    *("(", ")", "[", "]", "{", "}", "?", ":", ".", ",", "&&", "||", "!", "-", "+", "*", "/", "%", "==", "<", "//"),
    *(
        "#",
        ";",
        "=",
        "&",
        "|",
        "\\",
        "\n",
        "\x00",
        "\u202e",
        "\ud800",
        "9223372036854775808",
        "1e999",
        "0x",
        ".?",
        "[?",
    ),
]
BATCHES = 10
EACH = 1_500

Mutation = Callable[[list[str], Below], list[str]]


@lru_cache
def originals() -> tuple[str, ...]:
    """Expressions to damage."""
    texts = [example.expression for function in FUNCTIONS.values() for example in function.examples]
    texts += [draw(seeded(seed)).text for seed in range(500)]
    if CASES.exists():
        texts += [case["expr"] for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]]
    return tuple(texts)


def left_out(tokens: list[str], below: Below) -> list[str]:
    at = below(len(tokens))
    return [*tokens[:at], *tokens[at + 1 + below(3) :]]


def doubled(tokens: list[str], below: Below) -> list[str]:
    at, length = below(len(tokens)), 1 + below(3)
    return [*tokens[: at + length], *tokens[at : at + length], *tokens[at + length :]]


def swapped(tokens: list[str], below: Below) -> list[str]:
    one, other = below(len(tokens)), below(len(tokens))
    tokens = list(tokens)
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return tokens


def replaced(tokens: list[str], below: Below) -> list[str]:
    at = below(len(tokens))
    literals = [literal for texts in LITERALS.values() for literal in texts]
    words = [WORDS, WORDS, list(FUNCTIONS), literals, sorted(VARIABLES)][below(5)]
    return [*tokens[:at], words[below(len(words))], *tokens[at + below(2) :]]


def damaged(tokens: list[str], below: Below) -> list[str]:
    text = "".join(tokens)
    at = below(len(text))
    return [text[:at], chr(32 + below(96)) if below(4) else "", text[at + below(2) :]]


def grown(tokens: list[str], below: Below) -> list[str]:
    other = TOKEN.findall(originals()[below(len(originals()))])
    return [*tokens[: below(len(tokens))], *other[below(len(other)) :]]


MUTATIONS: list[Mutation] = [left_out, doubled, swapped, replaced, replaced, damaged, grown]


def mutated(below: Below) -> str:
    """An expression with one or two mistakes in it."""
    text = originals()[below(len(originals()))]
    for _ in range(1 + below(2)):
        tokens = TOKEN.findall(text)
        if not tokens:
            break
        text = "".join(MUTATIONS[below(len(MUTATIONS))](tokens, below))
    return text


def check(text: str, *, checked: bool = True) -> str:
    """What an expression comes to; fails when that is anything but a finding, a value or an error of ours."""
    try:
        program = compile(text, VARIABLES if checked else None, "pkg.sub", check=checked)
    except CompileError as refused:
        findings = refused.diagnostics
    else:
        return evaluated(program)
    assert findings
    for finding in findings:
        well_said(finding, text)
    return "refused"


def evaluated(program: Program) -> str:
    try:
        program.evaluate({"i": 1, "s": "a", "li": [1, 2], "m": {"a": 1}, "a": {"k": [1]}, "p": True})
    except EvaluationError:
        return "error"
    return "value"


def well_said(finding: Diagnostic, text: str) -> None:
    """A place inside the text, a fact in our style, an advice."""
    assert 0 <= finding.span.start <= finding.span.end <= len(text)
    assert finding.help or finding.expected, finding
    for sentence in filter(None, (finding.message, finding.help)):
        assert not sentence.endswith(".") or sentence.endswith("..."), sentence
        assert not re.match("[A-Z][a-z]", sentence), sentence
        assert "Traceback" not in sentence
        assert "<class" not in sentence
    shown = render(finding)
    assert all(char.isprintable() or char == "\n" for char in shown), shown
    assert f"expression:{finding.position.line}:{finding.position.column}" in shown


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mistakes(batch: int) -> None:
    found = {"refused": 0, "error": 0, "value": 0}
    for seed in range(batch * EACH, (batch + 1) * EACH):
        text = mutated(seeded(seed))
        try:
            found[check(text, checked=seed % 4 > 0)] += 1
        except Exception as error:  # noqa: BLE001  # what comes from inside is what is looked for
            pytest.fail(f"{text!r}: {type(error).__name__}: {error}")
    assert min(found.values()) > 0.01 * EACH, found


@settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_mistakes_by_hypothesis(data: st.DataObject) -> None:
    check(mutated(lambda n: data.draw(st.integers(0, n - 1))))
