"""What fails means no (law 9): nothing runs on a ledger that cannot be read or written, nor from what was erased."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assentry.errors import Denied, LedgerError, SealedError
from assentry.gate.metrics import Meter


@contextmanager
def denying(meter: Meter | None = None) -> Iterator[None]:
    """A LedgerError becomes Denied, with code `ledger`, or `erased` for a document that cannot be opened any more.

    With a meter, every Denied is counted.
    """
    try:
        try:
            yield
        except SealedError as error:
            raise Denied("erased", f"what was asked for can no longer be read: {error}") from error
        except LedgerError as error:
            raise Denied("ledger", f"the ledger failed: {error}") from error
    except Denied as denied:
        if meter is not None:
            meter.denied(denied.code)
        raise
