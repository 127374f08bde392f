"""Every tree of a rule file can be written, and reads back as the same tree."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from assentry.language import nodes
from assentry.language.print import unparse
from tests.support.syntax import file, files, unplaced


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_every_tree_reads_back(tree: nodes.File) -> None:
    text = unparse(tree)
    again = file(text)
    assert unplaced(again.package) == unplaced(tree.package)
    assert [unplaced(s) for s in again.statements] == [unplaced(s) for s in tree.statements]
    assert unparse(again) == text
