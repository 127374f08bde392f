"""Sameness, spelled in the short way where a document allows that, is what its definition says."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assentry.errors import Denied
from assentry.gate import digest, marks
from assentry.gate.canonical import MAX_INTEGER, canonical
from assentry.gate.directory.names import normal
from assentry.gate.keys import TenantKey
from assentry.gate.stamp import Caller, stamp
from assentry.gate.tool import Tool

KEY = TenantKey.generate()
NAMES = st.sampled_from(["a", "b", "time", "nonce", "\ufb33", "\U0001f600"])
scalars = (
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | st.floats(-1e9, 1e9) | st.text(max_size=4)
)
objects: Any = st.recursive(
    st.dictionaries(NAMES, scalars, max_size=3), lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
paths = st.lists(
    st.tuples(st.sampled_from(["action", "context", "resource", "subject", "extra"]), NAMES)
    | st.tuples(st.sampled_from(["context", "resource", "extra"]))
    | st.tuples(st.just("context"), NAMES, NAMES),
    max_size=4,
)
tools = st.none() | st.builds(
    Tool,
    st.just("t"),
    st.just("x"),
    st.sampled_from(["0", "1"]),
    st.just({"properties": {"a": {"x-volatile": True}}}),
)


@given(objects, objects, objects, paths, tools, st.none() | st.text(max_size=3).filter(bool))
def test_sameness(
    parameters: Any, resource: Any, context: Any, volatile: Any, tool: Tool | None, holder: str | None
) -> None:
    action = {"action": {"name": "x", "parameters": parameters}, "resource": resource, "context": context, "extra": 1.5}
    try:
        stamped = stamp(action, Caller({"type": "agent", "id": "etl-7", "\ufb33": 1}, holder), tool, 7)
    except Denied:  # a text with half a surrogate pair
        return
    paths = (*volatile, *(tool.volatile if tool is not None else ()))
    version = None if tool is None else [tool.name, tool.version, tool.schema_version]
    whole = canonical([version, None if holder is None else normal(holder), marks.without(stamped.document, paths)])
    assert digest.sameness(KEY, stamped, volatile) == KEY.hmac(b"sameness", whole).hex()
    assert stamped.data == canonical(stamped.document)
