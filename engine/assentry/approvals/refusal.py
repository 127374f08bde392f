"""A no: a stable code, and one sentence of fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NoReturn

Code = Literal[
    "clock",  # the time given is before the newest event
    "directory",  # the directory failed
    "request",  # there is no such request
    "taken",  # an id that was used before
    "status",  # the request is not in a status for this
    "judgement",  # a decision of another action or another time
    "denied",  # by policy
    "owner",  # an agent without a known owner
    "terms",  # an approval that asks for nobody, or for too many
    "cool_off",
    "unfillable",
    "budget",  # too many questions of one requester
    "back_pressure",  # too many questions to those who would answer
    "effect",  # another request holds the effect
    "attempts",  # the effect was attempted too often
    "preconditions",
    "used",  # another executor used the grant
    "stale_card",
    "person",  # no person stands behind the account
    "excluded",
    "deputy",  # no delegation for this, now
    "seat",  # no seat of this request is open to the person
    "proof",  # a vote that nothing vouches for
    "changes",
    "glass",
    "review",
    "waiter",
    "permit",
    "reason",
    "word",  # an answer, an outcome or an end that there is none of
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing happened. `retry_at` is when the same may be tried again, where that is known."""

    code: Code
    message: str
    retry_at: int | None = None


class Refused(Exception):
    """Carries a refusal from where it is found to `decide`, and no further."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.message)


def refuse(code: Code, message: str, retry_at: int | None = None) -> NoReturn:
    """Say no."""
    raise Refused(Refusal(code, message, retry_at))
