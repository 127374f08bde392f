"""What a person proposes instead, as a JSON merge patch (RFC 7396) of what is done and on what; never of who and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assentry.errors import Denied
from assentry.gate.canonical import MAX_DEPTH

SECTIONS = frozenset({"action", "resource"})


def patched(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the changes in it. Raises Denied for changes of anything but `action` and `resource`."""
    if not changes or not changes.keys() <= SECTIONS:
        raise Denied("changes", "a proposal changes `action` or `resource`, and nothing else")
    return {**document, **{name: merge(document.get(name), patch, MAX_DEPTH) for name, patch in changes.items()}}


def merge(value: object, patch: object, left: int) -> object:
    """RFC 7396, to a depth of `left`: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    if not left:
        raise Denied("canonical", f"the proposal is nested more than {MAX_DEPTH} levels deep")
    merged = dict(value) if isinstance(value, Mapping) else {}
    for name, inner in patch.items():
        if inner is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), inner, left - 1)
    return merged
