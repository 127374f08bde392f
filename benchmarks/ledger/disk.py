"""The machine's own disk, in the same breath: what it takes to append 4 kB to a file and have them durable."""

from __future__ import annotations

import os
import time
from pathlib import Path

PAGE = 4096


class Disk:
    """A file that grows by a page at a time, on the disk that a log stands on."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / "probe", os.O_RDWR | os.O_CREAT)
        self._page = os.urandom(PAGE)

    def sync_ms(self) -> float:
        """Milliseconds of one append with `fdatasync`: the least that a durable entry costs here and now."""
        begin = time.perf_counter()
        os.write(self._file, self._page)
        os.fdatasync(self._file)
        return (time.perf_counter() - begin) * 1e3

    def close(self) -> None:
        os.close(self._file)
