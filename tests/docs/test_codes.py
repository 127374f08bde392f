"""Every message has its place in the reference: a code that the engine can give is documented, with an example of it."""

from __future__ import annotations

import re

from assentry.errors import Kind
from tests.docs.shell import ROOT
from tests.docs.sources import codes

PAGE = (ROOT / "docs/language/diagnostics.md").read_text(encoding="utf-8")
_SECTION = re.compile(r"^### `([a-z0-9-]+)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


def test_all_codes_are_documented() -> None:
    documented = [match[1] for match in _SECTION.finditer(PAGE)]
    assert sorted(set(documented)) == sorted(documented)
    assert sorted(set(documented) ^ codes()) == []


def test_every_example_gives_its_own_code() -> None:
    silent = [match[1] for match in _SECTION.finditer(PAGE) if f"[{match[1]}]: " not in match[2]]
    assert silent == []


def test_all_kinds_of_errors_in_a_decision_are_documented() -> None:
    page = (ROOT / "docs/language/decisions.md").read_text(encoding="utf-8")
    assert [kind.value for kind in Kind if f"`{kind.value}`" not in page] == []
