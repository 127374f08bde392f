"""The house keeps its own rules: sizes, words, and what must not be committed."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGINE = sorted((ROOT / "engine").rglob("*.py"))


@cache
def tracked() -> list[Path]:
    """The files that git tracks; outside a checkout all files of the project."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = done.stdout.splitlines() if done.returncode == 0 else []
    return [path for name in names if (path := ROOT / name).is_file()] or ENGINE


def functions() -> Iterator[tuple[str, int]]:
    """Every function of the engine with its length in lines."""
    for path in ENGINE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", length


def test_files_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in ENGINE}
    assert {name: length for name, length in lengths.items() if length > 600} == {}
    assert statistics.median(lengths.values()) <= 160


def test_functions_are_short() -> None:
    lengths = dict(functions())
    assert {name: length for name, length in lengths.items() if length > 60} == {}
    assert statistics.quantiles(lengths.values(), n=10)[-1] <= 30


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in ENGINE
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_nothing_is_left_unfinished_or_silenced() -> None:
    patterns = {
        "unfinished": r"\bTODO\b|\bFIXME\b|\bXXX\b|NotImplementedError",
        "silenced": r"except( \w+)?:\s*pass\b|type: ignore(?!\[)|# noqa(?!: [A-Z]+\d+)",
    }
    found = [
        f"{path.relative_to(ROOT)}: {what}"
        for path in ENGINE
        for what, pattern in patterns.items()
        if re.search(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_machine_and_no_package_registry_is_named() -> None:
    # Written in pieces, so that this file does not name them either.
    hosts = ["py" + "pi.", "python" + "hosted", "npm" + "js", "cr" + "ates.io"]
    folders = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/tm" + "p/"]
    pattern = re.compile(
        "|".join(re.escape(word) for word in hosts) + "|" + "|".join(rf"(?<![\w.}}]){f}" for f in folders)
    )
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def test_pins_are_names_and_exact_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", pin)] == []
