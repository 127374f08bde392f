"""Guarantees about effects and mandates, tried with an action that the project allows."""

from __future__ import annotations

import threading
from dataclasses import replace

from assentry.approvals import Settings
from assentry.cli.doctor.bench import Bench, expect
from assentry.cli.doctor.outcome import hold
from assentry.cli.doctor.project import Candidate
from assentry.cli.doctor.scratch import AUTHORITY, OUTSIDER, OWNER, TOOL, Scratch, tool, voter
from assentry.errors import Denied
from assentry.gate import Caller, Tool
from assentry.gate.authority.mandate import USES, Terms

HOUR_MS = 3_600_000
HELPER = "assentry-doctor-helper"
_NOTE = "with a tool declared here: which effects yours have stands in your code"


def _with_effect(name: str) -> Tool:
    return tool(
        name, schema={"properties": {"assentry_doctor": {"x-effect": True}}}, harmless=(ConnectionRefusedError,)
    )


def _attempt(scratch: Scratch, candidate: Candidate, effect: str = "e-1") -> str:
    """Attempt an effect: the id of the request."""
    parameters = {**candidate.action["action"].get("parameters", {}), "assentry_doctor": effect}
    permit = scratch.run(candidate, tool=TOOL, parameters=parameters)
    return permit.request


def effect_once(bench: Bench) -> str:
    """The same effect never happens twice, whoever asks."""
    candidate = bench.allowed()
    with bench.scratch(tools=[_with_effect(candidate.name)]) as scratch:
        _attempt(scratch, candidate)
        expect("effect", lambda: _attempt(scratch, candidate), "the same effect")
        _attempt(scratch, candidate, "e-2")
    return f"{candidate.name}, {_NOTE}"


def unknown_blocks(bench: Bench) -> str:
    """What nobody knows the outcome of is not tried again until a person outside its chain resolves it."""
    candidate = bench.allowed()
    with bench.scratch(tools=[_with_effect(candidate.name)]) as scratch:
        parameters = {**candidate.action["action"].get("parameters", {}), "assentry_doctor": "e-1"}
        permit = scratch.run(candidate, tool=TOOL, parameters=parameters)
        scratch.gate.report(permit, "raised", "SomethingElse")
        hold(scratch.gate.view(permit.request).status == "unknown", "an exception that nobody declared is not unknown")
        expect("effect", lambda: _attempt(scratch, candidate), "a blind retry")
        scratch.gate.resolve(permit.request, voter(OUTSIDER), "failed", "for the sake of the examination")
        _attempt(scratch, candidate)
    return f"{candidate.name}, {_NOTE}"


def attempts(bench: Bench) -> str:
    """Each attempt has a token of its own, and there are only so many."""
    candidate = bench.allowed()
    nonces = set()
    with bench.scratch(tools=[_with_effect(candidate.name)], settings=Settings(attempts=2)) as scratch:
        for _ in range(2):
            parameters = {**candidate.action["action"].get("parameters", {}), "assentry_doctor": "e-1"}
            permit = scratch.run(candidate, tool=TOOL, parameters=parameters)
            nonces.add(permit.nonce)
            scratch.gate.report(permit, "raised", "ConnectionRefusedError")
        expect("attempts", lambda: _attempt(scratch, candidate), "a third attempt of two")
    hold(len(nonces) == 2, "two attempts had the same token")
    return f"{candidate.name}, {_NOTE}"


def one_winner(bench: Bench) -> str:
    """Of many that race for one effect, one wins."""
    candidate, racers = bench.allowed(), 8
    results: list[str] = []
    with bench.scratch(tools=[_with_effect(candidate.name)]) as scratch:
        gates = [scratch.another()[1] for _ in range(racers)]
        action = {**candidate.action, "action": {**candidate.action["action"], "tool": TOOL}}
        action["action"]["parameters"] = {**action["action"].get("parameters", {}), "assentry_doctor": "e-1"}

        def race(number: int) -> None:
            try:
                gates[number].submit(action, caller=Caller(candidate.subject))
                results.append("ran")
            except Denied as denied:
                results.append(denied.code)

        threads = [threading.Thread(target=race, args=(number,)) for number in range(racers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    hold(results.count("ran") == 1, f"{results.count('ran')} of {racers} ran")
    return f"{racers} gates on one ledger"


def ledger_down(bench: Bench) -> str:
    """Nothing runs that cannot be written down."""
    candidate = bench.allowed()
    with bench.scratch() as scratch:
        scratch.log.close()
        expect("ledger", lambda: scratch.submit(candidate), "an action without a ledger")
    return candidate.name


# ---- mandates ----


def _terms(scratch: Scratch, candidate: Candidate) -> Terms:
    resource = candidate.action["resource"]
    names = frozenset({candidate.name}), frozenset({f"{resource.get('type')}:{resource.get('id')}"})
    return Terms(*names, expires=scratch.clock.wall + HOUR_MS, depth=2)


def _give(scratch: Scratch, candidate: Candidate, terms: Terms) -> str:
    return scratch.gate.mandates.give(voter(OWNER), str(candidate.subject["id"]), terms)


def mandate_needed(bench: Bench) -> str:
    """An agent without a mandate, off its task, or after its end does not act, where mandates are asked for."""
    candidate = bench.allowed()
    with bench.scratch(authority=AUTHORITY) as scratch:
        expect("mandate", lambda: scratch.submit(candidate), "an agent without a mandate")
        terms = _terms(scratch, candidate)
        _give(scratch, candidate, replace(terms, task="another task"))
        expect("mandate", lambda: scratch.submit(candidate), "an agent off its task")
        _give(scratch, candidate, terms)
        scratch.run(candidate)
        scratch.clock.tick(HOUR_MS)
        expect("mandate", lambda: scratch.submit(candidate), "an agent whose mandate expired")
    return f"{candidate.name}, with an authority declared here"


def mandate_narrows(bench: Bench) -> str:
    """What is passed on is narrower, and taken back with what it came from."""
    candidate = bench.allowed()
    holder = Caller(candidate.subject)
    with bench.scratch(authority=AUTHORITY) as scratch:
        terms = _terms(scratch, candidate)
        root = _give(scratch, candidate, terms)
        mandates = scratch.gate.mandates
        for wider in (
            replace(terms, actions=frozenset({"*"}), depth=1),
            replace(terms, resources=frozenset({"*"}), depth=1),
            replace(terms, expires=terms.expires + 1, depth=1),
            terms,
        ):
            expect("mandate", lambda wider=wider: mandates.delegate(holder, root, HELPER, wider), "a hop that widens")  # type: ignore[misc]
        child = mandates.delegate(holder, root, HELPER, replace(terms, depth=1))
        hold([each.id for each in mandates.book.chain(child)] == [child, root], "a hop is not named on both sides")
        mandates.withdraw(voter(OWNER), root, "for the sake of the examination")
        hold(mandates.book.is_withdrawn(child), "what was passed on outlives what it came from")
        expect("mandate", lambda: scratch.submit(candidate), "an agent whose mandate was taken back")
    return f"{candidate.name}, with an authority declared here"


def budget_held(bench: Bench) -> str:
    """A budget is held from before a use until it is known to have failed."""
    candidate = bench.allowed()
    with bench.scratch(authority=AUTHORITY) as scratch:
        _give(scratch, candidate, replace(_terms(scratch, candidate), budgets={USES: 1}))
        permit = scratch.run(candidate)
        expect("mandate", lambda: scratch.submit(candidate), "a use beyond the budget")
        scratch.gate.report(permit, "died")
        expect("mandate", lambda: scratch.submit(candidate), "a use while the outcome is unknown")
        scratch.gate.resolve(permit.request, voter(OUTSIDER), "failed", "for the sake of the examination")
        scratch.run(candidate)
    return f"{candidate.name}, with an authority declared here"
