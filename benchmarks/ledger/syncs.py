"""How often the disk is waited for, as the system sees it: counted by strace."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

COUNT = 100


def count_syncs(script: Path, folder: Path) -> float | None:
    """Calls of fsync and fdatasync for each lone append; None where strace is not installed or not allowed."""
    if shutil.which("strace") is None:
        return None
    some, more = _calls(script, folder, COUNT), _calls(script, folder, 2 * COUNT)  # opening and closing are in both
    return None if some is None or more is None else (more - some) / COUNT


def _calls(script: Path, folder: Path, count: int) -> int | None:
    report = folder / f"strace-{count}"
    words = ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync,sync_file_range,msync", "-o", str(report)]
    done = subprocess.run(
        [*words, sys.executable, str(script), "--one", "count", str(folder), str(count)],
        check=False,
        capture_output=True,
    )
    if done.returncode:
        return None
    lines = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+).*\s(\w+)$", report.read_text(encoding="utf-8"), re.MULTILINE)
    return sum(int(calls) for calls, name in lines if name != "total")
