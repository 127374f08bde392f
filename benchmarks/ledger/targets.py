"""Which of the figures that `budgets.toml` promises of the ledger and of the gate the last run has met."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from targets import BUDGETS
from timing import RESULTS, keep, table

Row = dict[str, object]
Found = Mapping[str, Any]

PLAIN = {
    "ledger-batches": {"entries/s": "durable entries/s in batches of 256", "ms p99": "a batch of 256, ms p99"},
    "ledger-lone": {"ms p50": "one lone entry, ms", "fsyncs": "one lone entry, fsyncs"},
    "ledger-eight": {"entries/s": "entries/s of 8 writers, one at a time"},
    "ledger-fair": {
        "least share": "4 processes on one file, the least share",
        "longest ms": "4 processes on one file, the longest wait, ms",
    },
    "ledger-verify": {"leaves/s": "verified leaves/s"},
    "gate_allow": {"over bare": "an allow through the gate over the bare decision, us"},
}
"""Figures of one row each, by the file of results."""

NAMED = ("log", "writers", "what", "ledger", "guard", "call")
"""What tells the rows of a file apart."""


def rows(results: Path = RESULTS) -> list[Row]:
    """All that there are results for."""
    budgets = tomllib.loads(BUDGETS.read_text(encoding="utf-8"))
    found: list[Row] = []
    for name, words in PLAIN.items():
        for promise in budgets[name]:
            found += _plain(words, promise, _rows_of(results / f"{name}.json"))
    return [*found, *_growth(budgets["ledger-growth"], _rows_of(results / "ledger-growth.json"))]


def _plain(words: Mapping[str, str], promise: Found, results: Sequence[Found]) -> Iterator[Row]:
    """A promise names the rows that it is about, and for some of their figures the least or the most."""
    for found in results:
        if all(found.get(name) == promise[name] for name in NAMED if name in promise):
            where = ", ".join(str(found[name]) for name in NAMED if name in found and name != "guard")
            for side in ("at least", "at most"):
                for figure, limit in promise.get(side, {}).items():
                    yield _row(words[figure], where, found[figure], side, limit, found)


def _growth(limits: Mapping[str, float], results: Sequence[Found]) -> Iterator[Row]:
    """Appending is flat, proving logarithmic, verifying linear."""
    if len(results) < 2:
        return
    *_, before, last = results
    first, where = results[0], f"{last['entries']:,} entries"
    appended = last["append us"] / first["append us"]
    verified = (last["verify s"] / last["entries"]) / (before["verify s"] / before["entries"])
    most = (last["entries"] - 1).bit_length()
    yield _row(f"appending beside {first['entries']:,}, times", where, appended, "at most", limits["append"], last)
    yield _row("hashes of a proof", where, last["hashes of a proof"], "at most", most, last)
    yield _row(
        f"verifying an entry beside {before['entries']:,}, times", where, verified, "at most", limits["verify"], last
    )


def _row(what: str, where: str, value: float | None, side: str, limit: float, found: Found) -> Row:
    met = value is not None and (value >= limit if side == "at least" else value <= limit)
    beside = {"disk ms": found.get("disk ms p50"), "load": found.get("load")}
    return {
        "what": what,
        "where": where,
        "value": value,
        "target": f"{side} {limit:,.10g}",
        "met": "yes" if met else "NO",
        **beside,
    }


def _rows_of(path: Path) -> list[Found]:
    found: list[Found] = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    return found


def main() -> None:
    found = rows()
    table(found, "What was promised of the ledger")
    print(f"\n{sum(row['met'] == 'yes' for row in found)} of {len(found)} met")
    keep("ledger-targets", found)


if __name__ == "__main__":
    main()
