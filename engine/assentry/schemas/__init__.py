"""The JSON Schemas that the project publishes, as the package carries them.

The same files stand in the repository's `schemas/`; a test holds the two equal.
"""

from __future__ import annotations

from pathlib import Path

from assentry.errors import ConfigError

_HERE = Path(__file__).parent
_ENDING = ".schema.json"


def text(name: str) -> str:
    """The text of a schema by its name, `action` for `action.schema.json`. Raises ConfigError when there is none."""
    if name not in names():
        raise ConfigError(f"there is no schema `{name}`: expected one of {', '.join(names())}")
    return (_HERE / f"{name}{_ENDING}").read_text(encoding="utf-8")


def names() -> tuple[str, ...]:
    """The names of all schemas, sorted."""
    return tuple(sorted(path.name.removesuffix(_ENDING) for path in _HERE.glob(f"*{_ENDING}")))
