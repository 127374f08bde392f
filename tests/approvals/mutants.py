"""The careless readings that must die: those that broke a model of the laws, then every law's own conditions taken away one by one.

They are mistakes of deciding. While they are tried, the fold checks nothing, so that what the machine does has to
give them away; the fold's own checks have mistakes of their own, in `fold_mutants`.
"""

from __future__ import annotations

from assentry.approvals import exclusion, fold, seating, state, terms
from assentry.approvals import request as requests
from assentry.approvals.desk import Desk
from assentry.approvals.directory import Reading
from assentry.approvals.events import Joined, Requested
from assentry.approvals.moves import consume, counter, glass, leave, outcome, place, quorum, show, submit, tick, vote
from tests.approvals.mutation import Edit, mutant

UNCHECKED = (
    Edit(fold._born, "event.check_birth(state)", "pass"),
    Edit(fold._moved, "if status not in event.after:", "if False:"),
    Edit(fold._moved, "event.check(before, state)", "pass"),
    Edit(fold._moved, "if after.status != before.status and", "if False and"),
)
"""A fold that believes everything."""

_KNOWN = "request.excluded | of_chain(people, request.chain)"
_ACTOR_ONLY = Edit(seating._counting, "(actor, principal, vote.actor, vote.principal)", "(actor, vote.actor)")

READINGS = (
    mutant("chain read fresh only", "law_04", Edit(exclusion.of_request, _KNOWN, "of_chain(people, request.chain)")),
    mutant("chain read frozen only", "law_04", Edit(exclusion.of_request, _KNOWN, "request.excluded")),
    mutant(
        "break-glass responder not read again at consume",
        "law_04 law_11",
        Edit(quorum.stand_in, "responder = desk.people", "return request.glass.person\n    responder = desk.people"),
    ),
    mutant(
        "another's deny after quorum ignored",
        "law_06",
        Edit(vote.vote, 'if command.choice == "deny":', 'if command.choice == "deny" and request.status == "pending":'),
    ),
    mutant(
        "break-glass after a denial",
        "law_06",
        Edit(
            glass.break_glass,
            'desk.find(command.request, "pending")',
            'desk.find(command.request, "pending", "denied")',
        ),
    ),
    mutant(
        "votes surviving a reopen",
        "law_01",
        Edit(
            Requested.born,
            "accepts_changes=self.accepts_changes,",
            "accepts_changes=self.accepts_changes, votes=() if before is None else before.votes,",
        ),
    ),
    mutant(
        "only the terms in force counting",
        "law_01",
        Edit(place.united, "terms_of.union(request.wanted, asked)", "(asked or request.wanted)"),
    ),
    mutant(
        "only the terms approved counting",
        "law_01",
        Edit(place.united, "(request.wanted, asked)", "(request.wanted, None)"),
    ),
    mutant("reopen unbounded", "law_01", Edit(consume._again, "if request.reopened:", "if False:")),
    mutant(
        "reopen with a fresh clock",
        "law_01",
        Edit(place.successor, "deadline=request.deadline", "deadline=desk.now + 1000 * terms.within_seconds"),
    ),
    mutant(
        "coalescing on content, with the first requester's chain",
        "law_10",
        Edit(submit._alike, "request.chain == new.chain\n        and request.owners == new.owners", "True"),
    ),
    mutant(
        "coalescing on content, with the union of chains",
        "law_10",
        Edit(submit._alike, "request.chain == new.chain\n        and request.owners == new.owners", "True"),
        Edit(
            Joined.applied,
            "waiters=(*request.waiters, self.waiter)",
            "waiters=(*request.waiters, self.waiter), excluded=request.excluded | set(self.chain.names)",
        ),
    ),
    mutant(
        "delegation looking only at the actor: the principal may be of the chain",
        "law_04",
        Edit(vote._deputised, "desk.outsider(request, account)", 'desk.people.person(account) or ""'),
        _ACTOR_ONLY,
    ),
    mutant("delegation looking only at the actor: at consume", "law_04", _ACTOR_ONLY),
    mutant(
        "delegation looking only at the actor: a principal counts twice",
        "law_03",
        Edit(
            seating.standing, "vote.actor == each.actor or vote.principal == each.principal", "vote.actor == each.actor"
        ),
    ),
    mutant(
        "aliases frozen at the vote",
        "law_03",
        Edit(
            vote.vote,
            "command.actor, command.principal,",
            'desk.people.person(command.actor) or "", command.principal,',
        ),
        Edit(seating._counting, "actor = people.person(vote.actor)", "actor = vote.actor"),
        Edit(seating.able, "return people.team(seat)", "return (people.members(seat) | people.team(seat))"),
    ),
    mutant(
        "escalation not read at consume",
        "law_11",
        Edit(seating.able, "if each.seat == seat)", 'if each.seat == seat and request.status == "pending")'),
    ),
    mutant(
        "a counter-proposal unchecked for fillability",
        "law_07",
        Edit(counter.counter, "desk.fillable(child, desk.excluded(child))", "pass"),
    ),
    mutant(
        "a counter-proposal without the original's terms",
        "law_07",
        Edit(place.united, "terms_of.union(request.wanted, asked)", "(asked or request.wanted)"),
    ),
    mutant("re-deciding on the stored time", "law_01", Edit(Desk.current, " or judgement.at != self.now", "")),
    mutant("an exception counting as failed", "law_02", Edit(outcome._ending, " and command.without_effect", "")),
    mutant(
        "an allow that reserves no effect key",
        "law_02",
        Edit(
            fold._kept_in_step,
            "if after.run is not None and",
            "if after.run is not None and after.terms is not None and",
        ),
    ),
    mutant(
        "an allow that asks nobody for its effect key",
        "law_02",
        Edit(submit._allowed, "attempt=desk.attempt(command.proposal)", "attempt=1"),
    ),
    mutant(
        "someone of the chain resolving an unknown",
        "law_04",
        Edit(outcome.resolve, "desk.outsider(request, command.actor)", 'desk.people.person(command.actor) or ""'),
    ),
)
"""An executable model of the laws survived ten million random steps; each of these readings broke it. The one that is
not here, an effect key named by the agent, is the gate's: no command of this machine carries a key that an agent could
name."""

MORE = (
    # 1: what was approved is what runs
    mutant("a decision about another action", "law_01", Edit(Desk.current, "judgement.digest != proposal.digest or ", "")),
    mutant("preconditions not read again", "law_01", Edit(consume.consume, "command.preconditions != request.proposal.preconditions", "False")),
    mutant("a deny in force ignored", "law_01", Edit(consume.consume, 'command.judgement.decision == "deny"', "False")),
    mutant("a lapse that counts only when swept", "law_01", Edit(requests.judged, 'if request.status == "approved" and', "if False and")),
    mutant("the smaller count of two", "law_01 law_07", Edit(terms.union, "Seat(max(", "Seat(min(")),
    mutant("the longer time of two", "law_01 law_07", Edit(terms.union, "min(first.within_seconds", "max(first.within_seconds")),
    # 2: once
    mutant("a second executor", "law_02", Edit(consume.consume, "return () if request.run.nonce == command.nonce else", "return () if True else")),
    mutant("an effect unreserved at consume", "law_02", Edit(consume.consume, "attempt = desk.attempt(request.proposal)", "attempt = 1")),
    mutant("unknown frees the effect", "law_02", Edit(state.State.attempt, 'request.status != "failed"', 'request.status not in ("failed", "unknown")')),
    mutant("committed frees the effect", "law_02", Edit(state.State.attempt, 'request.status != "failed"', 'request.status not in ("failed", "committed")')),
    mutant("attempts not counted", "law_02", Edit(state.State.attempt, "request.run.attempt + 1", "1")),
    mutant("a lease without an end", "law_02", Edit(requests.judged, 'if request.status == "consumed" and', "if False and")),
    mutant("a late report counts", "law_02", Edit(outcome.report, 'judged(request, desk.now) == "consumed"', 'request.status in ("consumed", "unknown")')),
    mutant("anybody reports", "law_02", Edit(outcome.report, "request.run is None or request.run.nonce != command.nonce", "request.run is None")),
    # 3: distinct people
    mutant("one person takes two seats", "law_03", Edit(seating.standing, "vote is None or any(vote.actor == each.actor or vote.principal == each.principal for each in kept)", "vote is None")),
    mutant("a deputy counts twice", "law_03", Edit(seating.standing, "vote.actor == each.actor or vote.principal == each.principal", "vote.principal == each.principal")),
    mutant("seats not asked for at submit", "law_03", Edit(submit.submit, "desk.fillable(request, excluded)", "pass")),
    mutant("seats asked for among the excluded", "law_03", Edit(submit.submit, "desk.fillable(request, excluded)", "desk.fillable(request, frozenset())")),
    mutant("accounts counted as people", "law_03", Edit(seating.lacking, "able(people, request, seat) - excluded", "people.members(seat) - excluded")),
    mutant("nobody is told", "law_03", Edit(vote.vote, "(*events, *desk.told(request, excluded))", "events")),
    mutant("nobody is told when the directory changes", "law_03", Edit(tick._directory, "*desk.told(request, excluded)", "")),
    mutant("a delegation not read at consume", "law_03", Edit(seating._counting, "if vote.principal is not None and not people.is_deputy(actor, principal, now):", "if False:")),
    mutant("a delegation not asked for at the vote", "law_03", Edit(vote._deputised, "principal == actor or not desk.people.is_deputy(actor, principal, desk.now)", "False")),
    mutant("a deputy takes seats of its own for the principal", "law_03", Edit(vote._deputised, "return principal", "return actor")),
    mutant("a seat taken without belonging to it", "law_03", Edit(seating.fill, "if each.principal in able(people, request, seat)", "")),
    mutant("whoever left the group still counts", "law_03 law_11", Edit(quorum.seated, "filled, missing = fill(", 'if request.status == "approved" and request.seats and terms_of.counts(terms) == terms_of.counts(request.terms):\n        return request.seats\n    filled, missing = fill(')),
    # 4: nobody approves their own
    mutant("exclusion not asked", "law_04", Edit(Desk.outsider, "exclusion.touches(self.excluded(request), (person, account))", "False")),
    mutant("exclusion asked of accounts only", "law_04", Edit(Desk.outsider, "(person, account)", "(account,)")),
    mutant("eligibility asked first", "law_04", Edit(vote.answerable, "    person = desk.outsider(request, command.actor)\n", '    person = desk.people.person(command.actor) or ""\n    if command.principal is None and person not in may_answer(desk.people, request):\n        refuse("seat", "")\n    person = desk.outsider(request, command.actor)\n')),
    mutant("an account excluded then is nobody else now", "law_04", Edit(exclusion.of_request, "return known | people.persons(known)", "return known")),
    mutant("owners left out", "law_04", Edit(Reading._all_kin, "names.update(*[self.owning(each) for each in names])", "pass")),
    mutant("owners of owners left out", "law_04", Edit(Reading._all_owners, "ahead += owners - found", "pass")),
    mutant("members of owning groups left out", "law_04", Edit(Reading._all_kin, 'names.union(*[self.members(Who("group", each)) for each in names])', "names")),
    mutant("the credential's holder left out", "law_04", Edit(requests.Chain.names.fget, "self.holder)", ")")),  # type: ignore[attr-defined]
    mutant("those on whose behalf left out", "law_04", Edit(requests.Chain.names.fget, ", *self.on_behalf_of)", ",)")),  # type: ignore[attr-defined]
    mutant("the named owner left out", "law_04", Edit(requests.Chain.names.fget, "self.requester, self.owner,", "self.requester,")),  # type: ignore[attr-defined]
    mutant("an agent that nobody owns", "law_04", Edit(exclusion.is_answered_for, "return bool(people.persons(people.kin(owners(people, requester))))", "return True")),
    mutant("an owner that is nobody", "law_04", Edit(exclusion.is_answered_for, "bool(people.persons(people.kin(owners(people, requester))))", "bool(owners(people, requester))")),
    mutant("exclusion shrinks", "law_04", Edit(Desk.grown, "if more else ()", "if False else ()")),
    mutant("exclusion not asked at consume", "law_04", Edit(seating._counting, "exclusion.touches(excluded, (actor, principal, vote.actor, vote.principal))", "False")),
    mutant("the author of a change approves it", "law_07 law_04", Edit(counter._authors, "return names | desk.people.persons(names)", "return frozenset()")),
    mutant("only the newest author is excluded", "law_04", Edit(counter.counter, "excluded | _authors(desk, command)", "_authors(desk, command)")),
    mutant("the principal of an author approves it", "law_07", Edit(counter._authors, "(command.actor, command.principal)", "(command.actor,)")),
    mutant("somebody of the chain reviews", "law_04", Edit(glass.review, "desk.outsider(request, command.actor)", 'desk.people.person(command.actor) or ""')),
    mutant("exclusion switched off without development mode", "law_04", Edit(exclusion.of_request, "if development:", "if True:")),
    mutant("development mode left unmarked", "law_04", Edit(Desk.head, ", self.state.development)", ")"), Edit(fold.evolve, "head.development != state.development", "False")),
    # 5: identity
    mutant("a service votes", "law_04 law_05", Edit(Desk.outsider, "if person is None else person", "if False else (person or account)"), Edit(vote.answerable, "if person not in may_answer(desk.people, request):", "if False:")),
    mutant("a vote that nothing vouches for", "law_05", Edit(vote.answerable, "desk.vouched(command.proof)", "pass")),
    mutant("a signature that is none", "law_05", Edit(requests.Proof.vouches.fget, "or bool(self.reference)", "or True")),  # type: ignore[attr-defined]
    mutant("a transport that has no name", "law_05", Edit(requests.Proof.vouches.fget, "bool(self.by) and ", "")),  # type: ignore[attr-defined]
    # 6: denial dominates
    mutant("a deny is outvoted", "law_06", Edit(vote.vote, 'if command.choice == "deny":', 'if command.choice == "deny" and not request.votes:')),
    mutant("anybody denies", "law_06", Edit(vote.answerable, "if person not in may_answer(desk.people, request):", 'if getattr(command, "choice", "") != "deny" and person not in may_answer(desk.people, request):')),
    mutant("a deadline that counts only when swept", "law_06", Edit(requests.judged, 'if request.status == "pending" and', "if False and")),
    mutant("anything is asked again", "law_06", Edit(submit._renewed, "before.proposal.sameness != command.proposal.sameness", "False")),
    # 7: a change is a new action
    mutant("changes where none are accepted", "law_07", Edit(counter._changes, "if not request.accepts_changes:", "if False:")),
    mutant("a change with its own deadline", "law_07", Edit(place.successor, "deadline=request.deadline", "deadline=desk.now + 1000 * request.wanted.within_seconds")),
    mutant("a change that policy denies", "law_07", Edit(counter.counter, 'command.judgement.decision == "deny"', "False")),
    mutant("a change during its cool-off", "law_07", Edit(counter.counter, "desk.not_cooling(command.proposal)", "pass")),
    mutant("a change that was not evaluated", "law_07", Edit(counter.counter, "desk.current(command.judgement, command.proposal)", "pass")),
    mutant("a change of nothing", "law_07", Edit(counter._changes, "command.proposal.digest == request.proposal.digest", "False")),
    mutant("a change after the deadline", "law_07", Edit(counter._changes, "desk.now >= request.deadline", "False")),
    mutant("votes surviving a change, fillable by its author", "law_07", Edit(counter.counter, "desk.fillable(child, desk.excluded(child))", "desk.fillable(child, excluded)")),
    # 8: the card
    mutant("a stale card is answered", "law_08", Edit(Desk.answers, "not card or card != request.card", "False")),
    mutant("a request without a card is answered", "law_08", Edit(Desk.answers, "not card or ", "")),
    mutant("a glass broken on a stale card", "law_08", Edit(glass.break_glass, "desk.answers(request, command.card)", "pass")),
    mutant("a card shown that is none", "law_08", Edit(show.show, "desk.answers(request, command.card)", "pass")),
    # 10: flood
    mutant("other terms join", "law_10", Edit(submit._alike, "terms_of.same(request.wanted, new.wanted)", "True")),
    mutant("another owner by now joins", "law_10", Edit(submit._alike, "request.owners == new.owners", "True")),
    mutant("what accepts no changes joins what does", "law_10", Edit(submit._alike, "request.accepts_changes == new.accepts_changes", "True")),
    mutant("what is over is joined", "law_10", Edit(submit._twin, "judged(request, desk.now) in OPEN and", "")),
    mutant("a waiter that leaves cancels all", "law_10", Edit(leave.cancel, "len(request.waiters) == 1", "True")),
    mutant("a stranger cancels", "law_10", Edit(leave.cancel, "command.waiter not in request.waiters", "False")),
    mutant("no cool-off", "law_10", Edit(submit.submit, "desk.not_cooling(command.proposal)", "pass")),
    mutant("a cool-off without an end", "law_10", Edit(Desk.not_cooling, "self.now < until", "until")),
    mutant("no budget of open questions", "law_10", Edit(submit._within_budget, "desk.state.waiting(requester, desk.now) >= desk.settings.actor_open", "False")),
    mutant("no budget of an hour", "law_10", Edit(submit._within_budget, "desk.state.lately(requester, desk.now) >= desk.settings.actor_hourly", "False")),
    mutant("no back-pressure", "law_10", Edit(submit.submit, "_bearable(desk, request, excluded)", "pass")),
    mutant("one name for two", "law_10", Edit(submit.submit, "desk.fresh(command.request)", "pass")),
    # 11: escalation and break-glass
    mutant("escalation lowers the number", "law_11", Edit(terms.places, "for _ in range(wanted[each])", "for _ in range(1)")),
    mutant("escalation before its time", "law_11", Edit(tick._widened, "desk.now >= since[each] + further.after_ms", "True")),
    mutant("escalation of every seat", "law_11", Edit(seating.able, "if each.seat == seat", "")),
    mutant("escalation forgotten by what takes the place", "law_11", Edit(Requested.born, "reach=() if before is None else before.reach,", "reach=(),")),
    mutant("a glass broken for longer", "law_11", Edit(glass.break_glass, "not 0 < command.for_ms <= BREAK_GLASS_MS", "False")),
    mutant("a glass broken without a reason", "law_11", Edit(glass.break_glass, "not command.reason.strip()", "False")),
    mutant("a glass broken over what is approved", "law_11", Edit(glass.break_glass, 'desk.find(command.request, "pending")', 'desk.find(command.request, "pending", "approved")')),
    mutant("who owes a review breaks another", "law_11", Edit(glass.break_glass, "_debtors(desk) & {person, command.actor}", "False")),
    mutant("another account owes nothing", "law_11", Edit(glass._names, "| desk.people.persons([glass.responder])", ""), Edit(glass.break_glass, "{person, command.actor}", "{command.actor}")),
    mutant("who broke it reviews it", "law_11", Edit(glass.review, "_names(desk, glass) & {person, command.actor}", "False")),
    mutant("anybody breaks it, though few may", "law_11", Edit(quorum.may_respond, "return not responders or", "return True or")),
    mutant("a glass stands in for terms that came later", "law_11", Edit(quorum.seated, "wanted = terms_of.beyond(terms, request.wanted)", "wanted = {}")),
    mutant("who broke it takes a seat besides", "law_11", Edit(quorum.seated, "if responder not in (vote.actor, vote.principal)", "")),
    mutant("a glass lasts as long as a grant", "law_11", Edit(glass.break_glass, "lapses_at=until", "lapses_at=desk.now + desk.settings.grant_ms")),
    # what no history could be read with
    mutant("any word is an answer", "machine", Edit(Desk.word, "word not in known", "False")),
    # a failing directory
    mutant("a failing directory means everybody", "directory machine", Edit(Reading._ask, 'raise DirectoryUnavailable(f"the directory failed: {type(error).__name__}") from error', 'self._kept[question] = frozenset({"bob", "cyd", "dee"}) if question[0] != "person" else question[1]')),
)  # fmt: skip
"""Each law's conditions, taken away one by one."""
