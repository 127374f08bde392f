"""What people want to know of a request as of now: who can answer it, what is filled, what is missing.

Nothing is decided here; what is told is what `decide` would go by at this moment.
"""

from __future__ import annotations

from dataclasses import dataclass

from assentry.approvals import exclusion, seating
from assentry.approvals.directory import Directory, Reading
from assentry.approvals.request import Filled, Status, judged
from assentry.approvals.state import State
from assentry.approvals.terms import Who, counts


@dataclass(frozen=True, slots=True)
class View:
    """`answerers` are persons; `missing` has one entry for each empty place; `unfillable` seats lack people."""

    status: Status
    answerers: frozenset[str]
    filled: tuple[Filled, ...]
    missing: tuple[Who, ...]
    unfillable: tuple[Who, ...]


def view(state: State, name: str, directory: Directory | Reading, now: int) -> View:
    """How a request stands. Raises KeyError when there is none, DirectoryUnavailable when the directory fails."""
    request = state.requests[name]
    people = directory if isinstance(directory, Reading) else Reading(directory)
    excluded = exclusion.of_request(people, request, development=state.development)
    votes = seating.standing(people, request, excluded, now)
    filled, missing = seating.fill(people, request, counts(request.terms), votes)
    return View(
        status=judged(request, now),
        answerers=seating.may_answer(people, request) - excluded,
        filled=filled,
        missing=missing,
        unfillable=seating.lacking(people, request, excluded),
    )
