"""What every ledger keeps of the promise about proofs, checkpoints, documents, keys and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from assentry.errors import LedgerClock, LedgerDamaged, LedgerError, LedgerKey, NoteError, SealedError
from assentry.ledger.checkpoint import open_checkpoint
from assentry.ledger.clock import SetClock
from assentry.ledger.entry import NO_ENTRY, Claim, Item, to_at
from assentry.ledger.merkle import leaf_hash, verify_consistency, verify_inclusion
from assentry.ledger.note import COSIGNATURE, Signer, cosign
from assentry.ledger.proof import verify_proof
from assentry.ledger.sealing import SealingKey
from tests.support.ledgers import NOON, Ledgers, appended, item, refused


def test_every_commit_is_signed(ledgers: Ledgers) -> None:
    log = ledgers.new()
    for size in (1, 3, 7):
        while log.head().size < size:
            log.append([item(log.head().size)])
        head = log.head()
        opened = open_checkpoint(str(log.checkpoint()), [head.key])
        assert (opened.origin, opened.size, opened.root) == (head.origin, size, head.root)
    assert log.checkpoint(2).size == 2
    log.append([item(7), item(8)])
    assert log.checkpoint(8).size == 9


def test_all_proofs_of_a_log_with_full_tiles(ledgers: Ledgers) -> None:
    log = ledgers.new()
    roots = {1: log.head().root}
    for size in (3, 255, 256, 257, 511, 600):
        appended(log.append([item(n) for n in range(size - log.head().size)]))
        roots[size] = log.head().root
    leaves = [leaf_hash(entry.body) for entry in log.entries()]
    for size, root in roots.items():
        for index in {0, 1, 254, 255, 256, 510, 511, 599, size - 1}:
            if index < size:
                path = log.prove_inclusion(index, size)
                assert verify_inclusion(index, size, leaves[index], path, root)
        for old, old_root in roots.items():
            if old <= size:
                assert verify_consistency(old, size, log.prove_consistency(old, size), old_root, root)
    calls: list[Callable[[], object]] = [lambda: log.prove_inclusion(600, 600), lambda: log.prove_consistency(2, 601)]
    for call in calls:
        with pytest.raises(ValueError, match=r"there is no leaf|the log has"):
            call()


def test_a_receipt_proves_its_entry_elsewhere(ledgers: Ledgers) -> None:
    log = ledgers.new()
    appended(log.append([item(n) for n in range(300)]))
    key = log.head().key
    text = str(log.receipt(77))
    body = log.entry(77).body
    assert verify_proof(text, body, [key]).index == 77
    with pytest.raises(NoteError, match="does not prove"):
        verify_proof(text, log.entry(78).body, [key])
    with pytest.raises(NoteError, match="no signature of a trusted key"):
        verify_proof(text, body, [Signer.generate(key.name).verifier])
    with pytest.raises(IndexError, match="there is no entry 301"):
        log.receipt(301)


def test_cosignatures_stay_with_their_checkpoint(ledgers: Ledgers) -> None:
    log = ledgers.new()
    witness = Signer.generate("witness.example/w1", COSIGNATURE)
    checkpoint = log.checkpoint()
    for time in (1_700_000_000, 1_800_000_000):
        log.cosign(checkpoint.size, [cosign(checkpoint.note.text, witness, time)])
    kept = log.checkpoint()
    assert len(kept.note.signatures) == 2
    assert set(kept.note.verified([witness.verifier, log.head().key])) == {witness.verifier, log.head().key}
    log.append([item(1)])
    assert len(log.checkpoint().note.signatures) == 1
    assert len(log.checkpoint(1).note.signatures) == 2


def test_documents_are_sealed_beside_their_entries(ledgers: Ledgers) -> None:
    log = ledgers.new()
    sealed = log.seal(b'{"person":"Ada"}', ["p-1", "p-2"])
    (receipt,) = appended(log.append([Item.of("requested", {"seats": 2}, request="r", sealed=sealed)]))
    entry = log.entry(receipt.index)
    assert b"Ada" not in entry.body
    assert entry.content["sealed"] == sealed.reference()
    assert log.unseal(receipt.index) == b'{"person":"Ada"}'
    with pytest.raises(SealedError, match="has no sealed document"):
        log.unseal(0)


def test_erasing_a_subject_destroys_its_documents_and_says_so(ledgers: Ledgers) -> None:
    log = ledgers.new()
    about = [["p-1"], ["p-1", "p-2"], ["p-2"]]
    items = [Item.of("requested", {"n": n}, sealed=log.seal(b"x", people)) for n, people in enumerate(about)]
    appended(log.append(items))
    (receipt,) = log.erase("p-1", "asked by the person")
    entry = log.entry(receipt.index)
    assert (entry.type, entry.data) == (
        "erased",
        {"documents": [1, 2], "reason": "asked by the person", "subject": "p-1"},
    )
    for index in (1, 2):
        with pytest.raises(SealedError, match="erased"):
            log.unseal(index)
    assert log.unseal(3) == b"x"
    assert log.erase("p-1", "again") == []
    assert log.head().size == 5


def test_digests_only(durable: Ledgers) -> None:
    log = durable.new(documents=False)
    (receipt,) = appended(log.append([Item.of("requested", {}, sealed=log.seal(b"x", ["p-1"]))]))
    with pytest.raises(SealedError, match="not kept"):
        log.unseal(receipt.index)


def test_pruning_keeps_hashes_proofs_claims_and_checkpoints(ledgers: Ledgers) -> None:
    log = ledgers.new()
    sealed = log.seal(b"x", ["p-1"])
    claimed = Item.of("consumed", {}, request="r", claims=(Claim("c", "1"),), sealed=sealed)
    appended(log.append([claimed, *(item(n) for n in range(700))]))
    body, root, opened = log.entry(1).body, log.head().root, log.entry(0).data
    receipt = log.prune(600, "three years are over")
    pruned = log.entry(receipt.index).data
    assert (pruned["below"], pruned["from"], pruned["reason"]) == (512, 0, "three years are over")
    assert pruned["opened"] == opened
    assert log.head().pruned == 512
    with pytest.raises(LedgerError, match="pruned"):
        log.entry(1)
    assert [entry.index for entry in log.entries(0, 514)] == [512, 513]
    assert verify_inclusion(1, 702, leaf_hash(body), log.prove_inclusion(1, 702), root)
    assert log.receipt(1).proves(leaf_hash(body))
    assert refused(log.append([claimed])).index == 1
    with pytest.raises(LedgerError, match="nothing to prune"):
        log.prune(600, "again")
    # The log goes on over the next tile's end.
    appended(log.append([item(n) for n in range(400)]))
    assert verify_consistency(702, log.head().size, log.prove_consistency(702, log.head().size), root, log.head().root)


def test_rotating_the_key_and_the_origin(ledgers: Ledgers) -> None:
    log = ledgers.new()
    old = log.head().key
    new = Signer.generate("log.example/acme-2")
    log.rotate(new, "restored from a backup")
    head = log.head()
    assert (head.key, head.origin, head.epoch) == (new.verifier, new.name, 1)
    assert log.entry(1).data["key"] == str(new.verifier)
    assert open_checkpoint(str(log.checkpoint()), [new.verifier]).origin == new.name
    assert open_checkpoint(str(log.checkpoint(1)), [old]).origin == old.name
    appended(log.append([item(1)]))
    assert open_checkpoint(str(log.checkpoint()), [new.verifier]).size == 3


def test_another_key_is_refused(durable: Ledgers) -> None:
    place = durable.place()
    place.create()
    with pytest.raises(LedgerKey, match="is signed by"):
        place.open(signer=Signer.generate("log.example/acme"))
    with place.open() as log:
        log.append([Item.of("requested", {}, sealed=log.seal(b"x", ["p"]))])
    place.sealing = SealingKey.generate()
    with place.open() as log, pytest.raises(LedgerKey, match="does not open"):
        log.unseal(1)


def test_a_log_is_what_it_was_when_it_is_opened_again(durable: Ledgers) -> None:
    place = durable.place()
    place.create()
    with place.open() as log:
        appended(log.append([item(n, "r") for n in range(300)]))
        head, checkpoint = log.head(), str(log.checkpoint())
    with place.open() as log:
        assert (log.head(), str(log.checkpoint())) == (head, checkpoint)
        assert len(log.request_entries("r")) == 300
        appended(log.append([item(1, "r", 300)]))


def test_two_leaders_on_one_log_make_one_history(durable: Ledgers) -> None:
    place = durable.place()
    place.create()
    with place.open() as one, place.open() as two:
        for turn in range(20):
            for log in (one, two):
                appended(log.append([item(turn)]))
        assert one.head() == two.head()
        assert one.head().size == 41
        assert refused(two.append([item(1, "r", 7)])).reason == "if_last"
        appended(one.append([Item.of("consumed", {}, claims=(Claim("c", "1"),))]))
        assert refused(two.append([Item.of("consumed", {}, claims=(Claim("c", "1"),))])).index == 41


def test_tenants_share_a_database_and_nothing_else(durable: Ledgers) -> None:
    place = durable.place("acme")
    other = durable.place("other")
    other.address = place.address
    for one in (place, other):
        one.create()
    with place.open() as acme, other.open() as else_:
        appended(acme.append([Item.of("consumed", {}, request="r", claims=(Claim("c", "1"),))]))
        assert else_.head().size == 1
        assert else_.last("r") == NO_ENTRY
        appended(else_.append([Item.of("consumed", {}, request="r", if_last=NO_ENTRY, claims=(Claim("c", "1"),))]))
    with pytest.raises(LedgerError, match="already"):
        place.create()


# ---- time ----


def test_a_key_signs_one_log(durable: Ledgers) -> None:
    """Two histories under one key and origin are a fork, whoever's logs they are."""
    one = durable.place()
    one.create()
    other = replace(one, tenant=f"{one.tenant}-other")
    with pytest.raises(LedgerError, match="each log needs a key of its own"):
        other.create()
    with one.open() as log:
        log.rotate(Signer.generate(one.signer.name), "yearly")
    with pytest.raises(LedgerError, match="each log needs a key of its own"):
        other.create()


def test_numbers_beyond_all_logs(ledgers: Ledgers) -> None:
    log = ledgers.new()
    far = 10**30
    assert list(log.entries(far)) == []
    assert len(list(log.entries(0, far))) == 1
    for ask in (lambda: log.entry(far), lambda: log.receipt(far)):
        with pytest.raises(IndexError):
            ask()
    with pytest.raises(LedgerDamaged, match="no checkpoint covers"):
        log.checkpoint(far)


def test_time_never_goes_back(settable: Ledgers) -> None:
    clock = SetClock(NOON)
    log = settable.new(clock=clock)
    clock.wall = log.head().time  # entry 0 of a file has the system's
    clock.tick(1000)
    (first,) = appended(log.append([item(1)]))
    clock.step(-1500)
    (second,) = appended(log.append([item(2)]))
    assert second.time == first.time
    clock.step(-1000)
    with pytest.raises(LedgerClock, match=r"2.5 s before the newest entry"):
        log.append([item(3)])
    with pytest.raises(LedgerClock):
        log.now()
    clock.step(+2600)
    assert appended(log.append([item(3)]))[0].time == first.time + 100


def test_a_clock_that_jumps_forward_waits_for_a_person(settable: Ledgers) -> None:
    clock = SetClock(NOON)
    log = settable.new(clock=clock)
    clock.wall = log.head().time
    clock.tick(1000)
    appended(log.append([item(1)]))
    clock.tick(86_400_000)  # a night of sleep is no jump
    appended(log.append([item(2)]))
    clock.step(+2500)
    with pytest.raises(LedgerClock, match=r"jumped forward by 2.5 s"):
        log.append([item(3)])
    assert log.head().size == 3
    receipt = log.confirm_clock("the time server was wrong")
    assert log.entry(receipt.index).data["reason"] == "the time server was wrong"
    assert appended(log.append([item(3)]))[0].time == clock.wall


def test_a_confirmed_clock_stands_still_until_it_has_caught_up(settable: Ledgers) -> None:
    clock = SetClock(NOON)
    log = settable.new(clock=clock)
    clock.wall = log.head().time
    clock.tick(60_000)
    (ahead,) = appended(log.append([item(1)]))
    clock.step(-60_000)
    log.confirm_clock("it was a minute fast")
    clock.tick(30_000)
    assert appended(log.append([item(2)]))[0].time == ahead.time
    clock.tick(40_000)
    (caught_up,) = appended(log.append([item(3)]))
    assert caught_up.time == ahead.time + 10_000
    clock.step(-5_000)  # what was confirmed is over
    with pytest.raises(LedgerClock):
        log.append([item(4)])


def test_the_time_of_a_body_is_the_ledgers(ledgers: Ledgers) -> None:
    log = ledgers.new()
    (receipt,) = appended(log.append([item(1)]))
    assert log.entry(1).content["at"] == receipt.at == to_at(receipt.time)
    assert log.now().time >= receipt.time
