"""Runs benchmarks one after the other, and puts their tables into docs/benchmarks.md as each of them ends.

    run.py            what `make bench` shows: what matters most comes first
    run.py ledger     what `make bench-ledger` shows
    run.py FILE ...   these

All of them share one folder of prepared policies. A benchmark that fails does not keep the others from running; the
run then ends with 1.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from timing import BEGAN, progress
from workloads.prepared import FOLDER, workshop

HERE = Path(__file__).parent
GROUPS = {
    "": [
        "decide",
        "scaling",
        "peers",
        "new",
        "build",
        "saved",
        "malformed",
        "garbage",
        "scenarios",
        "cel",
        "typed",
        "start",
    ],
    "ledger": ["ledger", "ledger_verify", "gate_allow", "ledger_growth"],
}


def main(asked: list[str]) -> int:
    names = GROUPS.get(" ".join(asked)) or [Path(name).stem.removeprefix("bench_") for name in asked]
    os.environ[BEGAN] = str(time.time())
    failed = []
    with workshop() as folder:
        os.environ[FOLDER] = str(folder)
        for name in names:
            print(f"\n# bench_{name}", flush=True)
            if subprocess.run([sys.executable, HERE / f"bench_{name}.py"], check=False).returncode:
                failed.append(name)
            subprocess.run([sys.executable, HERE / "report.py", "--quiet"], check=True)
    for targets in ("targets.py", "ledger/targets.py"):
        subprocess.run([sys.executable, HERE / targets], check=True)
    subprocess.run([sys.executable, HERE / "report.py"], check=True)
    progress("all done" if not failed else f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
