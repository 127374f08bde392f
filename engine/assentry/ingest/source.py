"""The promise that every source of records keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from assentry.errors import InputError

Action = Mapping[str, object]
"""One action document, as the action schema describes it."""

Progress = Callable[[int], None]
"""Told how many bytes of the file on disk have been read so far."""


class Item(NamedTuple):
    """One record: where it stands (`trail.json:record 7`), and its action, or why there is none.

    A record that cannot be read is an item too, with an InputError in the action's place: whoever
    counts actions counts it, and nothing gets lost.
    """

    place: str
    action: Action | InputError


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of file that holds records, and how to read it.

    `read(path, on_progress)` gives the records in the order of the file, one at a time and with flat
    memory however long the file is. `-` reads standard input. It raises InputError for a file that
    cannot be opened or is no such file at all; damage within the file is an `Item`.
    """

    name: str
    description: str
    read: Callable[[Path, Progress], Iterator[Item]]


def no_progress(_done: int) -> None:
    """For readers that nobody watches."""
