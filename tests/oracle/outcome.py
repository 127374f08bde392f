"""What an evaluation comes to: a value, or an error that is a set of causes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from assentry.errors import EvaluationError, Misfit
from assentry.source import Source, Span

T = TypeVar("T")


class Cause(NamedTuple):
    """One reason for an error: `kind` is `path` or `expression`, `where` the path or the expression's text."""

    kind: str
    where: str
    expected: str
    found: str

    def to_dict(self) -> dict[str, str]:
        return {self.kind: self.where, "expected": self.expected, "found": self.found}


class Failed(Exception):
    """An expression in error, with all its unabsorbed causes."""

    def __init__(self, causes: Iterable[Cause]) -> None:
        self.causes = frozenset(causes)
        super().__init__(str(sorted(self.causes)))


def misread(path: str, expected: str, found: str) -> Failed:
    return Failed([Cause("path", path, expected, found)])


def misworked(source: Source, span: Span, expected: str, found: str) -> Failed:
    return Failed([Cause("expression", source.excerpt(span), expected, found)])


def united(thunks: Iterable[Callable[[], T]]) -> list[T]:
    """All the values; when some fail, one failure with the causes of all of them."""
    values: list[T] = []
    causes: set[Cause] = set()
    for thunk in thunks:
        try:
            values.append(thunk())
        except Failed as failure:
            causes |= failure.causes
    if causes:
        raise Failed(causes)
    return values


def applied(source: Source, span: Span, leaf: Callable[[], T]) -> T:
    """What a leaf function gives; an error of its own becomes a cause at `span`."""
    try:
        return leaf()
    except Misfit as misfit:
        raise misread(misfit.path, misfit.expected, misfit.found) from None
    except EvaluationError as error:
        raise misworked(source, span, "a value", str(error.kind)) from None
