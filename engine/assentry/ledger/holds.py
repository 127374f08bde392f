"""Holds: ranges of entries that are not pruned until a person lets go of them (a dispute, an audit).

    held    {from, below, reason}
    unheld  {hold, reason}         `hold` is the index of the entry that holds

They stand in the log as the entries of one request, so whoever prunes reads them without reading the log, and knows
under the ledger's lock whether there came another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assentry.errors import LedgerDamaged, LedgerError
from assentry.ledger.entry import Entry

REQUEST = "assentry:holds"


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold: the index of the entry that says so, and the entries `[start, stop)` that stay."""

    index: int
    start: int
    stop: int
    reason: str


def active(entries: Iterable[Entry]) -> list[Hold]:
    """The holds that nobody let go of, in order; `entries` are those of `REQUEST`.

    Raises LedgerDamaged where one cannot be read.
    """
    found: dict[int, Hold] = {}
    for entry in entries:
        data = entry.data
        try:
            if entry.type == "held":
                start, stop = int(str(data["from"])), int(str(data["below"]))
                found[entry.index] = Hold(entry.index, start, stop, str(data["reason"]))
            elif entry.type == "unheld":
                found.pop(int(str(data["hold"])), None)
        except (KeyError, ValueError) as error:
            raise LedgerDamaged(f"entry {entry.index} does not say what is held: verify the log") from error
    return list(found.values())


def refuse(holds: Iterable[Hold], start: int, stop: int) -> None:
    """Raises LedgerError where one of `[start, stop)`, or what says that it is held, is held."""
    for hold in holds:
        if (hold.start < stop and start < hold.stop) or start <= hold.index < stop:
            raise LedgerError(
                f"entries {hold.start:,} to {hold.stop - 1:,} are held, as entry {hold.index} says: {hold.reason}"
            )
