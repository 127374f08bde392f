"""One step of a random life: who chooses is hypothesis, or a plain generator of random numbers.

The world is small on purpose, so that everything meets everything: six people with second accounts, an agent and a
service, two groups and a role, three things to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Protocol, TypeVar

from assentry.approvals.request import How
from tests.approvals.pair import Pair
from tests.approvals.translate import PROOF, UNPROVED
from tests.oracle.approvals.model import Deed, Line, Policy, Rules
from tests.oracle.approvals.people import People, Who

T = TypeVar("T")

PEOPLE = ("ann", "bob", "cyd", "dee", "eve", "zoe")
ACCOUNTS = (*PEOPLE, "ann2", "bob2", "cyd2")
AGENTS = ("bot", "svc")
WHO: tuple[Who, ...] = (("group", "g"), ("group", "h"), ("role", "r"))
ENDINGS: tuple[How, ...] = ("returned", "raised", "raised", "timed_out", "cancelled", "died")
SECOND = 1000
LATE = 10**9 * SECOND

RULES = Rules(grant=6 * SECOND, lease=6 * SECOND, cool_off=8 * SECOND, open_each=4, hourly_each=15, asks_each=3)


class Choice(Protocol):
    """Whatever can choose."""

    def of(self, options: Sequence[T]) -> T:
        """One of the options."""
        ...


class Dice:
    """Choices by a seeded generator."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def of(self, options: Sequence[T]) -> T:
        return self._random.choice(options)


def people() -> People:
    """The people as they begin."""
    return People(
        accounts={
            **{name: name for name in PEOPLE},
            **{name: name[:3] for name in ("ann2", "bob2", "cyd2")},
            **dict.fromkeys(AGENTS),
        },
        teams={
            ("group", "g"): {"ann", "bob2", "cyd", "dee"},
            ("group", "h"): {"bob", "cyd2", "eve"},
            ("role", "r"): {"ann2", "dee", "eve", "svc"},
            ("group", "own"): {"zoe"},
        },
        owners={"bot": {"own"}, "svc": {"ann"}},
        deputies={"cyd": {"bob": (0, LATE)}, "dee": {"bob2": (0, LATE), "eve": (0, LATE)}, "bob": {"ann": (0, LATE)}},
        widens={("group", "h"): (("role", "r"), 4 * SECOND)},
    )


class Life:
    """A pair of machine and oracle, and a way to choose what happens to it next."""

    def __init__(self, choice: Choice, pair: Pair | None = None) -> None:
        self.choice = choice
        self.pair = pair or Pair(people(), RULES)
        self.number = 0

    def step(self) -> None:
        """Something happens."""
        getattr(self, self.choice.of(STEPS))()

    # ---- choosing ----

    def chance(self, percent: int) -> bool:
        return self.choice.of(range(100)) < percent

    def fresh(self) -> str:
        """A new id; now and then an old one."""
        self.number += 1
        if self.pair.model.asks and self.chance(3):
            return self.choice.of(sorted(self.pair.model.asks))
        return f"q{self.number}"

    def request(self, *states: str) -> str:
        """The id of a request, preferably the newest in one of these states."""
        names = [name for name, ask in self.pair.model.asks.items() if self.pair.model.state(ask) in states]
        if names and self.chance(97):
            return self.choice.of(names[-3:])
        return self.choice.of([*list(self.pair.model.asks)[-4:], "nobody"])

    def account(self, name: str | None = None) -> str:
        """An account; often one that may answer this request and did not yet."""
        ask = self.pair.model.asks.get(name or "")
        if ask is not None and self.chance(60):
            heard = {person for voice in ask.voices for person in (voice.actor, voice.principal)}
            able = sorted(self.pair.model.candidates(ask) - heard)
            if not able:
                able = sorted(set(PEOPLE) - self.pair.model.barred(ask))
            if able:
                return self.choice.of(able)
        return self.choice.of(ACCOUNTS if self.chance(95) else AGENTS)

    def card(self, name: str) -> str:
        ask = self.pair.model.asks.get(name)
        return ask.card if ask is not None and self.chance(95) else self.choice.of(("card", "another", ""))

    def deed(self, same: str | None = None) -> Deed:
        self.number += 1
        same = same or self.choice.of(("s1", "s2", "s3"))
        effect = None if same == "s3" else f"e-{same}" if self.chance(95) else "e-s1"
        return Deed(f"d{self.number}", same, effect, self.choice.of(("p1", "p1", "p1", "p2")))

    def line(self) -> Line:
        requester = self.choice.of(("bot", "bot", "bot", "bot", "svc", "ann"))
        if self.chance(2):
            requester = "lost"
        behalf = self.choice.of(((), (), (), (), ("dee",), ("bob2",), ("svc", "cyd")))
        return Line(
            requester, self.choice.of((None, None, "own", "bob")), behalf, self.choice.of((None, "ann2", "svc"))
        )

    def policy(self) -> Policy:
        if self.chance(12):
            return Policy(self.choice.of(("allow", "allow", "deny")))
        return self.asking()

    def asking(self) -> Policy:
        first, second = self.choice.of(WHO), self.choice.of(WHO)
        seats = {first: self.choice.of((1, 1, 2))}
        if self.chance(40):
            seats[second] = max(seats.get(second, 0), 1)
        return Policy("ask", seats, self.choice.of((10, 10, 20)) * SECOND)

    def speakers(self, name: str) -> tuple[str, str | None]:
        """Who answers, for itself or for somebody; often by a delegation that is there."""
        facts, ask = self.pair.people, self.pair.model.asks.get(name)
        if self.chance(60):
            return self.account(name), None
        barred = self.pair.model.barred(ask) if ask is not None and self.chance(90) else set()
        given = [(account, person) for person, entries in facts.deputies.items() for account in entries]
        useful = [pair for pair in given if not {*pair, facts.person(pair[0])} & barred]
        return self.choice.of(useful) if useful and self.chance(85) else (self.account(), self.account(name))

    def answer(self, name: str, how: Callable[[str, str, str, str | None], bool]) -> None:
        actor, principal = self.speakers(name)
        how(name, actor, self.card(name), principal)

    # ---- what can happen ----

    def submit(self) -> None:
        self.pair.submit(self.fresh(), self.deed(), self.line(), self.policy(), changes=self.chance(70))

    def submit_like(self) -> None:
        """What another asks: again, or with one thing changed."""
        ask = self.pair.model.asks.get(self.request("pending", "approved"))
        if ask is None:
            return self.submit()
        deed = self.deed(ask.deed.same)
        if self.chance(80):
            deed = Deed(deed.digest, ask.deed.same, ask.deed.effect, ask.deed.before)
        policy = Policy("ask", dict(ask.seats), ask.within) if self.chance(85) and ask.seats else self.policy()
        line = ask.line if self.chance(75) else self.line()
        changes = ask.changes if self.chance(90) else not ask.changes
        self.pair.submit(self.fresh(), deed, line, policy, changes=changes)
        return None

    def submit_again(self) -> None:
        name = self.request("expired", "lapsed")
        ask = self.pair.model.asks.get(name)
        deed, line = (self.deed(ask.deed.same), ask.line) if ask is not None else (self.deed(), self.line())
        if self.chance(10):
            deed = self.deed()
        self.pair.submit(self.fresh(), deed, line, self.asking(), again=name)

    def approve(self) -> None:
        name = self.request("pending")
        self.answer(name, self.pair.approve)

    def approve_again(self) -> None:
        name = self.request("approved")
        self.answer(name, self.pair.approve)

    def approve_by_all(self) -> None:
        """As many as are needed, one after the other."""
        name = self.request("pending")
        for account in PEOPLE:
            if self.pair.model.asks.get(name) is not None and self.pair.model.asks[name].state == "pending":
                self.pair.approve(name, account, self.card(name))

    def deny(self) -> None:
        if self.chance(40):
            name = self.request("pending", "approved")
            self.answer(name, self.pair.deny)

    def unproved(self) -> None:
        """Somebody says something, and nothing vouches for who it is."""
        self.pair.proof = self.choice.of(UNPROVED)
        try:
            getattr(
                self, self.choice.of(("approve", "deny", "counter", "break_glass", "review", "resolve", "revoke"))
            )()
        finally:
            self.pair.proof = PROOF

    def draw(self) -> None:
        undrawn = [name for name, ask in self.pair.model.asks.items() if not ask.card]
        name = self.choice.of(undrawn) if undrawn else self.request("pending", "approved")
        self.pair.draw(name, self.choice.of(("card", "another")))

    def counter(self) -> None:
        name = self.request("pending", "approved")
        ask = self.pair.model.asks.get(name)
        deed = self.deed() if self.chance(97) or ask is None else ask.deed
        new, policy, (actor, principal) = self.fresh(), self.policy(), self.speakers(name)
        if self.pair.counter(name, new, actor, self.card(name), deed, policy, principal) and self.chance(80):
            self.pair.draw(new, "card")

    def break_glass(self) -> None:
        name = self.request("pending", "denied")
        length = self.choice.of((3, 5, 900, 900, 901, 0)) * SECOND
        self.pair.break_glass(name, self.account(name), self.card(name), self.choice.of(("fire", "fire", "")), length)

    def review(self) -> None:
        broken = [name for name, ask in self.pair.model.asks.items() if ask.breaker is not None and not ask.reviewed]
        name = self.choice.of(broken) if broken else self.request("approved")
        self.pair.review(name, self.account())

    def consume(self) -> None:
        name = self.request("approved")
        ask = self.pair.model.asks.get(name)
        before = ask.deed.before if ask is not None and self.chance(95) else "p1"
        policy = self.policy() if ask is None or self.chance(40) else Policy("ask", dict(ask.seats), ask.within)
        new = self.fresh()
        if policy.says == "ask" and not policy.seats:
            policy = self.asking()
        self.pair.consume(name, self.choice.of(("n1", "n1", "n2")), before, policy, new)
        if new in self.pair.model.asks and self.chance(80):
            self.pair.draw(new, "card")

    def consume_again(self) -> None:
        name = self.request("consumed")
        self.pair.consume(name, self.choice.of(("n1", f"n-{name}")), "p1", self.policy(), self.fresh())

    def report(self) -> None:
        name = self.request("consumed", "consumed", "unknown")
        ask = self.pair.model.asks.get(name)
        nonce = ask.nonce if ask is not None and self.chance(95) else "n2"
        how = self.choice.of(ENDINGS)
        self.pair.report(name, nonce, how, harmless=self.chance(60))

    def resolve(self) -> None:
        self.pair.resolve(self.request("unknown"), self.account(), committed=self.chance(40))

    def cancel(self) -> None:
        name = self.request("pending", "approved")
        ask = self.pair.model.asks.get(name)
        waiter = self.choice.of(ask.waiters) if ask is not None and ask.waiters and self.chance(90) else "nobody"
        if self.chance(30):
            self.pair.cancel(name, waiter)

    def revoke(self) -> None:
        if self.chance(30):
            self.pair.revoke(self.request("approved"), self.account())

    def tick(self) -> None:
        for name in list(self.pair.model.asks)[-5:]:
            self.pair.tick(name)

    def wait(self) -> None:
        """Time goes on, seldom by an hour."""
        self.pair.model.now += 3600 * SECOND if self.chance(1) else self.choice.of((100, SECOND, SECOND, 3 * SECOND))

    # ---- what can happen to the people ----

    def move(self) -> None:
        """An account turns out to be another person's, or nobody's; or its own again."""
        facts, account = self.pair.people, self.choice.of(ACCOUNTS)
        person = self.choice.of((account, account[:3], account[:3], *PEOPLE, None))
        if person is not None and facts.accounts.get(person) != person and person != account:
            return
        if person is None and not self.chance(30):
            return
        for each, now in list(facts.accounts.items()):
            if now == account and each != account:
                facts.accounts[each] = person
        facts.accounts[account] = person

    def regroup(self) -> None:
        who = self.choice.of((*WHO, *WHO, ("group", "own")))
        self.pair.people.teams[who] ^= {self.choice.of((*ACCOUNTS, "svc"))}

    def delegate(self) -> None:
        person, account = self.choice.of(PEOPLE), self.choice.of(ACCOUNTS)
        entries = self.pair.people.deputies.setdefault(person, {})
        if account in entries:
            del entries[account]
        else:
            entries[account] = (self.pair.now, self.pair.now + self.choice.of((2, 600)) * SECOND)

    def disown(self) -> None:
        agent = self.choice.of(AGENTS)
        self.pair.people.owners[agent] = set(self.choice.of((("own",), ("ann",), ("bob", "own"), ("svc",), ())))

    def rewiden(self) -> None:
        here, there = self.choice.of(WHO), self.choice.of(WHO)
        if here in self.pair.people.widens:
            del self.pair.people.widens[here]
        else:
            self.pair.people.widens[here] = (there, self.choice.of((0, 2, 5)) * SECOND)

    def fail(self) -> None:
        """The directory fails now and then, and recovers soon."""
        self.pair.people.down = not self.pair.people.down and self.chance(20)


def _often(**numbers: int) -> tuple[str, ...]:
    return tuple(name for name, number in numbers.items() for _ in range(number))


STEPS = _often(
    submit=8, submit_like=6, submit_again=2, approve=14, approve_again=2, approve_by_all=8, deny=4, draw=3, counter=8,
    break_glass=5, review=2, consume=14, consume_again=2, report=8, resolve=6, cancel=2, revoke=2, unproved=3, tick=5, wait=8,
    move=3, regroup=4, delegate=5, disown=2, rewiden=2, fail=4,
)  # fmt: skip


def walk(seed: int, steps: int) -> Life:
    """A whole life of so many steps. AssertionError when machine and oracle disagree."""
    life = Life(Dice(seed))
    for _ in range(steps):
        life.step()
    life.pair.compare_all()
    return life
