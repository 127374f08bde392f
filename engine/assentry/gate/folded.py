"""Where a gate that starts begins to read: now and then an entry says what was not settled yet at that point.

    folded  {below, part, parts, facts}      of `assentry:folded`, so that the newest is found by index

`facts` are lists whose first word says what they are: `request` of what is not settled, by its id; `recent` of a
newest request; `lost` of one whose history breaks a law; `key` of an entry that announces a key, by its index; `cooling` of a cool-off; `asked` of a requester's
questions. Requests are named, not copied: what they are stands in their own entries.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from assentry.approvals import State
from assentry.approvals.settled import tidied, unsettled
from assentry.approvals.state import Asked
from assentry.approvals.table import Table
from assentry.errors import InputError, LedgerError
from assentry.ledger.entry import MAX_BODY, NO_ENTRY, Entry, Item, Moment, Refused, draft
from assentry.ledger.store import Ledger

REQUEST = "assentry:folded"
KIND = "folded"
EVERY = 10_000
"""Entries between two of these."""

PART = MAX_BODY - 2_000
MAX_PARTS = 32
"""Bytes of facts in one entry, and entries at once: what is more is not written, and a start reads more of the log."""

Fact = list[object]

_LOGGER = logging.getLogger(__name__)


@dataclass
class Folded:
    """What the newest such entries say. `below` is the index of the first entry that they do not cover."""

    below: int = 0
    requests: list[str] = field(default_factory=list)
    recent: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    cooling: Table[str, int] = field(default_factory=Table)
    asked: Table[str, Asked] = field(default_factory=Table)


def facts(state: State, recent: Iterable[str], keys: Iterable[Entry], lost: Iterable[str]) -> Iterator[Fact]:
    """What has to be known of a state to go on from it."""
    state = tidied(state)
    for name in unsettled(state):
        yield ["request", name]
    for name in recent:
        yield ["recent", name]
    for name in sorted(lost):
        yield ["lost", name]
    yield from (["key", entry.index] for entry in keys)
    yield from (["cooling", sameness, until] for sameness, until in sorted(state.cooling.items()))
    yield from (["asked", name, each.total, *each.recent] for name, each in sorted(state.asked.items(), key=_first))


def _first(pair: tuple[str, object]) -> str:
    return pair[0]


def parts(found: Iterable[Fact]) -> list[list[Fact]]:
    """The facts in portions of which each fits an entry. Raises InputError when they are too many."""
    made: list[list[Fact]] = [[]]
    room = PART
    for fact in found:
        size = len(json.dumps(fact, ensure_ascii=False).encode()) + 1
        if size > room:
            made.append([])
            room = PART
        made[-1].append(fact)
        room -= size
        if room < 0 or len(made) > MAX_PARTS:
            raise InputError("what is not settled is too much to be said at once")
    return made


def items(mirrored: Callable[[int], list[Fact]], size: int, unless: Callable[[], bool]) -> list[Item]:
    """The entries that say what `mirrored` says as of a size; `unless` says that somebody else did so meanwhile.

    Raises InputError when it is too much, LedgerError.
    """
    count = len(parts(mirrored(size))) + 1
    said: list[list[Fact]] = []

    def build(part: int, moment: Moment) -> bytes:
        if part == 0:
            said[:] = parts(mirrored(moment.size))
        if unless() or len(said) > count:
            raise Refused("again")
        mine = said[part] if part < len(said) else []
        data: dict[str, object] = {"below": moment.size, "facts": mine, "part": part, "parts": count}
        return draft(KIND, data, REQUEST)(moment)

    return [Item(partial(build, part), REQUEST) for part in range(count)]


def newest(ledger: Ledger) -> Folded:
    """What the newest of these entries say; nothing where there are none, or none that can be read.

    A start reads the whole log then. Raises LedgerError.
    """
    last = ledger.last(REQUEST)
    if last == NO_ENTRY:
        return Folded()
    try:
        return _told(ledger, last)
    except (LookupError, TypeError, ValueError, LedgerError) as error:
        _LOGGER.warning("what entry %d says of what is not settled is of no use: %s", last, type(error).__name__)
        return Folded()


def _told(ledger: Ledger, last: int) -> Folded:
    """What is said up to an entry. Raises LookupError, TypeError or ValueError for what is not, LedgerError."""
    data = ledger.entry(last).data
    count, below = data["parts"], data["below"]
    if not (isinstance(count, int) and isinstance(below, int) and 0 < count <= MAX_PARTS + 1 and 0 < below < last + 1):
        raise ValueError("not how many, or not of what")
    found = Folded(below)
    for part, entry in enumerate(ledger.entries(last - count + 1, last + 1)):
        if (entry.type, entry.data["part"], entry.data["below"]) != (KIND, part, below):
            raise ValueError("not one after the other")
        _read(found, entry.data["facts"])
    return found


def _read(found: Folded, listed: object) -> None:
    for fact in listed if isinstance(listed, list) else ():
        match fact:
            case ["request", str(name)]:
                found.requests.append(name)
            case ["recent", str(name)]:
                found.recent.append(name)
            case ["lost", str(name)]:
                found.lost.append(name)
            case ["key", int(index)] if 0 <= index < found.below:
                found.keys.append(index)
            case ["cooling", str(sameness), int(until)]:
                found.cooling = found.cooling.with_entry(sameness, until)
            case ["asked", str(name), int(total), *times]:
                found.asked = found.asked.with_entry(name, Asked(total, tuple(int(str(at)) for at in times)))


def begun(found: Folded, state: State) -> State:
    """A state of recalled requests, with what reaches from one request to another."""
    return state._replace(cooling=found.cooling, asked=found.asked)
