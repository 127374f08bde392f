"""Which places of the document the rules look at."""

from __future__ import annotations

import assentry
from assentry.review.paths import touches, within, written
from assentry.review.read import read_by

RULES = """package p

mine if subject.id == "a"

deny loops if {
    mine
    has(resource.labels) && resource.labels.exists(l, l.startsWith("x"))
    has(action.recipients) && action.recipients.all(r, r.external)
    action.?parameters["a b"].orValue("") == "c"
    has(action.parameters) && has(action.purpose) && action.parameters[action.purpose] == "d"
    has(action.fields) && size(action.fields) > 2
    has(action.tool) && action.tool.name in ["x"]
    has(resource.tags) && resource.tags.exists(k, v, v == "w" && k == "u")
} with {
    controls: [A.5.15]
    reason: "{context.region} {action.name}"
}

deny other if has(resource.owner) && resource.owner == "b" with { controls: [A.5.15] }
"""


def test_conditions_definitions_loops_keys_and_reasons() -> None:
    form = assentry.load_sources({"p.assent": RULES}).form
    assert read_by(form, {"p.loops"}) >= {
        ("subject", "id"),
        ("resource", "labels"),
        ("resource", "labels", "*"),
        ("action", "recipients", "*", "external"),
        ("action", "parameters", "a b"),
        ("action", "parameters", "*"),
        ("action", "purpose"),
        ("action", "fields"),
        ("action", "tool", "name"),
        ("resource", "tags", "*"),
        ("context", "region"),
        ("action", "name"),
    }
    assert not any(path[:2] == ("resource", "owner") for path in read_by(form, {"p.loops"}))
    assert read_by(form, {"p.other"}) == {("resource", "owner")}
    assert read_by(form, set()) == set()


def test_places_touch_when_one_holds_the_other() -> None:
    patterns = [("a", "b", "*", "c")]
    assert touches(("a",), patterns)
    assert touches(("a", "b", 3, "c", "d"), patterns)
    assert not touches(("a", "x"), patterns)
    assert not touches(("a", "b", 3, "d"), patterns)
    assert within(("a", 1, "b"), [("a", "1")])
    assert not within(("a",), [("a", "b")])


def test_places_as_people_read_them() -> None:
    assert written(("action", "a b", 2, "é", "c")) == 'action["a b"][2]["é"].c'
    assert written(()) == ""
