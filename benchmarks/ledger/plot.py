"""Draws what a log costs as it grows: docs/pictures/ledger-cost.png, from results/ledger-growth.json.

Runs in the environment that `make bench-peers` makes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from timing import PAGE, RESULTS
from versus.peer import imported

TARGET = PAGE.parent / "pictures" / "ledger-cost.png"
SIZES = ([1000, 10_000, 100_000, 1_000_000, 10_000_000], ["1,000", "10,000", "100,000", "1 million", "10 million"])
TIMES = (
    [1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8],
    ["10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"],
)
LINES = (
    ("verify s", 1e6, "verify all of it", "#c2410c"),
    ("inclusion proof us", 1, "make and check an inclusion proof", "#2f6690"),
    ("append us", 1, "append one entry, signed", "#1e3a5f"),
    ("append, of 256 us", 1, "append one entry of a batch of 256", "#5c8001"),
)


def main() -> None:
    rows: list[dict[str, Any]] = json.loads((RESULTS / "ledger-growth.json").read_text(encoding="utf-8"))["rows"]
    matplotlib = imported("matplotlib")
    matplotlib.use("Agg")
    plt = imported("matplotlib.pyplot")
    plt.rcParams.update(
        {"font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    )
    figure, axes = plt.subplots(figsize=(9, 4.6), dpi=110)
    sizes = [row["entries"] for row in rows]
    for name, unit, title, colour in LINES:
        costs = [row[name] * unit for row in rows]
        axes.plot(sizes, costs, marker="o", color=colour, linewidth=2)
        axes.annotate(
            title, (sizes[-1], costs[-1]), xytext=(7, 0), textcoords="offset points", va="center", color=colour
        )
    axes.set(xscale="log", yscale="log", xlabel="entries in the log", ylabel="processor time", xlim=(700, 4e9))
    axes.set_xticks(*SIZES)
    axes.set_yticks(*TIMES)
    axes.minorticks_off()
    axes.grid(visible=True, axis="y", color="#e5e7eb", linewidth=0.8)
    axes.set_title("A log as it grows: appending is flat, proving logarithmic, verifying linear", loc="left")
    figure.tight_layout()
    TARGET.parent.mkdir(exist_ok=True)
    figure.savefig(TARGET, metadata={"Software": None})
    print(f"drawn: {TARGET.name}")


if __name__ == "__main__":
    main()
