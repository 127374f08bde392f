"""Every exception that Assentry raises.

    AssentryError
    ├── CompileError      rule files (or one CEL expression) that do not compile: `.diagnostics`
    ├── ConfigError       a configuration, schema or data file that cannot be used
    ├── InputError        an input document that cannot be read (broken UTF-8, not JSON, ...)
    ├── FormatError       a saved policy that is not one, is damaged, or is of another version
    ├── EvaluationError   a CEL expression that has no value for these bindings: `.kind`
    ├── DirectoryUnavailable   the directory of people failed; whoever asked it takes that as a no
    ├── IdentityRefused   a token that does not prove who sent it: `.code`
    ├── IllegalEvent      an event of an approval that the laws do not let happen there: `.code`
    ├── GateError         the gate cannot start, or was asked for what it cannot do
    │   ├── Denied           an action may not run: `.code`, `.verdict`, `.request`, `.retry_at`
    │   ├── Rejected         a person's answer that does not count: `.code`, `.retry_at`
    │   └── GrantError       a grant or permit that is malformed, forged, for somebody else, or out of its time
    └── LedgerError       the ledger cannot do what was asked; nothing was written, unless the class says otherwise
        ├── LedgerUnavailable   no connection, a lock that does not come free, a full disk
        ├── LedgerUnknown       the connection broke at the commit: the entries may stand
        ├── LedgerReadOnly      the database refuses writes
        ├── LedgerUnsafe        the database's settings would lose acknowledged entries
        ├── LedgerVersion       a file or export of another version
        ├── LedgerDamaged       a file that is half-written, or does not hold what its head says
        ├── LedgerForked        the database is behind what was acknowledged: restored, or another one
        ├── LedgerClock         the clock went back, or jumped: a person has to confirm
        ├── LedgerKey           a key that is missing, unreadable, or not the one of this log
        ├── NoteError           a note, checkpoint, proof or manifest that is malformed or not signed by a trusted key
        └── SealedError         a sealed document that is erased, or does not open

A decision never raises: what goes wrong inside one is listed in its verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from assentry.diagnostics import Diagnostic, render
from assentry.source import Span


class AssentryError(Exception):
    """The root of the family."""


class CompileError(AssentryError):
    """Sources that do not compile; `diagnostics` holds every finding, in order of place."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n\n".join(render(finding) for finding in self.diagnostics))


class ConfigError(AssentryError):
    """A configuration, schema or data file that cannot be used; the message names the file."""


class InputError(AssentryError):
    """An input that cannot be read; the message names the input and, where there is one, the line."""


class FormatError(AssentryError):
    """A saved policy that cannot be loaded."""


class Kind(StrEnum):
    """What went wrong in an evaluation; the value is the text that a verdict shows as `found`."""

    MISSING = "missing"
    MISFIT = "misfit"
    NO_SUCH_OVERLOAD = "no such overload"
    NO_SUCH_KEY = "no such key"
    INDEX = "index out of range"
    OVERFLOW = "overflow"
    DIVIDE_BY_ZERO = "division by zero"
    INVALID_ARGUMENT = "invalid argument"
    DUPLICATE_KEY = "duplicate key"
    UNBOUND = "undeclared reference"
    UNKNOWN_FUNCTION = "unknown function"
    LIMIT = "limit exceeded"
    BUDGET = "work budget exceeded"
    EMPTY_OPTIONAL = "optional without a value"
    DAMAGED = "damaged policy"


class EvaluationError(AssentryError):
    """An expression without a value.

    `kind` never quotes a value of the input, so it may be shown and logged; `message` may, and is
    for the developer at the keyboard only. `span` is the part of the expression's text that has no value,
    as offsets in code points, where one part is to blame: not for a binding, nor for a budget.
    """

    def __init__(self, kind: Kind, message: str = "", span: Span | None = None) -> None:
        self.kind = kind
        self.span = span
        super().__init__(message or kind.value)


class Misfit(EvaluationError):
    """A read of an input value that is missing or does not fit its schema.

    `path` names the place (`action.rows`, `resource.labels[2]`), `expected` and `found` say what the
    schema wants and what was there, without ever quoting the value.
    """

    def __init__(self, path: str, expected: str, found: str) -> None:
        self.path = path
        self.expected = expected
        self.found = found
        kind = Kind.MISSING if found == Kind.MISSING.value else Kind.MISFIT
        super().__init__(kind, f"`{path}`: expected {expected}, found {found}")


class DirectoryUnavailable(AssentryError):
    """The directory of people failed, or gave what cannot be used."""


class GateError(AssentryError):
    """The gate cannot start, or was asked for what it cannot do."""


class Denied(GateError):
    """An action that may not run; nothing of it was done.

    `code` is a stable word for why, `verdict` the policy's where it decided, `request` the id under which it was
    asked, `retry_at` when the same may be tried again, in milliseconds since 1970.
    """

    def __init__(
        self, code: str, message: str, *, verdict: Any = None, request: str | None = None, retry_at: int | None = None
    ) -> None:
        self.code = code
        self.verdict = verdict
        self.request = request
        self.retry_at = retry_at
        super().__init__(message)


class Rejected(GateError):
    """An answer that does not count: nothing happened. `code` is a stable word for why."""

    def __init__(self, code: str, message: str, *, retry_at: int | None = None) -> None:
        self.code = code
        self.retry_at = retry_at
        super().__init__(message)


class GrantError(GateError):
    """A grant or permit that is malformed, not signed by a trusted key, for somebody else, or out of its time."""


class IdentityRefused(AssentryError):
    """A token that does not prove who sent it; `code` is a stable word for why, and nothing of the token is quoted."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class IllegalEvent(AssentryError):
    """An event of an approval that cannot happen where it stands; `code` is a stable word for the law it breaks."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class LedgerError(AssentryError):
    """The ledger cannot do what was asked."""


class LedgerUnavailable(LedgerError):
    """No connection, a lock that does not come free, a full disk: nothing was written."""


class LedgerUnknown(LedgerError):
    """The outcome of a commit is unknown: its entries may stand. The same call with its idempotency keys is safe."""


class LedgerReadOnly(LedgerError):
    """The database refuses writes."""


class LedgerUnsafe(LedgerError):
    """Settings under which acknowledged entries could be lost (`fsync`, `full_page_writes`, `synchronous_commit`)."""


class LedgerVersion(LedgerError):
    """A ledger file, schema or export of another version."""


class LedgerDamaged(LedgerError):
    """A database that is half-written, or does not hold what its head says."""


class LedgerForked(LedgerError):
    """The database is behind, or beside, what was acknowledged or witnessed: going on would sign a second history."""


class LedgerClock(LedgerError):
    """The clock is behind the newest entry, or jumped: appends wait until a person confirms."""


class LedgerKey(LedgerError):
    """A key that is missing, unreadable, or not the one that this log is signed or sealed with."""


class NoteError(LedgerError):
    """A signed note, checkpoint, proof or manifest that is malformed or carries no valid signature of a trusted key."""


class SealedError(LedgerError):
    """A sealed document that was erased, or that its key does not open."""
