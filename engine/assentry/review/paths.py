"""Places in a document: as steps, and as people read them."""

from __future__ import annotations

import json
from collections.abc import Iterable

Path = tuple[str | int, ...]
"""Names of members and numbers of elements, from the document down."""

ANY = "*"
"""In a pattern of a path: every element or member."""


def written(path: Path) -> str:
    """`action.parameters["a key"][2]`"""
    steps = (
        f"[{step}]" if isinstance(step, int) else f".{step}" if _is_name(step) else f"[{_quoted(step)}]"
        for step in path
    )
    return "".join(steps).removeprefix(".")


def dotted(text: str) -> Path:
    """The steps of a dotted path, as rules write it."""
    return tuple(text.split("."))


def touches(path: Path, patterns: Iterable[Path]) -> bool:
    """Whether a place is one of some others, lies within one, or holds one."""
    return any(all(theirs in (ours, ANY) for ours, theirs in zip(path, each, strict=False)) for each in patterns)


def within(path: Path, above: Iterable[Path]) -> bool:
    """Whether a place is one of some others or lies within one. Elements may be named by their numbers."""
    names = tuple(map(str, path))
    return any(names[: len(each)] == each for each in above)


def _is_name(step: str) -> bool:
    return step.isidentifier() and step.isascii()


def _quoted(step: str) -> str:
    return json.dumps(step, ensure_ascii=False)
