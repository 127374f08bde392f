"""Reads that both databases share: statements by name, rows turned into what backend.py promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any, cast

from assentry.errors import LedgerDamaged, LedgerError
from assentry.ledger.backend import (
    NOTHING,
    TILE,
    Asked,
    CheckpointRow,
    CosignatureRow,
    DocumentRow,
    LogRow,
    Plan,
    ReadRow,
    TileRow,
)
from assentry.ledger.entry import NO_ENTRY
from assentry.ledger.statements import HEAD_COLUMNS, STATEMENTS, Kinds, kinds

PORTION = 1024
"""Rows read at once."""

Row = tuple[Any, ...]


def typed(rows: list[Row], kinds: Kinds, place: str) -> list[Row]:
    """The rows, if their values are of these types: SQLite keeps whatever somebody puts into a column.

    Raises LedgerDamaged, naming the column.
    """
    for row in rows:
        for number, (value, kind) in enumerate(zip(row, kinds, strict=True)):
            if not isinstance(value, kind):
                expected = " or ".join(one.__name__ for one in kind)
                raise LedgerDamaged(f"{place} holds {type(value).__name__} where {expected} belongs (column {number})")
    return rows


def log_row(row: Sequence[Any]) -> LogRow:
    """The head's row, its columns in the order of the table. Raises LedgerDamaged when it is none."""
    values = list(row)
    values[5:7] = map(bool, values[5:7])  # SQLite has no booleans
    found = LogRow(*values)
    if not all(map(isinstance, values, _LOG_KINDS)) or found.size < 0 or not 0 <= found.time < END_OF_TIME:
        raise LedgerDamaged(f"the head of `{found.tenant}` is damaged")
    if not found.size:
        raise LedgerDamaged(f"the log of `{found.tenant}` was never opened: run `assentry ledger init` again")
    return found


END_OF_TIME = 253_402_300_800_000
"""The year 10000, in milliseconds since 1970: no time of an entry reaches it."""

END_OF_INDICES = 2**63 - 1
"""No index reaches it, and no database takes a larger number."""

_LOG_KINDS = kinds(STATEMENTS["log"])
_ADVANCE = attrgetter(*HEAD_COLUMNS)


def refuse_second(log: LogRow, found: Sequence[Row]) -> None:
    """Raises LedgerError for a key that signs, or signed, another log: two histories under one key are a fork."""
    if found:
        raise LedgerError(f"the key `{log.key}` is that of the log of `{found[0][0]}`: each log needs a key of its own")


def advance_params(plan: Plan) -> dict[str, object]:
    """The parameters of the statement that moves the head."""
    params: dict[str, object] = dict(zip(HEAD_COLUMNS, _ADVANCE(plan.log), strict=True))
    params["id_"] = plan.log.id
    return params


def destroying(plan: Plan) -> Iterator[tuple[str, dict[str, object]]]:
    """The statements, by name and with parameters, that destroy what a plan erases and prunes."""
    for idx in plan.erased:
        for name in ("erase_sealed", "erase_key", "erase_subject"):
            yield name, {"log": plan.log.id, "idx": idx}
    if plan.prune is not None:
        start, stop = plan.prune
        for name in ("prune_entries", "prune_sealed", "prune_key", "prune_subject"):
            yield name, {"log": plan.log.id, "start": start, "stop": stop}


def cosigning(log: int, rows: Sequence[CosignatureRow]) -> Iterator[tuple[dict[str, object], tuple[object, ...]]]:
    """For each cosignature the parameters that forget an older one of that witness, and its row."""
    for row in rows:
        yield {"log": log, "size": row.size, "name": row.name, "key_id": row.key_id}, (log, *row)


class TransactionRows(ABC):
    """What both databases' transactions share."""

    log: LogRow

    @abstractmethod
    def _all(self, name: str, /, **params: object) -> list[Row]:
        """The rows of a statement about this log."""

    @abstractmethod
    def cosign(self, rows: Sequence[CosignatureRow]) -> None:
        """Write cosignatures and commit."""

    @abstractmethod
    def rollback(self) -> None: ...

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return [row[0] for row in self._all("leaves", start=start, stop=stop)]

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        return [row[0] for row in self._all("tile_roots", level=level, start=start, stop=stop)]

    def documents_about(self, subject: str) -> list[int]:
        return [row[0] for row in self._all("documents_about", subject=subject)]

    def batch_at(self, size: int) -> bytes | None:
        rows = self._all("batch_at", size=size)
        return rows[0][0] if rows else None

    def checkpoint(self, size: int) -> CheckpointRow | None:
        rows = self._all("covering_checkpoint", size=size)
        return CheckpointRow(*rows[0]) if rows else None


class Rows(ABC):
    """The reading half of a backend."""

    clock_drift = 0.0
    durable = True

    def __init__(self, tenant: str) -> None:
        self._tenant = tenant
        self._id: int | None = None

    @abstractmethod
    def _rows(self, name: str, /, **params: object) -> list[Row]:
        """The rows of a statement."""

    @abstractmethod
    def begin(self, asked: Asked = NOTHING) -> TransactionRows: ...

    def add_cosignatures(self, rows: Sequence[CosignatureRow]) -> None:
        transaction = self.begin()
        try:
            transaction.cosign(rows)
        finally:
            transaction.rollback()

    @property
    def _log(self) -> int:
        if self._id is None:
            self._id = self.log().id
        return self._id

    def log(self) -> LogRow:
        """Raises LedgerError when there is no log of the tenant."""
        rows = self._rows("log", tenant=self._tenant)
        if not rows:
            raise LedgerError(f"there is no log of `{self._tenant}` here")
        return log_row(rows[0])

    def _portions(self, name: str, start: int, stop: int) -> Iterator[Row]:
        """Rows whose first column, an index, lies in `[start, stop)`, read in portions."""
        stop = min(stop, END_OF_INDICES)
        while start < stop:
            rows = self._rows(name, log=self._log, start=start, stop=stop, portion=PORTION)
            yield from rows
            if len(rows) < PORTION:
                return
            if type(rows[-1][0]) is not int:
                raise LedgerDamaged(f"a row read for `{name}` has no index")
            start = rows[-1][0] + 1

    def entries(self, start: int, stop: int) -> Iterator[ReadRow]:
        return cast(Iterator[ReadRow], self._portions("entries", start, stop))

    def request_entries(self, request: str) -> list[ReadRow]:
        return cast(list[ReadRow], self._rows("request_entries", log=self._log, request=request))

    def last_of(self, request: str) -> int:
        found = self._rows("last_of", log=self._log, request=request)[0][0]
        return found if isinstance(found, int) else NO_ENTRY

    def claim(self, name: str) -> int | None:
        rows = self._rows("claim", log=self._log, name=name)
        return rows[0][0] if rows else None

    def extent(self) -> int:
        found = self._rows("extent", log=self._log)[0][0]
        return found + 1 if isinstance(found, int) else 0

    def unsound(self) -> list[str]:
        return []

    def most(self) -> int:
        tiles = {level: count for level, _, _, count in self._rows("tiles", log=self._log)}
        full = tiles.get(0, 0) * TILE
        behind: int = self._rows("count_entries", log=self._log, start=full)[0][0]
        most: int = full + TILE + behind
        return most

    def strays(self, size: int) -> list[tuple[str, int]]:
        return self._rows("strays", log=self._log, size=size, portion=PORTION)

    def tiles(self) -> list[tuple[int, int, int]]:
        return [(level, first, last) for level, first, last, _ in self._rows("tiles", log=self._log)]

    def count_subjects(self, start: int, stop: int) -> int:
        count: int = self._rows("count_subjects", log=self._log, start=start, stop=stop)[0][0]
        return count

    def subjects(self, start: int, stop: int) -> list[tuple[str, int]]:
        return self._rows("subjects", log=self._log, start=start, stop=stop)

    def count_claims(self, start: int, stop: int) -> int:
        count: int = self._rows("count_claims", log=self._log, start=start, stop=stop)[0][0]
        return count

    def claims(self) -> Iterator[tuple[str, int]]:
        return iter(self._rows("claims", log=self._log))

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return [row[0] for row in self._rows("leaves", log=self._log, start=start, stop=stop)]

    def tile(self, level: int, index: int) -> TileRow | None:
        rows = self._rows("tile", log=self._log, level=level, idx=index)
        return TileRow(*rows[0]) if rows else None

    def tile_roots(self, level: int, start: int, stop: int) -> list[bytes]:
        rows = self._rows("tile_roots", log=self._log, level=level, start=start, stop=stop)
        return [row[0] for row in rows]

    def checkpoint(self, size: int | None) -> CheckpointRow | None:
        if size is None:
            rows = self._rows("newest_checkpoint", log=self._log)
        else:
            rows = self._rows("covering_checkpoint", log=self._log, size=min(size, END_OF_INDICES))
        return CheckpointRow(*rows[0]) if rows else None

    def checkpoints(self, above: int = 0) -> Iterator[CheckpointRow]:
        start = above
        while True:
            rows = self._rows("checkpoints", log=self._log, start=start, portion=PORTION)
            for row in rows:
                checkpoint = CheckpointRow(*row)
                start = checkpoint.size
                yield checkpoint
            if len(rows) < PORTION:
                return

    def cosignatures(self, size: int) -> list[CosignatureRow]:
        return [CosignatureRow(*row) for row in self._rows("cosignatures", log=self._log, size=size)]

    def cosigned(self) -> list[int]:
        return [row[0] for row in self._rows("cosigned", log=self._log)]

    def document(self, index: int) -> DocumentRow | None:
        sealed = self._rows("document", log=self._log, idx=index)
        key = self._rows("key", log=self._log, idx=index)
        if not sealed and not key:
            return None
        return DocumentRow(index, sealed[0][0] if sealed else None, key[0][0] if key else None, ())

    def documents(self, start: int, stop: int) -> Iterator[DocumentRow]:
        for idx, ciphertext, wrapped_key in self._portions("documents", start, stop):
            yield DocumentRow(idx, ciphertext, wrapped_key, ())
