"""What an operator declares of a tool: its effect, what is without effect, what must not have changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from assentry.errors import Denied, GateError, InputError
from assentry.gate import marks
from assentry.gate.canonical import canonical

Read = Callable[[Mapping[str, Any]], Mapping[str, str]]
"""Reads what an action depends on (a row count, a HEAD), given the document: names with texts."""


@dataclass(frozen=True)
class Tool:
    """One tool, for one action.

    `schema` is the JSON Schema of its parameters: `x-effect` marks those that say which effect it is, so that the
    same effect never happens twice; `x-volatile` those that differ between two attempts at the same thing. Without
    an `x-effect` nothing is known of effects, and every attempt is one of its own. `x-class` marks what approvers must
    not see (`secret`, `personal`, `proprietary`). `harmless` are the exceptions
    after which surely nothing was done; all others leave the outcome unknown. Raises GateError for a schema that has
    no canonical form.
    """

    name: str
    action: str
    version: str = "0"
    schema: Mapping[str, Any] = field(default_factory=dict)
    harmless: tuple[type[Exception], ...] = ()
    preconditions: Read | None = None
    server: str | None = None

    def __post_init__(self) -> None:
        if not self.name or not self.action:
            raise GateError("a tool has a name, and the action that it does")
        if not all(map(_is_exception, self.harmless)):
            raise GateError(f"what is harmless to tool `{self.name}` are classes of exceptions")
        object.__setattr__(self, "harmless", tuple(self.harmless))
        try:
            self.schema_version  # noqa: B018 -- looked at now, so that a schema without canonical form is refused here
        except InputError as error:
            raise GateError(f"the schema of tool `{self.name}`: {error}") from error

    @cached_property
    def schema_version(self) -> str:
        """The digest of the parameters' schema."""
        return f"sha256:{sha256(canonical(dict(self.schema))).hexdigest()}"

    @cached_property
    def effect(self) -> tuple[marks.Path, ...]:
        """The parameters that name the effect."""
        return marks.of_schema(self.schema, "x-effect")

    @cached_property
    def volatile(self) -> tuple[marks.Path, ...]:
        """The parameters that differ between two attempts, as paths of the document."""
        return tuple(("action", "parameters", *path) for path in marks.of_schema(self.schema, "x-volatile"))

    @cached_property
    def classes(self) -> tuple[tuple[marks.Path, str], ...]:
        """The parameters that must not be shown to everybody, as paths of the document, each with its class."""
        found = marks.of_schema(self.schema, "x-class")
        return tuple((("action", "parameters", *path), str(self._declared(path)["x-class"])) for path in found)

    def _declared(self, path: marks.Path) -> Mapping[str, Any]:
        schema: Mapping[str, Any] = self.schema
        for name in path:
            schema = schema["properties"][name]
        return schema

    @cached_property
    def stamp(self) -> dict[str, str]:
        """What the document says of it, as `action.tool`."""
        server = {} if self.server is None else {"server": self.server}
        return {"name": self.name, "version": self.version, **server}

    def is_harmless(self, error: BaseException | str) -> bool:
        """Whether nothing was done when it failed like this; an executor elsewhere gives the exception's name."""
        if isinstance(error, str):
            return any(error == kind.__name__ for kind in self.harmless)
        return isinstance(error, self.harmless)

    def read(self, document: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        """The preconditions as of now, sorted. Raises Denied when they cannot be read."""
        if self.preconditions is None:
            return ()
        try:
            found = self.preconditions(document)
            return tuple(sorted((str(name), str(value)) for name, value in found.items()))
        except Exception as error:
            raise Denied(
                "preconditions", f"what `{self.name}` depends on cannot be read: {type(error).__name__}"
            ) from error


def _is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


class Tools:
    """The tools of a gate, by action and name."""

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self._tools: dict[str, dict[str, Tool]] = {}
        for tool in tools:
            self.add(tool)

    def add(self, tool: Tool) -> Tool:
        """Declare a tool. Raises GateError when another stands under its name."""
        known = self._tools.setdefault(tool.action, {}).setdefault(tool.name, tool)
        if known != tool:
            raise GateError(f"another tool `{tool.name}` is declared for `{tool.action}`")
        return known

    @property
    def all(self) -> list[Tool]:
        """All that are declared."""
        return [tool for declared in self._tools.values() for tool in declared.values()]

    def find(self, action: str, name: str | None) -> Tool | None:
        """The tool of an action; None where none is declared. Raises Denied for one that is not of those declared.

        The name is the caller's: it picks among what the operator declared, and cannot pick none.
        """
        declared = self._tools.get(action)
        if declared is None:
            return None
        if name is None and len(declared) == 1:
            return next(iter(declared.values()))
        if name is None or name not in declared:
            raise Denied("tool", f"the action does not name one of the tools declared for it: {len(declared)}")
        return declared[name]
