"""What is appended: entries as the gate writes them for an action that is allowed, each about half a kilobyte."""

from __future__ import annotations

from collections.abc import Iterator

from assentry.approvals import Chain, Proposal
from assentry.approvals.codec import body
from assentry.approvals.events import Allowed, Committed, Head
from assentry.ledger.entry import NO_ENTRY, Claim, Item

START = 1_795_176_000_000
LATER = START + 10 * 365 * 86_400_000
CHAIN = Chain("bot-1", holder="p-ann")


def allowed(name: str, at: int = START) -> Allowed:
    """The event of an action that needs nobody's yes."""
    return Allowed(
        head=Head(name, at, False),
        proposal=Proposal(f"{name:0>64}", f"s-{name:0>62}", f"e-{name:0>62}"),
        chain=CHAIN,
        owners=("p-eve",),
        excluded=("bot-1", "p-ann", "p-eve"),
        policy="p" * 64,
        nonce=f"{name:0>32}",
        lease_until=LATER,
        attempt=1,
    )


def allow(name: str) -> Item:
    """Its entry: the request must be new, and its effect unclaimed."""
    return Item.of(
        "allowed", body(allowed(name)), request=name, if_last=NO_ENTRY, claims=(Claim("effect", f"{name}:1"),)
    )


def allows(prefix: str, count: int) -> list[Item]:
    return [allow(f"{prefix}-{number}") for number in range(count)]


def notes(start: int, count: int) -> list[Item]:
    """Entries that ask nothing: neither request nor claim."""
    return [Item.of("noted", {"number": number, "digest": f"{number:064x}"}) for number in range(start, start + count)]


def lives(count: int) -> Iterator[Item]:
    """Two entries for each action, as a log holds them: allowed, and committed."""
    for number in range(count):
        name = f"r-{number}"
        yield allow(name)
        yield Item.of("committed", body(Committed(Head(name, START, False), "returned")), request=name)
