"""What the laws are tested on: legal rule sets that use the whole language, and actions of which four in ten misfit."""

from __future__ import annotations

import re
from collections import Counter

from tests.oracle.place import Place
from tests.support.generate import world
from tests.support.laws import policy, verdict
from tests.support.repair import misfits
from tests.support.schemas import SCHEMAS

WORLDS = [world(seed) for seed in range(120)]

CONSTRUCTS = (
    r"^package shared",
    r"^import data\.accounts",
    r"^import data\.eu\.regions",
    r"^default allow",
    r"^const C\d := \[",
    r"^d\d if",
    r"^f\d\(v\d+, v\d+\) if",
    r"^allow ",
    r"^deny ",
    r"^require approval ",
    r"^risk \d+ ",
    r"risk (>|>=) \d",
    r"risk (<|<=) \d",
    r"\bhot\b",
    r"shared\.d\d",
    r"shared\.f\d\(",
    r" && ",
    r" \|\| ",
    r"!\(",
    r" \? .* : ",
    r"\.\?\w+\.",
    r"\[\?",
    r"\bhas\(",
    r" in ",
    r"\.exists\(",
    r"\.all\(",
    r"\.exists_one\(",
    r"\.filter\(",
    r"\.map\(",
    r"\.transformList\(",
    r"\.transformMap\(",
    r"\.exists\(v\d+i, ",
    r"\.sortBy\(",
    r"\.optMap\(",
    r"cel\.bind\(",
    r"\.matches\(",
    r"\.getHours\(",
    r"duration\(",
    r"math\.",
    r"sets\.",
    r"dyn\(",
    r"1 / 0",
    r"^    title: ",
    r"^    reason: ",
    r"^    controls: \[",
    r"^    approvers: .* and ",
    r"^    within: ",
    r"^    redact: \[",
    r"^    mode: shadow",
    r"^    x_note: ",
)


def test_the_whole_language_is_used() -> None:
    text = "\n".join(text for each in WORLDS for text in each.files.values())
    missing = [construct for construct in CONSTRUCTS if not re.search(construct, text, re.MULTILINE)]
    assert not missing
    assert {each.schema_name for each in WORLDS} == set(SCHEMAS)


def test_four_in_ten_actions_misfit() -> None:
    cases = [(each, case) for each in WORLDS for case in each.cases]
    bad = [
        case
        for each, case in cases
        if type(case.action) is not dict or any(True for _ in misfits(Place("", each.spec, case.action)))
    ]
    assert 0.38 < len(bad) / len(cases) < 0.48
    for each, case in cases:
        assert case.fitting is None or not list(misfits(Place("", each.spec, case.fitting)))


def test_every_decision_comes_about() -> None:
    decisions: Counter[str] = Counter()
    errors = shadows = approvals = 0
    for each in WORLDS:
        for case in each.cases:
            found = verdict(policy(each), case.action)
            decisions[found["decision"]] += 1
            errors += bool(found["errors"])
            shadows += bool(found["shadow"])
            approvals += found["approval"] is not None and len(found["approval"]["seats"]) > 1
    total = decisions.total()
    assert min(decisions[name] / total for name in ("allow", "deny", "require_approval")) > 0.05, decisions
    assert 0.1 < errors / total < 0.7
    assert shadows > 10
    assert approvals > 10
