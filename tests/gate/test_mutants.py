"""Careless readings of the gate, each of which a test has to notice."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from assentry.approvals import Refusal, decide, evolve
from assentry.approvals.desk import Desk
from assentry.errors import LedgerError, LedgerUnavailable
from assentry.gate import (
    asking,
    canonical,
    cards,
    digest,
    dsse,
    grant,
    guard,
    judge,
    marks,
    opening,
    people,
    selftest,
    stamp,
    tasks,
)
from assentry.gate.authority import mandate
from assentry.gate.authority.book import Book
from assentry.gate.authority.mandates import Mandates
from assentry.gate.binding import Binding
from assentry.gate.clerk import Clerk, Entered, _Writing
from assentry.gate.directory import snapshot
from assentry.gate.directory.file import FileDirectory
from assentry.gate.execution import Execution
from assentry.gate.judge import Judge
from assentry.gate.mirror import Mirror
from assentry.gate.opaque import Names
from assentry.gate.parts import Parts
from assentry.gate.pending import Hold
from assentry.gate.stamp import Caller, Stamped
from assentry.gate.tool import Tool, Tools
from assentry.gate.waiting import Waiting
from assentry.ledger.entry import Receipt
from tests.approvals.mutation import Edit
from tests.approvals.mutation import edited as edited_code
from tests.gate import (
    test_canaries,
    test_cancellation,
    test_disguises,
    test_gate,
    test_grant,
    test_guard,
    test_laws,
    test_odd_values,
    test_promises,
    test_races,
)
from tests.gate.authority import test_mandates, test_terms
from tests.gate.house import House, export, voter

Patch = Callable[[pytest.MonkeyPatch], object]


def effect_named_by_the_agent(patch: pytest.MonkeyPatch) -> None:
    def named(key: Any, tenant: str, document: Mapping[str, Any], *_: object) -> str | None:
        found = document["action"].get("effect_key")
        return None if found is None else str(key.hmac(b"effect", str(found).encode()).hex())

    patch.setattr(digest, "effect_key", named)


def decided_on_the_stored_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Judge, "decide", lambda self, document, at: self.policy.decide(document))


def every_exception_is_a_failure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Tool, "is_harmless", lambda self, error: True)


def no_effect_is_reserved(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(digest, "effect_key", lambda *_: None)


def the_stored_action_is_not_held_to_its_digest(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking.Asking, "document", lambda self, request: self._parts.documents.file(request.id).action)


def preconditions_are_not_read_again(patch: pytest.MonkeyPatch) -> None:
    kept: dict[str, Any] = {}
    read = Tool.read
    patch.setattr(Tool, "read", lambda self, document: kept.setdefault(self.name, read(self, document)))


def any_policy_in_force_will_do(patch: pytest.MonkeyPatch) -> None:
    items = _Writing.items
    patch.setattr(_Writing, "items", lambda self, sealed, policy: items(self, sealed, None))


def the_subject_is_what_the_action_says(patch: pytest.MonkeyPatch) -> None:
    original = stamp.stamp

    def careless(action: Mapping[str, Any], caller: Caller, *rest: Any) -> Stamped:
        said = action.get("subject")
        return original(action, Caller(said) if isinstance(said, Mapping) else caller, *rest)

    patch.setattr(asking, "stamp", careless)


def the_audience_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(opening, "check_bound", lambda *_: None)


def an_end_with_leeway(patch: pytest.MonkeyPatch) -> None:
    original = grant.check_times
    careless = lambda content, now: original({**content, "exp": content["exp"] + 30_000}, now)  # noqa: E731
    patch.setattr(grant, "check_times", careless)
    patch.setattr(test_grant, "check_times", careless)


def signatures_are_not_checked(patch: pytest.MonkeyPatch) -> None:
    import json

    patch.setattr(dsse, "opened", lambda envelope, keys: (keys[0], json.loads(envelope.payload)))


def no_canary(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(selftest, "fire", lambda *_: None)


def people_s_words_in_the_log(patch: pytest.MonkeyPatch) -> None:
    voice = people.People._voice
    patch.setattr(
        people.People, "_voice", lambda self, voter, text, *rest: replace(voice(self, voter, text, *rest), said=text)
    )


def names_in_the_log(patch: pytest.MonkeyPatch) -> None:
    learn = Names._learn

    def careless(self: Names, name: str) -> str:
        learn(self, name)
        self._ids[name] = self._names[name] = name
        return name

    patch.setattr(Names, "_learn", careless)


def what_was_seen_is_not_recorded(patch: pytest.MonkeyPatch) -> None:
    enter = people.People._enter
    patch.setattr(people.People, "_enter", lambda self, what, *rest: what == "show" or enter(self, what, *rest))


def what_was_opened_is_kept_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Mirror, "erasures", property(lambda self: 0, lambda self, _: None), raising=False)


def large_integers_pass(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(canonical, "MAX_INTEGER", 2**70)


def the_digest_knows_no_tool(patch: pytest.MonkeyPatch) -> None:
    original = digest.digest
    patch.setattr(digest, "digest", lambda document, tool: original(document, None))


def time_and_nonce_make_a_difference(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(marks, "without", lambda document, paths: dict(document))


def a_channel_that_fails_is_an_error(patch: pytest.MonkeyPatch) -> None:
    def tell(self: Parts, entered: Any) -> None:
        for listener in self.listeners:
            listener.tell(entered.events)

    patch.setattr(Parts, "tell", tell)


def the_end_is_not_reported(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Execution, "__exit__", lambda self, *_: None)


def an_unknown_tool_is_no_tool(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Tools, "find", lambda self, action, name: self._tools.get(action, {}).get(name or ""))


def arguments_run_as_they_were_passed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Binding, "call", lambda self, parameters, carried: ((self.last), {}))
    bind = Binding.bind

    def remembering(self: Any, args: Any, kwargs: Any) -> Any:
        self.last = args
        return bind(self, args, kwargs)

    patch.setattr(Binding, "bind", remembering)


def refusals_leave_no_trace(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking.Asking, "_refused", lambda self, *_: None)


def granted(house: House) -> tuple[House, str]:
    request = house.ask()
    house.approve(request, "bob", "cyd")
    return house, house.gate.wait(request).text


def an_exception(house: House) -> None:
    test_guard.test_only_what_is_declared_harmless_is_a_failure(house, ValueError("what?"), "unknown")


def words_and_names(house: House) -> None:
    request = house.ask()
    house.gate.vote(request, voter("bob"), "approve", house.card(request), reason="hunter2")
    assert b"hunter2" not in house.bodies()
    assert b"etl-7" not in house.bodies()


def large_integer(house: House) -> None:
    action = export(parameters={"rows": 2**53})
    test_gate.test_what_has_no_canonical_form_is_denied_by_name(house, action, "`action.parameters.rows` is")


def a_channel(house: House) -> None:
    house = House(options={"channels": [test_promises.Ear()]})
    house.ask()


def a_nonce_for_everybody_to_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Parts, "mark", lambda self, nonce: nonce)


def edited(*edits: Edit) -> Patch:
    """A mistake as an edit of source text."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for edit in edits:
            function = inspect.unwrap(edit.function)
            monkeypatch.setattr(function, "__code__", edited_code(function, [edit]))

    return patch


def what_cannot_be_written_runs(patch: pytest.MonkeyPatch) -> None:
    """Decided, told and run; the ledger gets it when it can."""
    attempt = Clerk._attempt

    def careless(self: Clerk, make: Any, sealed: Any, policy: Any, at: Any) -> Any:
        try:
            return attempt(self, make, sealed, policy, at)
        except LedgerError:
            now, state = at
            events = decide(state, make(now), self.people(), now, self.settings)
            if isinstance(events, Refusal):
                return events
            for event in events:
                state = evolve(state, event)
            return Entered(state, events, tuple(Receipt(self.mirror.size - 1, now, b"") for _ in events))

    patch.setattr(Clerk, "_attempt", careless)


def a_name_that_a_function_has_not(patch: pytest.MonkeyPatch) -> None:
    edited(Edit(Binding.bind, "found.keys() == self._known", "len(found) == len(self._known)"))(patch)


def an_action_that_changes_while_it_is_read(patch: pytest.MonkeyPatch) -> None:
    edited(Edit(asking.Asking._submit, "parts.tools.find(*named(stamped.document)) is not tool", "False"))(patch)


def what_has_yet_to_run_is_done(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guard, "_done", lambda value, function: value)


def a_hold_that_is_entered_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Hold, "_once", lambda self: None)


def a_credential_is_its_spelling(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(digest, "normal", lambda name: name)


def a_group_is_its_spelling(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(snapshot, "_usual", lambda who: who)


def names_that_were_forgotten_stay_so(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Names, "forgotten", property(lambda self: 0, lambda self, _: None), raising=False)


def any_word_is_an_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Desk, "word", lambda *_: None)


def a_schema_says_what_is_stamped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(judge, "STAMPED", ())


def conditions_in_the_log(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Parts, "marked", lambda self, conditions: tuple(conditions))


def a_nonce_holds_for_everything(patch: pytest.MonkeyPatch) -> None:
    edited(Edit(Mandates.reserve, "(request is None or held.request != request)", "False"))(patch)


def what_runs_is_released(patch: pytest.MonkeyPatch) -> None:
    edited(Edit(Book._released, " and not held.runs", ""))(patch)


def a_resource_passes_for_another(patch: pytest.MonkeyPatch) -> None:
    edited(Edit(mandate._named, ' and ":" not in kind', ""))(patch)


def a_permit_is_what_somebody_says(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking.Asking, "given", lambda *_: None)


def what_does_not_fit_is_used_up(patch: pytest.MonkeyPatch) -> None:
    edited(Edit(Waiting._used, "fits(self._asking.document(self._parts.request(request)))", "pass"))(patch)


def what_people_changed_is_not_looked_at(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guard.Guard, "_check", lambda *_: None)


def a_cancelled_task_waits_for_nothing(patch: pytest.MonkeyPatch) -> None:
    async def careless(task: object) -> None:
        return

    patch.setattr(tasks, "_ended", careless)


def a_caller_is_who_it_becomes(patch: pytest.MonkeyPatch) -> None:
    edited(Edit(Caller.__post_init__, "parse(canonical(dict(self.subject)))", "self.subject"))(patch)


def a_card_that_cannot_be_drawn_hides_the_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cards, "draw_ahead", cards.draw)


def unwritten(house: House) -> None:
    test_promises.test_without_its_ledger_the_gate_says_no("append", LedgerUnavailable)


def conditions(house: House) -> None:
    for canary in test_canaries.CANARIES:
        test_canaries.test_neither_does_what_an_action_depends_on(canary)


def disguised(check: Callable[..., object], *more: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.yaml"
        path.write_text(test_disguises.PEOPLE, encoding="utf-8")
        check(House(directory=FileDirectory(path)), *more)


def crowded(house: House) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        path = Path(folder) / "people.yaml"
        path.write_text(test_disguises.PEOPLE, encoding="utf-8")
        test_disguises.test_a_crowd_of_names_hides_nobody(House(directory=FileDirectory(path)), path, monkeypatch)


def mandated(check: Callable[..., object]) -> None:
    check(House(options={"authority": test_mandates.OPS}))


MUTANTS: list[tuple[str, Patch, Callable[..., object]]] = [
    ("2", effect_named_by_the_agent, test_guard.test_an_effect_is_never_named_by_its_caller),
    ("2", no_effect_is_reserved, test_guard.test_an_allowed_effect_happens_once_too),
    ("1", decided_on_the_stored_time, test_promises.test_it_is_decided_again_with_the_time_of_use),
    ("2", every_exception_is_a_failure, an_exception),
    (
        "1",
        the_stored_action_is_not_held_to_its_digest,
        test_promises.test_a_tool_that_changed_is_not_the_one_that_was_approved,
    ),
    ("1", the_digest_knows_no_tool, test_promises.test_a_tool_that_changed_is_not_the_one_that_was_approved),
    ("1", preconditions_are_not_read_again, test_promises.test_preconditions_are_read_again),
    ("1", any_policy_in_force_will_do, lambda house: test_races.test_two_policies_during_a_rolling_deploy()),
    ("5", the_subject_is_what_the_action_says, test_gate.test_what_an_action_says_of_its_subject_is_overwritten),
    (
        "grants",
        the_audience_is_not_looked_at,
        lambda house: test_grant.test_an_executor_is_who_its_transport_says(*granted(house)),
    ),
    (
        "grants",
        an_end_with_leeway,
        lambda house: test_grant.test_the_end_has_no_leeway_and_the_beginning_has_thirty_seconds(),
    ),
    (
        "grants",
        signatures_are_not_checked,
        lambda house: test_grant.test_forgeries_are_refused_at_the_gate(*granted(house)),
    ),
    ("gate", no_canary, lambda house: test_gate.test_a_gate_whose_policy_lets_the_canary_pass_does_not_start()),
    ("secrets", people_s_words_in_the_log, words_and_names),
    ("secrets", names_in_the_log, words_and_names),
    ("8", what_was_seen_is_not_recorded, test_promises.test_what_each_viewer_saw_is_recorded),
    ("secrets", what_was_opened_is_kept_open, test_promises.test_what_is_erased_cannot_run_and_cannot_be_read),
    ("1", large_integers_pass, large_integer),
    ("10", time_and_nonce_make_a_difference, test_guard.test_two_who_ask_the_same_share_one_answer_and_one_run),
    ("9", a_channel_that_fails_is_an_error, a_channel),
    ("2", the_end_is_not_reported, test_guard.test_an_allowed_effect_happens_once_too),
    ("2", an_unknown_tool_is_no_tool, test_guard.test_an_effect_is_never_named_by_its_caller),
    ("1", arguments_run_as_they_were_passed, test_promises.test_a_change_runs_in_the_place_of_what_was_asked),
    (
        "grants",
        a_nonce_for_everybody_to_read,
        lambda house: test_grant.test_who_reads_the_log_cannot_take_an_executor_s_place(*granted(house)),
    ),
    ("9", refusals_leave_no_trace, test_gate.test_a_deny_raises_the_verdict_and_leaves_an_entry),
    ("1", a_name_that_a_function_has_not, lambda house: test_guard.test_a_bound_call_is_the_call()),
    (
        "1",
        an_action_that_changes_while_it_is_read,
        lambda house: test_odd_values.test_an_action_that_changes_while_it_is_read_is_no_action(),
    ),
    ("2", what_has_yet_to_run_is_done, test_guard.test_nothing_runs_behind_its_permit),
    (
        "7",
        what_people_changed_is_not_looked_at,
        lambda house: test_guard.test_what_people_changed_is_what_the_function_would_do(
            house, {"action": {"name": "ticket.write"}}, False
        ),
    ),
    ("1", what_does_not_fit_is_used_up, test_guard.test_a_change_that_the_function_does_not_take_uses_nothing_up),
    (
        "1",
        a_card_that_cannot_be_drawn_hides_the_answer,
        test_promises.test_terms_that_grew_behind_the_deadline_ask_nobody_and_say_so,
    ),
    (
        "2",
        a_cancelled_task_waits_for_nothing,
        lambda house: test_cancellation.test_cancelled_at_each_await("held", "data.share", False),
    ),
    ("4", a_caller_is_who_it_becomes, test_odd_values.test_a_caller_is_who_it_was_when_it_was_proved),
    (
        "grants",
        a_permit_is_what_somebody_says,
        lambda house: test_grant.test_a_permit_is_for_one_nonce_one_lease_one_audience(*granted(house)),
    ),
    ("2", a_hold_that_is_entered_twice, test_guard.test_a_hold_is_entered_once),
    (
        "4",
        a_credential_is_its_spelling,
        lambda house: disguised(test_disguises.test_a_credential_in_another_spelling_is_the_same_one),
    ),
    ("4", a_group_is_its_spelling, lambda house: disguised(test_disguises.test_nobody_of_the_chain_has_a_say, "eve")),
    ("4", names_that_were_forgotten_stay_so, crowded),
    ("words", any_word_is_an_answer, test_odd_values.test_words_that_there_are_none_of_are_refused_by_their_code),
    ("9", what_cannot_be_written_runs, unwritten),
    (
        "10",
        a_schema_says_what_is_stamped,
        lambda house: test_guard.test_what_the_gate_stamps_makes_no_difference_whatever_a_schema_says(),
    ),
    ("secrets", conditions_in_the_log, conditions),
    (
        "mandates",
        a_nonce_holds_for_everything,
        lambda house: mandated(test_mandates.test_a_nonce_that_is_in_use_spends_no_other_s_budget),
    ),
    (
        "mandates",
        what_runs_is_released,
        lambda house: mandated(test_mandates.test_a_nonce_that_is_in_use_spends_no_other_s_budget),
    ),
    (
        "mandates",
        a_resource_passes_for_another,
        lambda house: test_terms.test_a_resource_passes_for_no_other({"type": "order:x", "id": "7"}),
    ),
]


@pytest.mark.parametrize("patch", [what_cannot_be_written_runs, no_effect_is_reserved])
def test_random_lives_notice(patch: Patch) -> None:
    """The model that knows the laws misses them, too."""
    lives = settings(test_laws._SETTINGS, max_examples=60, derandomize=True, database=None, phases=(Phase.generate,))
    with pytest.MonkeyPatch.context() as monkeypatch:
        patch(monkeypatch)
        with pytest.raises(BaseException):  # noqa: B017, PT011 -- whatever the model misses first
            run_state_machine_as_test(test_laws.Life, settings=lives)


@pytest.mark.parametrize(("law", "patch", "check"), MUTANTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_careless_reading_is_noticed(law: str, patch: Patch, check: Callable[..., object]) -> None:
    check(House())  # as it is, all is well
    with pytest.MonkeyPatch.context() as monkeypatch:
        patch(monkeypatch)
        try:
            check(House())
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 -- however it is noticed
            return
    pytest.fail("nobody noticed")
