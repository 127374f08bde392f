"""Rule files: the statements, their places, the limits, and what is left of a file with errors."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.diagnostics import Diagnostic, render
from assentry.language import nodes
from assentry.language.parse import MAX_BYTES, MAX_FINDINGS, parse
from assentry.source import Source
from tests.support.syntax import file, findings, short

EXAMPLE = """\
# rules/exports.assent
package exports with { owner: "security" }

import data.accounts
import data.geo.regions
default deny

const SENSITIVE := ["pii", "phi"]
external if has(action.destination)   # two heads
external if {
    a; b
    c
}
is_read(name, kind) if name in ["data.read"]
allow reads if is_read(action.name) with { controls: [A.5.15] }
risk 30 off_hours if x < 6
require approval pii_export if { external } with {
    title: "Two people", severity: high
    controls: [A.8.12, soc2:CC6.1, nist:AC-2(1)]
    approvers: 2 of group("data-protection")
        and 1 of role("owner")
    within: 1h30m
    redact: [action.sample, resource.group]
    x_note: {"k": [1, -2.5, true, null]}
}
"""


def test_every_kind_of_statement() -> None:
    tree = file(EXAMPLE)
    assert tree.package.name.text == "exports"
    assert tree.package.defaults is not None
    kinds = [type(statement).__name__ for statement in tree.statements]
    assert kinds == ["Import", "Import", "Default", "Const", "Head", "Head", "Head", "Rule", "Rule", "Rule"]
    second = tree.statements[1]
    assert isinstance(second, nodes.Import)
    assert [name.text for name in second.path] == ["data", "geo", "regions"]
    heads = [statement for statement in tree.statements if isinstance(statement, nodes.Head)]
    assert [head.body.braced for head in heads] == [False, True, False]
    assert [short(condition) for condition in heads[1].body.conditions] == ["a", "b", "c"]
    assert heads[2].params is not None
    assert [param.text for param in heads[2].params] == ["name", "kind"]
    rules = [statement for statement in tree.statements if isinstance(statement, nodes.Rule)]
    assert [(rule.effect, rule.name.text, rule.weight) for rule in rules] == [
        ("allow", "reads", None),
        ("risk", "off_hours", 30),
        ("require_approval", "pii_export", None),
    ]


def test_values_of_with() -> None:
    rule = file(EXAMPLE).statements[-1]
    assert isinstance(rule, nodes.Rule)
    assert rule.with_ is not None
    values = {entry.key.text: entry.value for entry in rule.with_.entries}
    title, severity, within, redact = values["title"], values["severity"], values["within"], values["redact"]
    assert isinstance(title, nodes.Text)
    assert title.text == "Two people"
    assert isinstance(severity, nodes.Word)
    assert isinstance(within, nodes.Duration)
    assert (within.text, within.seconds) == ("1h30m", 5400)
    controls, approvers, note = values["controls"], values["approvers"], values["x_note"]
    assert isinstance(controls, nodes.Items)
    assert [item.text for item in controls.items if isinstance(item, nodes.Control)] == [
        "A.8.12",
        "soc2:CC6.1",
        "nist:AC-2(1)",
    ]
    assert isinstance(approvers, nodes.Seats)
    assert [(seat.count, seat.selector, seat.name) for seat in approvers.seats] == [
        (2, "group", "data-protection"),
        (1, "role", "owner"),
    ]
    assert isinstance(redact, nodes.Items)
    assert [item.names for item in redact.items if isinstance(item, nodes.Path)] == [
        ("action", "sample"),
        ("resource", "group"),
    ]
    assert isinstance(note, nodes.Mapping)
    assert note.entries[0][0].text == "k"


def test_places() -> None:
    tree = file(EXAMPLE)
    texts = [EXAMPLE[statement.span.start : statement.span.end] for statement in (tree.package, *tree.statements)]
    assert texts[0] == 'package exports with { owner: "security" }'
    assert texts[5] == "external if has(action.destination)"
    assert texts[6] == "external if {\n    a; b\n    c\n}"
    assert texts[-1].startswith("require approval pii_export if {")
    assert texts[-1].endswith("null]}\n}")
    risk = tree.statements[-2]
    assert isinstance(risk, nodes.Rule)
    assert risk.weight_span is not None
    assert EXAMPLE[risk.weight_span.start : risk.weight_span.end] == "30"
    assert EXAMPLE[risk.name.span.start : risk.name.span.end] == "off_hours"


def test_comments() -> None:
    tree = file(EXAMPLE)
    assert [(comment.text, comment.own_line) for comment in tree.comments] == [
        ("# rules/exports.assent", True),
        ("# two heads", False),
    ]


def test_lines_may_end_in_crlf() -> None:
    """A string over several lines has the same value either way."""
    text = 'package p\ndeny a if {\n    x == """1\n2"""\n    -1 < y\n} with { title: "t" }\n'
    unix, windows = file(text), file(text.replace("\n", "\r\n"))
    (first,), (second,) = unix.statements, windows.statements
    assert isinstance(first, nodes.Rule)
    assert isinstance(second, nodes.Rule)
    assert [short(c) for c in first.body.conditions] == [short(c) for c in second.body.conditions]
    assert len(second.body.conditions) == 2


def test_what_can_be_read_is_kept() -> None:
    report: list[Diagnostic] = []
    tree = parse(Source("x.assent", "package p\ndeny a if (\nallow b if x\ndeny c x\nexternal if y\n"), report)
    assert tree is not None
    names = [s.name.text for s in tree.statements if isinstance(s, nodes.Rule | nodes.Head)]
    assert names == ["b", "external"]
    assert [finding.position.line for finding in report] == [2, 4]


def test_no_package_no_tree() -> None:
    report: list[Diagnostic] = []
    assert parse(Source("x.assent", "deny a if\ndeny b if x\n"), report) is None
    assert [finding.code for finding in report] == ["syntax", "missing-package"]


def test_a_broken_package_line_is_not_called_missing() -> None:
    assert [finding.code for finding in findings("package a.b\ndeny c if d\n")] == ["bad-name"]


def test_findings_stand_in_the_order_of_the_text() -> None:
    text = 'package p\ndeny a if x = 1\nconst B := "\\q"\ndeny c if x\u202e\ndeny d if )\n'
    assert [finding.position.line for finding in findings(text)] == [2, 3, 4, 5]


def test_limits() -> None:
    assert [f.code for f in findings("package p\ndeny a if " + "(" * 10_000 + "\ndeny b if\n")] == [
        "too-deep",
        "syntax",
    ]
    long = " || ".join(["aaaaaaaaaaaaaaaaaaaa"] * 4000)
    assert [f.code for f in findings(f"package p\ndeny a if {{\n    x\n    {long}\n}}\n")] == ["too-long"]
    assert [f.code for f in findings(f"package p\nconst A := {long}\n")] == ["too-long"]
    assert [f.code for f in findings("package p\n" + "#" * MAX_BYTES)] == ["too-long"]
    assert [f.code for f in findings("package p\ndeny a if b with { x_a: " + "[" * 10_000)] == ["too-deep"]


def test_many_errors_end_in_good_time() -> None:
    start = time.process_time()
    found = findings("package p\n" + "deny a if b c\n" * 20_000)
    assert len(found) == MAX_FINDINGS + 1
    assert found[-1].code == "too-many-errors"
    assert time.process_time() - start < 10


@pytest.mark.parametrize("width", [1, 2, 3])
def test_control_ids_at_a_values_place_only(width: int) -> None:
    text = (
        f"package p\ndeny a if c ? soc2:CC6 with {{ controls: [{', '.join(['soc2:CC6.1'] * width)}], mode:shadow }}\n"
    )
    rule = file(text).statements[0]
    assert isinstance(rule, nodes.Rule)
    assert short(rule.body.conditions[0]) == "(? c soc2 CC6)"
    assert rule.with_ is not None
    assert [entry.key.text for entry in rule.with_.entries] == ["controls", "mode"]


TOKENS = (
    "package p deny allow require approval risk 30 default import data const if with { } ( ) [ ] , ; : := = == && || "
    '! - + . .? ? a b.c x in \'x\' "y" """ # // \n \n \n \r\n A.8.12 soc2:CC6.1 30m of and group role title controls '
    "approvers within true null 1.5 ` \\ \u202e é \x00"
)
SOUP = TOKENS.split(" ")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(SOUP), max_size=60).map(" ".join), st.booleans())
def test_any_text_gives_a_tree_or_findings(text: str, package: bool) -> None:
    source = Source("x.assent", f"package p\n{text}" if package else text)
    report: list[Diagnostic] = []
    tree = parse(source, report)
    assert report or tree is not None
    for finding in report:
        assert 0 <= finding.span.start <= finding.span.end <= len(source.text)
        assert render(finding)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_file_gives_a_tree_or_findings(data: st.DataObject) -> None:
    """Cut something out, or put something in, at any place of a legal file."""
    start = data.draw(st.integers(0, len(EXAMPLE)))
    end = data.draw(st.integers(start, min(start + 40, len(EXAMPLE))))
    text = EXAMPLE[:start] + data.draw(st.sampled_from(SOUP)) + EXAMPLE[end:]
    report: list[Diagnostic] = []
    tree = parse(Source("x.assent", text), report)
    assert report or tree is not None
