"""A law that cannot fail says nothing: each one catches a mistake that is made here on purpose."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from assentry.cel import cost, guards
from assentry.code import access, load, tables
from assentry.code.form import Expr
from assentry.compiler import reduce
from assentry.evaluator import place, policy
from assentry.evaluator.interpreter import Interpreter
from assentry.evaluator.ruling import Decision
from assentry.evaluator.rulings import Rulings
from assentry.formatter.margin import SourceMargin
from tests.laws import (
    test_law_1_order_free,
    test_law_2_monotone,
    test_law_3_errors,
    test_law_4_guards,
    test_law_5_pure,
    test_law_6_bounded,
    test_law_7_no_text,
    test_law_8_round_trip,
    test_law_9_equal,
)
from tests.support import laws

Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Policies are kept between tests; none may be kept from before or from a mistake."""
    laws.policy.cache_clear()
    yield
    laws.policy.cache_clear()


# ---- the mistakes ----


def errors_are_not_absorbed(patch: Patch) -> None:
    def connect(self: Interpreter, operands: Sequence[Expr], *, absorbing: bool) -> bool:
        return any(self.truth(each) for each in operands) if absorbing else all(self.truth(each) for each in operands)

    patch.setattr(Interpreter, "connect", connect)


def every_second_rule_turns_the_verdict(patch: Patch) -> None:
    right = Rulings.decide

    def decide(self: Rulings, fired: int, erred: int) -> Decision:
        return "allow" if fired.bit_count() % 2 == 0 and fired else right(self, fired, erred)

    patch.setattr(Rulings, "decide", decide)


def an_allow_rule_wins(patch: Patch) -> None:
    right = Rulings.decide

    def decide(self: Rulings, fired: int, erred: int) -> Decision:
        return "allow" if fired & self._allows else right(self, fired, erred)

    patch.setattr(Rulings, "decide", decide)


def errors_do_not_block(patch: Patch) -> None:
    patch.setattr(Rulings, "blocking", lambda self, erred: 0)


def or_guards_like_and(patch: Patch) -> None:
    patch.setattr(guards, "_common", guards._union)


def decisions_share_their_action(patch: Patch) -> None:
    right = policy.Policy.decide
    shared: dict[str, Any] = {}

    def decide(self: policy.Policy, action: object) -> Any:
        shared["action"] = action
        time.sleep(0.0001)
        return right(self, shared["action"])

    patch.setattr(policy.Policy, "decide", decide)


def every_other_action_is_forgotten(patch: Patch) -> None:
    right = policy.Policy.decide
    calls: list[object] = []

    def decide(self: policy.Policy, action: object) -> Any:
        calls.append(action)
        return right(self, action if len(calls) % 2 else {})

    patch.setattr(policy.Policy, "decide", decide)


def lists_have_no_limit(patch: Patch) -> None:
    patch.setattr(place, "check_length", lambda *_: None)


def rules_may_cost_anything(patch: Patch) -> None:
    patch.setattr(cost, "check", lambda *_, **__: [])


def all_code_is_allowed(patch: Patch) -> None:
    patch.setattr(load, "check", lambda *_: None)


def comments_are_dropped(patch: Patch) -> None:
    patch.setattr(SourceMargin, "_take", lambda self, until, at: ((), at))


def the_index_passes_over_negations(patch: Patch) -> None:
    patch.setattr(reduce, "_not", lambda told: told)


def the_index_lets_a_misfit_exclude(patch: Patch) -> None:
    patch.setattr(tables, "EVERY", 0)


def what_does_not_fit_equals_nothing(patch: Patch) -> None:
    patch.setattr(access.Unfit, "__eq__", lambda self, other: False)


@dataclass(frozen=True)
class Mistake:
    make: Callable[[Patch], None]
    law: Callable[[], object]

    def __str__(self) -> str:
        return self.make.__name__


MISTAKES = (
    Mistake(errors_are_not_absorbed, test_law_1_order_free.test_order_changes_no_verdict),
    *(
        Mistake(every_second_rule_turns_the_verdict, partial(test_law_2_monotone.test_a_rule_more, effect))
        for effect in ("deny", "risk", "require approval")
    ),
    Mistake(an_allow_rule_wins, lambda: test_law_2_monotone.test_a_rule_more("allow")),
    Mistake(errors_do_not_block, test_law_3_errors.test_a_misfit_is_never_less_strict),
    Mistake(or_guards_like_and, test_law_4_guards.test_unguarded_reads_do_not),
    Mistake(decisions_share_their_action, test_law_5_pure.test_threads_share_a_policy),
    Mistake(every_other_action_is_forgotten, test_law_5_pure.test_a_decision_leaves_no_trace),
    Mistake(lists_have_no_limit, lambda: test_law_6_bounded.test_lists(test_law_6_bounded.LISTS[0])),
    Mistake(rules_may_cost_anything, test_law_6_bounded.test_cost_counts_definitions_and_functions),
    Mistake(all_code_is_allowed, lambda: test_law_7_no_text.test_the_allow_list_refuses("def f(a):\n    import os")),
    Mistake(comments_are_dropped, test_law_8_round_trip.test_formatting_loses_nothing),
    Mistake(the_index_passes_over_negations, lambda: test_law_9_equal.test_every_way_decides_alike(0)),
    Mistake(the_index_lets_a_misfit_exclude, lambda: test_law_9_equal.test_every_way_decides_alike(0)),
    Mistake(what_does_not_fit_equals_nothing, lambda: test_law_9_equal.test_every_way_decides_alike(0)),
    Mistake(errors_are_not_absorbed, lambda: test_law_9_equal.test_every_way_decides_alike(0)),
    Mistake(an_allow_rule_wins, lambda: test_law_9_equal.test_every_way_decides_alike(0)),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_breaks_the_law(mistake: Mistake, monkeypatch: Patch) -> None:
    mistake.make(monkeypatch)
    monkeypatch.setattr(test_law_9_equal, "smallest", lambda texts, action, _: (texts, action))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        mistake.law()
