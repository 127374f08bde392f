"""Guarded functions: arguments by name, run from the stored form, once; how they end is written down."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import assentry
from assentry.errors import Denied, GateError, LedgerUnavailable
from assentry.gate import Pending, Tool
from assentry.gate.asking import Asking
from assentry.gate.binding import Binding
from tests.gate.house import RULES, House, denied, voter


def table(table: str, **_: Any) -> dict[str, str]:
    return {"type": "table", "id": table}


def status(house: House) -> str:
    """The status of the newest request."""
    assert house.ledger is not None
    return house.gate.view(house.gate._parts.clerk.mirror.recent[-1]).status


def answer(house: House, *accounts: str, choice: str = "approve") -> threading.Thread:
    """People who answer as soon as something waits."""

    def work() -> None:
        while not (found := house.gate.requests("pending")):
            threading.Event().wait(0.01)
        card = house.card(found[0].id)
        for account in accounts:
            house.gate.vote(found[0].id, voter(account), choice, card)  # type: ignore[arg-type]

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_an_allowed_call_runs_with_its_arguments(house: House) -> None:
    seen: list[Any] = []

    @house.gate.guard("data.read", resource=table)
    def read(table: str, *columns: str, limit: int = 10, **more: Any) -> int:
        """Reads."""
        seen.append((table, columns, limit, more))
        return len(columns)

    assert read("t", "a", "b", where={"x": (1, 2)}) == 2
    assert read(table="t") == 0
    assert seen == [("t", ("a", "b"), 10, {"where": {"x": [1, 2]}}), ("t", (), 10, {})]
    assert (read.__name__, read.__doc__) == ("read", "Reads.")
    assert house.kinds().count("allowed") == 2


def test_arguments_have_one_name_whatever_way_they_came(house: House) -> None:
    @house.gate.guard("data.read", resource=table)
    def read(table: str, /, limit: int = 10, *, order: str = "id") -> None: ...

    for args, kwargs in ((("t", 5), {}), (("t",), {"limit": 5}), (("t",), {"order": "id", "limit": 5})):
        read(*args, **kwargs)
        request = house.gate._parts.clerk.mirror.recent[-1]
        parameters = house.gate.document(request)["action"]["parameters"]
        assert parameters == {"table": "t", "limit": 5, "order": "id"}


def test_what_runs_is_the_stored_form(house: House) -> None:
    seen: list[Any] = []
    rows = [1]

    @house.gate.guard("data.share", resource=table)
    def share(table: str, rows: list[int]) -> None:
        seen.append(rows)

    people = answer(house, "bob")
    meanwhile = threading.Timer(0.0, lambda: rows.append(2))
    meanwhile.start()
    share("t", rows)
    people.join()
    meanwhile.join()
    rows.append(3)
    assert seen[0] in ([1], [1, 2])
    request = house.gate._parts.clerk.mirror.recent[-1]
    assert house.gate.document(request)["action"]["parameters"]["rows"] == seen[0]


def test_methods_carry_their_self(house: House) -> None:
    class Store:
        def __init__(self) -> None:
            self.reads = 0

        @house.gate.guard("data.read", resource=table, carry=("self",))
        def read(self, table: str) -> int:
            self.reads += 1
            return self.reads

    store = Store()
    assert store.read("t") == 1
    assert store.read(table="t") == 2
    request = house.gate._parts.clerk.mirror.recent[-1]
    assert house.gate.document(request)["action"]["parameters"] == {"table": "t"}


def test_a_call_waits_for_people(house: House) -> None:
    @house.gate.guard("data.export", resource=table)
    def export(table: str) -> str:
        return f"{table} is out"

    people = answer(house, "bob", "cyd")
    assert export("t") == "t is out"
    people.join()
    assert status(house) == "committed"
    assert house.kinds()[-1] == "committed"


def test_a_nay_is_raised_where_the_call_waits(house: House) -> None:
    @house.gate.guard("data.export", resource=table)
    def export(table: str) -> None:
        raise AssertionError("it ran")

    people = answer(house, "bob", choice="deny")
    with denied("denied"):
        export("t")
    people.join()


def test_patience_ends_and_the_same_call_joins_what_waits(house: House) -> None:
    @house.gate.guard("data.share", resource=table, wait=0.05)
    def share(table: str) -> str:
        return "shared"

    with pytest.raises(Denied) as caught:
        share("t")
    assert caught.value.code == "pending"
    assert caught.value.request is not None
    house.approve(caught.value.request, "bob")
    assert share("t") == "shared"
    with denied("used"):
        house.gate.wait(caught.value.request)


def test_a_handle_runs_once(house: House) -> None:
    calls: list[str] = []

    @house.gate.guard("data.share", resource=table, wait=False)
    def share(table: str) -> str:
        calls.append(table)
        return "shared"

    pending = share("t")
    assert isinstance(pending, Pending)
    assert (pending.status, pending.id) == ("pending", pending.request)
    with pytest.raises(TimeoutError):
        pending.result(timeout=0.01)
    house.approve(pending.request, "bob")
    assert pending.result() == "shared"
    with denied("used"):
        pending.result()
    assert calls == ["t"]


def test_a_handle_says_why_as_often_as_it_is_asked(house: House) -> None:
    pending = house.gate.guard("data.share", resource=table, wait=False)(lambda table: table)("t")
    house.gate.vote(pending.request, voter("bob"), "deny", house.card(pending.request))
    for _ in range(2):
        with denied("denied"):
            pending.result()


def test_a_handle_outlives_a_ledger_that_cannot_be_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    pending = house.gate.guard("data.share", resource=table, wait=False)(lambda table: "shared")("t")
    with monkeypatch.context() as broken:
        broken.setattr(house.ledger, "wait", failing)
        with denied("ledger"):
            pending.result(timeout=1)
    house.approve(pending.request, "bob")
    assert pending.result() == "shared"


def test_a_handle_whose_use_was_recorded_unseen_runs_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection broke at the commit: the same executor asks again, and nobody else is let in."""
    calls: list[str] = []

    def share(table: str) -> None:
        calls.append(table)

    pending = house.gate.guard("data.share", resource=table, wait=False)(share)("t")
    house.approve(pending.request, "bob")
    consume = Asking.consume

    def cut(self: Asking, *args: Any) -> Any:
        consume(self, *args)
        raise Denied("ledger", "the connection broke at the commit")

    with monkeypatch.context() as broken:
        broken.setattr(Asking, "consume", cut)
        with denied("ledger"):
            pending.result()
    assert pending.status == "consumed"
    pending.result()
    assert (calls, pending.status) == (["t"], "committed")


def test_a_change_that_the_function_does_not_take_uses_nothing_up(house: House) -> None:
    def share(table: str, rows: int = 5) -> str:
        return table

    guard = house.gate.guard("data.share", resource=table, wait=False, accepts_changes=True)
    for changes in ({"rows": None}, {"more": 1}):
        pending = guard(share)(f"t {changes}")
        card = house.card(pending.request, "bob")
        house.gate.counter(pending.request, voter("bob"), {"action": {"parameters": changes}}, card)
        house.approve(pending.request, "cyd")
        for _ in range(2):
            with denied("changes"):
                pending.result()
        assert pending.status == "approved"


@pytest.mark.parametrize(
    ("changes", "runs"),
    [
        ({"action": {"parameters": {"rows": 5}}}, True),
        ({"action": {"parameters": {"table": "other"}}, "resource": {"id": "other"}}, True),
        ({"action": {"parameters": {"table": "other"}}}, False),
        ({"resource": {"id": "other"}}, False),
        ({"resource": {"labels": ["public"]}}, False),
        ({"action": {"name": "ticket.write"}}, False),
        ({"action": {"reason": "another"}}, False),
    ],
)
def test_what_people_changed_is_what_the_function_would_do(house: House, changes: dict[str, Any], runs: bool) -> None:
    """Else they agree to one thing, and another runs: an action by this name, on this resource, as its arguments say."""
    done: list[tuple[str, int]] = []

    def share(table: str, rows: int = 100) -> None:
        done.append((table, rows))

    def of(table: str, **_: Any) -> dict[str, str]:
        return {"type": "table", "id": table}

    pending = house.gate.guard("data.share", resource=of, wait=False, accepts_changes=True)(share)("t")
    house.gate.counter(pending.request, voter("bob"), changes, house.card(pending.request))
    house.approve(pending.request, "cyd")
    if not runs:
        with denied("changes"):
            pending.result()
        assert done == []
        return
    pending.result()
    stored = house.gate.document(pending.request)
    assert done == [(stored["resource"]["id"], stored["action"]["parameters"]["rows"])]


def test_another_tool_is_not_this_function() -> None:
    tools = [Tool("mail", "data.share"), Tool("fax", "data.share")]
    house = House(options={"tools": tools})
    guard = house.gate.guard("data.share", resource=table, tool=tools[0], wait=False, accepts_changes=True)
    pending = guard(lambda table: table)("t")
    changes = {"action": {"tool": {"name": "fax"}}}
    house.gate.counter(pending.request, voter("bob"), changes, house.card(pending.request))
    house.approve(pending.request, "cyd")
    with denied("changes"):
        pending.result()


@pytest.mark.parametrize(("changes", "runs"), [({"name": "ticket.write"}, False), ({"parameters": {"rows": 5}}, True)])
def test_a_block_is_for_the_action_that_it_holds(house: House, changes: dict[str, Any], runs: bool) -> None:
    action = {"action": {"name": "data.share", "parameters": {"rows": 9}}, "resource": {"type": "table", "id": "t"}}
    hold = house.gate.hold(action, wait=5, accepts_changes=True)

    def answer() -> None:
        while not (waiting := house.gate.requests("pending")):
            time.sleep(0.005)
        (request,) = waiting
        changed = house.gate.counter(request.id, voter("bob"), {"action": changes}, house.card(request.id))
        house.approve(changed, "cyd")

    people = threading.Thread(target=answer)
    people.start()
    if runs:
        with hold as run:
            assert run.parameters == {"rows": 5}
    else:
        with denied("changes"), hold:
            raise AssertionError("it ran")
    people.join()


def failing(*_: object) -> None:
    raise LedgerUnavailable("no connection")


def test_two_who_ask_the_same_share_one_answer_and_one_run(house: House) -> None:
    @house.gate.guard("data.share", resource=table, wait=False)
    def share(table: str) -> str:
        return "shared"

    first, second = share("t"), share("t")
    assert first.request == second.request
    assert first.id != second.id
    first.cancel()
    assert second.status == "pending"
    house.approve(second.request, "bob")
    assert second.result() == "shared"


def test_what_the_gate_stamps_makes_no_difference_whatever_a_schema_says() -> None:
    """A project's own copy of the schema may have lost the marks; a person's deny binds the next attempt all the same."""
    schema = json.loads((Path(__file__).parents[2] / "schemas/action.schema.json").read_text(encoding="utf-8"))
    context = schema["properties"]["context"]["properties"]
    del context["nonce"]
    context["time"].pop("x-volatile")
    house = House()
    house.gate.use(assentry.load_sources({"house.assent": RULES}, schema=schema))
    first, second = house.ask(), house.ask()
    assert house.gate.view(second).id == first
    house.gate.vote(first, voter("bob"), "deny", house.card(first))
    with denied("cool_off"):
        house.ask()


class Refused(Exception):
    """The tool said no before it did anything."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refused("no"), "failed"),
        (ValueError("what?"), "unknown"),
        (TimeoutError("late"), "unknown"),
        (KeyboardInterrupt(), "unknown"),
        (SystemExit(1), "unknown"),
        (asyncio.CancelledError(), "unknown"),
        (GeneratorExit(), "unknown"),
        (None, "committed"),
    ],
)
def test_only_what_is_declared_harmless_is_a_failure(house: House, error: BaseException | None, expected: str) -> None:
    @house.gate.guard("data.share", resource=table, effect=("table",), harmless=(Refused,), wait=False)
    def share(table: str) -> None:
        if error is not None:
            raise error

    pending = share("t")
    house.approve(pending.request, "bob")
    if error is None:
        pending.result()
    else:
        with pytest.raises(type(error)):
            pending.result()
    assert status(house) == expected
    again = share("t")
    house.approve(again.request, "bob")
    if expected == "failed":
        assert house.gate.wait(again.id).content["effect"] is not None
    else:
        with denied("effect"):
            again.result()


def test_an_allowed_effect_happens_once_too(house: House) -> None:
    calls: list[str] = []

    @house.gate.guard("ticket.write", resource=table, effect=("number",), harmless=(Refused,))
    def write(table: str, number: int, text: str, fail: bool = False) -> None:
        calls.append(text)
        if fail:
            raise Refused

    with pytest.raises(Refused):
        write("t", 1, "first", fail=True)
    write("t", 1, "second")
    with denied("effect"):
        write("t", 1, "third")
    with denied("effect"):
        write("t", 1, "second")
    write("t", 2, "other")
    assert calls == ["first", "second", "other"]


def test_an_effect_is_never_named_by_its_caller(house: House) -> None:
    tool = Tool("write", "ticket.write", schema={"properties": {"number": {"x-effect": True}}})
    gate = House(options={"tools": [tool]}).gate
    action: dict[str, Any] = {"action": {"name": "ticket.write"}, "resource": {"type": "t", "id": "1"}, "context": {}}
    named = ("effect_key", "effect", "idempotency_key", "x-effect")
    for place, name in enumerate(named):
        action["action"] = {"name": "ticket.write", name: f"mine {place}", "parameters": {"number": 7, name: place}}
        if place == 0:
            gate.submit(action)
        else:
            with denied("effect"):
                gate.submit(action)
    action["action"] = {"name": "ticket.write", "tool": {"name": "another"}, "parameters": {"number": 8}}
    with denied("tool"):
        gate.submit(action)


def test_a_timeout_is_unknown_and_a_late_end_changes_nothing(house: House) -> None:
    going = threading.Event()

    @house.gate.guard("data.share", resource=table, timeout=0.05, wait=False)
    def share(table: str) -> None:
        going.wait(5)

    pending = share("t")
    house.approve(pending.request, "bob")
    with pytest.raises(TimeoutError, match=r"did not end within 0\.05 s"):
        pending.result()
    going.set()
    assert status(house) == "unknown"


def test_a_timeout_lets_quick_work_through(house: House) -> None:
    @house.gate.guard("data.read", resource=table, timeout=5)
    def read(table: str) -> int:
        return 7

    @house.gate.guard("data.read", resource=table, timeout=5)
    def fail(table: str) -> int:
        raise ValueError("as it is")

    assert read("t") == 7
    with pytest.raises(ValueError, match="as it is"):
        fail("t")


def test_coroutines_run_wait_and_time_out(house: House) -> None:
    @house.gate.guard("data.read", resource=table)
    async def read(table: str) -> str:
        return table

    @house.gate.guard("data.export", resource=table)
    async def export(table: str) -> str:
        return table

    @house.gate.guard("data.read", resource=table, timeout=0.02)
    async def slow(table: str) -> None:
        await asyncio.sleep(5)

    async def main() -> None:
        assert await read("t") == "t"
        people = answer(house, "bob", "cyd")
        assert await export("u") == "u"
        await asyncio.to_thread(people.join)
        with pytest.raises(TimeoutError, match=r"did not end within 0\.02 s"):
            await slow("t")

    asyncio.run(main())
    assert status(house) == "unknown"


def test_a_task_cancelled_while_it_waits_leaves(house: House) -> None:
    @house.gate.guard("data.export", resource=table)
    async def export(table: str) -> None:
        raise AssertionError("it ran")

    async def main() -> None:
        task = asyncio.ensure_future(export("t"))
        while not house.gate.requests("pending"):  # noqa: ASYNC110 -- nobody else knows of it
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert status(house) == "cancelled"


def test_a_task_cancelled_while_it_runs_is_unknown(house: House) -> None:
    begun = asyncio.Event()

    @house.gate.guard("data.read", resource=table)
    async def read(table: str) -> None:
        begun.set()
        await asyncio.sleep(5)

    async def main() -> None:
        task = asyncio.ensure_future(read("t"))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert status(house) == "unknown"


def test_a_handle_can_be_awaited(house: House) -> None:
    @house.gate.guard("data.share", resource=table, wait=False)
    async def share(table: str) -> str:
        return "shared"

    async def main() -> None:
        pending = await share("t")
        await asyncio.to_thread(house.approve, pending.request, "bob")
        assert await pending == "shared"
        with denied("used"):
            await pending

    asyncio.run(main())


def test_a_block_holds(house: House) -> None:
    action = {
        "action": {"name": "data.read", "parameters": {"n": (1, 2)}},
        "resource": {"type": "table", "id": "t"},
        "context": {},
    }
    with house.gate.hold(action) as run:
        assert run.parameters == {"n": [1, 2]}
    action["action"] = {"name": "data.share"}
    people = answer(house, "bob")
    with house.gate.hold(action) as run:
        assert run.permit.request
    people.join()
    with pytest.raises(ZeroDivisionError), house.gate.hold({**action, "action": {"name": "data.read"}}):
        _ = 1 / 0
    assert status(house) == "unknown"
    with denied("pending"), house.gate.hold(action, wait=0.01):
        raise AssertionError("it ran")

    async def main() -> None:
        async with house.gate.hold({**action, "action": {"name": "data.read"}}) as run:
            assert run.permit.request

    asyncio.run(main())


def test_a_hold_is_entered_once(house: House) -> None:
    """Two ends would otherwise be reported for one of two actions."""
    hold = house.gate.hold({"action": {"name": "data.read"}, "resource": {"type": "table", "id": "t"}})
    with hold, pytest.raises(GateError, match="entered before"):
        hold.__enter__()
    with pytest.raises(GateError, match="entered before"):
        asyncio.run(hold.__aenter__())
    assert house.kinds().count("allowed") == 1


def test_the_handle_of_a_coroutine_is_awaited_and_not_used_up_otherwise(house: House) -> None:
    @house.gate.guard("data.share", resource=table, wait=False)
    async def share(table: str) -> str:
        return "shared"

    async def main() -> str:
        pending = await share("t")
        house.approve(pending.request, "bob")
        with pytest.raises(GateError, match="is awaited"):
            pending.result()
        return str(await pending)

    assert asyncio.run(main()) == "shared"


def test_what_cannot_be_guarded_is_refused(house: House) -> None:
    guard: Callable[..., Any] = house.gate.guard("data.read", resource=table)

    def numbers(table: str) -> Any:
        yield 1

    async def more(table: str) -> Any:
        yield 1

    for odd in (numbers, more, staticmethod(len), 7):
        with pytest.raises(GateError):
            guard(odd)
    with pytest.raises(GateError, match="no parameter `conn`"):
        house.gate.guard("data.read", resource=table, carry=("conn",))(lambda table: None)
    with pytest.raises(GateError, match=r"does `data\.list`"):
        house.gate.guard("data.read", resource=table, tool=Tool("x", "data.list"))(lambda table: None)
    with pytest.raises(GateError, match="says itself"):
        house.gate.guard("data.read", resource=table, tool=Tool("x", "data.read"), effect=("a",))(lambda table: None)


def test_what_has_no_name_of_its_own_can_be_guarded(house: House) -> None:
    class Reader:
        async def __call__(self, table: str) -> str:
            return table

    def read(prefix: str, table: str) -> str:
        return prefix + table

    guard = house.gate.guard("data.read", resource=table, effect=["table"])
    assert guard(functools.partial(read, "of "))(table="t") == "of t"
    assert asyncio.run(house.gate.guard("data.read", resource=table)(Reader())("u")) == "u"


def test_nothing_runs_behind_its_permit(house: House) -> None:
    """What a call gives back has run: a coroutine or a generator has yet to."""
    ran: list[str] = []

    async def later(table: str) -> None:
        ran.append(table)

    async def awaits(table: str) -> Any:
        return later(table)

    def lazily(table: str) -> Any:
        def rows() -> Iterator[str]:
            ran.append(table)
            yield table

        return rows()

    def calls(table: str) -> Any:
        return later(table)

    guard: Callable[..., Any] = house.gate.guard("data.read", resource=table)
    for lazy in (calls, lazily):
        with pytest.raises(GateError, match="would run without its permit"):
            guard(lazy)("t")
    with pytest.raises(GateError, match="would run without its permit"):
        asyncio.run(guard(awaits)("t"))
    assert ran == []
    assert house.kinds()[-1] == "unknown"


def test_a_call_that_does_not_fit_is_a_type_error(house: House) -> None:
    @house.gate.guard("data.read", resource=table)
    def read(table: str) -> None: ...

    with pytest.raises(TypeError):
        read()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        read("t", 7)  # type: ignore[call-arg]
    assert "allowed" not in house.kinds()


values = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.lists(st.integers(0, 9), max_size=2)


@given(
    st.lists(values, max_size=4), st.dictionaries(st.sampled_from(["a", "b", "c", "d", "k", "z"]), values, max_size=4)
)
def test_a_bound_call_is_the_call(args: list[Any], kwargs: dict[str, Any]) -> None:
    def plain(a: Any, b: Any = 1, c: Any = 2, *, k: Any = 3) -> Any:
        return (a, b, c, k)

    def full(a: Any, /, b: Any = 1, *rest: Any, k: Any = 3, **more: Any) -> Any:
        return (a, b, list(rest), k, more)

    def flat(a: Any, b: Any, c: Any = 2) -> Any:
        return (a, b, c)

    for function in (flat, plain, full):
        binding = Binding(function)
        try:
            expected = function(*args, **kwargs)
        except TypeError:
            with pytest.raises(TypeError):
                binding.bind(args, kwargs)
            continue
        parameters, carried = binding.bind(args, kwargs)
        stored = {name: list(value) if isinstance(value, tuple) else value for name, value in parameters.items()}
        positional, named = binding.call(stored, carried)
        assert function(*positional, **named) == expected
