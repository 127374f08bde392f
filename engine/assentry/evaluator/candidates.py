"""The rules that actions of one kind can meet: which of them fire, and the verdict for each such set.

What the rules come to is one integer, the key: bit i is set when the i-th rule fired, bit n + i when it is in error.
The index gives most of it: it excludes rules, and settles those that it answers as a whole. Of the others the emitted
code of their rest says whether they fire, and the exact tier where that code gives up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assentry.code.form import Form
from assentry.code.program import Memo, Program
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure
from assentry.evaluator.reasons import routes_of
from assentry.evaluator.ruling import Ruling, rule_on
from assentry.evaluator.seen import NOTHING, Document, Keeper
from assentry.evaluator.verdict import Details, Verdict


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


@dataclass(frozen=True, slots=True)
class Open:
    """A ruling whose verdicts differ: by what stands at the paths that reasons print, or that rules in error read."""

    ruling: Ruling
    home: Home
    keeper: Keeper

    def verdict(self, action: Document) -> Verdict:
        return Verdict(self.ruling, self.home, self.keeper.keep(action))


class Candidates:
    """The rules that actions of one kind can meet. Safe to share between threads."""

    def __init__(self, home: Home, rules: Sequence[int]) -> None:
        self.rules = tuple(rules)
        self._home = home
        self._count = len(self.rules)
        self._all = (1 << self._count) - 1
        known, compiled = home.form.index.rules, home.form.rules
        self._rest = sum(1 << bit for bit, rule in enumerate(self.rules) if known[rule].rest)
        self._late = sum(1 << bit for bit, rule in enumerate(self.rules) if compiled[rule].reads_risk)
        # What the index alone does not settle: rules with a rest, and rules with a test in error.
        self._unsettled = self._rest | self._all << self._count
        self._verdicts: dict[int, Verdict | Open] = {}

    def verdict(self, action: Document, key: int) -> Verdict:
        """The verdict on an action for which no other rule can fire or err, from what the index says of it."""
        if key & self._unsettled:
            key = self._settled(action, key)
        found = self._verdicts.get(key)
        if found is None:
            found = self._made(key)
        return found.verdict(action) if isinstance(found, Open) else found

    def exactly(self, action: Document) -> Verdict:
        """The same by the exact tier alone."""
        key = self._exact_key(action)
        found = self._verdicts.get(key) or self._made(key)
        return found.verdict(action) if isinstance(found, Open) else found

    def forget(self) -> None:
        """Forgets all verdicts."""
        self._verdicts = {}

    # ---- the key ----

    def _settled(self, action: Document, key: int) -> int:
        """The key with what the rests of rules and the exact tier say where the index does not."""
        open_, unsure = key & self._all, key >> self._count
        fired, erred = open_ & ~self._rest & ~unsure, open_ & ~self._rest & unsure
        waiting = open_ & self._rest
        if waiting:
            attempt = _Attempt(self._home, action, unsure)
            for late in (False, True):
                for bit in _bits(waiting & self._late if late else waiting & ~self._late):
                    outcome = attempt.rule(bit, self.rules[bit])
                    if isinstance(outcome, Failure):
                        erred |= 1 << bit
                    elif outcome:
                        fired |= 1 << bit
                if not waiting & self._late:
                    break
                # Rules that read the risk come when all that make it up are settled.
                attempt.risk = self._risk(fired | erred)
        return fired | erred << self._count

    def _exact_key(self, action: Document) -> int:
        """The key by the exact tier alone."""
        exact = Exact(self._home.world, action)
        outcomes = [exact.rule(rule) for rule in self.rules]
        fired = sum(1 << bit for bit, outcome in enumerate(outcomes) if outcome is True)
        return fired | sum(1 << self._count + bit for bit, each in enumerate(outcomes) if isinstance(each, Failure))

    def _risk(self, hits: int) -> int:
        rules = [self._home.form.rules[self.rules[bit]] for bit in _bits(hits)]
        return sum(rule.weight for rule in rules if rule.effect == "risk" and not rule.shadow)

    # ---- the verdict ----

    def _made(self, key: int) -> Verdict | Open:
        rules = self._home.form.rules
        fired = [self.rules[bit] for bit in _bits(key & self._all)]
        erred = [self.rules[bit] for bit in _bits(key >> self._count)]
        ruling = rule_on(self._home.form, self._home.world.sources, fired, erred)
        found: Verdict | Open
        if ruling.errors:
            found = Open(ruling, self._home, self._home.keeper)
        elif routes := [route for index in ruling.rules for route in routes_of(rules[index].reason)]:
            found = Open(ruling, self._home, Keeper(routes))
        else:
            # Without reasons to fill in and errors to explain, one verdict serves every such action.
            found = Verdict(ruling, self._home, NOTHING)
        self._home.keep_one()
        self._verdicts[key] = found
        return found


class _Attempt:
    """The rests of rules on one action, by emitted code, and by the exact tier where that gives up."""

    def __init__(self, home: Home, action: Document, unsure: int) -> None:
        self.risk: int | None = None
        self._home = home
        self._action = action
        self._unsure = unsure
        self._memo: Memo = {}
        self._exact: dict[bool, Exact] = {}

    def rule(self, bit: int, index: int) -> bool | Failure:
        """Whether a rule fires that no test excludes."""
        try:
            holds = self._home.program.rest(index)(self._action, self.risk, self._memo)
            if not holds or not self._unsure >> bit & 1:
                return holds
        except Exception:  # noqa: BLE001, S110  # anything unusual: the exact tier knows
            pass
        # An exact tier of its own for rules that read the risk: it takes the sum as given.
        late = self.risk is not None
        if late not in self._exact:
            self._exact[late] = Exact(self._home.world, self._action, risk=self.risk)
        return self._exact[late].rule(index)


def _bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, ascending."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
