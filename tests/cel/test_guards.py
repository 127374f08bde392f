"""Law 4: which optional fields are guarded, and that a guard really keeps a read from failing."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.cel import guards
from assentry.cel.infer import infer_condition
from assentry.cel.parse import parse
from assentry.code import form
from assentry.diagnostics import Diagnostic
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.source import Source
from tests.support.expressions import READ, environment

# What definition 0, `external`, says when it is true.
EXTERNAL = frozenset({("action", ".to")})
FACTS = [EXTERNAL, frozenset[guards.Key]()]


def condition(text: str) -> form.Expr:
    report: list[Diagnostic] = []
    source = Source("test", text)
    node = parse(source, report)
    assert node is not None, report
    found = infer_condition(node, environment(), source, report)
    assert found is not None, [finding.message for finding in report]
    return found


def unguarded(*texts: str) -> list[str]:
    """The paths that may be absent where lines of a body read them."""
    found = guards.unguarded([condition(text) for text in texts], FACTS)
    return [guards.path_text(read.missing[-1], Source("test", texts[0])) for read in found]


GUARDED = [
    ["has(action.rows) && action.rows > 1"],
    ["action.rows > 1 && has(action.rows)"],
    ["action.rows > 1", "has(action.rows)"],
    ["true && (action.rows > 1 && true)", "(has(action.rows) && true) && true"],
    ["!has(action.rows) || action.rows > 1"],
    ["action.rows > 1 || !has(action.rows)"],
    ["!(has(action.rows) && action.rows > 1)"],
    ["has(action.rows) ? action.rows > 1 : false"],
    ["!has(action.rows) ? false : action.rows > 1"],
    ["(has(action.rows) ? true : false) && action.rows > 1"],
    ["action.?rows.hasValue() && action.rows > 1"],
    ["action.?rows.orValue(0) > 1"],
    ["'rows' in action && action.rows > 1"],
    ["has(action.tags) && 'k' in action.tags && action.tags.k == 'v'"],
    ["has(action.tags) && action.tags['k'] == 'v'"],
    ["has(action.sizes) && action.sizes[0] > 1"],
    ["external && action.to.kind == 'x'"],
    ["action.to.kind == 'x'", "external"],
    ["!external || action.to.kind == 'x'"],
    ["has(action.to) && has(action.to.host) && action.to.host == 'x'"],
    ["action.to.host == 'x' && has(action.to.host) && has(action.to)"],
    ["action.?to.?host.hasValue() && action.to.host == 'x'"],
    ["has(action.parts) && action.parts.exists(p, has(p.secret) && p.secret)"],
    ["has(action.parts) && action.parts.all(p, !has(p.secret) || p.secret)"],
    ["has(action.parts) && action.parts.map(p, has(p.secret), p.secret) == [true]"],
    ["has(action.rows) && action.labels.all(l, size(l) < action.rows)"],
    ["action.labels.exists(l, has(action.rows) && l == 'a') && action.rows > 1"],
    ["!action.labels.all(l, !has(action.rows)) && action.rows > 1"],
    ["has(action.to) && outside(action.to)"],
    ["action.?to.optMap(t, t.kind == 'x').orValue(false)"],
    ["has(action.tree) && has(action.tree.next) && action.tree.next.id == 'x'"],
    ["cel.bind(r, action.rows, has(action.rows) && r > 1)"],
    ["has(action.params) && has(action.params.a) && has(action.params.a.b) && action.params.a.b == 1"],
    ["has(action.rows) && (action.rows > 1 || action.rows < 0)"],
]

UNGUARDED = {
    "action.rows > 1": ["action.rows"],
    "has(action.rows) || action.rows > 1": ["action.rows"],
    "!has(action.rows) && action.rows > 1": ["action.rows"],
    "has(action.rows) ? true : action.rows > 1": ["action.rows"],
    "(has(action.rows) || has(action.at)) && action.rows > 1": ["action.rows"],
    "has(action.to.host)": ["action.to"],
    "action.to.host == 'x'": ["action.to.host"],
    "has(action.to) && action.to.host == 'x'": ["action.to.host"],
    "has(action.to.host) && action.to.host == 'x'": ["action.to", "action.to"],
    "action.tags['k'] == 'v'": ["action.tags"],
    "has(action.tags) && action.tags.k == 'v'": ["action.tags.k"],
    "has(action.parts) && action.parts.exists(p, p.secret)": ["p.secret"],
    "has(action.parts) && action.parts.exists(p, has(p.secret)) && action.parts.all(p, p.secret)": ["p.secret"],
    "action.labels.all(l, has(action.rows)) && action.rows > 1": ["action.rows"],
    "outside(action.to)": ["action.to", "action.to"],
    "!external && action.to.kind == 'x'": ["action.to"],
    "size(action.parts) > 0": ["action.parts"],
    "'a' in action.tags": ["action.tags"],
    "action.labels[action.rows] == 'a'": ["action.rows"],
    "action.?rows.orValue(action.sizes[0]) > 1": ["action.sizes"],
    # two conditions do not vouch for each other in a circle
    "(action.tree.id == 'x' ? has(action.to) : has(action.to)) && "
    "(action.to.kind == 'x' ? has(action.tree) : has(action.tree))": ["action.tree", "action.to"],
}


@pytest.mark.parametrize("lines", GUARDED, ids=" ; ".join)
def test_guarded(lines: list[str]) -> None:
    assert unguarded(*lines) == []


@pytest.mark.parametrize("text", UNGUARDED)
def test_unguarded(text: str) -> None:
    assert unguarded(text) == UNGUARDED[text]


def test_an_index_may_be_a_constant_that_cannot_be_hashed() -> None:
    assert unguarded("action.sample[LABELS] == 1") == ["action.sample"]


def test_definitions_say_what_all_their_heads_say() -> None:
    def head(*texts: str) -> form.HeadForm:
        return form.HeadForm(0, condition("true").span, tuple(map(condition, texts)))

    def said(*heads: form.HeadForm) -> guards.Facts:
        return guards.definition_facts(form.DefinitionForm("main.d", heads), FACTS)

    rows, to = ("action", ".rows"), ("action", ".to")
    assert said(head("has(action.rows)", "has(action.to)")) == {rows, to}
    assert said(head("has(action.rows)", "has(action.to)"), head("has(action.rows)")) == {rows}
    assert said(head("has(action.rows)"), head("true")) == frozenset()
    assert said(head("has(action.rows)"), head("false")) == {rows}
    assert said(head("has(action.rows)", "false")) == {rows}
    assert said(head("external && has(action.rows)")) == {rows, to}


def test_the_finding_says_how_to_guard_and_how_to_read() -> None:
    text = "has(action.to) && action.to.host == 'x'"
    [finding] = guards.check([condition(text)], FACTS, Source("test", text))
    assert finding.code == "unguarded-field"
    assert finding.source.slice(finding.span) == "action.to.host"
    assert finding.message == "`action.to.host` may be absent"
    assert finding.help == "guard it with `has(action.to.host) && ...` or read it as `action.?to.?host.orValue(...)`"


def test_a_finding_in_a_function_points_into_its_file() -> None:
    text = "outside(action.to)"
    sources = [Source(f"file{number}", text) for number in range(9)]
    found = guards.check([condition(text)], FACTS, sources[0], sources)
    assert [finding.source.name for finding in found] == ["file4", "file4"]


# ---- what passes never lacks what it reads ----

ATOMS = st.sampled_from(
    [
        "has(action.rows)",
        "action.rows > 1",
        "has(action.to)",
        "action.to.kind == 'x'",
        "has(action.to.host)",
        "action.to.host == 'x'",
        "action.?to.?host.hasValue()",
        "action.?rows.hasValue()",
        "'rows' in action",
        "has(action.parts)",
        "action.parts.exists(p, has(p.secret) && p.secret)",
        "action.parts.exists(p, p.secret)",
        "action.parts.all(p, p.id == 'a' || has(action.rows))",
        "outside(action.to)",
        "true",
        "false",
    ]
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({}) && ({})".format, inner, inner),
        st.builds("({}) || ({})".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("({}) ? ({}) : ({})".format, inner, inner, inner),
    ),
    max_leaves=8,
)
ROWS: list[dict[str, object]] = [{}, {"rows": 0}, {"rows": 5}]
TO: list[dict[str, object]] = [{}, {"to": {"kind": "x"}}, {"to": {"kind": "y", "host": "x", "external": True}}]
PARTS: list[dict[str, object]] = [
    {},
    {"parts": []},
    {"parts": [{"id": "a"}]},
    {"parts": [{"id": "b", "secret": True}, {"id": "a"}]},
]
ACTIONS = [
    {"action": {"name": "n", "labels": [], "cost": 1, **rows, **to, **parts}, "subject": {"id": "s"}}
    for rows, to, parts in product(ROWS, TO, PARTS)
]


@settings(max_examples=150, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=3))
def test_what_passes_never_lacks_what_it_reads(texts: list[str]) -> None:
    conditions = [condition(text) for text in texts]
    if guards.unguarded(conditions, FACTS):
        return
    world = World(tuple(Source(f"file{number}", " ".join(texts)) for number in range(9)), READ.shapes)
    for action in ACTIONS:
        outcome = Exact(world, action).conditions(conditions, conditions[0].span, 0)
        assert not isinstance(outcome, Failure), (texts, action, outcome.causes)
