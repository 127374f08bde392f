"""Which functions run only under a guard, over all files: those that have one, and those that only such ones call.

A function that is handed on, offered to a model, or called from where no guard stands, is open. So is one that
nobody calls: somebody will.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from assentry.scanner.module import Function, Mention, Module

Key = tuple[int, str]
"""The number of a module, and the name of a function in it."""


@dataclass(slots=True)
class _Uses:
    """Who calls a function: other functions, and the first place that lies under no guard."""

    callers: set[Key] = field(default_factory=set)
    open: Mention | None = None
    covered: bool = False


class Cover:
    """What is covered. `function` finds the function that a dotted name means, when it is one of these files'."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._modules = modules
        self._by_name = dict(_dotted(modules))
        self._uses: dict[Key, _Uses] = {}
        self._offered = {key for module in modules for names in module.handed_over for key in self.find(names)}
        for number, module in enumerate(modules):
            for mention in module.mentions:
                self._enter(number, mention)
        self.covered = self._settle()

    def find(self, names: Iterable[str]) -> list[Key]:
        """The functions of these files that dotted names mean."""
        return [key for name in names if (key := self._by_name.get(name.replace("()", ""))) is not None]

    def is_open_tool(self, key: Key) -> bool:
        """Whether a function is handed to a model without a guard in between."""
        function = self.function(key)
        offered = function.tool is not None or key in self._offered
        return offered and (not function.guarded or function.outside is not None)

    def function(self, key: Key) -> Function:
        return self._modules[key[0]].functions[key[1]]

    def _enter(self, number: int, mention: Mention) -> None:
        for key in self.find(mention.names):
            uses = self._uses.setdefault(key, _Uses())
            caller = (number, mention.function) if mention.function is not None else None
            if mention.escapes:
                uses.open = uses.open or mention
            elif mention.covered:
                uses.covered = True
            elif caller is None:
                uses.open = uses.open or mention
            elif caller != key:
                uses.callers.add(caller)

    def _settle(self) -> set[Key]:
        """The least set: it begins with the guards and grows by those whom only its members call."""
        every = [(number, name) for number, module in enumerate(self._modules) for name in module.functions]
        covered = {key for key in every if self.function(key).guarded and self.function(key).outside is None}
        candidates = {
            key: uses
            for key in every
            if (uses := self._uses.get(key)) is not None
            and uses.open is None
            and (uses.callers or uses.covered)
            and key not in covered
            and not self.is_open_tool(key)
        }
        grew = True
        while grew:
            more = {key for key, uses in candidates.items() if uses.callers <= covered}
            grew = bool(more - covered)
            covered |= more
        return covered


def _dotted(modules: Sequence[Module]) -> Iterator[tuple[str, Key]]:
    """Every name by which a function may be imported: a file's place may begin above or below the root."""
    for number, module in enumerate(modules):
        parts = module.name.split(".")
        for start in reversed(range(len(parts))):
            for name in module.functions:
                yield f"{'.'.join(parts[start:])}.{name}", (number, name)
