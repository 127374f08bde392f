"""What `folded` entries say is held to the log: a gate that starts believes them, so that an auditor need not."""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from dataclasses import dataclass, field

from assentry.approvals import State
from assentry.approvals.settled import unsettled
from assentry.ledger.entry import Entry

KIND = "folded"
BACK = 1024
"""Events for which it is remembered how all stood; such an entry stands at most a commit behind what it tells of."""


@dataclass
class Folds:
    """Compares what was said not to be settled with what was not."""

    _states: deque[tuple[int, State]] = field(default_factory=lambda: deque(maxlen=BACK))
    _said: set[str] = field(default_factory=set)

    def saw(self, index: int, state: State) -> None:
        """The state behind an event."""
        self._states.append((index, state))

    def wrong(self, entry: Entry, lost: Set[str]) -> bool:
        """Whether this entry ends what is said of a point of the log, and that is not so; `lost` are not followed."""
        match entry.data:
            case {"below": int(below), "facts": list(facts), "part": int(part), "parts": int(parts)}:
                if part == 0:
                    self._said.clear()
                self._said.update(str(fact[1]) for fact in facts if isinstance(fact, list) and fact[:1] == ["request"])
            case _:
                return True
        if part < parts - 1:
            return False
        state = next((state for index, state in reversed(self._states) if index < below), State())
        return not (self._said ^ set(unsettled(state))) <= lost
