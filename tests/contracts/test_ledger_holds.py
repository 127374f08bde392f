"""Holds: what somebody holds is not pruned, by anybody, until somebody lets go of it."""

from __future__ import annotations

import pytest

from assentry.errors import LedgerError
from assentry.ledger import jobs
from assentry.ledger.entry import Item
from assentry.ledger.holds import REQUEST, Hold
from tests.support.ledgers import Ledgers


def grown(ledgers: Ledgers, entries: int = 900):  # type: ignore[no-untyped-def]
    log = ledgers.new()
    log.append([Item.of("noted", {"n": number}) for number in range(entries)])
    return log


def test_a_held_range_is_not_pruned_until_it_is_let_go_of(ledgers: Ledgers) -> None:
    log = grown(ledgers)
    receipt = log.hold(100, 200, "case 17")
    assert log.holds() == [Hold(receipt.index, 100, 200, "case 17")]
    before = log.head()
    with pytest.raises(LedgerError, match="entries 100 to 199 are held"):
        log.prune(600, "three years are over")
    assert log.head() == before
    assert log.entry(150).data == {"n": 149}
    log.unhold(receipt.index, "closed")
    assert log.holds() == []
    log.prune(600, "three years are over")
    assert log.head().pruned == 512


def test_what_is_not_held_is_pruned(ledgers: Ledgers) -> None:
    log = grown(ledgers)
    log.hold(600, 700, "case 17")
    log.prune(600, "three years are over")
    assert log.head().pruned == 512
    with pytest.raises(LedgerError, match="are held"):
        log.prune(900, "more")


def test_what_says_that_something_is_held_stays_as_well(ledgers: Ledgers) -> None:
    log = grown(ledgers, 300)
    log.append([Item.of("noted", {})])
    hold = log.hold(300, 301, "case 17")
    log.append([Item.of("noted", {"n": number}) for number in range(600)])
    log.prune(256, "old")
    with pytest.raises(LedgerError, match="are held"):
        log.prune(512, "older")
    assert log.holds() == [Hold(hold.index, 300, 301, "case 17")]


def test_several_holds_each_stand_by_themselves(ledgers: Ledgers) -> None:
    log = grown(ledgers)
    first, second = log.hold(0, 10, "one"), log.hold(5, 20, "two")
    log.unhold(first.index, "closed")
    with pytest.raises(LedgerError, match="two"):
        log.prune(300, "old")
    with pytest.raises(LedgerError, match="no hold stands"):
        log.unhold(first.index, "again")
    log.unhold(second.index, "closed")
    log.prune(300, "old")


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 5), (7, 5), (0, 10_000)])
def test_only_what_is_there_can_be_held(ledgers: Ledgers, start: int, stop: int) -> None:
    log = grown(ledgers, 10)
    with pytest.raises(LedgerError, match="what is held is there"):
        log.hold(start, stop, "x")


def test_a_hold_that_comes_between_looking_and_pruning_is_seen(
    ledgers: Ledgers, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = grown(ledgers)
    looked = log.holds

    def late() -> list[Hold]:
        found: list[Hold] = looked()
        log.append([Item.of("held", {"below": 9, "from": 0, "reason": "late"}, request=REQUEST)])
        return found

    monkeypatch.setattr(log, "holds", late)
    with pytest.raises(LedgerError, match="at the same time"):
        log.prune(300, "old")
    assert log.head().pruned == 0


def test_what_somebody_else_pruned_meanwhile_is_not_pruned_again(ledgers: Ledgers) -> None:
    log = grown(ledgers)
    late = jobs.prune(0, 512, list(log.entries(0, 512)), "late")
    log.prune(300, "first")
    with pytest.raises(LedgerError, match="somebody else pruned"):
        log._run(late)
    assert log.head().pruned == 256
