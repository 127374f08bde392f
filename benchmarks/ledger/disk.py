"""The machine's own disk, in the same breath: what it takes to write 4 kB over in a file and have them durable."""

from __future__ import annotations

import os
import time
from pathlib import Path

PAGE = 4096
PAGES = 1024


class Disk:
    """A file of 4 MB on the disk that a log stands on, written over page by page, as databases do with their WAL."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "probe", os.O_RDWR | os.O_CREAT)
        self._page = os.urandom(PAGE)
        self._next = 0
        os.write(self._file, self._page * PAGES)
        os.fsync(self._file)

    def sync_ms(self) -> float:
        """Milliseconds of one page with `fdatasync`: the least that a durable entry costs here and now."""
        self._next = (self._next + 1) % PAGES
        begin = time.perf_counter()
        os.pwrite(self._file, self._page, self._next * PAGE)
        os.fdatasync(self._file)
        return (time.perf_counter() - begin) * 1e3

    def close(self) -> None:
        os.close(self._file)
