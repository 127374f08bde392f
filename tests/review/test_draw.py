"""What is on the card: who, for whom, what, why, by which rules, what differs, what else would do."""

from __future__ import annotations

from typing import Any

import pytest

import assentry
from assentry.approvals.request import Chain
from assentry.evaluator.ruling import Approval, Seat
from assentry.review import Card, Viewer, similar
from assentry.review import card as cards
from assentry.review.drawing import MAX_CHANGES, MAX_FIELDS, MAX_PRINTED, MAX_WORDS, MAX_WORDS_LINES, moment
from tests.support.reviews import ASKED, card, export, policy


def fields(drawn: Card) -> dict[str, tuple[str, ...]]:
    return {each.path: each.lines for each in drawn.fields}


def codes(drawn: Card) -> list[str]:
    return [flag.code for flag in drawn.flags]


# ---- who, what, why ----


def test_who_asks_is_what_the_transport_proved() -> None:
    drawn = card(chain=Chain("etl-7", "dana", ("omar", "lena"), "svc-9"))
    assert drawn.who == cards.Who("etl-7", "agent", "dana", ("omar", "lena"), "svc-9")
    bare = card(chain=Chain("etl-7"))
    assert bare.who == cards.Who("etl-7", "agent", None, (), None)


def test_an_identity_that_deceives_is_seen_to() -> None:
    assert card(chain=Chain("d\u0430na\u202e", None)).who.requester == "d\\u{430}na\\u{202e}"


def test_what_and_when() -> None:
    drawn = card()
    assert (drawn.action, drawn.resource) == ("data.export", cards.Resource("table", "crm.people"))
    assert (drawn.asked_at, drawn.deadline) == ("2026-11-20T12:00:00.000Z", "2026-11-20T12:30:00.000Z")
    assert drawn.policy == policy().digest
    assert drawn.request == "q1"
    assert moment(ASKED + 7) == "2026-11-20T12:00:00.007Z"


def test_an_action_without_the_usual_members_has_a_card_all_the_same() -> None:
    drawn = card({"action": {"name": 5}, "surprise": ["x"]})
    assert (drawn.action, drawn.resource, drawn.words) == ("5", cards.Resource(None, None), None)
    assert fields(drawn)["surprise"] == ('["x"]',)


def test_the_agents_words_are_quoted_line_by_line() -> None:
    assert card(export(reason="a\nb *c* <d> `e`")).words == cards.Quote(("a", "b *c* <d> `e`"))
    assert card(export(reason="")).words is None
    assert card(export(reason=["no text"])).words is None
    assert "action.reason" not in fields(card())


def test_the_agents_words_are_capped() -> None:
    long = card(export(reason="x" * (MAX_WORDS + 7)))
    assert long.words == cards.Quote(("x" * MAX_WORDS,), 7)
    assert codes(long) == ["words_cut"]
    tall = card(export(reason="a\n" * 50))
    assert tall.words is not None
    assert len(tall.words.lines) == MAX_WORDS_LINES
    assert codes(card(export(reason="x" * MAX_WORDS))) == []


def test_a_mark_in_the_agents_words_is_never_cut() -> None:
    drawn = card(export(reason="x" * (MAX_WORDS - 4) + " kim@customer.example and more"))
    assert drawn.words is not None
    assert drawn.words.lines[0] == "x" * (MAX_WORDS - 4) + " "
    assert drawn.words.cut > 0


# ---- rules ----


def test_the_rules_that_decided_with_their_controls() -> None:
    rule = cards.Rule(
        "exports.personal_data",
        "Personal data leaving needs two people",
        "etl-7 wants to send crm.people to s3.agency.example",
        (cards.Control("A.5.14", "Information transfer"), cards.Control("A.8.12", "Data leakage prevention")),
        "exports.assent:5",
    )
    assert card().rules == (rule,)


def test_a_reason_shows_of_the_document_what_the_card_shows() -> None:
    update: dict[str, Any] = {
        "action": {"name": "db.update", "rows": 50_000, "query": "set key = 'AKIAIOSFODNN7EXAMPLE'"}
    }
    assert card(update).rules[0].reason == "set key = '⟦AWS access key 1⟧'"
    assert card(update, Viewer(frozenset())).rules[0].reason == "⟦proprietary 1⟧"
    update["action"]["query"] = "y" * 500
    assert card(update).rules[0].reason == "y" * (MAX_PRINTED - 3) + "..."
    update["action"]["query"] = "a\nb"
    assert card(update).rules[0].reason == "a\\u{a}b"
    del update["action"]["query"]
    assert card(update).rules[0].reason == "(none)"


def test_risk_is_told_by_its_parts() -> None:
    drawn = card({"action": {"name": "db.update", "rows": 50_000}})
    assert drawn.risk == 30
    assert drawn.risks == (cards.Risk("exports.many_rows", "Many rows", 30),)
    assert card(export(rows=5)).risks == ()


def test_seats_are_those_in_force() -> None:
    assert card().seats == (cards.Seat(2, "group", "data-protection"), cards.Seat(1, "role", "service-owner"))
    assert card(terms=Approval((Seat(3, "group", "all"),), 60)).seats == (cards.Seat(3, "group", "all"),)
    assert card(export(purpose="support", destination={"kind": "host", "external": False})).seats == ()


def test_what_could_not_be_judged_is_said() -> None:
    drawn = card(export(rows="many", purpose="support"))
    assert drawn.errors == ("exports.many_rows: action.rows: expected int >= 0, found string",)
    assert "error" in codes(drawn)


def test_what_would_have_been_allowed() -> None:
    flips = card(export(purpose="support")).instead
    assert flips == (cards.Flip("exports.personal_data", "external", "failed"),)
    assert len(card().instead) == 2
    assert card({"action": {"name": "data.export"}, "context": {}}).instead


# ---- the document ----


def test_everything_that_would_run_is_there_and_what_a_rule_read_is_marked() -> None:
    drawn = card(export(query="select 1", parameters={"a b": {"c": [1, {"d": "e"}]}}))
    assert fields(drawn) == {
        "action.destination.external": ("true",),
        "action.destination.host": ("s3.agency.example",),
        "action.destination.kind": ("bucket",),
        'action.parameters["a b"].c[0]': ("1",),
        'action.parameters["a b"].c[1].d': ("e",),
        "action.query": ("select 1",),
        "action.rows": ("48210",),
        "resource.labels": ('["pii"]',),
        "subject.on_behalf_of[0].type": ("user",),
    }
    assert {each.path for each in drawn.fields if each.read} == {
        "action.destination.external",
        "action.destination.host",
        "resource.labels",
    }


def test_what_only_tells_one_attempt_from_another_is_left_out_unless_a_rule_reads_it() -> None:
    document = export(parameters={})
    document["context"] |= {"nonce": "n1", "request_id": "r1", "signals": {"anomaly": 0.5}, "region": "eu"}
    assert {path for path in fields(card(document)) if path.startswith("context")} == {"context.region"}
    rules = 'package p\n\nrequire approval p if context.time < timestamp("2030-01-01T00:00:00Z") with { approvers: 1 of group("g") }'
    reading = assentry.load_sources({"p.assent": rules + "\n"})
    drawn = card(document, policy=reading, verdict=reading.decide(document))
    assert {path for path in fields(drawn) if path.startswith("context")} == {"context.region", "context.time"}


def test_a_tool_may_give_classes_of_its_own() -> None:
    document = export(parameters={"to": "Lee", "n": [1, 2], "free": "for Lee"}, sample=[1])
    given = (
        (("action", "parameters", "to"), "personal"),
        (("action", "parameters", "n", "1"), "secret"),
        (("action", "sample"), "proprietary"),
    )
    drawn = card(document, classes=given)
    assert fields(drawn)["action.parameters.n"] == ('[1, "⟦secret 1⟧"]',)
    assert fields(drawn)["action.parameters.to"] == ("⟦personal 2⟧",)
    assert fields(drawn)["action.sample"] == ("⟦redacted 3⟧",)


def test_with_a_rule_that_reads_the_risk_the_risk_rules_have_read_too() -> None:
    drawn = card({"action": {"name": "db.update", "rows": 50_000}})
    assert [each.path for each in drawn.fields if each.read] == ["action.rows"]


def test_a_subject_other_than_the_proved_one_is_shown() -> None:
    document = export()
    document["subject"]["id"] = "admin"
    assert fields(card(document, Viewer(frozenset({"personal"}))))["subject.id"] == ("admin",)
    assert "subject.id" not in fields(card())


def test_a_text_that_could_be_another_value_stands_in_quotes() -> None:
    texts: dict[str, Any] = {
        "a": "true",
        "b": "5",
        "c": "",
        "d": " x",
        "e": "[1]",
        "f": "NaN",
        "g": '"',
        "h": "x y",
        "i": None,
        "j": [],
        "k": {},
    }
    shown = fields(card(export(parameters=texts)))
    assert [shown[f"action.parameters.{name}"][0] for name in texts] == ['"true"', '"5"', '""', '" x"', '"[1]"', '"NaN"', '"\\""', "x y", "null", "[]", "{}"]  # fmt: skip


def test_texts_of_several_lines_are_lines() -> None:
    assert fields(card(export(query="a\nb\n c")))["action.query"] == ("a", "b", " c")
    assert fields(card(export(fields=["a", "b\nc"])))["action.fields[1]"] == ("b", "c")


def test_what_does_not_fit_a_card_makes_it_incomplete() -> None:
    drawn = card(export(parameters={f"k{at}": at for at in range(MAX_FIELDS)}))
    assert not drawn.complete
    assert codes(drawn) == ["incomplete"]
    assert len(drawn.fields) <= MAX_FIELDS
    assert not card(export(query="words " * 50_000)).complete
    assert card(export(query="words " * 5000)).complete


def test_hidden_places_and_those_that_matter() -> None:
    document = export(sample=[1])
    document["resource"]["connection_string"] = "x"
    document["action"]["destination"]["host"] = "key AKIAIOSFODNN7EXAMPLE"
    drawn = card(document)
    assert [(each.path, each.why, each.material) for each in drawn.hidden] == [
        ("action.destination.host", "detector: AWS access key", True),
        ("action.sample", "the rule redacts it", False),
        ("resource.connection_string", "class: secret", False),
    ]
    assert codes(drawn) == ["material_hidden"]
    assert "action.destination.host" in drawn.flags[0].text
    assert {each.path for each in drawn.fields if each.hidden} == {each.path for each in drawn.hidden}
    assert [each.material for each in card(document, material=(("action", "sample"), ("resource",))).hidden] == [
        True,
        True,
        True,
    ]
    assert codes(card(export(sample=[1]))) == []


def test_a_hidden_list_of_which_a_rule_reads_one_element_matters() -> None:
    document = export()
    document["resource"]["labels"] = ["pii", "kim@customer.example"]
    assert codes(card(document)) == ["material_hidden"]


# ---- flags ----


@pytest.mark.parametrize(
    ("text", "code"), [("p\u0430y", "look_alike"), ("a\u202e", "invisible"), ("a\x00", "invisible"), ("paid", None)]
)
def test_strange_characters_raise_a_flag(text: str, code: str | None) -> None:
    drawn = card(export(purpose=text))
    assert codes(drawn) == ([code] if code else [])
    assert all("action.purpose" in flag.text for flag in drawn.flags)


def test_marks_of_the_gate_come_first() -> None:
    drawn = card(export(purpose="a\u202e"), marks=("development", "own\u202e"))
    assert codes(drawn) == ["development", "own\\u{202e}", "invisible"]
    assert "development mode" in drawn.flags[0].text


def test_what_took_too_much_work_is_flagged() -> None:
    deep: Any = "x"
    for _ in range(80):
        deep = [deep]
    assert "unread" in codes(card(export(parameters={"a": deep})))


# ---- what differs ----


def test_what_differs_from_the_last_similar_one() -> None:
    before = export(rows=12, purpose="campaign")
    before["context"]["time"] = "2026-11-01T00:00:00Z"
    drawn = card(export(query="a\nb"), previous=before, previous_at=ASKED - 1000, previous_status="committed")
    assert drawn.earlier == cards.Earlier(
        "2026-11-20T11:59:59.000Z",
        "committed",
        (
            cards.Change("action.query", None, ("a", "b")),
            cards.Change("action.rows", ("12",), ("48210",)),
            cards.Change("action.purpose", ("campaign",), None),
        ),
        (),
    )


def test_nothing_differs_and_nothing_is_known() -> None:
    same = card(previous=export())
    assert same.earlier == cards.Earlier(None, None, (), ())
    assert card().earlier is None


def test_hidden_values_are_not_compared() -> None:
    drawn = card(export(sample=["kim"]), previous=export(sample=["lee"]))
    assert drawn.earlier is not None
    assert (drawn.earlier.changes, drawn.earlier.hidden) == ((), ("action.sample",))
    same = card(export(sample=["kim"]), previous=export(sample=["kim"]))
    assert same.earlier == drawn.earlier


def test_what_is_hidden_today_is_hidden_of_the_earlier_one() -> None:
    drawn = card(export(), previous=export(sample=["kim"], message={"body": "secret plan"}))
    assert "secret plan" not in str(drawn)
    assert drawn.earlier is not None
    assert [(change.path, change.before) for change in drawn.earlier.changes] == [
        ("action.message.body", ("⟦personal⟧",)),
        ("action.sample", ("⟦redacted⟧",)),
    ]


def test_many_differences_are_counted() -> None:
    drawn = card(export(parameters={f"k{at}": at for at in range(MAX_CHANGES + 5)}), previous=export())
    assert drawn.earlier is not None
    assert (len(drawn.earlier.changes), drawn.earlier.left_out) == (MAX_CHANGES, 5)


def test_many_hidden_places_make_a_card_incomplete() -> None:
    drawn = card(export(fields=[f"kim{at}@customer.example" for at in range(MAX_FIELDS + 1)]))
    assert not drawn.complete
    assert len(drawn.hidden) == MAX_FIELDS


def test_a_long_reason_is_capped_and_never_within_a_mark() -> None:
    update: dict[str, Any] = {"action": {"name": "db.update", "rows": 50_000}}
    update["action"]["query"] = "y" * (MAX_PRINTED - 10) + " kim@customer.example " + "z" * 500
    assert card(update).rules[0].reason == "y" * (MAX_PRINTED - 10) + " ..."


def test_similar_is_the_same_name_on_the_same_kind_of_resource() -> None:
    assert similar(export()) == ("data.export", "table")
    assert similar({"action": {"name": "x"}}) is None
    assert similar({"action": {"name": 1}, "resource": {"type": "table"}}) is None


# ---- viewers ----


def test_a_viewer_who_may_see_more_sees_more_and_answers_another_card() -> None:
    document = export(message={"body": "dear Kim"}, query="select 1")
    usual, all_, none = (card(document, Viewer(frozenset(each))) for each in ({"proprietary"}, {"proprietary", "personal"}, set[str]()))  # fmt: skip
    assert fields(all_)["action.message.body"] == ("dear Kim",)
    assert fields(usual)["action.message.body"] == ("⟦personal 1⟧",)
    assert fields(none)["action.query"] == ("⟦proprietary 2⟧",)
    assert [each.shows for each in (usual, all_, none)] == [("proprietary",), ("personal", "proprietary"), ()]
    assert len({usual.digest, all_.digest, none.digest}) == 3
    assert card(document) == usual
