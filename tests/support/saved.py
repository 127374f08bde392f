"""Saved policies as data that tests may change, and back into a file that says of itself that it is whole."""

from __future__ import annotations

import json
from typing import Any

from assentry.code import form
from assentry.code.save import sealed, to_bytes


def lines(made: form.Form) -> list[Any]:
    """What stands on the lines of a saved form after the header: the base, the rules, the trees."""
    return [json.loads(line) for line in to_bytes(made).splitlines()[1:]]


def resealed(changed: list[Any]) -> bytes:
    """A file of such lines, checksum and all. Raises ValueError for what is no JSON data."""
    return sealed([json.dumps(line, separators=(",", ":")).encode("ascii") for line in changed])
