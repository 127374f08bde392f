"""A directory that fails, or answers nonsense, is a no; whatever it says is asked once for each decision."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from assentry.approvals import Escalation, Refusal, Who, commands, decide
from assentry.approvals.commands import Command
from assentry.approvals.directory import Reading
from assentry.approvals.memory import Delegation, MemoryDirectory
from assentry.errors import DirectoryUnavailable
from tests.approvals.play import ONE, PRECONDITIONS, TWO, Play, approved, organisation
from tests.approvals.translate import PROOF, Down, directory

G = Who("group", "g")


class Broken(MemoryDirectory):
    """A directory one of whose methods gives or raises what it likes."""

    def __init__(self, method: str, answer: object) -> None:
        super().__init__(people={"bob": (), "cyd": ()}, teams={G: ("bob", "cyd")}, owned_by={"bot": ("cyd",)})
        object.__setattr__(self, method, lambda *_: self._answer(answer))

    @staticmethod
    def _answer(answer: object) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer


FAILURES: list[object] = [TimeoutError("no route"), KeyError("g"), RecursionError(), DirectoryUnavailable("later")]


@pytest.mark.parametrize("answer", [*FAILURES, 7, b"bob", ["bob"]])
def test_a_person_is_a_text_or_nobody(answer: object) -> None:
    with pytest.raises(DirectoryUnavailable):
        Reading(Broken("canonical", answer)).person("bob")


@pytest.mark.parametrize("answer", [*FAILURES, "bob", None, 7, ["bob", 7], [None], iter(("bob",))])
@pytest.mark.parametrize("method", ["members", "owners", "deputies"])
def test_accounts_are_a_collection_of_texts(method: str, answer: object) -> None:
    reading = Reading(Broken(method, answer))
    ask: dict[str, Callable[[], object]] = {
        "members": lambda: reading.members(G),
        "owners": lambda: reading.owning("bot"),
        "deputies": lambda: reading.is_deputy("bob", "cyd", 0),
    }
    with pytest.raises(DirectoryUnavailable):
        ask[method]()


def test_a_message_names_no_people() -> None:
    with pytest.raises(DirectoryUnavailable, match=r"^the directory failed: TimeoutError$"):
        Reading(Broken("canonical", TimeoutError("bob@example.org"))).person("bob")


def test_an_empty_name_is_nobody() -> None:
    assert Reading(Broken("canonical", "")).person("bob") is None


def test_every_question_is_asked_once() -> None:
    asked: list[object] = []

    class Counting(MemoryDirectory):
        def members(self, who: Who) -> Collection[str]:
            asked.append(who)
            return super().members(who)

        def canonical(self, account: str) -> str | None:
            asked.append(account)
            return super().canonical(account)

        def owners(self, identity: str) -> Collection[str]:
            asked.append(("owners", identity))
            return super().owners(identity)

    people = organisation()
    made = directory(people)
    assert isinstance(made, MemoryDirectory)
    play = approved(TWO)
    judgement = play.judge("digest of q", TWO)
    counting = Counting(made.people, made.teams, made.owned_by)
    decided = decide(play.state, commands.Consume("q", "n", PRECONDITIONS, judgement, "q2"), counting, play.now)
    assert not isinstance(decided, Refusal)
    assert len(asked) == len(set(asked))


# ---- a failing directory means no ----


def needing() -> list[tuple[Play, Command]]:
    """One command of each kind that asks the directory, each about to be done."""
    fresh, waiting, granted = Play(), Play(), approved()
    assert waiting.submit("q", TWO)
    doubtful = approved()
    assert doubtful.consume()
    assert doubtful.report("died")
    broken = Play()
    assert broken.submit("q", TWO)
    assert broken.break_glass("fay")
    proposal = waiting.request("q").proposal
    other = type(proposal)("digest of c", "other", None, ())
    chain = waiting.request("q").chain
    return [
        (fresh, commands.Submit("q", proposal, chain, fresh.judge(proposal.digest, ONE), "card", "n")),
        (fresh, commands.Submit("q", proposal, chain, fresh.judge(proposal.digest, "allow"), "card", "n")),
        (waiting, commands.CastVote("q", "bob", "approve", "card", PROOF)),
        (waiting, commands.CastVote("q", "bob", "deny", "card", PROOF)),
        (waiting, commands.Counter("q", "c", "bob", "card", PROOF, other, waiting.judge("digest of c", ONE))),
        (waiting, commands.BreakGlass("q", "fay", "card", PROOF, "fire", 1000)),
        (broken, commands.Review("q", "gus", PROOF, "well done")),
        (granted, commands.Consume("q", "n", PRECONDITIONS, granted.judge("digest of q", TWO), "q2")),
        (granted, commands.Revoke("q", "dee", "stop", PROOF)),
        (doubtful, commands.Resolve("q", "fay", "committed", "I looked", PROOF)),
    ]


@pytest.mark.parametrize("number", range(10))
def test_a_failing_directory_means_no(number: int) -> None:
    play, command = needing()[number]
    refused = decide(play.state, command, Down(), play.now, play.settings)
    assert refused == Refusal("directory", "the directory failed: TimeoutError")
    assert play.do(command)


def test_a_directory_that_fails_in_the_middle_means_no() -> None:
    play, command = needing()[7]
    made: Any = directory(play.people)

    class Failing(MemoryDirectory):
        left = 0

        def members(self, who: Who) -> Collection[str]:
            self._spend()
            return super().members(who)

        def canonical(self, account: str) -> str | None:
            self._spend()
            return super().canonical(account)

        def _spend(self) -> None:
            if Failing.left == 0:
                raise TimeoutError
            Failing.left -= 1

    whole = 0
    while True:
        Failing.left = whole
        decided = decide(play.state, command, Failing(made.people, made.teams, made.owned_by), play.now)
        if not isinstance(decided, Refusal):
            break
        assert decided.code == "directory"
        whole += 1
    assert whole > 5


def test_what_needs_no_directory_goes_on() -> None:
    play = approved()
    play.people.down = True
    assert play.tick()
    assert play.kinds == []
    assert play.consume(name="q") is False
    assert play.cancel("q")
    running = approved()
    assert running.consume()
    running.people.down = True
    assert running.report("returned")
    late = Play()
    assert late.submit("q", ONE)
    late.people.down = True
    late.now = 10 * 60_000
    assert late.tick()
    assert late.kinds == ["reminded"]
    late.now = 30 * 60_000
    assert late.tick()
    assert late.kinds == ["expired"]


# ---- the one in memory ----


def test_the_one_in_memory() -> None:
    made = MemoryDirectory(
        people={"bob": ("bob@a", "bob@b")},
        teams={G: ("bob@a",)},
        owned_by={"bot": ("bob",)},
        delegations={"bob": (Delegation("cyd", 10, 20),)},
        escalations={G: Escalation(Who("role", "r"), 5)},
    )
    assert [made.canonical(name) for name in ("bob", "bob@b", "bot")] == ["bob", "bob", None]
    assert made.members(G) == ("bob@a",)
    assert made.members(Who("role", "g")) == ()
    assert made.owners("bot") == ("bob",)
    assert made.owners("bob") == ()
    assert [list(made.deputies("bob", at)) for at in (9, 10, 19, 20)] == [[], ["cyd"], ["cyd"], []]
    assert made.escalation(G) == Escalation(Who("role", "r"), 5)
    assert made.escalation(Who("group", "h")) is None


def test_an_account_has_one_person() -> None:
    with pytest.raises(ValueError, match="`b` belongs to two people"):
        MemoryDirectory(people={"x": ("b",), "y": ("b",)})
