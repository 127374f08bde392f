# ruff: noqa: S608 -- statements are put together from constants, values are parameters
"""The matrix: what an attacker may do, what verification must find, and where."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from assentry.errors import LedgerDamaged
from assentry.ledger.backend import TILE
from assentry.ledger.clock import SetClock
from assentry.ledger.merkle import leaf_hash
from assentry.ledger.note import Signer
from assentry.ledger.selftest.scene import (
    CLAIMED,
    COMMIT,
    EARLY,
    ERASED,
    MIDDLE,
    NEIGHBOUR,
    TENANT,
    WHOLE,
    Scene,
    plain,
)
from assentry.ledger.selftest.stage import Stage, Vandal
from assentry.ledger.selftest.vandalism import AT, LOG, body_of, edited, rebuild, resign, set_body, set_leaf, shift
from assentry.ledger.verify.findings import Cause

VICTIM = 100
TAIL = 555


@dataclass
class Attack:
    """One attempt: a fresh copy of the scene's database, with whoever vandalises it."""

    scene: Scene
    stage: Stage

    @property
    def signer(self) -> Signer:
        return self.scene.second


@dataclass(frozen=True, slots=True)
class Tamper:
    """A row of the matrix. `start` and `stop` enclose the place that must be named; `within` is how closely."""

    name: str
    do: Callable[[Attack], None]
    causes: tuple[Cause, ...]
    start: int | None = None
    stop: int | None = None
    needs: Literal["", "receipt", "witness", "laws"] = ""
    """Evidence without which nobody could know."""
    kept: str = "whole"
    """Which copy of the scene it begins with."""
    sets_clock: bool = False
    """It needs a clock that can be set, which PostgreSQL's cannot."""


# ---- the attacks ----


def _vandalised(work: Callable[[Vandal], object]) -> Callable[[Attack], None]:
    def do(attack: Attack) -> None:
        with attack.stage.vandal() as vandal:
            work(vandal)

    return do


def _edit_body(index: int) -> Callable[[Vandal], object]:
    return lambda vandal: set_body(vandal, index, edited(body_of(vandal, index)))


def _edit_body_and_leaf(vandal: Vandal) -> None:
    body = edited(body_of(vandal, VICTIM))
    set_body(vandal, VICTIM, body)
    set_leaf(vandal, VICTIM, leaf_hash(body))


def _edit_everything(index: int) -> Callable[[Vandal], object]:
    def work(vandal: Vandal) -> None:
        set_body(vandal, index, edited(body_of(vandal, index)))
        rebuild(vandal)

    return work


def _edit_tile(vandal: Vandal) -> None:
    hashes = bytearray(vandal.run(f"SELECT hashes FROM tile WHERE {AT}", tenant=TENANT, idx=0)[0][0])
    hashes[VICTIM * 32] ^= 1
    vandal.run(f"UPDATE tile SET hashes = :hashes WHERE {AT}", tenant=TENANT, idx=0, hashes=bytes(hashes))


def _edit_tile_root(vandal: Vandal) -> None:
    vandal.run(f"UPDATE tile SET root = :root WHERE {AT}", tenant=TENANT, idx=1, root=bytes(range(32)))


def _swap(vandal: Vandal) -> None:
    other = VICTIM + 50
    one, two = body_of(vandal, VICTIM), body_of(vandal, other)
    for index, body in ((VICTIM, two), (other, one)):
        set_body(vandal, index, body)
        set_leaf(vandal, index, leaf_hash(body))


def _delete(vandal: Vandal) -> None:
    vandal.run(f"DELETE FROM entry WHERE {AT}", tenant=TENANT, idx=VICTIM)


def _delete_and_close_the_gap(vandal: Vandal) -> None:
    _delete(vandal)
    shift(vandal, VICTIM + 1, -1)
    rebuild(vandal)


def _insert(vandal: Vandal, body: bytes) -> None:
    shift(vandal, VICTIM, 1)
    vandal.run(
        "INSERT INTO entry (log, idx, request, body, leaf) "
        "SELECT id, :idx, 'r-4', :body, :leaf FROM log WHERE tenant = :tenant",
        tenant=TENANT,
        idx=VICTIM,
        body=body,
        leaf=leaf_hash(body),
    )


def _forge(vandal: Vandal) -> None:
    _insert(vandal, edited(body_of(vandal, VICTIM)))


def _duplicate(vandal: Vandal) -> None:
    _insert(vandal, body_of(vandal, VICTIM))


def _forge_everything(vandal: Vandal) -> None:
    _forge(vandal)
    rebuild(vandal)


def _truncate(vandal: Vandal) -> None:
    size = vandal.run(f"SELECT max(size) FROM checkpoint WHERE {LOG} AND size <= :size", tenant=TENANT, size=EARLY)[0][
        0
    ]
    vandal.run(f"DELETE FROM entry WHERE {LOG} AND idx >= :size", tenant=TENANT, size=size)
    vandal.run(f"DELETE FROM checkpoint WHERE {LOG} AND size > :size", tenant=TENANT, size=size)
    for table in ("sealed", '"key"', "subject", "claim"):
        vandal.run(f"DELETE FROM {table} WHERE {LOG} AND idx >= :size", tenant=TENANT, size=size)
    rebuild(vandal)


def _nothing(attack: Attack) -> None:
    """The older copy itself is the attack."""


def _fork(attack: Attack) -> None:
    with attack.scene.open(attack.signer, attack.stage) as log:
        attack.scene.grow(log, WHOLE, salt="another history")


def _rogue(vandal: Vandal, rogue: Signer) -> None:
    set_body(vandal, TAIL, edited(body_of(vandal, TAIL)))
    tree = rebuild(vandal)
    vandal.run(f"UPDATE signer SET key = :key WHERE {LOG} AND epoch = 1", tenant=TENANT, key=str(rogue.verifier))
    vandal.run("UPDATE log SET key = :key WHERE tenant = :tenant", tenant=TENANT, key=str(rogue.verifier))
    resign(vandal, tree, rogue, 1)


def _resign_as_rogue(attack: Attack) -> None:
    with attack.stage.vandal() as vandal:
        _rogue(vandal, attack.scene.rogue)


def _retired_key(attack: Attack) -> None:
    with attack.stage.vandal() as vandal:
        set_body(vandal, TAIL, edited(body_of(vandal, TAIL)))
        resign(vandal, rebuild(vandal), attack.scene.first, 0)


def _edit_checkpoint(vandal: Vandal) -> None:
    text = f"UPDATE checkpoint SET root = :root WHERE {LOG} AND size = :size"
    vandal.run(text, tenant=TENANT, size=WHOLE, root=bytes(32))


def _drop_checkpoint(vandal: Vandal) -> None:
    vandal.run(f"DELETE FROM checkpoint WHERE {LOG} AND size = :size", tenant=TENANT, size=WHOLE)


def _move_between_tenants(vandal: Vandal) -> None:
    body = body_of(vandal, 20, NEIGHBOUR)
    vandal.run(f"DELETE FROM entry WHERE {AT}", tenant=TENANT, idx=20)
    text = f"UPDATE entry SET log = (SELECT id FROM log WHERE tenant = :to) WHERE {AT}"
    vandal.run(text, tenant=NEIGHBOUR, idx=20, to=TENANT)
    set_body(vandal, 20, body)


def _edit_time(vandal: Vandal) -> None:
    body = body_of(vandal, VICTIM)
    set_body(vandal, VICTIM, body[:7] + body_of(vandal, 1)[7:31] + body[31:])


def _set_back(attack: Attack, milliseconds: int) -> None:
    """The key's holder sets the clock and the head's time, and appends."""
    scene = attack.scene
    with attack.stage.vandal() as vandal:
        ((time,),) = vandal.run("SELECT time FROM log WHERE tenant = :tenant", tenant=TENANT)
        then = time + milliseconds
        text = "UPDATE log SET time = :then, clock = :then, boot = 'another' WHERE tenant = :tenant"
        vandal.run(text, tenant=TENANT, then=then)
    with scene.open(attack.signer, attack.stage, SetClock(then)) as log:
        log.append([plain(number) for number in range(COMMIT)])


def _swap_documents(vandal: Vandal) -> None:
    text = f"SELECT ciphertext FROM sealed WHERE {AT}"
    one, two = (vandal.run(text, tenant=TENANT, idx=index)[0][0] for index in (30, 32))
    for index, ciphertext in ((30, two), (32, one)):
        vandal.run(f"UPDATE sealed SET ciphertext = :c WHERE {AT}", tenant=TENANT, idx=index, c=bytes(ciphertext))


def _drop_document(vandal: Vandal) -> None:
    for table in ("sealed", '"key"'):
        vandal.run(f"DELETE FROM {table} WHERE {AT}", tenant=TENANT, idx=32)


def _drop_document_key(vandal: Vandal) -> None:
    vandal.run(f'DELETE FROM "key" WHERE {AT}', tenant=TENANT, idx=32)


def _return_document(attack: Attack) -> None:
    text = "INSERT INTO sealed (log, idx, ciphertext) SELECT id, :idx, :c FROM log WHERE tenant = :tenant"
    with attack.stage.vandal() as vandal:
        vandal.run(text, tenant=TENANT, idx=ERASED, c=attack.scene.erased)


def _drop_claim(vandal: Vandal) -> None:
    vandal.run(f"DELETE FROM claim WHERE {AT}", tenant=TENANT, idx=CLAIMED)


def _invent_claim(vandal: Vandal) -> None:
    text = "INSERT INTO claim (log, name, idx) SELECT id, :name, :idx FROM log WHERE tenant = :tenant"
    vandal.run(text, tenant=TENANT, idx=60, name="consume:grant-60")


def _forge_before_the_first(vandal: Vandal) -> None:
    """Read with the entries of its request, and under no checkpoint."""
    body = body_of(vandal, CLAIMED).replace(b"grant-30", b"grant-31")
    text = "INSERT INTO entry (log, idx, request, body, leaf) SELECT id, -1, 'r-30', :body, :leaf FROM log WHERE tenant = :tenant"
    vandal.run(text, tenant=TENANT, body=body, leaf=leaf_hash(body))


def _have_it_signed(attack: Attack) -> None:
    """Put an entry behind the last one, with a head that fits, and wait for somebody with the key to append."""
    text = "INSERT INTO entry (log, idx, request, body, leaf) SELECT id, :idx, 'r-30', :body, :leaf FROM log WHERE tenant = :tenant"
    with attack.stage.vandal() as vandal:
        body = body_of(vandal, CLAIMED).replace(b"grant-30", b"grant-31")
        vandal.run(text, tenant=TENANT, idx=WHOLE, body=body, leaf=leaf_hash(body))
        rebuild(vandal)
    with suppress(LedgerDamaged), attack.scene.open(attack.signer, attack.stage) as log:
        log.append([plain(WHOLE)])


def _hide_from_erasure(vandal: Vandal) -> None:
    vandal.run(f"UPDATE subject SET subject = 'nobody' WHERE {AT}", tenant=TENANT, idx=32)


def _deny_documents(vandal: Vandal) -> None:
    vandal.run("UPDATE log SET documents = (1 = 0) WHERE tenant = :tenant", tenant=TENANT)
    for table in ("sealed", '"key"', "subject"):
        vandal.run(f"DELETE FROM {table} WHERE {LOG}", tenant=TENANT)


def _move_request(vandal: Vandal) -> None:
    vandal.run(f"UPDATE entry SET request = 'r-999' WHERE {AT}", tenant=TENANT, idx=VICTIM)


def _edit_head(vandal: Vandal) -> None:
    vandal.run("UPDATE log SET time = time - 60000 WHERE tenant = :tenant", tenant=TENANT)


_KEY = (Cause.CHECKPOINT,)
_BOTH = (Cause.REWRITTEN, Cause.BEYOND)

MATRIX: tuple[Tamper, ...] = (
    Tamper("edit a body", _vandalised(_edit_body(VICTIM)), (Cause.BODY,), VICTIM),
    Tamper("edit a body in the tail", _vandalised(_edit_body(TAIL)), (Cause.BODY,), TAIL),
    Tamper("edit a leaf", _vandalised(lambda vandal: set_leaf(vandal, VICTIM, bytes(32))), (Cause.LEAF,), VICTIM),
    Tamper("edit a body and its leaf", _vandalised(_edit_body_and_leaf), (Cause.BODY, Cause.LEAF), VICTIM),
    Tamper("edit a tile", _vandalised(_edit_tile), (Cause.TILE,), VICTIM),
    Tamper("edit the root of a tile", _vandalised(_edit_tile_root), (Cause.TILE,), TILE, 2 * TILE),
    Tamper(
        "edit body, leaf, tiles and head",
        _vandalised(_edit_everything(VICTIM)),
        (Cause.REWRITTEN,),
        VICTIM - COMMIT,
        VICTIM + COMMIT,
    ),
    Tamper(
        "edit body, leaf and head in the tail",
        _vandalised(_edit_everything(TAIL)),
        (Cause.REWRITTEN,),
        TAIL - COMMIT,
        TAIL + COMMIT,
    ),
    Tamper("swap two entries", _vandalised(_swap), (Cause.BODY,), VICTIM),
    Tamper("delete an entry", _vandalised(_delete), (Cause.MISSING,), VICTIM),
    Tamper(
        "delete an entry, and close the gap",
        _vandalised(_delete_and_close_the_gap),
        (Cause.REWRITTEN,),
        VICTIM - COMMIT,
        VICTIM + COMMIT,
    ),
    Tamper("insert a forged entry", _vandalised(_forge), _BOTH, VICTIM - COMMIT, VICTIM + COMMIT),
    Tamper(
        "insert a forged entry, and rebuild the rest",
        _vandalised(_forge_everything),
        _BOTH,
        VICTIM - COMMIT,
        VICTIM + COMMIT,
    ),
    Tamper("insert a forged entry before the first", _vandalised(_forge_before_the_first), (Cause.BEYOND,), -1),
    Tamper("have a forged entry signed with the next append", _have_it_signed, (Cause.BEYOND,), WHOLE),
    Tamper("duplicate an entry", _vandalised(_duplicate), _BOTH, VICTIM - COMMIT, VICTIM + COMMIT),
    Tamper("cut the tail", _vandalised(_truncate), (Cause.TRUNCATED,), EARLY - COMMIT, MIDDLE, "receipt"),
    Tamper("restore an older file", _nothing, (Cause.TRUNCATED,), EARLY, MIDDLE, "receipt", "early"),
    Tamper("restore an older file (witness)", _nothing, (Cause.TRUNCATED,), EARLY, MIDDLE, "witness", "early"),
    Tamper("fork with the real key", _fork, (Cause.FORK,), 0, MIDDLE, "receipt", "early"),
    Tamper("fork with the real key (witness)", _fork, (Cause.FORK,), 0, MIDDLE, "witness", "early"),
    Tamper("sign again with a rogue key", _resign_as_rogue, _KEY),
    Tamper("sign with a retired key", _retired_key, (Cause.KEY_EPOCH,), WHOLE - 1),
    Tamper("edit the newest checkpoint", _vandalised(_edit_checkpoint), _KEY),
    Tamper("drop the newest checkpoint", _vandalised(_drop_checkpoint), (Cause.BEYOND,), WHOLE - COMMIT, WHOLE),
    Tamper("move a row across tenants", _vandalised(_move_between_tenants), (Cause.TENANT, Cause.BODY), 20),
    Tamper("backdate an entry", _vandalised(_edit_time), (Cause.BODY,), VICTIM),
    Tamper(
        "backdate with the real key",
        lambda attack: _set_back(attack, -3_600_000),
        (Cause.TIME,),
        WHOLE,
        WHOLE + COMMIT,
        sets_clock=True,
    ),
    Tamper(
        "backdate with the real key (witness)",
        lambda attack: _set_back(attack, +600_000),
        (Cause.BACKDATED,),
        MIDDLE,
        needs="witness",
        kept="middle",
        sets_clock=True,
    ),
    Tamper("swap two sealed documents", _vandalised(_swap_documents), (Cause.DOCUMENT,), 30),
    Tamper("drop a sealed document", _vandalised(_drop_document), (Cause.DOCUMENT,), 32),
    Tamper("drop a document's key", _vandalised(_drop_document_key), (Cause.DOCUMENT,), 32),
    Tamper("return an erased document", _return_document, (Cause.DOCUMENT,), ERASED),
    Tamper("drop all documents, and say that none are kept", _vandalised(_deny_documents), (Cause.HEAD,)),
    Tamper("hide a document from erasure", _vandalised(_hide_from_erasure), (Cause.DOCUMENT,), 32),
    Tamper("drop a claim", _vandalised(_drop_claim), (Cause.CLAIM,), CLAIMED),
    Tamper("invent a claim", _vandalised(_invent_claim), (Cause.CLAIM,), 60),
    Tamper("move an entry to another request", _vandalised(_move_request), (Cause.COLUMN,), VICTIM),
    Tamper("edit the head", _vandalised(_edit_head), (Cause.HEAD,)),
)
"""What is done to the database."""
