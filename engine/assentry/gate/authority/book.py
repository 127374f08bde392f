"""The book of mandates: a fold of the log. Who holds what from whom, what was taken back, what is spent or held.

mandated   {id, giver, holder, parent, proof}      sealed: {terms, names}
withdrawn  {mandate, by}                           and with it all that was passed on from it
reserved   {nonce, request, mandates, spent}       held from before a use until it is known to have failed
released   {nonce}                                 nothing was used: the action was denied, or waits
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assentry.errors import GateError, SealedError
from assentry.gate.authority.mandate import MAX_DEPTH, Terms
from assentry.gate.canonical import parse
from assentry.ledger.entry import Entry
from assentry.ledger.store import Ledger

KINDS = frozenset({"mandated", "withdrawn", "reserved", "released"})
"""The types of the entries that this book alone consists of."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """One mandate as given; ids of people and agents are opaque. `parent` is the one that it was passed on from."""

    id: str
    giver: str
    holder: str
    parent: str | None
    terms: Terms
    index: int


Spent = Mapping[str, Mapping[str, int]]
"""Amounts by mandate and path."""


@dataclass(slots=True)
class Held:
    """What one use holds, since when, for which request where that was known before it, and whether it runs."""

    spent: Spent
    at: int
    request: str | None
    runs: bool = False


@dataclass
class _Fold:
    """`reservations` are those whose use has not ended, by nonce; `running` their nonces by request."""

    mandates: dict[str, Mandate] = field(default_factory=dict)
    by_holder: dict[str, list[str]] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    reservations: dict[str, Held] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    used: dict[tuple[str, str], int] = field(default_factory=dict)


class Book:
    """The mandates of one log. Safe for threads; every question is answered as of what was last caught up."""

    def __init__(self, ledger: Ledger, learn: Callable[[str], str]) -> None:
        """`learn` is told each name behind an opaque id, and gives the id."""
        self._ledger = ledger
        self._learn = learn
        self._mutex = threading.RLock()
        self._size = 0
        self._fold = _Fold()

    def catch_up(self, size: int | None = None) -> None:
        """Read what is committed below `size`, by default all there is. Raises LedgerError."""
        with self._mutex:
            if size is None or size > self._size:
                for entry in self._ledger.entries(self._size, size):
                    self._size = entry.index + 1
                    reader = _READERS.get(entry.type)
                    if reader is not None:
                        reader(self, entry)

    # ---- questions ----

    def find(self, mandate: str) -> Mandate | None:
        return self._fold.mandates.get(mandate)

    def held_by(self, holder: str) -> list[Mandate]:
        """The mandates of a holder that were not taken back, the oldest first."""
        with self._mutex:
            names = self._fold.by_holder.get(holder, ())
            return [self._fold.mandates[name] for name in names if not self.is_withdrawn(name)]

    def chain(self, mandate: str) -> tuple[Mandate, ...]:
        """A mandate, the one that it was passed on from, and so on up to a person's."""
        found: list[Mandate] = []
        at: str | None = mandate
        while at is not None and len(found) <= MAX_DEPTH + 1:
            each = self._fold.mandates[at]
            found.append(each)
            at = each.parent
        return tuple(found)

    def is_withdrawn(self, mandate: str) -> bool:
        """Whether it, or what it was passed on from, was taken back."""
        return any(each.id in self._fold.withdrawn for each in self.chain(mandate))

    def used(self, mandate: str, path: str) -> int:
        """What is spent or held of a budget."""
        return self._fold.used.get((mandate, path), 0)

    def uses(self, mandate: str) -> int:
        """How many reservations there ever were: the number of the next one."""
        return self._fold.counts.get(mandate, 0)

    def held(self, nonce: str) -> Held | None:
        """What the execution with this nonce holds; None when there is none, or it ended."""
        return self._fold.reservations.get(nonce)

    def abandoned(self, mandate: str, before: int) -> list[str]:
        """The reservations of a mandate from before a time whose use never began: their process died in between."""
        with self._mutex:
            found = self._fold.reservations.items()
            return [nonce for nonce, held in found if mandate in held.spent and held.at < before and not held.runs]

    # ---- folding ----

    def _mandated(self, entry: Entry) -> None:
        data: Mapping[str, Any] = entry.data
        try:
            document = parse(self._ledger.unseal(entry.index))
            terms = Terms.from_data(document["terms"])
        except (SealedError, GateError, KeyError, TypeError):
            return  # erased, or not a mandate: nobody holds it
        for name in document.get("names", ()):
            self._learn(name)
        made = Mandate(data["id"], data["giver"], data["holder"], data["parent"], terms, entry.index)
        known = self._fold.mandates
        if made.id not in known and (made.parent is None or made.parent in known):
            known[made.id] = made
            self._fold.by_holder.setdefault(made.holder, []).append(made.id)

    def _withdrawn(self, entry: Entry) -> None:
        self._fold.withdrawn.add(str(entry.data["mandate"]))

    def _reserved(self, entry: Entry) -> None:
        data: Mapping[str, Any] = entry.data
        for mandate in data["mandates"]:
            self._fold.counts[mandate] = self._fold.counts.get(mandate, 0) + 1
        # Who uses a nonce twice frees no more than the first use held.
        self._fold.reservations.setdefault(data["nonce"], Held(data["spent"], entry.time, data["request"]))
        self._spend(data["spent"], 1)

    def _released(self, entry: Entry) -> None:
        nonce = str(entry.data["nonce"])
        held = self._fold.reservations.get(nonce)
        if held is not None and not held.runs:
            self._free(nonce)

    def _started(self, entry: Entry) -> None:
        nonce = str(entry.data.get("nonce"))
        if entry.request is not None and nonce in self._fold.reservations:
            self._fold.running[entry.request] = nonce
            self._fold.reservations[nonce].runs = True

    def _ended(self, entry: Entry) -> None:
        """What was done is spent for good; what failed is free."""
        nonce = self._fold.running.pop(entry.request or "", "")
        if entry.type == "failed" or entry.data.get("outcome") == "failed":
            self._free(nonce)
        else:
            self._fold.reservations.pop(nonce, None)

    def _free(self, nonce: str) -> None:
        held = self._fold.reservations.pop(nonce, None)
        if held is not None:
            self._spend(held.spent, -1)

    def _spend(self, spent: Spent, sign: int) -> None:
        for mandate, amounts in spent.items():
            for path, amount in amounts.items():
                key = (mandate, path)
                self._fold.used[key] = self._fold.used.get(key, 0) + sign * amount


_READERS: Mapping[str, Callable[[Book, Entry], None]] = {
    "mandated": Book._mandated,
    "withdrawn": Book._withdrawn,
    "reserved": Book._reserved,
    "released": Book._released,
    "allowed": Book._started,
    "consumed": Book._started,
    "committed": Book._ended,
    "failed": Book._ended,
    "resolved": Book._ended,
}
