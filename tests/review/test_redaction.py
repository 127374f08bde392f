"""What is hidden and why, what marks say, and what stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assentry.compiler.schema import read_schema
from assentry.review import Redacted, Redactor, Viewer
from assentry.review.detectors import scan
from assentry.review.marks import Marks
from assentry.review.telling import is_telling
from tests.support.reviews import BUSY, CHAIN, export, policy

SCHEMA = {
    "type": "object",
    "properties": {
        "action": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "key": {"type": "string", "x-class": "secret"},
                "pin": {"type": "integer", "x-class": "secret"},
                "who": {"type": "string", "x-class": "personal"},
                "plan": {"type": "object", "x-class": "proprietary", "additionalProperties": True},
                "people": {"type": "array", "items": {"type": "string", "x-class": "personal"}},
                "env": {"type": "string", "enum": ["test", "prod"]},
                "at": {"type": "string", "format": "date-time"},
                "amount": {"type": "number", "x-effect": True},
                "to": {"type": "object", "x-effect": True, "properties": {"iban": {"type": "string"}}},
                "free": True,
            },
        }
    },
}
SHAPES = read_schema(SCHEMA, "schema").shapes


def redacted(redact: tuple[str, ...] = (), viewer: Viewer | None = None, **action: Any) -> tuple[Any, Redacted]:
    """What the members of an action become, and the whole result."""
    result = Redactor(SHAPES, redact, viewer, ("etl-7",)).document({"action": action})
    assert isinstance(result.document, dict)
    return result.document["action"], result


def whys(result: Redacted) -> dict[str, str]:
    return {each.place: each.why for each in result.hidden}


# ---- by class ----


def test_a_secret_is_shown_to_nobody() -> None:
    for viewer in (Viewer(), Viewer(frozenset()), Viewer(frozenset({"personal", "proprietary"}))):
        shown, result = redacted(viewer=viewer, key="k", pin=4711)
        assert shown == {"key": "⟦secret 1⟧", "pin": "⟦secret 2⟧"}
        assert whys(result) == {"action.key": "class: secret", "action.pin": "class: secret"}


def test_personal_and_proprietary_values_are_shown_to_who_may_see_them() -> None:
    action: dict[str, Any] = {"who": "kim", "plan": {"a": 1}, "people": ["kim", "lee"]}
    hidden = {"people": ["⟦personal 1⟧", "⟦personal 2⟧"], "who": "⟦personal 1⟧"}
    assert redacted(**action)[0] == hidden | {"plan": {"a": 1}}
    assert redacted(viewer=Viewer(frozenset()), **action)[0] == hidden | {"plan": "⟦proprietary 3⟧"}
    assert redacted(viewer=Viewer(frozenset({"personal", "proprietary"})), **action)[0] == action


def test_a_viewer_cannot_be_made_to_see_secrets() -> None:
    with pytest.raises(ValueError, match="nobody sees others"):
        Viewer(frozenset({"secret"}))


def test_who_asks_is_shown_since_the_card_says_it_anyway() -> None:
    shown, _ = redacted(who="etl-7", people=["etl-7", "lee"], free="for etl-7")
    assert shown == {"who": "etl-7", "people": ["etl-7", "⟦personal 1⟧"], "free": "for etl-7"}
    redactor = Redactor(SHAPES, known=["kim@x.example"])
    assert redactor.text("kim@x.example, lee@x.example") == "kim@x.example, ⟦e-mail address 1⟧"


# ---- by rule ----


def test_what_the_rules_redact_is_hidden_with_all_below_it() -> None:
    shown, result = redacted(("action.free.a", "action.env"), free={"a": {"b": 1}, "ab": 2}, env="test")
    assert shown == {"env": "⟦redacted 1⟧", "free": {"a": "⟦redacted 2⟧", "ab": 2}}
    assert whys(result) == {"action.env": "the rule redacts it", "action.free.a": "the rule redacts it"}
    assert redacted(("action.free.1",), free=["a", "b"])[0] == {"free": ["a", "⟦redacted 1⟧"]}


# ---- by name ----


@pytest.mark.parametrize("name", ["password", "db_password", "dbPassword", "API-KEY", "apiKey", "client_secret", "accessToken", "connection string", "PIN", "x-authorization", "раssword", "pass\u200bword"])  # fmt: skip
def test_telling_names(name: str) -> None:
    assert is_telling(name)
    shown, result = redacted(free={name: "abc", "other": "abc"})
    assert sorted(shown["free"].values()) == ["abc", "⟦secret 1⟧"]
    assert [each.why for each in result.hidden] == ["its name"]


@pytest.mark.parametrize("name", ["max_tokens", "token_count", "secretary", "compass", "spinning", "keyboard", "primary_key", "password_changed_at"])  # fmt: skip
def test_other_names(name: str) -> None:
    assert not is_telling(name)


def test_under_a_telling_name_everything_goes_but_switches() -> None:
    shown, _ = redacted(free={"credentials": {"user": "a", "n": 1}, "password": True, "token": None, "secret": ""})
    assert shown["free"] == {"credentials": "⟦secret 1⟧", "password": True, "token": None, "secret": ""}


def test_pairs_of_a_name_and_a_value() -> None:
    pairs = [
        {"name": "DB_PASSWORD", "value": "abc"},
        {"name": "REGION", "value": "eu"},
        {"key": "api-key", "value": "xyz"},
    ]
    shown, _ = redacted(free=pairs)
    assert [each["value"] for each in shown["free"]] == ["⟦secret 1⟧", "eu", "⟦secret 2⟧"]


def test_declared_members_go_by_their_class_not_by_their_name() -> None:
    assert redacted(viewer=None, at="2026-11-20T12:00:00Z", name="pin")[0]["name"] == "pin"


# ---- by pattern ----


def test_what_is_found_is_hidden_in_its_place_alone() -> None:
    shown, result = redacted(free="use postgresql://etl:hunter2@db.internal/crm today")
    assert shown["free"] == "use postgresql://etl:⟦password 1⟧@db.internal/crm today"
    assert whys(result) == {"action.free": "detector: password"}


def test_overlapping_findings_are_hidden_together() -> None:
    shown, _ = redacted(free="token=ghp_abcdefghijklmnopqrstuvwxyz0123456789;")
    assert shown["free"] == "token=⟦GitHub token 1⟧;"


def test_names_of_members_are_looked_at_too() -> None:
    shown, result = redacted(free={"kim@customer.example": {"AKIAIOSFODNN7EXAMPLE": 1}})
    assert shown["free"] == {"⟦e-mail address 1⟧": {"⟦AWS access key 2⟧": 1}}
    assert next(each.place for each in result.hidden) == "action.free"


def test_numbers_may_be_those_of_a_card() -> None:
    shown, _ = redacted(free=[4111111111111111, 4111111111111112, 4111111111111111.0])
    assert shown["free"] == ["⟦card number 1⟧", 4111111111111112, "⟦card number 1⟧"]


def test_a_list_is_read_on_from_string_to_string() -> None:
    shown, _ = redacted(free=["login", "--password", "hunter2", "now"])
    assert shown["free"] == ["login", "--password", "⟦password 1⟧", "now"]
    shown, _ = redacted(free=["AKIAIOSF", "ODNN7EXAMPLE", "x"])
    assert shown["free"][:2] == ["⟦AWS access key 1⟧", "⟦AWS access key 2⟧"]
    shown, _ = redacted(free=["email", "kim@customer.example", "name"])
    assert shown["free"] == ["email", "⟦e-mail address 1⟧", "name"]
    names = ["customerId", "orderId2", "Address1", "PostalCode", "PhoneNumber", "BirthDate"]
    assert redacted(free=names)[0]["free"] == names


# ---- everywhere else ----


def test_a_hidden_value_is_hidden_wherever_else_it_stands() -> None:
    shown, result = redacted(
        key="hunter2", free={"note": "it is hunter2!", "b": ["hunter2", "aHVudGVyMg==", "hunter22"]}
    )
    assert shown["free"]["note"] == "it is ⟦secret 1⟧!"
    assert shown["free"]["b"][0] == "⟦secret 1⟧"
    assert shown["free"]["b"][1].startswith("⟦secret ")
    assert shown["free"]["b"][2] == "hunter22"
    assert whys(result)["action.free.note"] == "hidden elsewhere"


def test_the_password_of_a_hidden_url_is_hidden_on_its_own() -> None:
    shown, _ = redacted(key="postgresql://etl:hunter2@db/crm", free="log in with hunter2")
    assert shown["free"] == "log in with ⟦password 1⟧"


def test_parts_and_lines_of_hidden_values_are_looked_for() -> None:
    hidden = {"x": ["first line\nsecond line"], "n": 123456}
    shown, _ = redacted(("action.free.a",), free={"a": hidden, "b": "the second line", "c": 123456, "d": "no 123456"})
    assert shown["free"] == {
        "a": "⟦redacted 1⟧",
        "b": "the ⟦redacted 2⟧",
        "c": "⟦hidden value 3⟧",
        "d": "no ⟦redacted 4⟧",
    }


def test_short_and_common_values_are_not_looked_for() -> None:
    shown, _ = redacted(("action.free.a",), free={"a": ["it", "true", "2026"], "b": "it is true in 2026"})
    assert shown["free"]["b"] == "it is true in 2026"


def test_words_that_everybody_knows_stay() -> None:
    shown, _ = redacted(who="test", env="test", free="a test")
    assert shown == {"who": "⟦personal 1⟧", "env": "test", "free": "a ⟦personal 1⟧"}
    assert redacted(key="prod", env="prod")[0]["env"] == "⟦secret 1⟧"
    shown, _ = redacted(who="2026-11-20", at="2026-11-20T12:00:00Z", free="on 2026-11-20")
    assert shown == {"who": "⟦personal 1⟧", "at": "2026-11-20T12:00:00Z", "free": "on ⟦personal 1⟧"}
    assert redacted(who="data", name="data")[0]["name"] == "data"


def test_one_more_text_is_redacted_as_the_document_is() -> None:
    redactor = Redactor(SHAPES, known=())
    redactor.document({"action": {"key": "hunter2"}})
    assert redactor.text("failed with hunter2\nand kim@x.example") == "failed with ⟦secret 1⟧\nand ⟦e-mail address 2⟧"


# ---- marks ----


def test_equal_values_have_equal_marks_whatever_hides_them() -> None:
    shown, _ = redacted(("action.free",), key="kim@x.example", free="kim@x.example", people=["kim@x.example", "lee"])
    assert len({shown["key"], shown["free"], shown["people"][0]}) == 1
    assert shown["people"][1] != shown["people"][0]


def test_marks_tell_values_of_different_types_apart() -> None:
    marks = Marks()
    different = [1, "1", True, None, [1], {"1": 1}, 1.5, "", [], {}]
    assert len({marks.of(value, "x") for value in different}) == len(different)
    assert marks.of(1.0, "x") == marks.of(1, "y")
    assert marks.of({"a": 1, "b": [2.0]}, "x") == marks.of({"b": [2], "a": 1}, "x")


def test_marks_of_two_requests_have_nothing_to_do_with_each_other() -> None:
    one, _ = redacted(people=["kim", "lee"])
    two, _ = redacted(people=["lee", "kim"])
    assert one == two


def test_nobody_forges_a_mark() -> None:
    shown, _ = redacted(key="k", free="⟦secret 1⟧")
    assert shown == {"key": "⟦secret 1⟧", "free": "\\u{27e6}secret 1\\u{27e7}"}


# ---- values of every kind ----


def test_what_json_does_not_have_is_hidden() -> None:
    shown, _ = redacted(free=[b"x", (1,), {1, 2}, object(), float("nan"), float("inf"), 1j])
    assert all(each.startswith("⟦unsupported") for each in shown["free"])
    assert Redactor(SHAPES).document("just a text").document == "just a text"
    assert Redactor(SHAPES).document(None).document is None


def test_plain_values_stay_as_they_are() -> None:
    values: list[Any] = [None, True, False, 0, -1, 1.5, 10**15, 2**1024 - 1, "", "text", [], {}]
    assert redacted(free=values)[0]["free"] == values
    assert redacted(free=10**5000)[0]["free"] == "⟦unsupported 1⟧"
    assert redacted(("action.free",), free=[10**5000])[0]["free"] == "⟦redacted 1⟧"


def test_the_document_itself_is_left_alone() -> None:
    document = {"action": {"key": "k", "free": {"b": ["kim@x.example"], "a": 1}}}
    before = json.dumps(document)
    Redactor(SHAPES).document(document)
    assert json.dumps(document) == before


def test_names_that_become_the_same_stay_apart() -> None:
    shown, _ = redacted(free={1: "a", "1": "b"})
    assert sorted(shown["free"].values()) == ["a", "b"]


def test_too_deep_and_too_much_is_hidden_and_said() -> None:
    deep: Any = "bottom"
    for _ in range(200):
        deep = [deep]
    shown, result = redacted(free=deep)
    assert "bottom" not in json.dumps(shown)
    assert result.unread
    shown, result = redacted(free=["word " * 1_000_000, "after " * 200_000])
    assert result.unread
    assert not redacted(free=[["x"] * 50] * 50)[1].unread


def test_hidden_effects_are_known() -> None:
    _, result = redacted(("action.amount",), amount=5, to={"iban": "DE89370400440532013000"}, free="kim@x.example")
    assert {each.place: each.effect for each in result.hidden} == {
        "action.amount": True,
        "action.to.iban": True,
        "action.free": False,
    }


def test_strange_characters_are_noted() -> None:
    _, result = redacted(free={"a": "x\u202ey", "b": "p\u0430y", "\u200bc": 1})
    assert {(each.place, each.oddity) for each in result.strange} >= {("action.free.a", "invisible"), ("action.free.b", "look_alike"), ("action.free", "invisible")}  # fmt: skip


# ---- for any document ----

KEYS = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=4)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(st.characters(), max_size=8)
    | st.sampled_from(["kim@x.example", "hunter2"])
)
DOCUMENTS = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3), max_leaves=12
)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for below in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from _strings(below)


def reordered(value: Any) -> Any:
    """Equal data with all members in the opposite order."""
    if isinstance(value, dict):
        return {name: reordered(value[name]) for name in reversed(value)}
    return [reordered(each) for each in value] if isinstance(value, list) else value


@BUSY
@given(DOCUMENTS)
@example({"b": "kim@x.example", "a": "lee@x.example"})
def test_the_order_of_members_does_not_matter(value: Any) -> None:
    assert redacted(free=value) == redacted(free=reordered(value))


@BUSY
@given(st.lists(st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=3), min_size=2, max_size=6))
def test_marks_are_equal_exactly_where_values_are(values: list[str]) -> None:
    marks = redacted(people=values)[0]["people"]
    for one, mark in zip(values, marks, strict=True):
        for other, its in zip(values, marks, strict=True):
            assert (mark == its) == (one == other)


@BUSY
@given(
    st.recursive(
        LEAVES.filter(lambda leaf: not isinstance(leaf, str) or leaf.isalnum()),
        lambda below: st.lists(below, max_size=3),
    )
)
def test_what_was_shown_is_shown_again(value: Any) -> None:
    shown, first = redacted(free=value)
    again, _ = redacted(free=shown["free"])
    if not first.hidden and not first.strange:
        assert again == shown


@BUSY
@given(DOCUMENTS)
def test_in_what_is_shown_nothing_more_is_found(value: Any) -> None:
    for text in _strings(redacted(free=value)[0]):
        assert scan(text) == ()


def test_the_published_schema_hides_what_it_marks() -> None:
    action = export(
        sample=[1],
        message={"subject": "s", "body": "b"},
        query="select 1",
        recipients=[{"address": "lee", "external": True}],
    )
    action["resource"]["connection_string"] = "x"
    action["subject"]["credential"] = {"kind": "token", "id": "c1"}
    result = Redactor(policy().form.shapes, (), Viewer(), CHAIN.names).document(action)
    assert {each.place: each.why for each in result.hidden} == {
        "action.sample": "class: personal",
        "action.message.subject": "class: personal",
        "action.message.body": "class: personal",
        "action.recipients[0].address": "class: personal",
        "resource.connection_string": "class: secret",
        "subject.credential.id": "class: secret",
    }
