"""How the benchmarks measure: several processes, the median of each figure, nothing else on the clock."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROCESSES = 5


def in_processes(script: str, arguments: Sequence[str], processes: int = PROCESSES) -> list[dict[str, float]]:
    """Runs `script arguments` in fresh processes; each prints one JSON object of figures."""
    found = []
    for run in range(processes):
        print(
            f"\r{Path(script).name} {' '.join(arguments)}: {run + 1}/{processes} ", end="", file=sys.stderr, flush=True
        )
        done = subprocess.run([sys.executable, script, *arguments], check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout))
    print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    return found


def medians(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    """The median of each figure over the processes."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def finish(rows: Sequence[dict[str, float]], arguments: Sequence[str]) -> None:
    """Prints the rows as a table; writes them where `--json FILE` says."""
    names = list(rows[0])
    widths = [max(len(name), 10) for name in names]
    print("  ".join(name.rjust(width) for name, width in zip(names, widths, strict=True)))
    for row in rows:
        print("  ".join(f"{row[name]:,.5g}".rjust(width) for name, width in zip(names, widths, strict=True)))
    if "--json" in arguments:
        target = Path(arguments[list(arguments).index("--json") + 1])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(list(rows), indent=2) + "\n", encoding="utf-8")
