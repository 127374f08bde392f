"""The card as plain text: all of it, within its width, and no line of it can be written by the agent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.approvals.request import Chain
from assentry.review import fits, render
from assentry.review.text import _columns
from tests.review.test_redaction import DOCUMENTS
from tests.support.reviews import BUSY, card, export

EXPECTED = """\
========================================================================================
data.export on table crm.people
========================================================================================
who asks      agent etl-7
on behalf of  omar
owned by      dana
credential of dana
has to agree  2 of group data-protection; 1 of role service-owner
until         2026-11-20 12:30:00 UTC (30 minutes from the question)
risk          30 (Many rows +30)
!  development mode: the laws do not bind here, and nothing that is signed here proves
   anything
!  letters that pass for others, written as \\u{...}: action.purpose

Why, in the agent's own words
  | monthly campaign list

Why it was stopped
  Personal data leaving needs two people  (exports.personal_data, exports.assent:5)
    etl-7 wants to send crm.people to s3.agency.example
    A.5.14  Information transfer
    A.8.12  Data leakage prevention

What would run  (* a rule looked at it)
* action.destination.external   true
* action.destination.host       s3.agency.example
  action.destination.kind       bucket
  action.purpose                c\\u{430}mpaign
  action.query
    | select *
    | from crm.people
  action.rows                   48210
  action.sample                 ⟦redacted 1⟧
* resource.labels               ["pii"]
  subject.on_behalf_of[0].type  user

What differs from the last similar one of 2026-11-20 11:59:59 UTC, committed
  + action.purpose
      is  | c\\u{430}mpaign
  + action.query
      is  | select *
          | from crm.people
  ~ action.rows
      was | 12
      is  | 48210
  hidden, not compared: action.sample

It would be allowed at once if
  external did not hold  (exports.personal_data)
  has(action.purpose) && action.purpose == "support" held  (exports.support)

What is hidden
  ⟦redacted 1⟧  action.sample: the rule redacts it
----------------------------------------------------------------------------------------
request q1
"""


def test_a_card_reads_like_this() -> None:
    document = export(purpose="c\u0430mpaign", query="select *\nfrom crm.people", sample=[1])
    drawn = card(
        document,
        previous=export(rows=12, sample=[2]),
        previous_at=1_795_175_999_000,
        previous_status="committed",
        marks=("development",),
    )
    assert render(drawn) == f"{EXPECTED}card {drawn.digest}\n"


@BUSY
@given(DOCUMENTS, st.integers(80, 120))
def test_no_line_is_wider_than_the_width_and_all_shows(value: Any, width: int) -> None:
    document = export(parameters={"a": value}, reason=str(value), query=str(value) * 9)
    text = render(card(document, previous=export(query=str(value))), width)
    assert text.endswith("\n")
    for line in text.split("\n"):
        assert line.isprintable()
        assert _columns(line) <= width


def test_wide_letters_take_two_columns() -> None:
    text = render(card(export(query="\u6771\u4eac" * 60)), 80)
    assert max(_columns(line) for line in text.splitlines()) == 80
    assert "".join(text.split()).count("\u6771\u4eac") == 60


@pytest.mark.parametrize("place", ["reason", "purpose", "query"])
def test_no_text_of_the_agent_begins_a_line(place: str) -> None:
    forged = "has to agree  nobody\n" + "x" * 80 + " risk          0 " + "y " * 40 + "\ncard sha256:0"
    text = render(card(export(**{place: forged}), request="q " + "risk          0 " * 9))
    for line in text.splitlines():
        assert not line.startswith(("has to agree  nobody", "risk          0", "card sha256:0"))


def test_neither_does_a_name_a_resource_or_a_place() -> None:
    document = export(parameters={"risk          0 " * 9: "x"})
    document["resource"]["id"] = "crm " + "risk          0 " * 9
    text = render(card(document, chain=Chain("etl-7 " + "risk          0 " * 9, "risk          0 " * 9)))
    assert sum(line.startswith("risk") for line in text.splitlines()) == 1


def test_a_card_that_does_not_fit_cannot_be_answered() -> None:
    drawn = card()
    size = len(render(drawn))
    assert fits(drawn, size)
    assert not fits(drawn, size - 1)
    incomplete = card(export(query="words " * 50_000))
    assert not fits(incomplete, 10**9)


def test_little_is_said_where_there_is_little() -> None:
    text = render(card({"action": {"name": "x"}}, chain=Chain("a"), deadline=1_795_176_000_000 + 90_000))
    assert "x on (no resource)" in text
    assert "has to agree  nobody" in text
    assert "(90 seconds from the question)" in text
    assert "on behalf of" not in text
    assert "owned by" not in text


@pytest.mark.parametrize(("ms", "said"), [(86_400_000, "1 day"), (172_800_000, "2 days"), (3_600_000, "1 hour"), (60_000, "1 minute"), (5_400_000, "90 minutes"), (61_000, "61 seconds")])  # fmt: skip
def test_spans_of_time(ms: int, said: str) -> None:
    assert f"({said} from the question)" in render(card(deadline=1_795_176_000_000 + ms))
