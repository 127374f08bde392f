"""What does an allow through the gate cost over the bare decision, and beside CTRLRun?

One guarded function of three arguments that a policy allows: bound, stamped, decided on its canonical form, sealed,
recorded, run, its end recorded. In memory and in an SQLite file, with and without an effect that is to happen once.
The directory is a file, older than two seconds, since one that changed a moment ago is read at each decision.
Microseconds of this process a call, and of the wall; the best round of many, since every round meets other weather.
In memory once more behind 50,000 allows, with the bytes that each of them left there. CTRLRun, where `make bench-peers`
installed it, guards the same function in its own process, in turn with ours: an allow there is neither signed nor
sealed.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from timing import ROOT, answer, asked_for_one, in_processes, keep, medians, table

PEER = ROOT / "benchmarks" / ".peers" / "venv" / "bin" / "python"
ROUNDS = {"memory": (20, 150), "sqlite": (6, 50)}
"""Rounds, and calls in each."""
LATER = 50_000
"""Allows before the last measurement in memory."""
SETTLED_S = 2.1
LIMIT_US = 150
"""What the gate may cost over the bare decision, with a ledger in memory."""

RULES = 'package bench\n\nallow reads if action.name in ["data.read", "data.move"] with { controls: [A.5.15] }\n'
PEOPLE = "people: {ann: {}, eve: {}}\nservices: []\nowners: {etl-7: [eve]}\n"

Call = Callable[[int], object]


def best(named: Mapping[str, Call], place: str, start: int = 0) -> dict[str, dict[str, float]]:
    """Microseconds a call in the best round: of the process, and of the wall. The calls take turns, round by round.

    Each is given numbers from `start` upwards.
    """
    rounds, calls = ROUNDS[place]
    found = {what: {"cpu us": float("inf"), "wall us": float("inf")} for what in named}
    for begin in range(start, start + rounds * calls, calls):
        for what, call in named.items():
            cpu, wall = time.process_time_ns(), time.perf_counter_ns()
            for number in range(begin, begin + calls):
                call(number)
            took = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
            for unit, nanoseconds in zip(("cpu us", "wall us"), took, strict=True):
                found[what][unit] = min(found[what][unit], nanoseconds / calls / 1e3)
    return found


def resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def work(table: str, columns: list[str], limit: int) -> int:
    """What is guarded."""
    return limit


def one_of_ours(place: str) -> dict[str, dict[str, float]]:
    """The gate on a ledger in memory or in a file."""
    import assentry
    from assentry.gate import Caller, Gate, GateKeys
    from assentry.gate.directory.file import FileDirectory
    from assentry.ledger import opening
    from assentry.ledger.note import Signer
    from assentry.ledger.sealing import SealingKey

    policy = assentry.load_sources({"bench.assent": RULES})
    with tempfile.TemporaryDirectory() as folder:
        people = Path(folder) / "people.yaml"
        people.write_text(PEOPLE, encoding="utf-8")
        os.utime(people, (time.time() - 60, time.time() - 60))
        if place == "memory":
            log = opening.memory("bench", sealing=SealingKey.generate())
        else:
            signer = Signer.generate("log.example/bench")
            opening.create(Path(folder) / "log.db", "bench", signer)
            log = opening.open_log(Path(folder) / "log.db", signer, sealing=SealingKey.generate())
        caller = Caller({"type": "agent", "id": "etl-7"}, holder="ann")
        keys = GateKeys.generate("log.example/bench")
        gate = Gate(policy, ledger=log, directory=FileDirectory(people), keys=keys, caller=caller)
        found = _guarded(gate, policy, place)
        log.close()
    return found


def _guarded(gate: Any, policy: Any, place: str) -> dict[str, dict[str, float]]:
    def resource(table: str, **_: object) -> dict[str, str]:
        return {"type": "table", "id": table}

    read = gate.guard("data.read", resource=resource)(work)
    move = gate.guard("data.move", resource=resource, effect=("table", "limit"))(work)

    read("crm.people", ["id", "name"], 0)
    document = gate.document(gate._parts.clerk.mirror.recent[-1])  # what a decision is made on
    time.sleep(SETTLED_S)
    found = best(
        {
            "the bare decision": lambda number: policy.decide(document),
            "read": lambda number: read("crm.people", ["id", "name"], number),
            "move, once": lambda number: move("crm.people", ["id", "name"], number),
        },
        place,
    )
    return found | _later(move) if place == "memory" else found


def _later(move: Callable[..., object]) -> dict[str, dict[str, float]]:
    """The same behind many more, and what each of them left in memory."""

    def moved(number: int) -> object:
        return move("crm.people", ["id", "name"], number)

    before = resident()
    for number in range(LATER, 2 * LATER):
        moved(number)
    left = (resident() - before) / LATER
    found = best({f"move, once, behind {LATER:,}": moved}, "memory", 2 * LATER)
    return {what: {**figures, "bytes each": left} for what, figures in found.items()}


def one_of_ctrlrun(place: str) -> dict[str, dict[str, float]]:
    """CTRLRun's own guard around the same functions. Runs in its own environment."""
    ctrlrun: Any = import_module("ctrlrun")
    context, protect = ctrlrun.context, ctrlrun.protect

    rules = (
        "schema: ctrlrun.policy/v2\nactions:\n  data.read:\n    decision: allow\n"
        "  data.move:\n    effect: 'move:{table}:{limit}'\n    decision: allow\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        store = (
            ctrlrun.InMemoryStateStore()
            if place == "memory"
            else ctrlrun.SQLiteStateStore(str(Path(folder) / "state.db"))
        )
        control = ctrlrun.Control(ctrlrun.Policy.from_yaml(rules), store)

        read = protect("data.read", resource="table:{table}", control=control)(work)
        move = protect("data.move", resource="table:{table}", control=control)(work)
        with context(agent="etl-7", user="ann"):
            read("crm.people", ["id", "name"], 0)
            return best(
                {
                    "read": lambda number: read("crm.people", ["id", "name"], number),
                    "move, once": lambda number: move("crm.people", ["id", "name"], number),
                },
                place,
            )


def flat(found: dict[str, dict[str, float]]) -> dict[str, float]:
    return {f"{what}|{unit}": value for what, figures in found.items() for unit, value in figures.items()}


def main() -> None:
    rows: list[dict[str, object]] = []
    peer = PEER if PEER.exists() else None
    for place in ("memory", "sqlite"):
        ours, theirs = [], []
        for _ in range(3):
            ours += in_processes(__file__, ["assentry", place], processes=1)
            theirs += in_processes(__file__, ["ctrlrun", place], processes=1, python=str(peer)) if peer else []
        figures = {"Assentry": medians(ours), "CTRLRun": medians(theirs)}
        bare = figures["Assentry"]["the bare decision|cpu us"]
        for who, numbers in figures.items():
            for what in ("the bare decision", "read", "move, once", f"move, once, behind {LATER:,}"):
                if f"{what}|cpu us" in numbers:
                    cpu = numbers[f"{what}|cpu us"]
                    over = cpu - bare if who == "Assentry" and what != "the bare decision" else None
                    row: dict[str, object] = {
                        "ledger": place,
                        "guard": who,
                        "call": what,
                        "cpu us": cpu,
                        "wall us": numbers[f"{what}|wall us"],
                        "over bare": over,
                        "bytes each": numbers.get(f"{what}|bytes each"),
                    }
                    rows.append(row)
    load = os.getloadavg()
    table(rows, f"An allow through the gate, us a call (load {load[0]:.1f} on {os.cpu_count()} cores)")
    keep("gate_allow", rows, load=load, limit_us=LIMIT_US)


if __name__ == "__main__":
    asked = asked_for_one()
    if asked is None:
        main()
    else:
        who, place = asked
        answer(flat(one_of_ours(place) if who == "assentry" else one_of_ctrlrun(place)))
        sys.stdout.flush()
