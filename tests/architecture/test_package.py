"""What is declared: every package that is needed is pinned, and data files travel with the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _name(requirement: str) -> str:
    return re.split(r"[<>=!~\[; ]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def test_every_requirement_is_pinned() -> None:
    pins = {_name(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    project = PROJECT["project"]
    extras = [requirement for extra in project["optional-dependencies"].values() for requirement in extra]
    wanted = {_name(each) for each in [*project["dependencies"], *extras, *PROJECT["build-system"]["requires"]]}
    assert wanted - pins - {project["name"]} == set()


def test_no_copyleft_is_installed() -> None:
    from importlib.metadata import distributions

    found = []
    for distribution in distributions():
        meta = distribution.metadata
        words = " ".join([*(meta.get_all("License-Expression") or []), *(meta.get_all("Classifier") or [])])
        if re.search(r"\bA?GPL|GNU (Affero )?General Public", words) and "LGPL" not in words:
            found.append(distribution.name)
    assert found == []
