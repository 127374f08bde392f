"""Would typed input pay: objects with slots instead of dictionaries, or keys that are interned at the door?

At 1,000 rules. `decode us`: from the text of an action to what is decided on; `reads us`: every place that the rules
ask of, read once; `decide us`: a decision. The engine takes dictionaries; for objects `decide us` is a decision with the
reads of dictionaries taken off and those of objects put on, which is the most that they could save.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from timing import answer, asked_for_one, in_processes, in_turn, keep, mean_us, medians, table
from versus.peer import PEERS, imported
from workloads.prepared import Prepared, prepare_all, workshop
from workloads.reference import Action
from workloads.rulesets import KINDS, Kind, rule_set

RULES = 1000
PYTHON = PEERS / "venv" / "bin" / "python"
JSON, INTERNED, MAPS, STRUCTS = "json", "json, keys interned", "msgspec, dictionaries", "msgspec, structs"
Path_ = tuple[str, ...]


def interned(value: Any) -> Any:
    """The same with every key interned."""
    if type(value) is dict:
        return {sys.intern(key): interned(item) for key, item in value.items()}
    return value


def struct(name: str, sample: dict[str, Any]) -> Any:
    """A msgspec.Struct with the fields of an action, and their types."""
    fields = [
        (field, struct(f"{name}_{field}", value) if type(value) is dict else _type(value))
        for field, value in sample.items()
    ]
    return imported("msgspec").defstruct(name, fields)


def _type(value: object) -> Any:
    return list[Any] if type(value) is list else type(value)


def reader(places: Sequence[Path_], attributes: bool) -> Callable[[Any], object]:
    """A function that reads each of the places once, through objects that it has looked up once."""
    lines = ["def read(given):"]
    known: dict[Path_, str] = {(): "given"}
    for place in places:
        for depth in range(1, len(place) + 1):
            part = place[:depth]
            if part not in known:
                known[part] = "_".join(("at", *part))
                step = f".{part[-1]}" if attributes else f"[{part[-1]!r}]"
                lines.append(f"    {known[part]} = {known[part[:-1]]}{step}")
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)  # text that this file made
    read: Callable[[Any], object] = names["read"]
    return read


def one(folder: Path, kind: Kind) -> dict[str, float]:
    made = Prepared.load(folder, kind, RULES)
    texts = [json.dumps(action).encode() for action in made.actions]
    places = sorted({test.path for rule in rule_set(RULES, kind) for test in rule.tests})
    maps: Callable[[bytes], Any] = imported("msgspec.json").decode
    structs: Callable[[bytes], Any] = imported("msgspec.json").Decoder(struct("action", made.actions[0])).decode
    ways: dict[str, Callable[[bytes], Any]] = {
        JSON: json.loads,
        INTERNED: lambda text: interned(json.loads(text)),
        MAPS: maps,
        STRUCTS: structs,
    }
    calls: dict[str, Callable[[], float]] = {}
    for name, decode in ways.items():
        given: list[Action] = list(map(decode, texts))
        read = reader(places, attributes=name == STRUCTS)
        calls[f"{name}|decode us"] = lambda decode=decode: mean_us(decode, texts)  # type: ignore[misc]
        calls[f"{name}|reads us"] = lambda read=read, given=given: mean_us(read, given)  # type: ignore[misc]
        if name != STRUCTS:
            calls[f"{name}|decide us"] = lambda given=given: mean_us(made.policy.decide, given)  # type: ignore[misc]
    found = {name: statistics.median(times) for name, times in in_turn(calls).items()}
    saved = found[f"{JSON}|reads us"] - found[f"{STRUCTS}|reads us"]
    return {**found, f"{STRUCTS}|decide us": found[f"{JSON}|decide us"] - saved, "places": len(places)}


def main() -> None:
    if not PYTHON.exists():
        print("left out: `make bench-peers` installs msgspec")
        return
    rows: list[dict[str, object]] = []
    with workshop() as folder:
        prepare_all(folder, [RULES])
        for kind in KINDS:
            found = medians(in_processes(__file__, [folder, kind], python=str(PYTHON)))
            for name in (JSON, INTERNED, MAPS, STRUCTS):
                figures = {what: found[f"{name}|{what}"] for what in ("decode us", "reads us", "decide us")}
                rows.append({"kind": kind, "input": name, **figures, "places": int(found["places"])})
    table(rows)
    keep("typed", rows)


if __name__ == "__main__":
    if (given := asked_for_one()) is not None:
        answer(one(Path(given[0]), given[1]))  # type: ignore[arg-type]
    else:
        main()
