# ruff: noqa: S608 -- statements are put together from the constants below, values are parameters
"""What somebody with write access, and without a key, can do to the rows of a ledger."""

from __future__ import annotations

from assentry.ledger.backend import TILE
from assentry.ledger.checkpoint import Checkpoint
from assentry.ledger.merkle import Frontier, fold, leaf_hash
from assentry.ledger.note import Signer
from assentry.ledger.selftest.scene import TENANT
from assentry.ledger.selftest.stage import Vandal

LOG = "log = (SELECT id FROM log WHERE tenant = :tenant)"
AT = f"{LOG} AND idx = :idx"


def body_of(vandal: Vandal, index: int, tenant: str = TENANT) -> bytes:
    return bytes(vandal.run(f"SELECT body FROM entry WHERE {AT}", tenant=tenant, idx=index)[0][0])


def set_body(vandal: Vandal, index: int, body: bytes) -> None:
    vandal.run(f"UPDATE entry SET body = :body WHERE {AT}", tenant=TENANT, idx=index, body=body)


def set_leaf(vandal: Vandal, index: int, leaf: bytes) -> None:
    vandal.run(f"UPDATE entry SET leaf = :leaf WHERE {AT}", tenant=TENANT, idx=index, leaf=leaf)


def edited(body: bytes) -> bytes:
    return body.replace(b'"n":', b'"n":9')


def rebuild(vandal: Vandal) -> Frontier:
    """Make everything that is not signed anew from the bodies: leaves, tiles, the head."""
    rows = vandal.run(f"SELECT idx, body FROM entry WHERE {LOG} ORDER BY idx", tenant=TENANT)
    leaves = [leaf_hash(bytes(body)) for _, body in rows]
    for (index, _), leaf in zip(rows, leaves, strict=True):
        set_leaf(vandal, index, leaf)
    vandal.run(f"DELETE FROM tile WHERE {LOG} AND idx >= :first", tenant=TENANT, first=len(leaves) // TILE)
    for index in range(len(leaves) // TILE):
        hashes = leaves[index * TILE : (index + 1) * TILE]
        text = f"UPDATE tile SET hashes = :hashes, root = :root WHERE {AT}"
        vandal.run(text, tenant=TENANT, idx=index, hashes=b"".join(hashes), root=fold(hashes))
    tree = Frontier()
    tree.extend(leaves)
    text = "UPDATE log SET size = :size, root = :root, frontier = :frontier WHERE tenant = :tenant"
    vandal.run(text, tenant=TENANT, size=tree.size, root=tree.root(), frontier=b"".join(tree.hashes))
    return tree


def shift(vandal: Vandal, start: int, by: int) -> None:
    """Move all entries from an index on, past each other's places."""
    away = 1_000_000
    text = f"UPDATE entry SET idx = idx + :by WHERE {LOG} AND idx >= :start"
    vandal.run(text, tenant=TENANT, start=start, by=away)
    vandal.run(text, tenant=TENANT, start=away, by=by - away)


def resign(vandal: Vandal, tree: Frontier, signer: Signer, epoch: int) -> None:
    """Put a checkpoint of another signature in the place of the newest."""
    checkpoint = Checkpoint(signer.name, tree.size, tree.root())
    vandal.run(
        f"UPDATE checkpoint SET root = :root, signature = :signature, epoch = :epoch WHERE {LOG} AND size = :size",
        tenant=TENANT,
        size=tree.size,
        root=checkpoint.root,
        signature=signer.sign(checkpoint.text.encode()),
        epoch=epoch,
    )
