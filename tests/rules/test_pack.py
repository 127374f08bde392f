"""The rule pack as a whole: it compiles, its own tests cover it, and every rule says what an auditor asks."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

import assentry
from assentry import controls
from assentry.evaluator.policy import Policy
from assentry.formatter.format import format_source
from assentry.source import Source
from assentry.tester.find import find_test_files, read_suites
from assentry.tester.run import Outcome, run

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))

TOPICS = {
    "access", "agents", "backups", "databases", "delivery", "exports", "infrastructure", "kubernetes", "logging",
    "messages", "models", "network", "payments", "privacy", "reads", "scores", "secrets", "transfers", "aws",
}  # fmt: skip


@pytest.fixture(scope="module")
def policy() -> Policy:
    return assentry.load(RULES)


@pytest.fixture(scope="module")
def outcome(policy: Policy) -> Outcome:
    return run(policy, read_suites(find_test_files([RULES])))


def test_its_own_tests_pass(outcome: Outcome) -> None:
    assert [
        f"{result.case.at} {result.case.name}: {failure.message}"
        for suite in outcome.suites
        for result in suite.results
        for failure in result.failures
    ] == []


def test_they_cover_every_rule_and_every_condition_both_ways(outcome: Outcome) -> None:
    assert [seen.owner for seen in outcome.coverage.rules if not seen.both] == []
    assert [f"{seen.at} {seen.text}" for seen in outcome.coverage.conditions if not seen.both] == []


def test_no_rule_errs_where_no_case_says_so(outcome: Outcome) -> None:
    results = (result for suite in outcome.suites for result in suite.results)
    assert [(result.case.at, result.unspoken) for result in results if result.unspoken] == []


def test_every_topic_has_rules(policy: Policy) -> None:
    sizes = Counter(rule.id.partition(".")[0] for rule in policy.rules)
    assert set(sizes) == TOPICS
    assert sizes.total() >= 45


def test_every_rule_says_what_it_is_and_what_it_supports(policy: Policy) -> None:
    assert [rule.id for rule in policy.rules if not rule.title or not rule.controls] == []
    speechless = [rule.id for rule in policy.rules if rule.effect in {"deny", "require_approval"} and not rule.reason]
    assert speechless == []


def test_titles_differ_within_a_topic(policy: Policy) -> None:
    titles = Counter((rule.id.partition(".")[0], rule.title) for rule in policy.rules)
    assert [title for title, count in titles.items() if count > 1] == []


def test_most_of_annex_a_that_rules_can_speak_to_is_spoken_to(policy: Policy) -> None:
    cited = {control for rule in policy.rules for control in rule.controls}
    technological = {control.id for control in controls.catalogue() if control.theme == "technological"}
    assert len(technological & cited) >= 26
    assert any(control.startswith("iso42001:") for control in cited)


@pytest.mark.parametrize("path", sorted(RULES.rglob("*.assent")), ids=lambda path: str(path.relative_to(RULES)))
def test_it_stands_in_the_official_shape(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert format_source(Source(path.name, text), []) == text


def test_the_vocabulary_page_names_every_action_that_a_rule_speaks_of() -> None:
    page = (RULES / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([a-z0-9]+(?:[.-][a-z0-9]+)+)`", page))
    spoken = set()
    for path in RULES.glob("*.assent"):
        for name in re.findall(r'"([a-z0-9]+(?:\.[a-z-]+)+)"', path.read_text(encoding="utf-8")):
            spoken.add(name)
    assert spoken - listed == set()
    assert len(spoken) > 100


def test_the_examples_decide_as_their_page_says(policy: Policy) -> None:
    page = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    promised = dict(re.findall(r"^\| `([\w-]+)` \| (\w+) \|", page, re.MULTILINE))
    decided = {path.stem: policy.decide(json.loads(path.read_text(encoding="utf-8"))).decision for path in EXAMPLES}
    assert decided == promised
    assert set(decided.values()) == {"allow", "deny", "require_approval"}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_decided_without_error_and_shows_no_secret(policy: Policy, path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    verdict = policy.decide(document)
    assert verdict.errors == ()
    if "connection_string" in document["resource"]:
        assert "resource.connection_string" in verdict.redact
