"""Puts the tables of results/*.json into docs/benchmarks.md, and has the plot drawn where matplotlib is installed.

A table stands between `<!-- name -->` and `<!-- end -->`. What a table shows of a file is said here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from timing import PAGE, RESULTS, ROOT
from versus.peer import PEERS

SOURCE = ROOT / "docs" / "benchmarks.md"
Rows = Sequence[Mapping[str, Any]]


def peers(rows: Rows) -> str:
    """Two tables: what each engine takes, and how many times that is of ours."""
    cases = sorted({(row["kind"], row["rules"]) for row in rows}, key=lambda case: (case[0] == "mixed", case[1]))
    heads = [f"{kind} {rules:,}" for kind, rules in cases]
    taken, times = [], []
    for engine in dict.fromkeys(row["engine"] for row in rows):
        mine = {(row["kind"], row["rules"]): row for row in rows if row["engine"] == engine}
        measured = [row for row in mine.values() if row["us"] is not None]
        if measured:
            taken.append([engine, measured[0][""], *(_cell(mine[case]["us"]) for case in cases)])
            times.append([engine, *(_cell(mine[case]["times ours"]) for case in cases)])
    return f"{_markdown(['engine', 'version', *heads], taken)}\nThe same as multiples of ours:\n\n{_markdown(['engine', *heads], times)}"


def plain(*names: str) -> Callable[[Rows], str]:
    """The named columns, or all of them."""

    def make(rows: Rows) -> str:
        heads = names or tuple(dict.fromkeys(name for row in rows for name in row))
        return _markdown(list(heads), [[_cell(row.get(name)) for name in heads] for row in rows])

    return make


TABLES: dict[str, Callable[[Rows], str]] = {
    "targets": plain(),
    "decide": plain(),
    "scaling": plain(),
    "peers": peers,
    "new": plain(),
    "garbage": plain(),
    "build": plain(),
    "saved": plain(),
    "malformed": plain("kind", "actions", "us", "ratio", "p99", "errors us", "within"),
    "typed": plain(),
    "scenarios": plain(),
    "cel": plain(),
    "start": plain(),
    "ledger-targets": plain(),
    "ledger-batches": plain(),
    "ledger-lone": plain(),
    "ledger-eight": plain(),
    "ledger-fair": plain(),
    "ledger-verify": plain(),
    "ledger-growth": plain(),
}


def page(text: str) -> str:
    """The page with all tables that there are results for."""
    for name, make in TABLES.items():
        path = RESULTS / f"{name}.json"
        if path.exists():
            made = make(json.loads(path.read_text(encoding="utf-8"))["rows"])
            begin = text.index(f"<!-- {name} -->\n") + len(f"<!-- {name} -->\n")
            text = f"{text[:begin]}\n{made}\n{text[text.index('<!-- end -->', begin) :]}"
    return text


def _markdown(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    numeric = [all(re.match(r"[\d.,x-]*$", line[column]) for line in lines) for column in range(len(heads))]
    rule = ["---:" if right else "---" for right in numeric]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, rule, *lines))


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)


def main() -> None:
    """With `--quiet` the tables alone."""
    PAGE.write_text(page(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
    if "--quiet" in sys.argv:
        return
    print(f"\nwritten: {PAGE.name}")
    python = PEERS / "venv" / "bin" / "python"
    if python.exists():
        for script, name in (("plot.py", "peers"), ("ledger/plot.py", "ledger-growth")):
            if (RESULTS / f"{name}.json").exists():
                subprocess.run([python, Path(__file__).parent / script], check=True)
    else:
        print("no plot: `make bench-peers` installs matplotlib")


if __name__ == "__main__":
    main()
