"""Rule sets from memory: what is no text or no JSON is refused by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from assentry.compiler import load_sources
from assentry.errors import ConfigError

RULES = {"p.assent": "package p\ndeny d if true\n"}


def _itself() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"x": _itself()}, "`x` is nested deeper"),
        ({"x": {1: 2}}, "`x` has a key that is no text: `1`"),
        ({"x": 2**63}, "`x` holds an integer beyond 64 bits"),
        ({"x": [float("nan")]}, "`x` holds a number that is not finite"),
        ({"x": {"a": {1, 2}}}, "`x` holds a `set`, which is not JSON"),
    ],
)
def test_data_that_are_not_json(data: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        load_sources(RULES, data=data)


def test_a_file_that_is_no_text() -> None:
    with pytest.raises(ConfigError, match=r"no text but .bytes."):
        load_sources({"p.assent": b"package p"})  # type: ignore[dict-item]


def test_where_a_policy_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"nowhere/p\.json"):
        load_sources(RULES).save(tmp_path / "nowhere" / "p.json")
