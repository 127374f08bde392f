"""What an evaluation comes to: a value, or an error that is a set of causes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from assentry.errors import EvaluationError, Kind


class Cause(NamedTuple):
    """One reason for an error, in the words of a verdict; never a value of the input.

    `kind` says what `where` is: the path of a read that failed, or the text of an expression that has
    no value. Causes sort in the order of their fields.
    """

    kind: Literal["path", "expression"]
    where: str
    expected: str
    found: str

    def to_dict(self) -> dict[str, str]:
        """`{"path" or "expression": ..., "expected": ..., "found": ...}`."""
        return {self.kind: self.where, "expected": self.expected, "found": self.found}


@dataclass(frozen=True, slots=True)
class Failure:
    """An evaluation without a value. `first` is the first error met, for raising it to a caller."""

    causes: frozenset[Cause]
    first: EvaluationError = field(default_factory=lambda: EvaluationError(Kind.INVALID_ARGUMENT), compare=False)

    @property
    def ordered(self) -> tuple[Cause, ...]:
        return tuple(sorted(self.causes))


class Failed(Exception):
    """A failure on its way up; it leaves the exact tier as a `Failure` only."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


def united(failures: Iterable[Failure]) -> Failed:
    """One failure with the causes of all of them; there is at least one."""
    parts = list(failures)
    if len(parts) == 1:
        return Failed(parts[0])
    return Failed(Failure(frozenset().union(*(part.causes for part in parts)), parts[0].first))
