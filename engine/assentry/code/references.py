"""Which definitions some conditions lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assentry.code.form import Define, DefinitionForm, Expr, children


def references(conditions: Iterable[Expr]) -> set[int]:
    """The definitions that some conditions name."""
    found: set[int] = set()
    waiting = list(conditions)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Define):
            found.add(node.index)
        waiting.extend(children(node))
    return found


def conditions_of(definition: DefinitionForm) -> list[Expr]:
    """The conditions of all heads."""
    return [condition for head in definition.heads for condition in head.conditions]


def needed(definitions: Sequence[DefinitionForm], conditions: Iterable[Expr]) -> set[int]:
    """The definitions that some conditions name, and all that these name in turn."""
    found: set[int] = set()
    waiting = references(conditions)
    while waiting:
        index = waiting.pop()
        found.add(index)
        waiting |= references(conditions_of(definitions[index])) - found
    return found
