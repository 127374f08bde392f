"""Every exception that Assentry raises.

    AssentryError
    ├── CompileError      rule files (or one CEL expression) that do not compile: `.diagnostics`
    ├── ConfigError       a configuration, schema or data file that cannot be used
    ├── InputError        an input document that cannot be read (broken UTF-8, not JSON, ...)
    ├── FormatError       a saved policy that is not one, is damaged, or is of another version
    └── EvaluationError   a CEL expression that has no value for these bindings: `.kind`

A decision never raises: what goes wrong inside one is listed in its verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from assentry.diagnostics import Diagnostic, render


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


class EvaluationError(AssentryError):
    """An expression without a value.

    `kind` never quotes a value of the input, so it may be shown and logged; `message` may, and is
    for the developer at the keyboard only.
    """

    def __init__(self, kind: Kind, message: str = "") -> None:
        self.kind = kind
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
