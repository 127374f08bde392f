"""The rules that actions of one kind can meet: which of them fire, and the verdict for each such set.

What the rules come to is one integer, the key: bit i is set when the i-th rule fired, bit n + i when it is in error.
The index gives most of it: it excludes rules, and settles those that it answers as a whole. Of the others the emitted
code of their rest says whether they fire, and the exact tier where that code gives up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol

from assentry.code.form import Form
from assentry.code.masks import bits
from assentry.code.program import Memo, Program, Rule
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.evaluator.reasons import routes_of
from assentry.evaluator.ruling import Ruling
from assentry.evaluator.rulings import Rulings
from assentry.evaluator.seen import Document, Keeper, keeper_of
from assentry.evaluator.verdict import Details, Shared, Verdict


class Home(Details, Protocol):
    """The policy that the rules belong to, as far as deciding needs it."""

    @property
    def form(self) -> Form: ...

    @property
    def world(self) -> World: ...

    @property
    def program(self) -> Program: ...

    @property
    def keeper(self) -> Keeper:
        """Keeps all that any rule reads."""

    def keep_one(self) -> None:
        """Called before a verdict is kept: the policy counts them, and forgets all when there are too many."""


class Candidates:
    """The rules that actions of one kind can meet. Safe to share between threads.

    `known` gives the verdict that all actions with a key share, when it has been made; `verdict` any other.
    """

    def __init__(self, home: Home, rules: Sequence[int]) -> None:
        self.rules = tuple(rules)
        self._home = home
        self._count = len(self.rules)
        self._all = (1 << self._count) - 1
        known, compiled = home.form.index.rules, home.form.rules
        self._rest = sum(1 << bit for bit, rule in enumerate(self.rules) if known[rule].rest)
        self._firm = sum(1 << bit for bit, rule in enumerate(self.rules) if known[rule].firm)
        self._late = sum(1 << bit for bit, rule in enumerate(self.rules) if compiled[rule].reads_risk)
        # What the index alone does not settle: rules with a rest, and rules with a test in error.
        self._unsettled = self._rest | self._all << self._count
        self._rests: list[Rule | None] = [None] * self._count
        # By final key; those that leave nothing open and come from the index alone, a second time.
        self._verdicts: dict[int, Verdict | Shared] = {}
        self._known: dict[int, Verdict] = {}
        # What says the same is the same: the less is kept, the less the collector of garbage has to look at.
        self._alike: dict[Ruling, Verdict | Shared] = {}
        self.known: Callable[[int], Verdict | None] = self._known.get

    def verdict(self, action: Document, key: int) -> Verdict:
        """The verdict on an action with a key that the index gave."""
        return self._verdict(action, self._settled(action, key) if key & self._unsettled else key)

    def exactly(self, action: Document) -> Verdict:
        """The verdict by the exact tier alone."""
        return self._verdict(action, self._exact_key(action))

    def forget(self) -> None:
        """Forgets all verdicts."""
        self._verdicts.clear()
        self._known.clear()
        self._alike.clear()

    # ---- the key ----

    def _settled(self, action: Document, key: int) -> int:
        """The key with what the rests of rules and the exact tier say where the index does not."""
        maybe, unsure = key & self._all, key >> self._count
        fired, erred = maybe & ~self._rest & ~unsure, maybe & ~self._rest & unsure
        waiting = maybe & self._rest
        if waiting:
            memo: Memo = {}
            one, other = self._asked(action, waiting & ~self._late, unsure, memo, None)
            fired, erred = fired | one, erred | other
            if waiting & self._late:
                # Rules that read the risk come when all that make it up are settled.
                one, other = self._asked(action, waiting & self._late, unsure, memo, self._rulings.risk(fired | erred))
                fired, erred = fired | one, erred | other
        return fired | erred << self._count

    def _asked(self, action: Document, waiting: int, unsure: int, memo: Memo, risk: int | None) -> tuple[int, int]:
        """Which of some rules fire and which are in error, by the code of their rests or else by the exact tier."""
        fired = erred = 0
        exact: Exact | None = None
        while waiting:
            bit = waiting & -waiting
            waiting ^= bit
            at = bit.bit_length() - 1
            outcome: bool | Failure | None
            try:
                outcome = (self._rests[at] or self._rest_of(at))(action, risk, memo)
            except Exception:  # noqa: BLE001  # anything unusual: the exact tier knows
                outcome = None
            if outcome is None or (outcome and unsure & bit and not self._firm & bit):
                exact = exact or Exact(self._home.world, action, risk=risk)
                outcome = self._exact_rest(exact, at) if self._firm & bit else exact.rule(self.rules[at])
            # With firm tests the outcome is that of the rest alone: a test in error is an error then.
            if isinstance(outcome, Failure) or (outcome and unsure & bit and self._firm & bit):
                erred |= bit
            elif outcome:
                fired |= bit
        return fired, erred

    def _exact_rest(self, exact: Exact, at: int) -> bool | Failure:
        """What the exact tier says of the conditions that the index leaves of a rule."""
        rule, known = self._home.form.rules[self.rules[at]], self._home.form.index.rules[self.rules[at]]
        return exact.conditions([rule.conditions[number] for number in known.rest], rule.span, rule.file)

    def _rest_of(self, at: int) -> Rule:
        """The code of what the index leaves of a rule, made when it is first wanted."""
        made = self._rests[at] = self._home.program.rest(self.rules[at])
        return made

    def prepare(self) -> None:
        """Makes the code of all rests now."""
        for at in bits(self._rest):
            self._rest_of(at)

    def _exact_key(self, action: Document) -> int:
        """The key by the exact tier alone."""
        exact = Exact(self._home.world, action)
        outcomes = [exact.rule(rule) for rule in self.rules]
        fired = sum(1 << bit for bit, outcome in enumerate(outcomes) if outcome is True)
        return fired | sum(1 << self._count + bit for bit, each in enumerate(outcomes) if isinstance(each, Failure))

    # ---- the verdict ----

    @cached_property
    def _rulings(self) -> Rulings:
        return Rulings(self._home.form, self._home.world.sources, self.rules)

    def _verdict(self, action: Document, key: int) -> Verdict:
        """The verdict for a final key."""
        found = self._verdicts.get(key) or self._made(key)
        return found if type(found) is Verdict else Verdict(found, found.keeper.keep(action))

    def _made(self, key: int) -> Verdict | Shared:
        ruling = self._rulings.on(key & self._all, key >> self._count)
        found = self._alike.get(ruling)
        if found is None:
            found = self._alike[ruling] = self._told(ruling)
        self._home.keep_one()
        self._verdicts[key] = found
        if isinstance(found, Verdict) and not key & self._unsettled:
            self._known[key] = found
        return found

    def _told(self, ruling: Ruling) -> Verdict | Shared:
        rules = self._home.form.rules
        routes = [route for index in ruling.rules for route in routes_of(rules[index].reason)]
        keeper = self._home.keeper if ruling.errors else keeper_of(tuple(routes))
        shared = Shared(ruling, self._home, keeper)
        # Without reasons to fill in and errors to explain, one verdict serves every such action.
        return shared if routes or ruling.errors else Verdict(shared, ())
