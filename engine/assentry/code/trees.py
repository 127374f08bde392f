"""The trees of a saved policy: kept as the file's own lines, read and checked when they are first looked at.

Deciding needs few of them. A line that turns out to hold no tree cannot be refused any more when it is read, so it
stands for what never lets anything pass: a condition that is always an error.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

from assentry.code import checks, form
from assentry.code.codec import Bounds, Reader
from assentry.errors import FormatError
from assentry.source import Span

Part_co = TypeVar("Part_co", covariant=True)
Tree = TypeVar("Tree", "LaterConditions", "LaterReason")


class Later(Sequence[Part_co]):
    """A tuple that is read from its line when it is first looked at; equal to the tuple, and shown as it is."""

    __slots__ = ("_bounds", "_known", "_line", "_span")

    def __init__(self, line: bytes, bounds: Bounds, span: Span) -> None:
        self._line = line
        self._bounds = bounds
        self._span = span
        self._known: tuple[Part_co, ...] | None = None

    @abstractmethod
    def read(self) -> tuple[Part_co, ...]:
        """The parts. Raises FormatError for a line that holds anything else."""

    @abstractmethod
    def _instead(self) -> tuple[Part_co, ...]:
        """What stands for a line that holds anything else."""

    def _parts(self) -> tuple[Part_co, ...]:
        if self._known is None:
            try:
                self._known = self.read()
            except FormatError:
                self._known = self._instead()
            except RecursionError:
                return self._instead()  # the host's stack is at its end, and may not be the next time
        return self._known

    def __len__(self) -> int:
        return len(self._parts())

    def __iter__(self) -> Iterator[Part_co]:
        return iter(self._parts())

    @overload
    def __getitem__(self, index: int) -> Part_co: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Part_co, ...]: ...
    def __getitem__(self, index: int | slice) -> Part_co | tuple[Part_co, ...]:
        return self._parts()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, tuple | Later) and self._parts() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return repr(self._parts())


class LaterConditions(Later[form.Expr]):
    """The conditions of a rule or of a definition's head, so many; `span` is that of the head."""

    __slots__ = ("_count",)

    def __init__(self, line: bytes, bounds: Bounds, span: Span, count: int) -> None:
        super().__init__(line, bounds, span)
        self._count = count

    def read(self) -> tuple[form.Expr, ...]:
        trees = checks.items(checks.parsed(self._line), self._count)
        return tuple([Reader(self._bounds).value(each) for each in trees])

    def _instead(self) -> tuple[form.Expr, ...]:
        return (form.Unreadable(self._span),) * self._count

    def __len__(self) -> int:
        return self._count


class LaterReason(Later["str | form.Raw"]):
    """A reason that prints places; `span` is that of the rule's head."""

    __slots__ = ()

    def read(self) -> tuple[str | form.Raw, ...]:
        return tuple([self._part(each) for each in checks.items(checks.parsed(self._line))])

    def _part(self, data: object) -> str | form.Raw:
        """A text, or a place that only names lead to."""
        if isinstance(data, str):
            return data
        place = raw = Reader(self._bounds).raw(data)
        while isinstance(raw, form.Field):
            raw = raw.base
        return place if isinstance(raw, form.Root) else checks.refuse("a reason prints only places that names lead to")

    def _instead(self) -> tuple[str | form.Raw, ...]:
        return ("(the reason in the saved policy is unreadable)",)


class Trees:
    """The lines that hold trees, handed out one after the other as definitions and rules are read.

    With `deep` each is read as it is handed out. Every method raises FormatError.
    """

    def __init__(self, lines: list[bytes], deep: bool) -> None:
        self._lines = iter(lines)
        self._deep = deep

    def conditions(self, bounds: Bounds, span: Span, count: object) -> LaterConditions:
        """The conditions of the next head, which says how many they are."""
        line = self._next()
        return self._checked(LaterConditions(line, bounds, span, checks.whole(count, 0, len(line))))

    def reason(self, bounds: Bounds, span: Span) -> LaterReason:
        """The reason of the rule whose conditions came last."""
        return self._checked(LaterReason(self._next(), bounds, span))

    def close(self) -> None:
        """Refuses trees that nobody asked for."""
        if next(self._lines, None) is not None:
            checks.refuse("a tree of no rule")

    def _next(self) -> bytes:
        line = next(self._lines, None)
        return line if line is not None else checks.refuse("a tree is missing")

    def _checked(self, tree: Tree) -> Tree:
        if self._deep:
            tree.read()
        return tree
