"""What the laws say about approvals, played out on mutable records, the obvious and slow way.

The oracle of the state machine's tests. It was written before the machine, from the eleven laws alone, and shares no
code with it: no events, no fold, nothing cached; every question is asked of the people as they are at that moment.
A command either does something or raises `No`, and then nothing has changed. Times are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.oracle.approvals.people import People, Who, most, short

QUARTER_HOUR = 15 * 60 * 1000
HOUR = 60 * 60 * 1000

Seats = dict[Who, int]


class No(Exception):
    """Refused; the text says by what."""


@dataclass(frozen=True)
class Rules:
    """The numbers that a deployment sets."""

    grant: int
    lease: int
    cool_off: int
    open_each: int
    hourly_each: int
    asks_each: int


@dataclass(frozen=True)
class Deed:
    """What is to be done: its digest, its sameness, its effect key, what was read before."""

    digest: str
    same: str
    effect: str | None
    before: str


@dataclass(frozen=True)
class Line:
    """Who asks: the requester, the one it says owns it, those on whose behalf, the credential's holder."""

    requester: str
    owner: str | None
    behalf: tuple[str, ...]
    holder: str | None

    def names(self) -> list[str]:
        return [name for name in (self.requester, self.owner, *self.behalf, self.holder) if name is not None]


@dataclass(frozen=True)
class Policy:
    """What the policy says now: `allow`, `deny`, or `ask` with seats and a time."""

    says: str
    seats: Seats = field(default_factory=dict)
    within: int = 0


@dataclass
class Voice:
    """An approving vote."""

    actor: str
    principal: str


@dataclass
class Ask:
    name: str
    deed: Deed
    line: Line
    owners: set[str]
    barred: set[str]
    changes: bool
    seats: Seats
    within: int
    first: int
    deadline: int
    wider: dict[Who, dict[Who, int]]
    waiters: list[str]
    reopened: bool
    card: str
    state: str = "pending"
    voices: list[Voice] = field(default_factory=list)
    breaker: str | None = None
    broken_by: str = ""
    reviewed: bool = False
    lapses: int = 0
    nonce: str = ""
    lease: int = 0
    attempt: int = 0
    settled_by_person: bool = False
    missing: list[Who] = field(default_factory=list)


def joined_terms(a: Seats, b: Seats) -> Seats:
    return {who: max(a.get(who, 0), b.get(who, 0)) for who in {*a, *b}}


class Model:
    """All requests of one tenant."""

    def __init__(self, people: People, rules: Rules) -> None:
        self.people = people
        self.rules = rules
        self.now = 0
        self.asks: dict[str, Ask] = {}
        self.cold: dict[str, int] = {}
        self.asked: list[tuple[str, int]] = []

    # ---- what holds at this moment ----

    def state(self, ask: Ask) -> str:
        """The state by the clock, whoever has or has not swept."""
        if ask.state == "pending" and self.now >= ask.deadline:
            return "expired"
        if ask.state == "approved" and self.now >= ask.lapses:
            return "lapsed"
        if ask.state == "consumed" and self.now >= ask.lease:
            return "unknown"
        return ask.state

    def barred(self, ask: Ask) -> set[str]:
        """All persons who may not answer: those of the chain then, those of the chain now, authors of changes."""
        known = ask.barred | self.people.kin(ask.line.names())
        return known | self.people.persons(known)

    def may_sit(self, ask: Ask, who: Who) -> set[str]:
        """The persons who may take a seat, whomever they are barred for."""
        wider = ask.wider.get(who, {})
        return set().union(*(self.people.team(each) for each in (who, *wider)))

    def candidates(self, ask: Ask) -> set[str]:
        return set().union(*(self.may_sit(ask, who) for who in ask.seats)) - self.barred(ask)

    def heard(self, ask: Ask) -> list[tuple[str, str]]:
        """(actor, principal) of the votes that count now: newest first, no actor and no principal twice."""
        barred = self.barred(ask)
        kept: list[tuple[str, str]] = []
        for voice in reversed(ask.voices):
            actor, principal = self.people.person(voice.actor), self.people.person(voice.principal)
            if actor is None or principal is None or {actor, principal, voice.actor, voice.principal} & barred:
                continue
            if voice.principal != voice.actor and not self.people.deputy(actor, principal, self.now):
                continue
            if all(actor != other and principal != whom for other, whom in kept):
                kept.append((actor, principal))
        return kept

    def seated(self, ask: Ask, seats: Seats) -> bool:
        """Whether the votes that count fill these seats."""
        heard = self.heard(ask)
        breaker = self.people.person(ask.breaker) if ask.breaker is not None else None
        if breaker is not None and not self.breakers(ask) & self.barred(ask):
            seats = {who: max(0, count - ask.seats.get(who, 0)) for who, count in seats.items()}
            heard = [(actor, principal) for actor, principal in heard if breaker not in (actor, principal)]
        units: list[set[str]] = []
        for who, count in sorted(seats.items()):
            able = {f"{actor}/{principal}" for actor, principal in heard if principal in self.may_sit(ask, who)}
            units += [able] * count
        return most(units) == len(units)

    def lacking(self, ask: Ask, busy: frozenset[str] = frozenset()) -> list[Who]:
        """The seats for which there are not enough people."""
        barred = self.barred(ask) | busy
        return short(
            [(who, self.may_sit(ask, who) - barred) for who in sorted(ask.seats) for _ in range(ask.seats[who])]
        )

    def holder(self, effect: str | None) -> Ask | None:
        """The newest request that ran, or runs, with this effect."""
        ran = [ask for ask in self.asks.values() if effect is not None and ask.deed.effect == effect and ask.attempt]
        return max(ran, key=lambda ask: ask.attempt) if ran else None

    def breakers(self, ask: Ask) -> set[str]:
        """All names of who broke the glass: the account, its person then, its person now."""
        if ask.breaker is None:
            return set()
        return {ask.breaker, ask.broken_by} | self.people.persons([ask.breaker])

    def debts(self) -> set[str]:
        """Who owes a review."""
        return set().union(*(self.breakers(ask) for ask in self.asks.values() if not ask.reviewed))

    # ---- helpers that refuse ----

    def find(self, name: str, *states: str) -> Ask:
        if name not in self.asks:
            raise No("no such request")
        ask = self.asks[name]
        if self.state(ask) not in states:
            raise No(self.state(ask))
        return ask

    def up(self) -> None:
        if self.people.down:
            raise No("directory")

    def outsider(self, ask: Ask, account: str) -> str:
        """The person behind an account, who must have nothing to do with the request."""
        self.up()
        person = self.people.person(account)
        if person is None:
            raise No("no person")
        if {person, account} & self.barred(ask):
            raise No("barred")
        return person

    def voter(self, name: str, actor: str, principal: str | None, card: str) -> Ask:
        """The request, if this account may answer it."""
        ask = self.find(name, "pending", "approved")
        if not card or card != ask.card:
            raise No("stale")
        person = self.outsider(ask, actor)
        speaks_for = person
        if principal is not None:
            speaks_for = self.outsider(ask, principal)
            if speaks_for == person or not self.people.deputy(person, speaks_for, self.now):
                raise No("no deputy")
        if not any(speaks_for in self.may_sit(ask, who) for who in ask.seats):
            raise No("no seat")
        return ask

    def run(self, ask: Ask, nonce: str) -> None:
        """Begin, unless the effect is taken."""
        holder = self.holder(ask.deed.effect)
        if holder is not None and holder.state != "failed":
            raise No("effect")
        ask.attempt = holder.attempt + 1 if holder else 1
        ask.nonce, ask.lease, ask.state = nonce, self.now + self.rules.lease, "consumed"

    def grow(self, ask: Ask) -> None:
        """Exclusion only grows: what is seen once is kept."""
        ask.barred = self.barred(ask)

    def tell(self, ask: Ask) -> None:
        if self.state(ask) == "pending":
            ask.missing = self.lacking(ask)

    # ---- commands ----

    def submit(
        self,
        name: str,
        deed: Deed,
        line: Line,
        policy: Policy,
        *,
        changes: bool,
        nonce: str,
        card: str,
        again: str | None = None,
    ) -> str:
        if name in self.asks or any(name in ask.waiters for ask in self.asks.values()):
            raise No("taken")
        self.up()
        requester = self.people.person(line.requester)
        if requester is None and not self.people.persons(self.people.kin(self.people.owning(line.requester))):
            raise No("no owner")
        if again is not None:
            old = self.find(again, "expired", "lapsed")
            if old.deed.same != deed.same:
                raise No("another action")
        if policy.says == "deny":
            raise No("denied")
        if self.now < self.cold.get(deed.same, 0):
            raise No("cool-off")
        new = Ask(
            name, deed, line, self.people.owning(line.requester), self.people.kin(line.names()), changes, dict(policy.seats),
            policy.within, self.now, self.now + policy.within, {}, [name], reopened=False, card=card,
        )  # fmt: skip
        if policy.says == "allow":
            self.run(new, nonce)
            self.asks[name] = new
            return "allowed"
        if self.lacking(new):
            raise No("unfillable")
        self.actor_budget(line.requester)
        for ask in self.asks.values():
            if self.state(ask) in ("pending", "approved") and self.twins(ask, new):
                ask.waiters.append(name)
                self.asked.append((line.requester, self.now))
                return f"joined {ask.name}"
        self.approver_budget(new)
        self.asked.append((line.requester, self.now))
        self.asks[name] = new
        return "asked"

    def twins(self, ask: Ask, new: Ask) -> bool:
        """Whether the same is asked, in the same way, by the same chain, on the same terms."""
        return (
            ask.deed.same == new.deed.same
            and ask.deed.effect == new.deed.effect
            and ask.deed.before == new.deed.before
            and ask.line == new.line
            and ask.owners == new.owners
            and ask.seats == new.seats
            and ask.within == new.within
            and ask.changes == new.changes
        )

    def actor_budget(self, requester: str) -> None:
        live = [ask for ask in self.asks.values() if self.state(ask) in ("pending", "approved")]
        if sum(len(ask.waiters) for ask in live if ask.line.requester == requester) >= self.rules.open_each:
            raise No("budget")
        recent = [at for who, at in self.asked if who == requester and at > self.now - HOUR]
        if len(recent) >= self.rules.hourly_each:
            raise No("budget")

    def approver_budget(self, new: Ask) -> None:
        """Nobody is asked more at once than a person can answer."""
        pending = [ask for ask in self.asks.values() if self.state(ask) == "pending"]
        asked = [person for ask in pending for person in self.candidates(ask)]
        busy = frozenset(person for person in asked if asked.count(person) >= self.rules.asks_each)
        if self.lacking(new, busy):
            raise No("busy")

    def draw(self, name: str, card: str) -> None:
        self.find(name, "pending", "approved").card = card

    def approve(self, name: str, actor: str, card: str, principal: str | None = None) -> None:
        ask = self.voter(name, actor, principal, card)
        self.grow(ask)
        ask.voices.append(Voice(actor, actor if principal is None else principal))
        if ask.state == "pending" and self.seated(ask, ask.seats):
            ask.state, ask.lapses = "approved", self.now + self.rules.grant
        self.tell(ask)

    def deny(self, name: str, actor: str, card: str, principal: str | None = None) -> None:
        ask = self.voter(name, actor, principal, card)
        self.grow(ask)
        ask.state = "denied"
        self.cold[ask.deed.same] = max(self.cold.get(ask.deed.same, 0), self.now + self.rules.cool_off)

    def counter(
        self, name: str, new: str, actor: str, card: str, deed: Deed, policy: Policy, principal: str | None = None
    ) -> None:
        ask = self.voter(name, actor, principal, card)
        if new in self.asks or any(new in each.waiters for each in self.asks.values()):
            raise No("taken")
        if not ask.changes or deed.digest == ask.deed.digest:
            raise No("no changes")
        if self.now >= ask.deadline:
            raise No("expired")
        if policy.says == "deny":
            raise No("denied")
        if self.now < self.cold.get(deed.same, 0):
            raise No("cool-off")
        authors = {account for account in (actor, principal) if account is not None}
        child = self.successor(ask, new, deed, policy)
        child.barred |= authors | self.people.persons(authors)
        if self.lacking(child):
            raise No("unfillable")
        self.grow(ask)
        ask.state = "superseded"
        self.asks[new] = child

    def successor(self, ask: Ask, name: str, deed: Deed, policy: Policy) -> Ask:
        """The request that takes another's place: its deadline and chain, the terms of both, no votes."""
        within = min(ask.within, policy.within) if policy.says == "ask" else ask.within
        return Ask(
            name, deed, ask.line, ask.owners, self.barred(ask), ask.changes, joined_terms(ask.seats, policy.seats), within,
            ask.first, ask.deadline, {who: dict(wider) for who, wider in ask.wider.items()}, list(ask.waiters),
            reopened=ask.reopened, card="",
        )  # fmt: skip

    def break_glass(self, name: str, actor: str, card: str, reason: str, length: int) -> None:
        ask = self.find(name, "pending")
        if not card or card != ask.card:
            raise No("stale")
        person = self.outsider(ask, actor)
        if not reason or not 0 < length <= QUARTER_HOUR:
            raise No("glass")
        if {person, actor} & self.debts():
            raise No("owes a review")
        self.grow(ask)
        ask.breaker, ask.broken_by = actor, person
        ask.state, ask.lapses = "approved", self.now + length

    def review(self, name: str, actor: str) -> None:
        if name not in self.asks:
            raise No("no such request")
        ask = self.asks[name]
        if ask.breaker is None or ask.reviewed:
            raise No("nothing to review")
        if {self.outsider(ask, actor), actor} & self.breakers(ask):
            raise No("own deed")
        self.grow(ask)
        ask.reviewed = True

    def consume(self, name: str, nonce: str, before: str, policy: Policy, new: str) -> str:
        ask = self.find(name, "approved", "consumed")
        if ask.state == "consumed":
            if ask.nonce != nonce:
                raise No("consumed")
            return "same permit"
        if before != ask.deed.before:
            raise No("changed")
        if policy.says == "deny":
            raise No("denied")
        self.up()
        seats = joined_terms(ask.seats, policy.seats)
        if self.seated(ask, seats):
            self.run(ask, nonce)
            self.grow(ask)
            return "consumed"
        holder = self.holder(ask.deed.effect)
        if holder is not None and holder.state != "failed":
            raise No("effect")
        if not ask.reopened and (new in self.asks or any(new in each.waiters for each in self.asks.values())):
            raise No("taken")
        self.grow(ask)
        if ask.reopened:
            ask.state = "expired"
            return "expired"
        child = self.successor(ask, new, ask.deed, policy)
        child.reopened = True
        ask.state = "superseded"
        self.asks[new] = child
        return "reopened"

    def revoke(self, name: str, actor: str) -> None:
        ask = self.find(name, "approved")
        self.up()
        person = self.people.person(actor)
        if person is None:
            raise No("no person")
        able = set().union(*(self.may_sit(ask, who) for who in ask.seats))
        if person not in able | self.barred(ask):
            raise No("no seat")
        ask.state = "revoked"

    def cancel(self, name: str, waiter: str) -> None:
        ask = self.find(name, "pending", "approved")
        if waiter not in ask.waiters:
            raise No("not waiting")
        ask.waiters.remove(waiter)
        if not ask.waiters:
            ask.state = "cancelled"

    def report(self, name: str, nonce: str, how: str, *, harmless: bool) -> None:
        ask = self.find(name, "consumed", "unknown", "committed", "failed")
        if nonce != ask.nonce:
            raise No("wrong permit")
        ask.state = self.state(ask)
        if ask.state == "consumed":
            ask.state = "committed" if how == "returned" else "failed" if how == "raised" and harmless else "unknown"

    def resolve(self, name: str, actor: str, outcome: str) -> None:
        ask = self.find(name, "unknown")
        self.outsider(ask, actor)
        self.grow(ask)
        ask.state, ask.settled_by_person = outcome, True

    def tick(self, name: str) -> None:
        """What time and the directory do by themselves."""
        if name not in self.asks:
            raise No("no such request")
        ask = self.asks[name]
        ask.state = self.state(ask)
        if self.people.down or ask.state not in ("pending", "approved"):
            return
        self.grow(ask)
        if ask.state == "pending":
            self.widen(ask)
            self.tell(ask)

    def widen(self, ask: Ask) -> None:
        for who in ask.seats:
            reached = {who: ask.first} | ask.wider.get(who, {})
            while True:
                due = {
                    self.people.widens[each][0]
                    for each, since in reached.items()
                    if each in self.people.widens and self.now >= since + self.people.widens[each][1]
                } - set(reached)
                if not due:
                    break
                reached |= dict.fromkeys(due, self.now)
            del reached[who]
            ask.wider[who] = reached
