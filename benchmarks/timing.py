"""How the benchmarks measure: several processes, medians over them, and ratios inside one process.

A benchmark file is run twice over: as a whole it starts fresh processes of itself with `--one`, each of which prints
one JSON object; then it puts the medians together, prints a table and writes `results/<name>.json`.

To try one quickly: BENCH_PROCESSES, BENCH_ROUNDS, BENCH_MOST (rules) and BENCH_ENTRIES (of a log that grows) make it
smaller; BENCH_RESULTS is another folder for what comes of that, BENCH_PAGE another page, beside which its picture lies.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

PROCESSES = int(os.environ.get("BENCH_PROCESSES", "5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
MOST = int(os.environ.get("BENCH_MOST", "100000"))
"""Larger rule sets are left out."""
SOON = float(os.environ.get("BENCH_SECONDS", "540"))
"""Seconds after which a run should come to an end: what is left then gets a single process."""
PATIENCE = 300
RESULTS = Path(os.environ.get("BENCH_RESULTS", Path(__file__).parent / "results"))
PAGE = Path(os.environ.get("BENCH_PAGE", Path(__file__).parents[1] / "docs" / "benchmarks.md"))
"""Where the tables go."""
BEGAN = "BENCH_BEGAN"
"""Where `run.py` says when all of it began, in seconds since the epoch."""
ROOT = Path(__file__).parents[1]

Figures = dict[str, float]
_BEGAN = time.time()


# ---- one process ----


def in_turn(calls: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """What each call returns, round by round, so that all of them meet the same weather."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            found[name].append(call())
    return found


def mean_us(decide: Callable[[Any], object], given: Sequence[object]) -> float:
    """Microseconds of this process for each of the given arguments, in one pass.

    Processor time, as the machines are shared; on an idle one it is the time on the wall. The cost of the loop,
    20 ns a turn, is part of it.
    """
    gc.collect()
    begin = time.process_time_ns()
    for argument in given:
        decide(argument)
    return (time.process_time_ns() - begin) / len(given) / 1e3


def settled() -> None:
    """What stands in memory by now is not looked at again by the collections between the measurements."""
    gc.collect()
    gc.freeze()


def each_us(decide: Callable[[Any], object], given: Iterable[object]) -> list[float]:
    """Microseconds of every single call, without what reading the clock takes."""
    clock = time.thread_time_ns
    empty = statistics.median(-clock() + clock() for _ in range(1000))
    gc.collect()
    found = []
    for argument in given:
        begin = clock()
        decide(argument)
        found.append(max(0.0, clock() - begin - empty) / 1e3)
    return found


def each_medians(runs: Sequence[Sequence[float]]) -> list[float]:
    """For each call its median over the processes: what hangs on the call stays, what hangs on the weather goes."""
    return [statistics.median(times) for times in zip(*runs, strict=True)]


def ratio(upper: Sequence[float], lower: Sequence[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(u / v for u, v in zip(upper, lower, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# ---- several processes ----


def in_processes(
    script: str, arguments: Sequence[object] = (), processes: int = PROCESSES, python: str = sys.executable
) -> list[Any]:
    """Runs the benchmark with `--one` in fresh processes, one after the other; what each printed last, as JSON.

    None at all when one takes longer than PATIENCE: what is that slow need not be known more exactly.
    """
    name = Path(script).stem
    words = [str(argument) for argument in arguments]
    found = []
    told = " ".join(word for word in words if not word.startswith("/"))
    if _taken() > SOON:
        processes = 1
    progress(f"{f'{name} {told}'.strip()}, {f'{processes} processes' if processes > 1 else 'one process'}")
    for _ in range(processes):
        try:
            done = subprocess.run(
                [python, script, "--one", *words], check=False, stdout=subprocess.PIPE, text=True, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired:
            print(f"{name} {told}: given up after {PATIENCE} s", flush=True)
            return []
        if done.returncode:
            raise SystemExit(f"{name} {' '.join(words)} failed")
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return found


def medians(runs: Sequence[Figures]) -> Figures:
    """The median of each figure over the processes; nothing of none."""
    return {name: statistics.median(run[name] for run in runs) for first in runs[:1] for name in first}


def asked_for_one() -> list[str] | None:
    """The arguments after `--one`, or None in the process that starts the others."""
    return sys.argv[2:] if sys.argv[1:2] == ["--one"] else None


def answer(figures: object) -> None:
    """What a single process has to say."""
    print(json.dumps(figures))


# ---- what is shown and kept ----


def progress(text: str) -> None:
    """Says what begins now, and how long all of it has taken so far."""
    print(f"[{_taken():4.0f} s] {text}", file=sys.stderr, flush=True)


def _taken() -> float:
    return time.time() - float(os.environ.get(BEGAN, _BEGAN))


def table(rows: Sequence[Mapping[str, object]], title: str = "") -> None:
    """Prints the rows under their names."""
    if title:
        print(f"\n{title}")
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_shown(row.get(name)) for name in names] for row in rows]
    widths = [max(len(text) for text in column) for column in zip(names, *cells, strict=True)]
    for line in (names, *cells):
        print("  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)).rstrip(), flush=True)


def keep(name: str, rows: object, **more: object) -> None:
    """Writes `results/<name>.json`: the rows and what they were measured on."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = {"measured on": machine(), **more, "rows": rows}
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1, default=str) + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """What the numbers hang on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True, cwd=ROOT
    )
    return {
        "python": platform.python_version(),
        "processor": _processor(),
        "date": time.strftime("%Y-%m-%d"),
        "commit": commit.stdout.strip(),
        "load": f"{os.getloadavg()[0]:.1f} on {os.cpu_count()}",
        "processes": "one, at the end of a long run" if _taken() > SOON else PROCESSES,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)
