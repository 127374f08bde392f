"""Links between the pages lead somewhere, anchors included, and every page is linked from the index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.generate.markdown import anchor
from tests.docs.pages import paths
from tests.docs.shell import ROOT

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """The text of a page without its blocks."""
    return _CODE.sub("", path.read_text(encoding="utf-8"))


def links(path: Path) -> Iterator[str]:
    for match in _LINK.finditer(re.sub(r"`[^`\n]*`", "", prose(path))):
        target = match[1] or match[2] or match[3]
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(path: Path) -> set[str]:
    return {anchor(heading) for heading in _HEADING.findall(prose(path))}


@pytest.mark.parametrize("path", paths(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in links(path):
        name, _, place = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (place and place not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs/README.md"
    named = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    # A folder with an index of its own is named by it.
    indexes = {path.parent for path in named if path.name == "README.md"}
    missing = [
        str(path.relative_to(ROOT))
        for path in paths()
        if path.is_relative_to(index.parent) and path not in named and path != index and path.parent not in indexes
    ]
    assert missing == []
