"""Types as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.cel.typenames import parse_type, type_text
from assentry.values.types import INT, NULL, STRING, TIMESTAMP, Type, list_of, map_of, nullable, optional_of, param

TEXTS = {
    "int": INT,
    "null": NULL,
    "list(int)": list_of(INT),
    "map(string, list(int))": map_of(STRING, list_of(INT)),
    "optional_type(string)": optional_of(STRING),
    "wrapper(int)": nullable(INT),
    "google.protobuf.Timestamp": TIMESTAMP,
    " map ( string , T ) ": map_of(STRING, param("T")),
    "tuple(int, string)": Type("tuple", (INT, STRING)),
    "my.pkg.Type": Type("my.pkg.Type"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_read(text: str) -> None:
    assert parse_type(text) == TEXTS[text]


@pytest.mark.parametrize(
    "text",
    ["", "(", "list(", "list()", "list(int", "list(int))", "int(int)", "map(int)", "a-b", "list(int,)", "(" * 99],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a type"):
        parse_type(text)


TYPES = st.recursive(
    st.sampled_from([INT, NULL, STRING, TIMESTAMP, param("T"), Type("my.T")]),
    lambda inner: st.one_of(st.builds(list_of, inner), st.builds(map_of, inner, inner), st.builds(optional_of, inner)),
    max_leaves=6,
)


@given(TYPES)
def test_round_trip(item: Type) -> None:
    assert parse_type(type_text(item)) == item
