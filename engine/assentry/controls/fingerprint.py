"""What the catalogue adds to a policy's digest: a hash of the data files of this room."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files


@cache
def digest() -> str:
    """64 hex digits of SHA-256 over the names and bytes of all data files."""
    sum_ = hashlib.sha256()
    for file in sorted((files(__package__) / "data").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            sum_.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return sum_.hexdigest()
