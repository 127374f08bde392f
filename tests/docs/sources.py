"""The codes of all diagnostics that the engine can give, read off its source text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.docs.shell import ROOT

_GIVES = frozenset(
    {"Diagnostic", "Finding", "Refused", "error", "warn", "refuse", "find", "_error", "_find", "_refuse"}
)
"""The calls that give a finding: its code is the first of their arguments that looks like one."""

_CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")


_WITHOUT_FINDINGS = {"approvals", "ledger", "review", "gate", "channels", "scanner"}


def codes() -> set[str]:
    """Every code that some call in the engine gives to a finding. Refusals of votes and entries are no findings."""
    found: set[str] = set()
    for path in sorted((ROOT / "engine").rglob("*.py")):
        if path.relative_to(ROOT / "engine" / "assentry").parts[0] in _WITHOUT_FINDINGS:
            continue
        found.update(_codes(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def _codes(tree: ast.Module) -> Iterator[str]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _name(call.func) in _GIVES:
                texts = (text for argument in call.args[:3] for text in _texts(argument, function, tree))
                yield from (text for text in texts if _CODE.fullmatch(text))


def _texts(node: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> Iterator[str]:
    """The texts that an argument can be: itself, or `f"duplicate-{what}"` with what the callers pass for `what`."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue(value=ast.Name(id=name))]):
            names = [argument.arg for argument in function.args.args]
            if name in names:
                yield from (f"{start}{text}" for text in _passed(function.name, names.index(name), tree))


def _passed(function: str, position: int, tree: ast.Module) -> Iterator[str]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) == function and len(call.args) > position:
            argument = call.args[position]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
