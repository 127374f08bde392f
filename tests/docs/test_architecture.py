"""The map of the house names every room, in the order in which they may import each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.docs.shell import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
ENGINE = ROOT / "engine/assentry"


def rooms() -> list[str]:
    """The rooms of the map, from the bottom up."""
    section = PAGE.partition("## The map")[2].partition("Beside the engine")[0]
    return re.findall(r"^\| `([a-z_]+(?:/|\.py))` \|", section, re.MULTILINE)


def test_the_map_names_every_room_once() -> None:
    folders = [f"{path.name}/" for path in ENGINE.iterdir() if (path / "__init__.py").exists()]
    files = [path.name for path in ENGINE.glob("*.py") if path.name != "__init__.py"]
    assert sorted(rooms()) == sorted(folders + files)


def test_the_map_is_in_the_order_of_imports() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = document["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    height = {name.strip("() "): at for at, layer in enumerate(reversed(layers)) for name in re.split(r"[|:]", layer)}
    named = [room.rstrip("/").removesuffix(".py") for room in rooms()]
    heights = [height.get(name, len(layers)) for name in named]
    assert heights == sorted(heights), list(zip(named, heights, strict=True))


def test_every_folder_of_tests_that_is_no_room_is_explained() -> None:
    section = PAGE.partition("## How the laws are tested")[2].partition("## How to add")[0]
    explained = set(re.findall(r"`tests/([a-z]+)/`", section))
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    named = {room.rstrip("/") for room in rooms()}
    assert sorted(folders - named - explained - {"rules"}) == []
    assert sorted(name for name in explained if not Path(ROOT / "tests" / name).is_dir()) == []
