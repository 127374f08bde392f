"""Mistakes of the fold, made from its text: each check taken away, each half of a condition, each name left out.

The tests that forge histories have to notice every one of them.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

from assentry.approvals import fold
from assentry.approvals.events import EVENTS, answered
from assentry.approvals.events.asked import Requested
from assentry.approvals.events.event import stranger, vouched
from tests.approvals.mutation import Edit, Mutant

LAWS = ("fold",)


def functions() -> Iterator[Callable[..., Any]]:
    """Everything in which something is checked."""
    yield from (fold.evolve, fold._born, fold._moved, answered.check_filled, stranger, vouched)
    yield from (Requested._before, Requested._check_place)
    for event in EVENTS:
        for name in ("check", "check_birth"):
            if isinstance(function := vars(event).get(name), FunctionType):
                yield function


def mutants() -> Iterator[Mutant]:
    for function in functions():
        text = textwrap.dedent(inspect.getsource(function))
        for node in ast.walk(ast.parse(text)):
            for what, old, new in _mistakes(text, node):
                if text.count(old) == 1:
                    yield Mutant(f"{function.__qualname__}: {what}", (Edit(function, old, new),), LAWS)


def _mistakes(text: str, node: ast.AST) -> Iterator[tuple[str, str, str]]:
    """What is taken away, the text that goes and the text that comes."""
    if isinstance(node, ast.If) and _refuses(node.body):
        old = ast.get_source_segment(text, node.test) or ""
        whole = (ast.get_source_segment(text, node) or "").partition("\n")[0]
        for what, new in [("nothing", "False"), *_halves(text, node.test)]:
            yield f"{what} instead of `{_short(old)}`", whole, whole.replace(old, new)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "vouched":
        yield "nobody vouches", ast.get_source_segment(text, node) or "", "None"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "stranger":
        names = node.args[1] if len(node.args) > 1 else None
        old = ast.get_source_segment(text, node) or ""
        for name in names.elts if isinstance(names, ast.Tuple) else ():
            left_out = ast.get_source_segment(text, name) or ""
            yield f"`{left_out}` left out", old, old.replace(left_out, "None")


def _refuses(body: list[ast.stmt]) -> bool:
    calls = [each.value.func for each in body if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)]
    return any(isinstance(call, ast.Name) and call.id == "illegal" for call in calls)


def _halves(text: str, test: ast.expr) -> Iterator[tuple[str, str]]:
    """A condition of several, with one of them left out."""
    if isinstance(test, ast.BoolOp) and len(test.values) > 1:
        word = " and " if isinstance(test.op, ast.And) else " or "
        parts = [ast.get_source_segment(text, each) or "" for each in test.values]
        for number in range(len(parts)):
            new = word.join(part for at, part in enumerate(parts) if at != number)
            yield f"`{_short(new)}`", new


def _short(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= 60 else f"{joined[:57]}..."


FOLD: tuple[Mutant, ...] = tuple(mutants())
