"""What the property tests of the laws share: how many, which worlds, and how verdicts compare."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import randrange
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from assentry.compiler import load_sources
from assentry.evaluator.policy import Policy, load_saved
from tests.oracle.interpret import RuleSet
from tests.support.generate import World, world
from tests.support.texts import RuleTexts

RULESETS = int(os.environ.get("ASSENTRY_LAWS_RULESETS", "1000"))
"""Rule sets for the ninth law; the other laws take a share of it. Set it for more, and for new ones each time."""

SHARED = max(20, RULESETS * 15 // 100)
FIRST = 0 if "ASSENTRY_LAWS_RULESETS" not in os.environ else randrange(2**40)

STRICTNESS = {"allow": 0, "require_approval": 1, "deny": 2}


def law(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Settings of a law's test: so many examples, the same ones each time unless more were asked for.

    A world is a seed, which hypothesis cannot make smaller; `shrink.smallest` does that by meaning.
    """
    return settings(
        max_examples=max(1, examples),
        deadline=None,
        database=None,
        derandomize="ASSENTRY_LAWS_RULESETS" not in os.environ,
        phases=[Phase.explicit, Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


def worlds() -> st.SearchStrategy[World]:
    """Rule sets with their actions. The laws share these, so that each is compiled once in a process."""
    return st.integers(FIRST, FIRST + SHARED - 1).map(world)


def compiled(texts: RuleTexts, of: World) -> Policy:
    """The policy of some rule texts over the schema and data of a world."""
    return load_sources(texts.render(), schema=of.schema, data=of.data)


@lru_cache(maxsize=SHARED)
def policy(of: World) -> Policy:
    """The policy of a world's own rule set."""
    return compiled(of.texts, of)


def reloaded(saved: Policy) -> Policy:
    """The policy as it comes out of a file again."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rules.policy"
        saved.save(path)
        return load_saved(path)


@lru_cache(maxsize=SHARED)
def oracle(of: World) -> RuleSet:
    """The oracle of a world's own rule set."""
    return RuleSet(of.files, of.schema, of.data)


def verdict(of: Policy, action: Any) -> dict[str, Any]:
    """A verdict as plain data."""
    return of.decide(action).to_dict()


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """A verdict without what the laws leave out of comparison: `at` and `policy`."""
    result = copy.deepcopy(found)
    del result["policy"]
    for each in (*result["rules"], *result["shadow"], *result["errors"]):
        del each["at"]
    return result


def strictness(found: dict[str, Any]) -> int:
    return STRICTNESS[found["decision"]]


def decided_by_rule(found: dict[str, Any]) -> bool:
    """Whether a rule decided, and not the default."""
    blocking = any(error["effect"] in ("deny", "require_approval") for error in found["errors"])
    return bool(found["rules"]) or (found["decision"] == "deny" and blocking)
