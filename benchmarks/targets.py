"""Which of the figures that `budgets.toml` promises the last run has met: a row for each of them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from timing import RESULTS, keep, table

BUDGETS = Path(__file__).parent / "budgets.toml"
BY_HAND = "Python by hand"
Row = dict[str, object]
Found = Mapping[str, Any]


def rows(results: Path = RESULTS) -> list[Row]:
    """All that there are results for."""
    budgets = tomllib.loads(BUDGETS.read_text(encoding="utf-8"))
    return [row for name, tell in _TELLERS.items() for row in tell(budgets[name], _rows_of(results / f"{name}.json"))]


def _row(what: str, found: Found, value: float | None, limit: float, at_least: bool = False) -> Row:
    met = value is not None and (value >= limit if at_least else value <= limit)
    where = f"{found['kind']}, {found['rules']:,} rules"
    target = f"{'at least' if at_least else 'at most'} {limit:,.4g}"
    return {"what": what, "where": where, "value": value, "target": target, "met": "yes" if met else "NO"}


def _decide(limits: Mapping[str, float], results: list[Found]) -> Iterator[Row]:
    names = {"ratio to all": "beside all rules by hand", "ratio to first": "beside the first match by hand"}
    for found in results:
        if found["rules"] == 10:
            for figure, limit in limits.items():
                yield _row(f"a decision {names[figure]}, times", found, found[figure], limit)


def _scaling(limits: Mapping[str, Mapping[str, float]], results: list[Found]) -> Iterator[Row]:
    for found in results:
        if limit := limits[found["kind"]].get(str(found["rules"])):
            yield _row("a decision beside ten rules, times", found, found["ratio to 10"], limit)


def _peers(limits: Mapping[str, float], results: list[Found]) -> Iterator[Row]:
    by_hand = {(found["kind"], found["rules"]): found["us"] for found in results if found["engine"] == BY_HAND}
    for engine, limit in limits.items():
        for found in results:
            if found["engine"] == engine and found["rules"] in (10, 1000):
                row = _row(f"{engine} beside ours, times", found, found["times ours"], limit, at_least=True)
                beside = by_hand[found["kind"], found["rules"]]
                yield {**row, "by hand": found["us"] / beside if found["us"] else None}


def _new(limits: Mapping[str, float], results: list[Found]) -> Iterator[Row]:
    for found in results:
        if found["actions"] == "new":
            yield _row(
                "an action never seen, p99 / p50", {**found, "rules": 1000}, found["p99 / p50"], limits["p99 / p50"]
            )


def _plain(what: Mapping[str, str]) -> Callable[[Mapping[str, float], list[Found]], Iterator[Row]]:
    def tell(limits: Mapping[str, float], results: list[Found]) -> Iterator[Row]:
        for found in results:
            for figure, words in what.items():
                yield _row(words, found, found[figure], limits[figure])

    return tell


def _malformed(limits: Mapping[str, float], results: list[Found]) -> Iterator[Row]:
    for kind in dict.fromkeys(found["kind"] for found in results):
        mine = [found for found in results if found["kind"] == kind]
        good = next(found["us"] for found in mine if found["actions"] == "good")
        worst = max((found for found in mine if found["actions"] != "good"), key=lambda found: found["us"])
        limit = max(limits["us"], limits["ratio"] * good)
        yield _row(f"malformed at their worst ({worst['actions']}), us", {**worst, "rules": 1000}, worst["us"], limit)


_TELLERS: dict[str, Callable[[Any, list[Found]], Iterator[Row]]] = {
    "decide": _decide,
    "scaling": _scaling,
    "peers": _peers,
    "new": _new,
    "build": _plain({"us/rule": "building, us a rule"}),
    "saved": _plain(
        {"load us/rule": "loading, us a rule", "resident bytes/rule": "resident after loading, bytes a rule"}
    ),
    "malformed": _malformed,
}


def _rows_of(path: Path) -> list[Found]:
    found: list[Found] = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    return found


def main() -> None:
    found = rows()
    table(found, "What was promised")
    print(f"\n{sum(row['met'] == 'yes' for row in found)} of {len(found)} met")
    keep("targets", found)


if __name__ == "__main__":
    main()
