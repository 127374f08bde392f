"""Any expression at all is either refused with findings or compiled to a form that every later stage takes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from assentry.cel import cost, guards
from assentry.cel.environment import Environment
from assentry.cel.fold import fold
from assentry.cel.infer import infer, infer_condition
from assentry.cel.parse import parse
from assentry.code import form
from assentry.diagnostics import Diagnostic, render
from assentry.evaluator.exact import Exact, World
from assentry.source import Source
from assentry.values.registry import FUNCTIONS
from tests.support.expressions import READ, environment

NAMES = [
    "x",
    "y",
    "k",
    "action",
    "subject",
    "external",
    "accounts",
    "LABELS",
    "risk",
    "math",
    "nothing",
    "int",
    "is_read",
]
FIELDS = ["name", "rows", "to", "host", "labels", "parts", "secret", "tree", "next", "below", "params", "sample", "tags",
          "note", "maybe", "owned", "zz"]  # fmt: skip
LITERALS = ["1", "2u", "1.5", "'a'", "b'a'", "true", "false", "null", "'(?='", "[]", "{}", "'k'", "-1"]
STANDARD = sorted(name for name in FUNCTIONS if name[0].isalpha())
CALLS = [*(name for name in STANDARD if "." not in name), "has", "foo", "big", "outside"]
QUALIFIED = [*(name for name in STANDARD if "." in name), "math.foo", "main.big", "cel.bind"]
MACROS = ["all", "exists", "exists_one", "map", "filter", "optMap", "optFlatMap", "sortBy", "transformList",
          "transformMap", "transformMapEntry"]  # fmt: skip
BINARY = ["==", "!=", "<", ">=", "+", "-", "*", "/", "%", "in", "&&", "||"]


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    args = st.lists(inner, max_size=3).map(", ".join)
    fields = st.sampled_from(FIELDS)
    variables = st.sampled_from(["x", "y", "x, y", "k, x", "1", "x, x"])
    return st.one_of(
        st.builds("({}) {} ({})".format, inner, st.sampled_from(BINARY), inner),
        st.builds("{}{}{}".format, inner, st.sampled_from([".", ".?"]), fields),
        st.builds("{}[{}{}]".format, inner, st.sampled_from(["", "?"]), inner),
        st.builds("{}({})".format, st.sampled_from(CALLS), args),
        st.builds("({}).{}({})".format, inner, st.sampled_from(CALLS), args),
        st.builds("{}({})".format, st.sampled_from(QUALIFIED), args),
        st.builds("({}).{}({}, {})".format, inner, st.sampled_from(MACROS), variables, args),
        st.builds("(({}) ? ({}) : ({}))".format, inner, inner, inner),
        st.builds("{}({})".format, st.sampled_from(["!", "-"]), inner),
        st.builds("[{}, ?{}]".format, inner, inner),
        st.builds("{{{}: {}}}".format, inner, inner),
        st.builds("cel.bind(x, {}, {})".format, inner, inner),
        st.builds("has({}.{})".format, inner, fields),
    )


LEAVES = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(LITERALS),
    st.builds("action.{}".format, st.sampled_from(FIELDS)),
    st.builds("action.{}.{}".format, st.sampled_from(FIELDS), st.sampled_from(FIELDS)),
)
TEXTS = st.recursive(LEAVES, _grown, max_leaves=10)
ACTION: dict[str, object] = {
    "action": {"name": "n", "labels": ["a"], "cost": 1, "rows": 2, "to": {"kind": "k"}, "sample": {"a": [1]}},
    "subject": {"id": "s"},
}
DEFINITION = form.DefinitionForm("main.external", ())


@settings(max_examples=600, deadline=None)
@given(TEXTS)
def test_in_a_rule(text: str) -> None:
    source, report = Source("test", text), list[Diagnostic]()
    node = parse(source, report)
    if node is None:
        return
    env = environment()
    infer(node, env, source, [])
    found = infer_condition(node, env, source, report)
    assert (found is None) is bool(report)
    for finding in report:
        assert finding.message
        assert not finding.message.endswith(".")
        assert render(finding)
    if found is None:
        return
    sources = tuple(Source(f"file{number}", text) for number in range(9))
    guards.check([found], [guards.Facts()] * 2, source, sources)
    cost.cost(found, READ.shapes)
    world = World(sources, READ.shapes, (DEFINITION, DEFINITION))
    for expr in (found, fold(found)):
        Exact(world, ACTION, risk=0).condition(expr)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.booleans())
def test_as_plain_cel(text: str, checked: bool) -> None:
    source, report = Source("test", text), list[Diagnostic]()
    node = parse(source, report)
    if node is None:
        return
    found = infer(node, Environment(open_world=True, checked=checked), source, report)
    assert (found is None) is bool(report)
    if found is not None:
        fold(found[0])
        Exact(World((source,)), bindings={"x": 1, "y": [1], "k": {"a": 1}}).value(found[0])
