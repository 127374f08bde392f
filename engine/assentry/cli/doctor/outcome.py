"""What came of trying one guarantee."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NoReturn

Status = Literal["passed", "failed", "not applicable"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`why` says what was seen, or why it could not be tried; it may be empty where it passed."""

    id: str
    title: str
    status: Status
    why: str = ""

    def to_dict(self) -> dict[str, str]:
        return {"id": self.id, "title": self.title, "status": self.status, "why": self.why}


class Failed(Exception):
    """A guarantee does not hold."""


class NotApplicable(Exception):
    """This project has nothing on which a guarantee could be tried."""


def fail(why: str) -> NoReturn:
    raise Failed(why)


def skip(why: str) -> NoReturn:
    raise NotApplicable(why)


def hold(condition: bool, why: str) -> None:
    """Raises Failed unless a condition holds; `why` says what was seen instead."""
    if not condition:
        fail(why)
