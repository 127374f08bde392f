"""Rule sets as structure that is rendered to text: what a generator fills and what a law shuffles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Statement:
    """One statement. `head` is all before ` if` (or the whole statement when it has no conditions)."""

    head: str
    conditions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def render(self, braced: bool = True) -> str:
        text = self.head
        if len(self.conditions) == 1 and not braced:
            text += f" if {self.conditions[0]}"
        elif self.conditions:
            text += " if {\n" + "".join(f"    {line}\n" for line in self.conditions) + "}"
        if self.options:
            text += " with {\n" + "".join(f"    {entry}\n" for entry in self.options) + "}"
        return text


@dataclass(frozen=True)
class RuleFile:
    name: str
    package: str
    statements: tuple[Statement, ...]
    imports: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()

    def render(self) -> str:
        head = f"package {self.package}"
        if self.defaults:
            head += " with {\n" + "".join(f"    {entry}\n" for entry in self.defaults) + "}"
        imports = [f"import data.{name}" for name in self.imports]
        bodies = [statement.render(braced=at % 3 != 0) for at, statement in enumerate(self.statements)]
        return "\n\n".join([head, *imports, *bodies]) + "\n"


@dataclass(frozen=True)
class RuleTexts:
    """A whole rule set."""

    files: tuple[RuleFile, ...] = field(default_factory=tuple)

    def render(self) -> dict[str, str]:
        return {file.name: file.render() for file in self.files}

    def with_statement(self, statement: Statement, at: int = 0) -> RuleTexts:
        """The rule set with one statement more, in file number `at`."""
        file = self.files[at]
        return self._with_file(at, replace(file, statements=(*file.statements, statement)))

    def without(self, at: int, number: int) -> RuleTexts:
        """The rule set without one statement of one file."""
        file = self.files[at]
        return self._with_file(at, replace(file, statements=file.statements[:number] + file.statements[number + 1 :]))

    def _with_file(self, at: int, file: RuleFile) -> RuleTexts:
        return RuleTexts((*self.files[:at], file, *self.files[at + 1 :]))

    def shuffled(self, rng: Random) -> RuleTexts:
        """Files, statements, heads, lines and options in another order; the meaning is the same."""
        files = [
            replace(file, statements=tuple(_mixed([_shuffled(part, rng) for part in file.statements], rng)))
            for file in self.files
        ]
        return RuleTexts(tuple(_mixed(files, rng)))


def _shuffled(statement: Statement, rng: Random) -> Statement:
    conditions, options = _mixed(statement.conditions, rng), _mixed(statement.options, rng)
    return replace(statement, conditions=tuple(conditions), options=tuple(options))


def _mixed(parts: Sequence[T], rng: Random) -> list[T]:
    return rng.sample(list(parts), len(parts))
