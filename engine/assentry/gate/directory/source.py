"""The promise of whatever keeps a directory: a snapshot as of now, or a clear no."""

from __future__ import annotations

from operator import is_
from typing import Protocol, runtime_checkable

from assentry.approvals.directory import Directory
from assentry.gate.directory.records import Records
from assentry.gate.directory.snapshot import Snapshot


@runtime_checkable
class DirectorySource(Protocol):
    """A directory that changes in the course of time."""

    def snapshot(self) -> Directory:
        """The directory as of now: immutable, answering from memory. Takes bounded time.

        Raises DirectoryUnavailable for one that fails, is too slow, too old, too large or not to be believed.
        """
        ...


class SnapshotSource(Protocol):
    """A source whose snapshots are those of this package."""

    def snapshot(self) -> Snapshot:
        """As of now. Raises DirectoryUnavailable."""
        ...


class RecordSource(Protocol):
    """A source of records, several of which make one directory."""

    def records(self) -> Records:
        """What the source says as of now; the same object as long as nothing changed. Takes bounded time.

        Raises DirectoryUnavailable.
        """
        ...


def snapshot_of(directory: DirectorySource | Directory) -> Directory:
    """One view of a directory for one decision; a directory that is no source is its own snapshot.

    Raises DirectoryUnavailable.
    """
    return directory.snapshot() if isinstance(directory, DirectorySource) else directory


class CombinedDirectory:
    """Several sources as one directory; those that come first decide (see `Snapshot`). When one fails, all fail."""

    def __init__(self, *sources: RecordSource) -> None:
        self._sources = sources
        self._last: tuple[tuple[Records, ...], Snapshot] | None = None

    def snapshot(self) -> Snapshot:
        """As of now. Raises DirectoryUnavailable."""
        records = tuple([source.records() for source in self._sources])
        last = self._last
        if last is not None and all(map(is_, last[0], records)):
            return last[1]
        snapshot = Snapshot(records)
        self._last = (records, snapshot)
        return snapshot
