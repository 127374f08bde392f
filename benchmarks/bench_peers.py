"""How does Assentry stand beside other engines?

Every engine is given the same rule set in its own language, and the same actions; answers are compared before any
clock starts. Then all decide in turn in one process (programs in Go and Rust in their own, which say how long they
took): microseconds a decision, and how many times that is of ours. Engines that are not installed are left out with a
word; `make bench-peers` installs what it can.

The ratios are asked for at 10 and 1,000 rules; 100 and 10,000 are there for the plot, from one process each.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from timing import MOST, PROCESSES, answer, asked_for_one, in_processes, in_turn, keep, ratio, settled, table
from versus.everyone import EVERYONE, OURS, Entry
from versus.peer import PEERS, Absent, Peer, agrees
from workloads.prepared import prepare_all, stream, workshop
from workloads.rulesets import Kind, rule_set

CASES: list[tuple[Kind, int, int]] = [
    ("mixed", 10, PROCESSES),
    ("mixed", 1000, PROCESSES),
    ("partition", 10, PROCESSES),
    ("partition", 1000, PROCESSES),
    ("mixed", 100, 1),
    ("mixed", 10_000, 1),
]
"""Kind, rules, processes."""
SECONDS = 0.05
"""For each engine in each round; a slow one decides at least three actions."""


def one(prepared: Path, kind: Kind, rules: int) -> dict[str, dict[str, object]]:
    expected = stream(prepared, kind, rules)
    actions = [action for action, _ in expected]
    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        ready: dict[str, tuple[Peer, int]] = {}
        for entry in EVERYONE:
            if entry.most < rules:
                continue
            try:
                peer = entry.make(rule_set(rules, kind), actions, Path(folder))
            except Absent as absent:
                found[entry.title] = {"absent": str(absent)}
                continue
            settled()
            count = _fitting(peer, len(actions))
            for said, (action, right) in zip(peer.answers(count), expected, strict=False):
                assert agrees(said, right), f"{entry.title} says {said}, not {right}, of {action}"
            ready[entry.title] = peer, count
        turns = in_turn(
            {title: lambda peer=peer, count=count: peer.mean_us(count) for title, (peer, count) in ready.items()},  # type: ignore[misc]
            rounds=5,
        )
        for title, (peer, count) in ready.items():
            found[title] = {
                "us": statistics.median(turns[title]),
                "times ours": ratio(turns[title], turns[OURS.title]),
                "actions": count,
                "version": peer.version,
            }
            peer.close()
    return found


def _fitting(peer: Peer, most: int) -> int:
    """How many decisions fit into a round."""
    peer.mean_us(3)  # whatever is made once
    return max(3, min(most, int(SECONDS * 1e6 / max(peer.mean_us(3), 0.1))))


def row(entry: Entry, kind: Kind, rules: int, runs: list[dict[str, dict[str, object]]]) -> dict[str, object]:
    """An engine's medians over the processes."""
    measured = [run[entry.title] for run in runs if entry.title in run]
    if not measured or "absent" in measured[0]:
        word = measured[0]["absent"] if measured else "too slow to wait for"
        return {"kind": kind, "rules": rules, "engine": entry.title, "us": None, "times ours": None, "": word}
    return {
        "kind": kind,
        "rules": rules,
        "engine": entry.title,
        "us": statistics.median(float(str(run["us"])) for run in measured),
        "times ours": statistics.median(float(str(run["times ours"])) for run in measured),
        "": measured[0]["version"],
    }


def main() -> None:
    python = PEERS / "venv" / "bin" / "python"
    if not python.exists():
        print("without `make bench-peers` only Assentry and Python by hand are compared")
    rows = []
    cases = [case for case in CASES if case[1] <= MOST]
    with workshop() as folder:
        prepare_all(folder, sorted({rules for _, rules, _ in cases}))
        for kind, rules, processes in cases:
            words = [folder, kind, rules]
            runs = in_processes(__file__, words, processes, str(python) if python.exists() else sys.executable)
            rows += [row(entry, kind, rules, runs) for entry in EVERYONE]
            table(rows[-len(EVERYONE) :], f"{rules:,} rules, {kind}")
            keep("peers", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(Path(given[0]), given[1], int(given[2])))  # type: ignore[arg-type]
    else:
        main()
