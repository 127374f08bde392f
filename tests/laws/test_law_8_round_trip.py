"""Law 8: `fmt(fmt(x)) == fmt(x)`, same syntax tree, every comment kept."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assentry.diagnostics import Diagnostic
from assentry.formatter.format import format_source
from assentry.language import nodes
from assentry.language.parse import parse
from assentry.source import Source, Span
from tests.support.generate import World
from tests.support.laws import RULESETS, law, worlds

BREAKS = (" && ", " || ", " == ", " in ", " ? ", " + ", " > ", " with {", ", ")


def scruffy(text: str, rng: Random) -> str:
    """The same statements, laid out and commented by somebody in a hurry."""
    lines = []
    for number, line in enumerate(text.split("\n")):
        if rng.random() < 0.1:
            lines.append(rng.choice(("", "\n\n", f"# above {number}", f"   #{number}# `x` \u00fc  ", "\t")))
        if rng.random() < 0.15 and line.startswith("    "):
            line = rng.choice(("", "\t", "  ", "          ")) + line.strip()
        if rng.random() < 0.15:
            line = broken(line, rng)
        if rng.random() < 0.15:
            line += rng.choice((f" # beside {number}", f"#{number}", "   ", "\t# tab"))
        lines.append(line)
    return "\n".join(lines)


def broken(line: str, rng: Random) -> str:
    """One of the places where a newline is blank becomes one, or blanks are doubled."""
    sign = rng.choice(BREAKS)
    if sign not in line or '"' in line:
        return line
    first, second = line.split(sign, 1)
    if sign == ", ":
        return f"{first} ,   {second}"
    return f"{first}{rng.choice((chr(10) + '        ', '  '))}{sign.strip()} {second}"


def tree(text: str) -> tuple[Any, list[str]]:
    """The syntax tree without places, and the comments."""
    findings: list[Diagnostic] = []
    file = parse(Source("x.assent", text), findings)
    assert file is not None, text
    assert not findings, findings
    return [plain(file.package), *map(plain, file.statements)], [comment.text for comment in file.comments]


def plain(node: Any) -> Any:
    if isinstance(node, Span):
        return None
    if isinstance(node, nodes.Body):
        return ["Body", plain(node.conditions)]  # braces are a matter of layout
    if is_dataclass(node):
        return [type(node).__name__, *(plain(getattr(node, field.name)) for field in fields(node))]
    return [plain(part) for part in node] if isinstance(node, tuple) else node


def formatted(text: str) -> str:
    findings: list[Diagnostic] = []
    result = format_source(Source("x.assent", text), findings)
    assert result is not None, findings
    return result


@law(RULESETS // 6)
@given(worlds(), st.integers(0, 2**32))
def test_formatting_loses_nothing(world: World, seed: int) -> None:
    rng = Random(seed)
    for text in world.files.values():
        messy = scruffy(text, rng)
        once = formatted(messy)
        assert tree(once) == tree(messy), messy
        assert formatted(once) == once, messy
        assert once == "\n".join(line.rstrip() for line in once.split("\n"))
