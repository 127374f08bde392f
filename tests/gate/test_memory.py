"""What leaves a gate's memory, and where it begins to read a log: it behaves as one that has folded all of it."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from assentry.approvals import Settings
from assentry.approvals.claims import claims
from assentry.approvals.state import HOUR_MS
from assentry.cli.ledger.laws import replay
from assentry.errors import Denied, GateError, GrantError, LedgerUnavailable, Rejected
from assentry.gate import Gate, GateKeys, Tool, clerk, folded, mirror, recall
from assentry.gate.metrics import Meter
from assentry.gate.mirror import Mirror
from assentry.ledger.entry import Entry, Item
from assentry.ledger.log import Log
from assentry.ledger.store import Ledger
from assentry.ledger.verify.findings import Cause
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.gate.house import AGENT, House, act, denied, export, people, policy, rejected, voter
from tests.support.folds import check_unsettled
from tests.support.ledgers import Ledgers

PLENTY = Settings(actor_open=40, actor_hourly=60, approver_open=40, lease_ms=60_000, cool_off_ms=300_000)
STEPS = 300
NAMES = ("data.share", "data.export", "ticket.write")
TOOLS = [Tool(name, name, schema={"properties": {"number": {"x-effect": True}}}) for name in NAMES]


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Gates that keep little, and often say what is not settled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mirror, "KEPT", 16)
        patch.setattr(folded, "EVERY", 40)
        yield


class Play:
    """One story, drawn by a seed alone; what comes of each step is a word."""

    def __init__(self, seed: int) -> None:
        self.house = House(settings=PLENTY, options={"tools": TOOLS})
        self.ids: list[str] = []
        self.permits: list[Any] = []
        self._draw = random.Random(seed)

    def tell(self, restarts: bool) -> list[str]:
        found = []
        for number in range(STEPS):
            step = self._draw.choice(self.STEPS)
            luck = self._draw.random()
            found.append(f"{step.__name__} {_outcome(lambda step=step, luck=luck: step(self, luck))}")  # type: ignore[misc]
            if restarts and number % 9 == 0:
                self.house.gate = self.house.open()
        return found

    @property
    def gate(self) -> Gate:
        return self.house.gate

    def request(self, luck: float) -> str:
        """One of those asked, newer ones rather."""
        return self.ids[int(len(self.ids) * (1 - luck * luck))] if self.ids else "none"

    def ask(self, luck: float) -> None:
        name = NAMES[int(luck * 3)]
        action = act(name, parameters={"number": int(luck * 100) % 25}, tool={"name": name})
        found = self.gate.submit(action)
        if isinstance(found, str):
            self.ids.append(found)
        else:
            self.ids.append(found.request)
            self.permits.append(found)

    def propose(self, luck: float) -> None:
        self.ids.append(str(self.gate.submit(act("data.share", f"t{int(luck * 9)}"), accepts_changes=True)))

    def approve(self, luck: float) -> None:
        request, who = self.request(luck), "bob" if luck < 0.6 else "cyd"
        self.gate.vote(request, voter(who), "approve", self.house.card(request))

    def deny(self, luck: float) -> None:
        if luck > 0.7:
            self.gate.vote(self.request(luck), voter("dee"), "deny", self.house.card(self.request(luck)))

    def counter(self, luck: float) -> None:
        request = self.request(luck)
        changes = {"action": {"note": int(luck * 5)}}
        self.ids.append(self.gate.counter(request, voter("cyd"), changes, self.house.card(request)))

    def run(self, luck: float) -> None:
        self.permits.append(self.gate.redeem(self.gate.wait(self.request(luck), 0), f"{int(luck * 1e9):032d}"))

    def report(self, luck: float) -> None:
        if self.permits:
            permit = self.permits[int(len(self.permits) * (1 - luck * luck))]
            self.gate._asking.report(permit.request, permit.nonce, "raised", without_effect=luck < 0.7)

    def done(self, luck: float) -> None:
        if self.permits:
            self.gate.report(self.permits[int(len(self.permits) * (1 - luck * luck))])

    def resolve(self, luck: float) -> None:
        self.gate.resolve(self.request(luck), voter("gus"), "failed" if luck < 0.5 else "committed", "I looked")

    def leave(self, luck: float) -> None:
        self.gate.cancel(self.request(luck), caller=AGENT)

    def break_glass(self, luck: float) -> None:
        request = self.request(luck)
        self.gate.break_glass(request, voter("fay"), self.house.card(request), "it burns")

    def review(self, luck: float) -> None:
        self.gate.review(self.request(luck), voter("gus"), "all well")

    def look(self, luck: float) -> str:
        return self.gate.view(self.request(luck)).status

    def answer(self, luck: float) -> str:
        request, _, ready = self.gate._asking.answer(self.request(luck))
        return f"{request.status} {ready}"

    def wait(self, luck: float) -> None:
        self.house.tick(int(200_000 * luck**4))
        self.gate.sweep()

    STEPS: tuple[Callable[[Play, float], object], ...] = (
        *(ask, ask, ask, propose, approve, approve, approve, deny, counter, run, run, report, done, done),
        *(resolve, leave, break_glass, review, look, answer, wait),
    )


def _outcome(call: Callable[[], object]) -> str:
    try:
        return f"done {call()}"
    except (Denied, Rejected) as refused:
        return refused.code
    except (GateError, GrantError, TimeoutError) as error:
        return type(error).__name__


@pytest.mark.parametrize("seed", range(4))
def test_a_story_goes_on_the_same(seed: int, request: pytest.FixtureRequest) -> None:
    """Told by one gate that keeps all, and by gates that keep little and are opened again and again."""
    whole = Play(seed)
    expected = whole.tell(restarts=False)
    request.getfixturevalue("forgetful")
    play = Play(seed)
    assert play.tell(restarts=True) == expected
    assert len({step for step in expected if " done " in step}) > 10
    ledger = play.house.ledger
    assert ledger is not None
    assert list(replay(ledger.entries())) == []
    assert ledger.last(folded.REQUEST) > 0
    check(play.house.open(), ledger)


def check(gate: Gate, ledger: Ledger) -> None:
    """What a gate knows is what the whole log says."""
    mirrored = gate._parts.clerk.mirror
    kept = len(mirrored.catch_up().requests)
    whole = check_unsettled(gate, ledger)
    assert kept < len(whole.requests)
    for name in dict(whole.waiters.items()):
        assert mirrored.recalled(name).current(name) == whole.current(name)


def test_what_was_done_once_is_not_done_again_though_nobody_remembers_it(forgetful: None) -> None:
    house, ran = House(), list[int]()

    def run(number: int) -> None:
        if number == 2 and ran.count(2) < 2:
            ran.append(number)
            raise ConnectionRefusedError
        ran.append(number)

    guard = house.gate.guard(
        "ticket.write", resource={"type": "t", "id": "1"}, effect=("number",), harmless=(ConnectionRefusedError,)
    )
    guarded = guard(run)
    guarded(1)
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            guarded(2)
    for number in range(100, 150):
        guarded(number)
    house.gate = house.open()
    for number in (1, 100, 149):
        with denied("effect"):
            guarded(number)
    guarded(2)
    with denied("effect"):
        guarded(2)
    assert (ran.count(1), ran.count(2), ran.count(100)) == (1, 3, 1)


def much_else(house: House, number: int = 60) -> None:
    """So much happens that a gate that keeps little has forgotten what was before."""
    for each in range(number):
        with house.gate.hold(act("data.read", f"t{each}")):
            pass


def test_what_waits_stays_in_memory(forgetful: None) -> None:
    house = House()
    waiting = house.ask(act("data.share"))
    permit = house.gate.submit(act("data.read", "slow"))
    assert not isinstance(permit, str)
    much_else(house)
    for gate in (house.gate, house.open()):
        assert {each.id for each in gate.requests()} == {waiting, permit.request}


def test_a_cool_off_outlives_a_start(forgetful: None) -> None:
    house = House()
    request = house.ask(act("data.share"))
    house.gate.vote(request, voter("bob"), "deny", house.card(request))
    much_else(house)
    house.gate = house.open()
    with denied("cool_off"):
        house.ask(act("data.share"))


def test_who_joined_a_request_hears_of_it_though_nobody_remembers_it(forgetful: None) -> None:
    house = House()
    asked, joined = house.ask(act("data.share")), house.ask(act("data.share"))
    card = house.card(joined)
    house.gate.vote(joined, voter("bob"), "deny", card)
    much_else(house)
    for gate in (house.gate, house.open()):
        assert joined not in gate._parts.clerk.mirror.state.waiters
        with denied("denied"):
            gate.wait(joined)
        assert gate.view(joined).id == asked


def test_a_start_reads_what_is_not_settled_and_the_newest_entries(durable: Ledgers, forgetful: None) -> None:
    place = durable.place()
    place.create()
    keys = GateKeys.generate("log.example/acme")
    options: dict[str, Any] = {"directory": people(), "keys": keys, "caller": AGENT}
    with place.open() as log:
        gate = Gate(policy(), ledger=log, **options)
        waiting = gate.submit(act("data.share"))
        assert isinstance(waiting, str)
        for number in range(120):
            with gate.hold(act("data.read", f"t{number}")):
                pass
    with place.open() as log:
        read: list[int] = []
        counting = Counting(log, read)
        gate = Gate(policy(), ledger=counting, **options)
        assert len(read) < 150 < log.head().size
        assert [each.id for each in gate.requests()] == [waiting]
        gate.vote(waiting, voter("bob"), "approve", gate.card(waiting, voter("bob")).digest)
        assert gate.redeem(gate.wait(waiting), "n" * 32).request == waiting
        assert verify(Stored(log), [place.signer.verifier], replay=replay).findings == []


def test_a_start_that_fails_half_way_is_begun_again(forgetful: None) -> None:
    house = House()
    waiting = house.ask(act("data.share"))
    house.gate.vote(waiting, voter("bob"), "deny", house.card(waiting))
    asked = house.ask(act("data.share", "other"))
    much_else(house)
    assert isinstance(house.ledger, Log)
    failing = Failing(house.ledger, 3)
    begun = Mirror(failing, Meter())
    for _ in range(3):
        with pytest.raises(LedgerUnavailable):
            begun.catch_up()
    state, whole = begun.catch_up(), house.gate._parts.clerk.mirror.catch_up()
    assert (state.live, dict(state.cooling.items())) == (whole.live, dict(whole.cooling.items()))
    assert asked in state.live


class Failing:
    """A ledger that fails so many times when it is asked for a request."""

    def __init__(self, log: Log, times: int) -> None:
        self._log = log
        self._times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def request_entries(self, request: str) -> list[Entry]:
        self._times -= 1
        if self._times >= 0:
            raise LedgerUnavailable("not now")
        return self._log.request_entries(request)


@pytest.mark.parametrize("name", ["", "none", "x" * 100_000, "\0", "\ud800", "assentry:folded", "question:a#0"])
def test_there_is_no_request_of_an_odd_name(durable: Ledgers, name: str) -> None:
    gate = Gate(
        policy(), ledger=durable.new(), directory=people(), caller=AGENT, keys=GateKeys.generate("log.example/x")
    )
    with unknown():
        gate.view(name)
    with denied("request"):
        gate.wait(name)
    with rejected("request"):
        gate.vote(name, voter("bob"), "approve", "card")


class Counting:
    """A ledger that counts the entries that are read from it."""

    def __init__(self, log: Log, read: list[int]) -> None:
        self._log = log
        self._read = read

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        for entry in self._log.entries(start, stop):
            self._read.append(entry.index)
            yield entry

    def request_entries(self, request: str) -> list[Entry]:
        found = self._log.request_entries(request)
        self._read += [entry.index for entry in found]
        return found


def test_what_is_too_much_to_be_said_is_not_said(forgetful: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folded, "MAX_PARTS", 0)
    house = House()
    for number in range(100):
        house.gate.submit(act("data.read", f"t{number}"))
    assert "folded" not in house.kinds()
    assert len(house.open()._parts.clerk.mirror.state.live) == 100


def test_what_is_said_stands_in_several_entries_where_one_has_no_room(
    forgetful: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folded, "PART", 500)
    house = House(settings=PLENTY)
    asked = {house.ask(act("data.share", f"t{number}")) for number in range(30)}
    for number in range(60):
        house.gate.submit(act("data.read", f"t{number}"))
    assert house.ledger is not None
    assert len(house.ledger.request_entries(folded.REQUEST)) > 5
    again = house.open()
    assert asked <= again._parts.clerk.mirror.state.live
    check_unsettled(again, house.ledger)


@pytest.mark.parametrize(
    "data",
    [
        {"n": 1},
        {"below": "x", "facts": [], "part": 0, "parts": 1},
        {"below": 3, "facts": [], "part": 0, "parts": 10**9},
        {"below": 3, "facts": [], "part": 0, "parts": 0},
        {"below": 3, "facts": [], "part": 1, "parts": 2},
        {"below": 10**9, "facts": [], "part": 0, "parts": 1},
        {"below": -3, "facts": [], "part": 0, "parts": 1},
        {"below": 3, "facts": [["asked", "x", 1, "no"]], "part": 0, "parts": 1},
    ],
)
def test_what_cannot_be_read_of_it_is_not_believed(data: dict[str, object]) -> None:
    """A start reads the whole log then."""
    house = House()
    request = house.ask()
    assert house.ledger is not None
    house.ledger.append([Item.of("folded", data, request=folded.REQUEST)])
    house.ledger.append([Item.of("noted", {}, request=folded.REQUEST)] if "n" in data else [])
    assert [each.id for each in house.open().requests()] == [request]


def test_a_start_that_finds_no_keys_says_so(house: House) -> None:
    house.ask()
    assert house.ledger is not None
    data = {"below": house.ledger.head().size, "facts": [["key", 99]], "part": 0, "parts": 1}
    house.ledger.append([Item.of("folded", data, request=folded.REQUEST)])
    with pytest.raises(GateError, match="cannot be read from the log"):
        house.open()


def test_half_of_what_was_said_is_nothing(forgetful: None) -> None:
    house = House(settings=PLENTY)
    waiting = house.ask(act("data.share"))
    assert house.ledger is not None
    data: dict[str, object] = {"below": house.ledger.head().size, "facts": [], "part": 1, "parts": 2}
    house.ledger.append([Item.of("folded", data, request=folded.REQUEST)])
    assert folded.newest(house.ledger).below == 0
    assert [each.id for each in house.open().requests()] == [waiting]


def test_a_history_that_breaks_a_law_stays_lost(forgetful: None, caplog: pytest.LogCaptureFixture) -> None:
    """One that by itself looks legal: the same was denied a moment before."""
    house = House()
    first = house.ask(act("data.share"))
    assert house.ledger is not None
    (requested,) = house.ledger.request_entries(first)
    house.gate.vote(first, voter("bob"), "deny", house.card(first))
    house.ledger.append([Item.of("requested", requested.data, request="r-forged")])
    for number in range(60):
        house.gate.submit(act("data.read", f"t{number}"))
    assert folded.newest(house.ledger).lost == ["r-forged"]
    caplog.clear()
    for gate in (house.gate, house.open()):
        with rejected("request"):
            gate.vote("r-forged", voter("cyd"), "approve", str(requested.data["card"]))
        assert "r-forged" not in gate._parts.clerk.mirror.state.live
    assert not caplog.records


@pytest.mark.parametrize("attack", ["leave one out", "add one", "say nonsense"])
def test_verification_finds_what_was_said_and_is_not_so(forgetful: None, attack: str) -> None:
    house = House()
    waiting = house.ask(act("data.share"))
    assert house.ledger is not None
    data: dict[str, object] = {"below": house.ledger.head().size, "facts": [], "part": 0, "parts": 1}
    if attack == "add one":
        data["facts"] = [["request", waiting], ["request", "r-none"]]
    elif attack == "say nonsense":
        data["facts"] = "nothing"
    house.ledger.append([Item.of("folded", data, request=folded.REQUEST)])
    (finding,) = replay(house.ledger.entries())
    assert (finding.start, str(finding.cause)) == (house.ledger.head().size - 1, str(Cause.LAW))


# ---- logs that were pruned ----


def pruned(house: House) -> None:
    """Fill the log up, and take away what stands before that."""
    assert house.ledger is not None
    house.ledger.append([Item.of("noted", {"number": number}) for number in range(300)])
    house.gate.sweep()
    house.ledger.prune(256, "retention")


def test_nothing_of_what_was_pruned_can_be_used(caplog: pytest.LogCaptureFixture) -> None:
    """Neither by the gate that read it before, nor by one that starts behind it, nor by one that slept meanwhile."""
    house = House()
    asleep = house.open()
    approved, waiting = house.ask(act("data.share")), house.ask(act("data.share", "other"))
    card = house.card(waiting)
    house.approve(approved, "bob")
    grant = house.gate.wait(approved)
    pruned(house)
    for gate in (house.gate, house.open(), asleep):
        with unknown():
            gate.redeem(grant, "n" * 32)
        with rejected("request"):
            gate.vote(waiting, voter("bob"), "approve", card)
        assert gate.requests() == []
        with pytest.raises(GateError):
            gate.view(approved)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def unknown() -> pytest.RaisesExc[GateError]:
    """As if there never was such a request."""
    return pytest.raises(GateError, match="there is no request")


def test_what_follows_from_what_was_pruned_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """An end, a vote, a second attempt whose beginning is gone: nobody can use them, and nobody is alarmed."""
    house = House(options={"tools": TOOLS})
    write = act("ticket.write", parameters={"number": 7}, tool={"name": "ticket.write"})
    first = house.gate.submit(write)
    assert not isinstance(first, str)
    house.gate._asking.report(first.request, first.nonce, "raised", without_effect=True)
    waiting = house.ask(act("data.share", "before"))
    fay = house.ask(export())
    house.gate.break_glass(fay, voter("fay"), house.card(fay), "it burns")
    house.gate.review(fay, voter("gus"), "all well")
    assert house.ledger is not None
    house.ledger.append([Item.of("noted", {"number": number}) for number in range(254 - house.ledger.head().size)])
    second = house.gate.submit(write)
    assert not isinstance(second, str)
    house.gate.report(second)
    house.gate.cancel(waiting)
    house.ledger.append([Item.of("noted", {"number": number}) for number in range(100)])
    house.ledger.prune(256, "retention")
    house.gate = house.open()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    with denied("effect"):
        house.gate.submit(write)
    assert list(replay(house.ledger.entries())) == []
    again = house.ask(export())  # questions and glasses are counted on
    assert house.gate.break_glass(again, voter("fay"), house.card(again), "it burns again") == "approved"


def test_many_questions_before_a_cut_are_counted_quickly(forgetful: None) -> None:
    house = House(settings=replace(PLENTY, actor_open=1000, actor_hourly=1000))
    for number in range(90):
        house.gate.cancel(house.ask(act("data.share", f"t{number}")))
    pruned(house)
    house.gate = house.open()
    house.tick(2 * HOUR_MS)
    request = house.ask(act("data.share"))
    assert house.ledger is not None
    assert "#90" in str(house.ledger.request_entries(request)[0].content["claims"])


def test_memory_does_not_grow_with_the_log(forgetful: None) -> None:
    house = House()
    much_else(house, 300)
    found = house.gate._parts.clerk.mirror
    assert len(found.state.requests) <= 16 + 2
    tables = [len(found._last), len(found._births), len(found._waiters), len(found._built), len(found.state.waiters)]
    assert max(tables) <= 16 + 4


@pytest.mark.parametrize("data", [{}, {"below": "many"}, {"below": None}])
def test_a_cut_that_says_nothing_cuts_nothing(data: dict[str, object]) -> None:
    house = House()
    waiting = house.ask(act("data.share"))
    assert house.ledger is not None
    house.ledger.append([Item.of("pruned", data)])
    for gate in (house.gate, house.open()):
        assert [each.id for each in gate.requests()] == [waiting]


# ---- careless readings ----


def everything_leaves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mirror, "is_settled", lambda state, request: True)


def what_is_taken_was_pruned(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Mirror, "taken", lambda self, claim: False)


def who_joins_claims_no_name(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(clerk, "claims", lambda *of: tuple(each for each in claims(*of) if each[0] != "waiter"))


def nothing_belongs_together(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(recall, "kin", lambda *_: ())


def what_was_pruned_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Mirror, "_prune", lambda self, below: None)


def leaving_out(kind: str) -> Callable[[pytest.MonkeyPatch], None]:
    """What is not settled is said without these."""
    facts = folded.facts

    def left_out(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(folded, "facts", lambda *of: (each for each in facts(*of) if each[0] != kind))

    return left_out


@pytest.mark.parametrize(
    ("careless", "check"),
    [
        (everything_leaves, test_what_waits_stays_in_memory),
        (leaving_out("request"), test_what_waits_stays_in_memory),
        (leaving_out("cooling"), test_a_cool_off_outlives_a_start),
        (what_is_taken_was_pruned, test_what_was_done_once_is_not_done_again_though_nobody_remembers_it),
        (nothing_belongs_together, test_what_was_done_once_is_not_done_again_though_nobody_remembers_it),
        (who_joins_claims_no_name, test_who_joined_a_request_hears_of_it_though_nobody_remembers_it),
    ],
)
def test_a_careless_reading_is_noticed(
    forgetful: None, careless: Callable[[pytest.MonkeyPatch], None], check: Callable[[None], None]
) -> None:
    check(None)
    with pytest.MonkeyPatch.context() as patch:
        careless(patch)
        with pytest.raises(BaseException):  # noqa: B017, PT011 -- however it is noticed
            check(None)


def test_that_what_was_pruned_stays_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.MonkeyPatch.context() as patch:
        what_was_pruned_stays(patch)
        with pytest.raises(BaseException):  # noqa: B017, PT011 -- however it is noticed
            test_nothing_of_what_was_pruned_can_be_used(caplog)
