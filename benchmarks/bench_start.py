"""What does it cost to start the command? CPU milliseconds of whole processes, user and system together."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from timing import keep, progress, table
from workloads.assent import assent
from workloads.rulesets import rule_set

COMMAND = str(Path(sys.executable).parent / "assentry")
RUNS = 7


def cpu(arguments: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(arguments, check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1e3


def median(arguments: list[str]) -> float:
    return statistics.median(cpu(arguments) for _ in range(RUNS))


def main() -> None:
    progress("bench_start")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in assent(rule_set(1000)).items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        row = {
            "python -c pass ms": median([sys.executable, "-c", "pass"]),
            "--version ms": median([COMMAND, "--version"]),
            "check 1,000 rules ms": median([COMMAND, "check", folder]),
        }
    table([row])
    keep("start", [row])


if __name__ == "__main__":
    main()
