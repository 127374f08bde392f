"""What every event is: something that happened to one request, what must hold for it, and what it changes.

An event is checked against the history before it as far as the log alone can tell: the directory of that day is
not in the log, so who belonged to which group is taken from the event, and everything else is checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NoReturn

from assentry.approvals.request import Proof, Request, Status
from assentry.approvals.state import State
from assentry.errors import IllegalEvent

ALIVE: frozenset[Status] = frozenset({"pending", "approved"})
ANY: frozenset[Status] = frozenset(
    {
        *("pending", "approved", "denied", "expired", "cancelled", "superseded"),
        *("consumed", "committed", "failed", "unknown", "revoked", "lapsed"),
    }
)


@dataclass(frozen=True, slots=True)
class Head:
    """Which request, when by the ledger's time, and whether exclusion was switched off for development."""

    request: str
    at: int
    development: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `kind` is its type in the log; `after` the status, by the clock, in which it may happen."""

    head: Head

    kind: ClassVar[str]
    after: ClassVar[frozenset[Status]] = ALIVE

    def check(self, request: Request, state: State) -> None:
        """Raises IllegalEvent when the laws do not let this happen to that request."""

    def applied(self, request: Request) -> Request:
        """The request afterwards."""
        return request


@dataclass(frozen=True, slots=True)
class Birth(Event):
    """An event that makes a request; its `after` is not looked at."""

    def check_birth(self, state: State) -> None:
        """Raises IllegalEvent when the laws do not let this request be."""

    def born(self, state: State) -> Request:
        """The request."""
        raise AssertionError(f"{self.kind} bears no request")


def illegal(code: str, message: str) -> NoReturn:
    """This cannot have happened."""
    raise IllegalEvent(code, message)


def vouched(proof: Proof, what: str) -> None:
    """Raises IllegalEvent when no transport proved who it was, and nobody signed."""
    if not proof.vouches:
        illegal("proof", f"nothing vouches for {what}")


def stranger(request: Request, names: Iterable[str | None], what: str) -> None:
    """Raises IllegalEvent when one of these accounts or persons is excluded from the request."""
    for name in names:
        if name in request.excluded:
            illegal("excluded", f"{what} of request `{request.id}` is excluded from it")
