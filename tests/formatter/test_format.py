"""The one official shape: goldens, and law 8 with comments in every place where one can stand."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assentry.cel.lexer import scan
from assentry.diagnostics import Diagnostic
from assentry.formatter.format import format_source
from assentry.language import nodes
from assentry.language.lexer import RULES
from assentry.language.parse import parse
from assentry.language.print import WIDTH, unparse
from assentry.source import Source
from tests.support.syntax import file, files, unplaced


def formatted(text: str) -> str:
    report: list[Diagnostic] = []
    result = format_source(Source("x.assent", text), report)
    assert result is not None, report
    assert not report
    return result


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("package   p", "package p\n"),
        ("\n\n# top\n\n\n\npackage p# aside\n\n\n", "# top\n\npackage p  # aside\n"),
        ("package p\r\n\r\ndeny a if b\r\n", "package p\n\ndeny a if b\n"),
        ("package p\ndeny  a   if   b&&c\ndefault  deny", "package p\ndeny a if b && c\ndefault deny\n"),
        (
            "package p\n\n\n\ndeny a if { b ; c\n\n\n  d } with {mode:shadow}",
            "package p\n\ndeny a if {\n    b\n    c\n\n    d\n} with { mode: shadow }\n",
        ),
        (
            "package p\ndeny a if b with {\nmode:shadow, owner : 'x'}",
            'package p\ndeny a if b with {\n    mode: shadow\n    owner: "x"\n}\n',
        ),
        (
            "package p\nf( a,b ) if a==b # why\nconst X:=[1,\n2,]",
            "package p\nf(a, b) if a == b  # why\nconst X := [1, 2]\n",
        ),
        (
            "package p\nrisk 30 a if x.getHours('Europe/Berlin')<6",
            'package p\nrisk 30 a if x.getHours("Europe/Berlin") < 6\n',
        ),
        (
            "package p\ndeny a if {\n({'a':1}.a==1)\n(.b)\n((c))\n}",
            'package p\ndeny a if {\n    ({"a": 1}.a == 1)\n    (.b)\n    c\n}\n',
        ),
        (
            "package p\ndeny a if x == 0xFFu && y == 1e3 && z.matches(R'\\d') && w == '''a\nb'''",
            'package p\ndeny a if x == 0xFFu && y == 1e3 && z.matches(r"\\d") && w == """a\nb"""\n',
        ),
        (
            "package p\ndeny a if {\n# first\nb # beside\n# last\n}",
            "package p\ndeny a if {\n    # first\n    b  # beside\n    # last\n}\n",
        ),
        (
            "package p\ndeny a if (b # why\n && c)",
            "package p\ndeny a if b  # why\n    && c\n",
        ),
    ],
)
def test_shapes(written: str, shape: str) -> None:
    assert formatted(written) == shape
    assert formatted(shape) == shape


def test_long_conditions_break_before_operators() -> None:
    condition = " && ".join(f'action.parameter_number_{n} == "some value"' for n in range(3))
    assert formatted(f"package p\ndeny a if {condition}\ndeny b if {{\n{condition}\n}}\n") == (
        "package p\n"
        'deny a if action.parameter_number_0 == "some value"\n'
        '    && action.parameter_number_1 == "some value"\n'
        '    && action.parameter_number_2 == "some value"\n'
        "deny b if {\n"
        '    action.parameter_number_0 == "some value"\n'
        '        && action.parameter_number_1 == "some value"\n'
        '        && action.parameter_number_2 == "some value"\n'
        "}\n"
    )


def test_long_lists_have_one_element_a_line() -> None:
    names = ", ".join(f'"service.operation_{n}"' for n in range(6))
    assert formatted(f"package p\nreads if action.name in [{names}]\n") == (
        "package p\nreads if action.name in [\n" + "".join(f'    "service.operation_{n}",\n' for n in range(6)) + "]\n"
    )


def test_a_long_with_breaks() -> None:
    seats = " and ".join(f'{n} of group("a-group-with-a-long-name-{n}")' for n in (1, 2, 3))
    assert formatted(f"package p\nrequire approval a if b with {{ approvers: {seats}, within: 15m }}\n") == (
        "package p\n"
        "require approval a if b with {\n"
        '    approvers: 1 of group("a-group-with-a-long-name-1")\n'
        '        and 2 of group("a-group-with-a-long-name-2")\n'
        '        and 3 of group("a-group-with-a-long-name-3")\n'
        "    within: 15m\n"
        "}\n"
    )


def test_a_with_that_does_not_fit_behind_its_rule_gets_its_own_line() -> None:
    written = 'package p\nrequire approval risky if risk >= 60 with { controls: [A.8.2], approvers: 2 of role("security"), within: 15m }\n'
    assert formatted(written) == (
        "package p\n"
        "require approval risky if risk >= 60\n"
        '    with { controls: [A.8.2], approvers: 2 of role("security"), within: 15m }\n'
    )


def test_a_file_with_errors_is_left_alone() -> None:
    report: list[Diagnostic] = []
    assert format_source(Source("x.assent", "package p\ndeny a if\ndeny b x\n"), report) is None
    assert [finding.position.line for finding in report] == [2, 3]


def test_a_file_that_would_grow_beyond_a_limit_is_left_alone() -> None:
    report: list[Diagnostic] = []
    source = Source("x.assent", f"package p\ndeny a if a in [{','.join('1' * 30_000)}]\n")
    assert parse(source, report) is not None
    assert format_source(source, report) is None
    assert [finding.code for finding in report] == ["unformattable"]


EXAMPLE = """\
# top
package p with { owner: "x" }
import data.a.b
const M := ({"a": 1, "b": [1, 2, 3], ?"c": x[?1]})
const N := (1 +
   2 * 3) - 4 - 5
external if has(a.b) || !(c in d) # aside
f(x, y) if x.exists(z, z == 'it\\'s' && y[0] != r'a\\d')
deny big if {
  (a || b) && c ? d : e - -1 == - (2)
  ({"a": 1}.a == 1); [1,2,].exists(x, x ==
     3)
  f(a,
    b)
} with { x_a: {"k": [1, "v", {"z": null}]}, x_b: -1.5, approvers: 1 of group("a")
   and 2 of role('b') }

require approval two if { a }
with {
    title: "t"
    controls: [A.8.12, soc2:CC6.1]
}
risk 30 three if a.b.c("d").e
"""
_TOKENS = scan(Source("x.assent", EXAMPLE), RULES, []).tokens
PLACES = sorted({place for token in _TOKENS[1:] for place in (token.start, token.end)})
INSERTS = [" # c{}\n", "\n# c{}\n\n\n", "\n\n\n", "\n", "    ", "\t", "\r\n"]


def unchanged(source: Source) -> None:
    """Formatting keeps the tree and the comments, and formatting again changes nothing."""
    before: list[Diagnostic] = []
    tree = parse(source, before)
    if tree is None or before:
        return
    text = formatted(source.text)
    again = file(text)
    assert unplaced(again.package) == unplaced(tree.package)
    assert list(map(unplaced, again.statements)) == list(map(unplaced, tree.statements))
    assert [comment.text for comment in again.comments] == [comment.text for comment in tree.comments]
    assert formatted(text) == text
    assert not any(line != line.rstrip() for line in text.split("\n") if "#" not in line)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(INSERTS)), max_size=5, unique_by=lambda pair: pair[0])
)
def test_comments_and_breaks_anywhere(inserts: list[tuple[int, str]]) -> None:
    text = EXAMPLE
    for place, insert in sorted(inserts, reverse=True):
        text = text[:place] + insert.format(place) + text[place:]
    unchanged(Source("x.assent", text))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_any_tree(tree: nodes.File) -> None:
    unchanged(Source("x.assent", unparse(tree)))


def test_lines_are_kept_within_the_width_where_they_can_be() -> None:
    wide = " || ".join(f"resource.labels.exists(label, label in [{n}, {n}, {n}])" for n in range(8))
    assert max(map(len, formatted(f"package p\ndeny a if {wide}\n").split("\n"))) <= WIDTH
