"""Careless readings of the gate, each of which a test has to notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from assentry.gate import asking, canonical, digest, dsse, grant, marks, opening, people, selftest, stamp
from assentry.gate.binding import Binding
from assentry.gate.clerk import _Writing
from assentry.gate.execution import Execution
from assentry.gate.judge import Judge
from assentry.gate.mirror import Mirror
from assentry.gate.opaque import Names
from assentry.gate.parts import Parts
from assentry.gate.stamp import Caller, Stamped
from assentry.gate.tool import Tool, Tools
from tests.gate import test_gate, test_grant, test_guard, test_promises, test_races
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


def a_channel() -> None:
    house = House(options={"channels": [test_promises.Ear()]})
    house.ask()


def a_nonce_for_everybody_to_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Parts, "mark", lambda self, nonce: nonce)


MUTANTS: list[tuple[Patch, Callable[..., object]]] = [
    (effect_named_by_the_agent, test_guard.test_an_effect_is_never_named_by_its_caller),
    (no_effect_is_reserved, test_guard.test_an_allowed_effect_happens_once_too),
    (decided_on_the_stored_time, test_promises.test_it_is_decided_again_with_the_time_of_use),
    (every_exception_is_a_failure, an_exception),
    (
        the_stored_action_is_not_held_to_its_digest,
        test_promises.test_a_tool_that_changed_is_not_the_one_that_was_approved,
    ),
    (the_digest_knows_no_tool, test_promises.test_a_tool_that_changed_is_not_the_one_that_was_approved),
    (preconditions_are_not_read_again, test_promises.test_preconditions_are_read_again),
    (any_policy_in_force_will_do, lambda house: test_races.test_two_policies_during_a_rolling_deploy()),
    (the_subject_is_what_the_action_says, test_gate.test_what_an_action_says_of_its_subject_is_overwritten),
    (
        the_audience_is_not_looked_at,
        lambda house: test_grant.test_an_executor_is_who_its_transport_says(*granted(house)),
    ),
    (an_end_with_leeway, lambda house: test_grant.test_the_end_has_no_leeway_and_the_beginning_has_thirty_seconds()),
    (signatures_are_not_checked, lambda house: test_grant.test_forgeries_are_refused_at_the_gate(*granted(house))),
    (no_canary, lambda house: test_gate.test_a_gate_whose_policy_lets_the_canary_pass_does_not_start()),
    (people_s_words_in_the_log, words_and_names),
    (names_in_the_log, words_and_names),
    (what_was_seen_is_not_recorded, test_promises.test_what_each_viewer_saw_is_recorded),
    (what_was_opened_is_kept_open, test_promises.test_what_is_erased_cannot_run_and_cannot_be_read),
    (large_integers_pass, large_integer),
    (time_and_nonce_make_a_difference, test_guard.test_two_who_ask_the_same_share_one_answer_and_one_run),
    (a_channel_that_fails_is_an_error, lambda house: a_channel()),
    (the_end_is_not_reported, test_guard.test_an_allowed_effect_happens_once_too),
    (an_unknown_tool_is_no_tool, test_guard.test_an_effect_is_never_named_by_its_caller),
    (arguments_run_as_they_were_passed, test_promises.test_a_change_runs_in_the_place_of_what_was_asked),
    (
        a_nonce_for_everybody_to_read,
        lambda house: test_grant.test_who_reads_the_log_cannot_take_an_executor_s_place(*granted(house)),
    ),
    (refusals_leave_no_trace, test_gate.test_a_deny_raises_the_verdict_and_leaves_an_entry),
]


@pytest.mark.parametrize(("patch", "check"), MUTANTS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_careless_reading_is_noticed(patch: Patch, check: Callable[..., object]) -> None:
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
