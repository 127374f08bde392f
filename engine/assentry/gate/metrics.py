"""What a gate did, in numbers, for those who operate it: no ids, no names, nothing of any action.

Counters begin at zero with each process and count what this gate did; that of a log, from all gates, is the log itself.
Every label is a word of this program: what is none is counted as `other`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import get_args

from assentry.approvals import State
from assentry.approvals.refusal import Code
from assentry.approvals.settled import UNSETTLED
from assentry.gate.recall import KINDS

DECISIONS = ("allow", "deny", "require_approval")
CODES = frozenset(get_args(Code)) | {
    *("canonical", "card", "closed", "erased", "expired", "lapsed", "ledger", "mandate", "policy"),
    *("revoked", "cancelled", "subject", "superseded", "tool"),
}
"""Why something is denied or rejected."""

OTHER = "other"


@dataclass(frozen=True)
class Metrics:
    """Numbers by word. `decisions` of the policy on what was attempted; `denials` of attempts and uses by code, with
    those by policy; `rejections` of people's answers by code; `events` by type, as this gate wrote them to the log.

    As of what the gate read last, from all gates: `requests` that are not settled by status, `reviews_owed`, and
    `entries`, the size of the log.
    """

    decisions: Mapping[str, int]
    denials: Mapping[str, int]
    rejections: Mapping[str, int]
    events: Mapping[str, int]
    requests: Mapping[str, int]
    reviews_owed: int
    entries: int

    @property
    def text(self) -> str:
        """The text that Prometheus reads (exposition format 0.0.4)."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield from _series("decisions_total", "counter", "What the policy said.", "decision", self.decisions)
        yield from _series("denials_total", "counter", "Attempts and uses that were denied.", "code", self.denials)
        yield from _series("rejections_total", "counter", "Answers that did not count.", "code", self.rejections)
        yield from _series("events_total", "counter", "Events written to the log.", "type", self.events)
        yield from _series("requests", "gauge", "Requests that are not settled.", "status", self.requests)
        yield from _series("reviews_owed", "gauge", "Broken glasses that nobody reviewed.", "", {"": self.reviews_owed})
        yield from _series("log_entries", "gauge", "Entries of the log.", "", {"": self.entries})


def _series(name: str, kind: str, said: str, label: str, numbers: Mapping[str, int]) -> Iterator[str]:
    yield f"# HELP assentry_{name} {said}"
    yield f"# TYPE assentry_{name} {kind}"
    for word, number in sorted(numbers.items()):
        labels = f'{{{label}="{word}"}}' if label else ""
        yield f"assentry_{name}{labels} {number}"


class Meter:
    """Counts. Safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[str, str]] = Counter()

    def decided(self, decision: str) -> None:
        self._count("decision", decision)

    def denied(self, code: str) -> None:
        self._count("denial", code if code in CODES else OTHER)

    def rejected(self, code: str) -> None:
        self._count("rejection", code if code in CODES else OTHER)

    def wrote(self, event: str) -> None:
        self._count("event", event)

    def _count(self, what: str, word: str) -> None:
        with self._lock:
            self._counts[what, word] += 1

    def snapshot(self, state: State, entries: int) -> Metrics:
        """The numbers as of now, with those of a state and the size of its log."""
        with self._lock:
            counts = dict(self._counts)

        def of(what: str, *words: str) -> dict[str, int]:
            return dict.fromkeys(words, 0) | {word: number for (each, word), number in counts.items() if each == what}

        statuses: Counter[str] = Counter(request.status for _, request in state.requests.items())
        return Metrics(
            decisions=of("decision", *DECISIONS),
            denials=of("denial"),
            rejections=of("rejection"),
            events=of("event", *KINDS),
            requests={status: statuses[status] for status in UNSETTLED},
            reviews_owed=len(state.owing),
            entries=entries,
        )
