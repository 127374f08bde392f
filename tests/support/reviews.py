"""Reviews for tests: a small policy over the published schema, an action that waits, and the card of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import HealthCheck, settings

import assentry
from assentry import Policy
from assentry.approvals.request import Chain
from assentry.review import Card, Review, Viewer, draw, render

RULES = """package exports

external if has(action.destination) && action.destination.external

require approval personal_data if {
    action.name == "data.export"
    external
    has(resource.labels) && resource.labels.exists(l, l in ["pii", "phi"])
} with {
    title: "Personal data leaving needs two people"
    controls: [A.5.14, A.8.12]
    approvers: 2 of group("data-protection") and 1 of role("service-owner")
    within: 30m
    redact: [action.sample]
    reason: "{subject.id} wants to send {resource.id} to {action.destination.host}"
}

allow support if {
    action.name == "data.export"
    has(action.purpose) && action.purpose == "support"
}

risk 30 many_rows if {
    has(action.rows) && action.rows > 10000
} with {
    title: "Many rows"
}

require approval risky if {
    action.name == "db.update"
    risk >= 30
} with {
    title: "Too much at once"
    controls: [A.8.32]
    approvers: 1 of group("security")
    reason: "{action.query}"
}

allow updates if action.name == "db.update"
"""
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For property tests on a machine that does other things as well."""

CHAIN = Chain("etl-7", "dana", ("omar",), "dana")
ASKED = 1_795_176_000_000
SALT = "0" * 32


@cache
def policy() -> Policy:
    """The policy of `RULES`."""
    return assentry.load_sources({"exports.assent": RULES})


def export(**more: Any) -> dict[str, Any]:
    """An export that waits; `more` are further members of its action."""
    return {
        "subject": {"type": "agent", "id": "etl-7", "owner": "dana", "on_behalf_of": [{"type": "user", "id": "omar"}]},
        "action": {
            "name": "data.export",
            "rows": 48210,
            "reason": "monthly campaign list",
            "destination": {"kind": "bucket", "external": True, "host": "s3.agency.example"},
            **more,
        },
        "resource": {"type": "table", "id": "crm.people", "labels": ["pii"]},
        "context": {"time": "2026-11-20T12:00:00Z"},
    }


def review(action: Mapping[str, Any] | None = None, **more: Any) -> Review:
    """The review of an action, with a salt that is always the same unless another is given."""
    document = export() if action is None else action
    asked: dict[str, Any] = {
        "request": "q1",
        "action": document,
        "verdict": policy().decide(document),
        "policy": policy(),
        "chain": CHAIN,
        "asked_at": ASKED,
        "deadline": ASKED + 1_800_000,
        "salt": SALT,
    }
    return Review(**(asked | more))


def card(action: Mapping[str, Any] | None = None, viewer: Viewer | None = None, **more: Any) -> Card:
    """The card of an action."""
    return draw(review(action, **more), viewer)


def everything(drawn: Card) -> str:
    """All that a card says, in every form."""
    data = drawn.to_dict()
    forms = (
        render(drawn),
        json.dumps(data, ensure_ascii=False),
        json.dumps(data),
        drawn.canonical.decode(),
        repr(drawn),
    )
    return "\n".join(forms)
