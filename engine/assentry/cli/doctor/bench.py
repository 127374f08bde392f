"""Where guarantees are tried: scratch ledgers, and the project's own actions to try them with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from assentry.approvals.terms import counts
from assentry.cli.doctor.outcome import fail, skip
from assentry.cli.doctor.project import Candidate, Project
from assentry.cli.doctor.scratch import Scratch
from assentry.errors import Denied, GateError, GrantError, LedgerError, Rejected
from assentry.gate import Permit

_NUMBERS = count()


class Bench:
    """One examination of one project; scratch ledgers are files in `folder`."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self._folder = folder
        self._runnable: Candidate | None = None
        self._fillable: dict[int, Candidate | None] = {}

    @contextmanager
    def scratch(self, **options: Any) -> Iterator[Scratch]:
        """A new scratch ledger with a gate."""
        made = Scratch(self.project, self._folder / f"scratch-{next(_NUMBERS)}.db", **options)
        try:
            yield made
        finally:
            made.close()

    def allowed(self) -> Candidate:
        """An action that the policy allows, and a gate runs. Raises NotApplicable."""
        if self._runnable is None:
            asked = (each for each in self.project.candidates if each.decision == "allow")
            self._runnable = next((each for each in asked if self._comes_to(each, Permit)), None)
        return self._runnable or skip("no action in the tests or examples is allowed")

    def waiting(self, people: int = 1) -> Candidate:
        """An action that at least so many people have to agree to, and can. Raises NotApplicable."""
        if people not in self._fillable:
            asked = [each for each in self.project.candidates if sum(counts(each.terms).values()) >= people]
            found = next((each for each in asked if self._comes_to(each, str)), None)
            self._fillable[people] = found
            if asked and found is None:
                skip("there are not enough people in the directory for anything that has to be approved")
        many = "" if people == 1 else f" by {people} people"
        return self._fillable[people] or skip(
            f"no action in the tests or examples has to be approved{many}, and can be"
        )

    def _comes_to(self, candidate: Candidate, kind: type) -> bool:
        """Whether a gate gives a permit, or the id of a request, for a candidate."""
        with self.scratch() as scratch:
            try:
                return isinstance(scratch.submit(candidate), kind)
            except Denied:
                return False


def expect(codes: str, call: Callable[[], object], what: str) -> None:
    """Raises Failed unless a call is refused with one of these codes (blank-separated; `*` for any)."""
    try:
        call()
    except (Denied, Rejected) as refused:
        if codes != "*" and refused.code not in codes.split():
            fail(f"{what} was refused as `{refused.code}`: {refused}")
    except (GateError, GrantError, LedgerError) as refused:
        if codes != "*" and "error" not in codes.split():
            fail(f"{what} was refused: {refused}")
    else:
        fail(f"{what} was not refused")
