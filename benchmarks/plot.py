"""Draws what a decision costs against the number of rules, for all engines: docs/pictures/cost-by-rules.png.

Runs in the environment that `make bench-peers` makes, from results/peers.json and results/scaling.json.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from timing import PAGE, RESULTS
from versus.everyone import EVERYONE, OURS
from versus.peer import imported

TARGET = PAGE.parent / "pictures" / "cost-by-rules.png"
OURS_COLOUR, OTHERS = (
    "#c2410c",
    ["#1e3a5f", "#2f6690", "#3a7ca5", "#5c8001", "#7a9e7e", "#8d6a9f", "#6b7280", "#9ca3af"],
)


def lines() -> dict[str, list[tuple[int, float]]]:
    """Rules and microseconds for each engine."""
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in _rows("peers"):
        if row["kind"] == "mixed" and row["us"] is not None:
            found[row["engine"]].append((row["rules"], row["us"]))
    known = {rules for rules, _ in found[OURS.title]}
    found[OURS.title] += [
        (row["rules"], row["us"]) for row in _rows("scaling") if row["kind"] == "mixed" and row["rules"] not in known
    ]
    return found


def _rows(name: str) -> list[dict[str, Any]]:
    path = RESULTS / f"{name}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    return rows


def main() -> None:
    matplotlib = imported("matplotlib")
    matplotlib.use("Agg")
    plt = imported("matplotlib.pyplot")
    plt.rcParams.update(
        {"font.family": "DejaVu Sans", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    )
    figure, axes = plt.subplots(figsize=(9, 5.6), dpi=110)
    drawn = lines()
    colours = iter(OTHERS * 3)
    ends = []
    for entry in EVERYONE:
        points = sorted(drawn.get(entry.title, ()))
        if not points:
            continue
        ours = entry is OURS
        colour = OURS_COLOUR if ours else next(colours)
        style = {"linewidth": 2.6 if ours else 1.3, "markersize": 6 if ours else 4, "zorder": 3 if ours else 2}
        axes.plot(*zip(*points, strict=True), marker="o", color=colour, **style)
        ends.append((points[-1], entry.title, colour, ours))
    _names(axes, ends)
    axes.set(xscale="log", yscale="log", xlabel="rules", ylabel="one decision", xlim=(8, 1.6e6))
    axes.set_xticks([10, 100, 1000, 10_000, 100_000], ["10", "100", "1,000", "10,000", "100,000"])
    axes.set_yticks([10**power for power in range(7)], ["1 us", "10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s"])
    axes.minorticks_off()
    axes.grid(visible=True, axis="y", color="#e5e7eb", linewidth=0.8)
    axes.set_title("One decision, by number of rules: the same rules, actions and answers for every engine", loc="left")
    figure.tight_layout()
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(TARGET, metadata={"Software": None})
    print(f"drawn: {TARGET.name}")


def _names(axes: Any, ends: list[tuple[tuple[int, float], str, str, bool]]) -> None:
    """Each line's name at its end; those that end at the same size are moved apart."""
    last: dict[int, float] = {}
    for (rules, cost), title, colour, ours in sorted(ends):
        height = max(cost, last.get(rules, 0) * 1.55)
        last[rules] = height
        axes.annotate(
            title, (rules, height), xytext=(7, 0), textcoords="offset points", va="center", color=colour,
            fontweight="bold" if ours else "normal",
        )  # fmt: skip


if __name__ == "__main__":
    main()
