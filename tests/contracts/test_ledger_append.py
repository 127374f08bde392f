"""What every ledger keeps of the promise about appending."""

from __future__ import annotations

import threading

import pytest

from assentry.errors import InputError, LedgerError, LedgerUnavailable
from assentry.ledger.entry import NO_ENTRY, Claim, Conflict, Item, Moment, Receipt, Refused, draft
from assentry.ledger.merkle import leaf_hash
from tests.support.ledgers import Ledgers, appended, item, refused


def test_entry_0_says_how_the_log_was_opened(ledgers: Ledgers) -> None:
    log = ledgers.new()
    first = log.entry(0)
    assert (first.type, first.request, first.data["development"]) == ("opened", None, not ledgers.durable)
    assert first.data["origin"] == log.head().origin
    assert log.development is (not ledgers.durable)


def test_indices_are_dense_and_bodies_are_kept(ledgers: Ledgers) -> None:
    log = ledgers.new()
    receipts = appended(log.append([item(n) for n in range(5)])) + appended(log.append([item(5)]))
    assert [receipt.index for receipt in receipts] == [1, 2, 3, 4, 5, 6]
    entries = list(log.entries())
    assert [entry.index for entry in entries] == list(range(7))
    assert [entry.data.get("number") for entry in entries[1:]] == [0, 1, 2, 3, 4, 5]
    assert [leaf_hash(entry.body) for entry in entries[1:]] == [receipt.leaf for receipt in receipts]
    assert [entry.time for entry in entries[1:]] == [receipt.time for receipt in receipts]
    assert log.head().size == 7
    assert [entry.index for entry in log.entries(2, 4)] == [2, 3]


def test_an_index_that_is_not_there(ledgers: Ledgers) -> None:
    log = ledgers.new()
    for index in (-1, 1, 10**12):
        with pytest.raises(IndexError, match="there is no entry"):
            log.entry(index)


def test_nothing_is_nothing(ledgers: Ledgers) -> None:
    log = ledgers.new()
    assert log.append([]) == []
    assert log.head().size == 1


def test_if_last_is_the_newest_entry_of_the_request(ledgers: Ledgers) -> None:
    log = ledgers.new()
    (first,) = appended(log.append([item(1, "r-1", NO_ENTRY)]))
    assert refused(log.append([item(2, "r-1", NO_ENTRY)])) == Conflict("if_last", first.index)
    assert refused(log.append([item(2, "r-2", first.index)])) == Conflict("if_last", None)
    (second,) = appended(log.append([item(2, "r-1", first.index)]))
    assert refused(log.append([item(3, "r-1", first.index)])) == Conflict("if_last", second.index)
    assert [entry.index for entry in log.request_entries("r-1")] == [first.index, second.index]
    assert (log.last("r-1"), log.last("r-9")) == (second.index, NO_ENTRY)


def test_a_loser_leaves_no_trace_and_harms_no_neighbour(ledgers: Ledgers) -> None:
    log = ledgers.new()
    results = log.append([item(1, "r", NO_ENTRY), item(2, "r", NO_ENTRY), item(3, "r", 1), item(4)])
    assert [type(result) for result in results] == [Receipt, Conflict, Receipt, Receipt]
    assert [entry.data.get("number") for entry in log.entries(1)] == [1, 3, 4]
    assert log.head().size == 4


def test_a_claim_is_had_once_and_for_ever(ledgers: Ledgers) -> None:
    log = ledgers.new()
    grant = Claim("consume", "g-1")
    consume = Item.of("consumed", {}, request="r", claims=(grant,))
    assert log.claimed(grant) is None
    (won,) = appended(log.append([consume]))
    assert refused(log.append([consume])) == Conflict("claim", won.index, "consume:g-1")
    assert log.claimed(grant) == won.index
    assert log.entry(won.index).content["claims"] == ["consume:g-1"]
    twice = log.append([replace_claims(consume, "g-2"), replace_claims(consume, "g-2"), replace_claims(consume, "g-3")])
    assert [type(result) for result in twice] == [Receipt, Conflict, Receipt]


def replace_claims(consume: Item, key: str) -> Item:
    return Item.of("consumed", {}, request=consume.request, claims=(Claim("consume", key), Claim("effect", key)))


def test_together_is_all_or_none(ledgers: Ledgers) -> None:
    log = ledgers.new()
    appended(log.append([Item.of("consumed", {}, claims=(Claim("c", "1"),))]))
    group = [
        item(1, "r-1", NO_ENTRY),
        Item.of("consumed", {}, claims=(Claim("c", "2"),)),
        Item.of("consumed", {}, claims=(Claim("c", "1"),)),
        item(2, "r-1", 2),
    ]
    results = log.append(group, together=True)
    assert [result.reason for result in results if isinstance(result, Conflict)] == [
        "together",
        "together",
        "claim",
        "together",
    ]
    assert log.head().size == 2
    # What the group had reserved is free again.
    appended(log.append([group[0], group[1]], together=True))
    assert log.claimed(Claim("c", "2")) == 3


def test_an_idempotency_key_returns_the_first_receipt(ledgers: Ledgers) -> None:
    log = ledgers.new()
    once = item(1)._replace(idempotency=("key-1", b"payload"))
    (first,) = appended(log.append([once]))
    assert appended(log.append([once])) == [first._replace(replayed=True)]
    other = item(2)._replace(idempotency=("key-1", b"another"))
    assert refused(log.append([other])).reason == "idempotency"
    fresh = item(3)._replace(idempotency=("key-2", b"payload"))
    both = appended(log.append([fresh, fresh]))
    assert both[1] == both[0]._replace(replayed=True)
    assert log.head().size == 3


def test_an_idempotency_key_outlives_its_conditions(ledgers: Ledgers) -> None:
    # The retry of a call that succeeded must not be told that its own entry stands in its way.
    log = ledgers.new()
    once = Item.of("consumed", {}, request="r", if_last=NO_ENTRY, claims=(Claim("c", "1"),))._replace(
        idempotency=("k", b"p")
    )
    (first,) = appended(log.append([once]))
    assert appended(log.append([once])) == [first._replace(replayed=True)]


def test_a_builder_sees_its_moment(ledgers: Ledgers) -> None:
    log = ledgers.new()
    seen: list[Moment] = []

    def build(moment: Moment) -> bytes:
        seen.append(moment)
        return draft("noted", {"index": moment.index})(moment)

    first, second = appended(log.append([Item(build), Item(build)]))
    assert [moment.index for moment in seen] == [first.index, second.index] == [1, 2]
    assert {(moment.tenant, moment.time) for moment in seen} == {(log.tenant, first.time)}
    assert log.entry(2).data == {"index": 2}


def test_a_builder_may_refuse(ledgers: Ledgers) -> None:
    log = ledgers.new()

    def refuse(moment: Moment) -> bytes:
        raise Refused("expired")

    results = log.append([Item(refuse, request="r", claims=(Claim("c", "1"),)), item(1)])
    assert results[0] == Conflict("refused", None, "expired")
    assert isinstance(results[1], Receipt)
    assert (log.claimed(Claim("c", "1")), log.head().size) == (None, 2)


def test_what_a_builder_raises_reaches_its_caller_only(ledgers: Ledgers) -> None:
    log = ledgers.new()

    def fail(moment: Moment) -> bytes:
        raise KeyError("a mistake of the caller")

    with pytest.raises(KeyError, match="a mistake"):
        log.append([item(1, "r", NO_ENTRY), Item(fail)])
    assert log.head().size == 1
    appended(log.append([item(1, "r", NO_ENTRY)]))


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"at":"2026-11-20T12:00:00.000Z","data":{},"request":null,"tenant":"else","type":"noted","v":1}',
        b'{"at":"2026-11-20T12:00:00.000Z","data":{},"request":"r","tenant":"acme","type":"noted","v":1}',
        b'{"data":{},"at":"2026-11-20T12:00:00.000Z","request":null,"tenant":"acme","type":"noted","v":1}',
    ],
)
def test_a_body_that_does_not_say_what_its_item_says(ledgers: Ledgers, body: bytes) -> None:
    log = ledgers.new()
    with pytest.raises(LedgerError, match="a body has to"):
        log.append([Item(lambda moment: body.replace(b"2026-11-20T12:00:00.000Z", moment.at.encode()))])
    with pytest.raises(LedgerError, match="list exactly the claims"):
        log.append([Item(draft("noted", {}), claims=(Claim("c", "1"),))])
    assert log.head().size == 1


def test_a_body_that_is_too_large(ledgers: Ledgers) -> None:
    log = ledgers.new()
    with pytest.raises(LedgerError, match="seal what is large"):
        log.append([Item.of("noted", {"text": "x" * 70_000})])
    (receipt,) = appended(log.append([Item.of("noted", {"text": "x" * 65_000})]))
    assert len(log.entry(receipt.index).body) > 65_000


def test_a_finished_body_keeps_its_time_within_the_order(ledgers: Ledgers) -> None:
    log = ledgers.new()
    moment = log.now()._replace(index=99)
    (receipt,) = appended(log.append([Item(draft("noted", {})(moment))]))
    assert receipt.time == log.entry(1).time == moment.time
    early = moment._replace(time=moment.time - 10_000)
    late = moment._replace(time=moment.time + 3_600_000)
    for wrong in (early, late):
        assert refused(log.append([Item(draft("noted", {})(wrong))])).reason == "time"


def test_the_policy_in_force(ledgers: Ledgers) -> None:
    log = ledgers.new()
    assert (log.head().policy, log.now().policy) == (None, None)
    appended(log.append([Item.of("policy", {"digest": "sha256:a"})._replace(policy="sha256:a")]))
    assert log.head().policy == log.now().policy == "sha256:a"
    appended(log.append([item(1)._replace(if_policy="sha256:a")]))
    assert refused(log.append([item(1)._replace(if_policy="sha256:b")])) == Conflict("policy", None, "sha256:a")
    # A group that fails does not change it either.
    change = Item.of("policy", {"digest": "sha256:b"})._replace(policy="sha256:b")
    results = log.append([change, item(1)._replace(if_policy="sha256:a")], together=True)
    assert [result.reason for result in results if isinstance(result, Conflict)] == ["together", "policy"]
    assert log.head().policy == "sha256:a"


def test_many_threads_append_in_one_order(ledgers: Ledgers) -> None:
    log = ledgers.new()
    taken: list[tuple[int, int]] = []
    lock = threading.Lock()

    def work(thread: int) -> None:
        for turn in range(25):
            (receipt,) = appended(log.append([item(thread * 1000 + turn)]))
            with lock:
                taken.append((receipt.index, thread * 1000 + turn))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(index for index, _ in taken) == list(range(1, 301))
    numbers = {entry.index: entry.data["number"] for entry in log.entries(1)}
    assert all(numbers[index] == number for index, number in taken)
    # Each thread's own entries stand in the order in which it appended them.
    for name in range(12):
        own = [number for _, number in sorted(taken) if number // 1000 == name]
        assert own == sorted(own)


def test_threads_race_for_one_claim(ledgers: Ledgers) -> None:
    log = ledgers.new()
    results: list[Receipt | Conflict] = []

    def work() -> None:
        results.extend(log.append([Item.of("consumed", {}, claims=(Claim("consume", "g"),))]))

    threads = [threading.Thread(target=work) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [result for result in results if isinstance(result, Receipt)]
    losers = [result for result in results if isinstance(result, Conflict)]
    assert {loser.index for loser in losers} == {winner.index}
    assert (len(losers), log.head().size) == (23, 2)


def test_deferred_entries_ride_with_the_next_commit_and_before_it(ledgers: Ledgers) -> None:
    log = ledgers.new()
    log.defer([item(1)])
    (receipt,) = appended(log.append([item(2)]))
    assert receipt.index == 2
    assert log.entry(1).data == {"number": 1}


def test_deferred_entries_come_by_themselves(ledgers: Ledgers) -> None:
    log = ledgers.new()
    log.defer([item(1)])
    assert log.wait(1, timeout=10) == 2
    log.defer([item(2)])
    log.close()
    with pytest.raises(LedgerUnavailable, match="closed"):
        log.append([item(3)])
    with pytest.raises(LedgerUnavailable, match="closed"):
        log.defer([item(3)])


def test_waiting_for_the_log_to_grow(ledgers: Ledgers) -> None:
    log = ledgers.new()
    assert log.wait(0, timeout=0) == 1
    assert log.wait(1, timeout=0.05) == 1
    later = threading.Timer(0.05, lambda: log.append([item(1)]))
    later.start()
    assert log.wait(1, timeout=10) == 2
    later.join()


ODD_NAMES = (
    "a'b",
    'a"b',
    "a\\b",
    "{a,b}",
    "a,b",
    "%s %(x)s %",
    "; DROP TABLE entry; --",
    "NULL",
    "",
    " a ",
    "ä\U0001f600",
    "$1",
    "a\nb",
)


def test_names_are_names_whatever_they_spell(ledgers: Ledgers) -> None:
    log = ledgers.new()
    items = [
        Item.of("noted", {"n": number}, request=name, if_last=NO_ENTRY, claims=(Claim("c", name),))._replace(
            idempotency=(f"k{name}", b"p"),
        )
        for number, name in enumerate(ODD_NAMES)
    ]
    receipts = appended(log.append(items))
    for name, receipt, one in zip(ODD_NAMES, receipts, items, strict=True):
        assert (log.last(name), log.claimed(Claim("c", name))) == (receipt.index, receipt.index)
        assert appended(log.append([one]))[0].replayed
        assert refused(log.append([one._replace(idempotency=None)])).reason == "if_last"
        taken = Item.of("noted", {}, claims=(Claim("c", name),))
        assert refused(log.append([taken])) == Conflict("claim", receipt.index, f"c:{name}")


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_names_that_no_database_keeps_are_refused_alone(ledgers: Ledgers, name: str) -> None:
    log = ledgers.new()
    body = Item.of("noted", {}).body
    for odd in (
        Item(body, request=name, if_last=NO_ENTRY),
        Item(body, claims=(Claim("c", name),)),
        Item(body, idempotency=(name, b"p")),
    ):
        with pytest.raises(InputError, match="is no name"):
            log.append([odd])
    assert appended(log.append([item(1)]))[0].index == 1
