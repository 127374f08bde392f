"""Makes a failing rule set and action small by meaning: fewer statements, lines, options, fields."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.support.texts import RuleFile, RuleTexts, Statement

Fails = Callable[[RuleTexts, Any], bool]


def smallest(texts: RuleTexts, action: Any, fails: Fails) -> tuple[RuleTexts, Any]:
    """A smaller rule set and action for which `fails` still holds (it is false where nothing compiles)."""
    shrinking = True
    while shrinking:
        shrinking = False
        for smaller in _smaller_texts(texts):
            if _holds(fails, smaller, action):
                texts, shrinking = smaller, True
                break
        for less in _smaller_values(action):
            if _holds(fails, texts, less):
                action, shrinking = less, True
                break
    return texts, action


def _holds(fails: Fails, texts: RuleTexts, action: Any) -> bool:
    try:
        return fails(texts, action)
    except Exception:  # noqa: BLE001  # whatever else goes wrong is another failure than the one looked for
        return False


def _smaller_texts(texts: RuleTexts) -> Iterator[RuleTexts]:
    for at, file in enumerate(texts.files):
        if len(texts.files) > 1:
            yield RuleTexts(texts.files[:at] + texts.files[at + 1 :])
        for number, statement in enumerate(file.statements):
            yield texts.without(at, number)
            for less in _smaller_statements(statement):
                statements = (*file.statements[:number], less, *file.statements[number + 1 :])
                yield _with(texts, at, replace(file, statements=statements))
        if file.defaults:
            yield _with(texts, at, replace(file, defaults=()))
        if file.imports:
            yield _with(texts, at, replace(file, imports=file.imports[1:]))


def _with(texts: RuleTexts, at: int, file: RuleFile) -> RuleTexts:
    return RuleTexts((*texts.files[:at], file, *texts.files[at + 1 :]))


def _smaller_statements(statement: Statement) -> Iterator[Statement]:
    conditions, options = statement.conditions, statement.options
    if len(conditions) > 1:
        for at in range(len(conditions)):
            yield replace(statement, conditions=conditions[:at] + conditions[at + 1 :])
    for at in range(len(options)):
        yield replace(statement, options=options[:at] + options[at + 1 :])
    for at, condition in enumerate(conditions):
        for less in _smaller_conditions(condition):
            yield replace(statement, conditions=(*conditions[:at], less, *conditions[at + 1 :]))


def _smaller_conditions(text: str) -> Iterator[str]:
    """The operands of an outermost `&&` or `||`, without brackets around the whole."""
    if text.startswith("!(") and text.endswith(")"):
        yield text[1:]
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    for sign in (" && ", " || "):
        parts = inner.split(sign)
        if len(parts) > 1:
            yield from parts
            for at in range(len(parts)):
                yield f"({sign.join(parts[:at] + parts[at + 1 :])})"


def _smaller_values(value: Any) -> Iterator[Any]:
    if type(value) is dict:
        for key in value:
            yield {name: held for name, held in value.items() if name != key}
        for key, held in value.items():
            yield from ({**value, key: less} for less in _smaller_values(held))
    elif type(value) is list:
        for at, held in enumerate(value):
            yield value[:at] + value[at + 1 :]
            for less in _smaller_values(held):
                changed = copy.copy(value)
                changed[at] = less
                yield changed


def shown(texts: RuleTexts, action: Any) -> str:
    """Rule files and action, for a message."""
    files = "\n".join(f"--- {name}\n{text}" for name, text in texts.render().items())
    return f"{files}--- action\n{action!r}"
