"""Effects: the same one never twice, and what nobody knows the outcome of is not tried again blindly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assentry.approvals import Settings
from assentry.errors import Denied
from assentry.gate import Gate, GateKeys, Permit, Tool
from assentry.ledger import opening
from assentry.ledger.note import Signer
from assentry.ledger.sealing import SealingKey
from tests.gate.house import AGENT, House, act, denied, people, policy, rejected, voter
from tests.support.processes import Say, fork

REFUND = Tool(
    "shop",
    "data.read",
    schema={"properties": {"payment": {"x-effect": True}, "note": {"x-volatile": True}}},
    harmless=(ConnectionRefusedError,),
)
TABLE = {"type": "table", "id": "crm.people"}


@pytest.fixture
def house() -> Iterator[House]:
    made = House(options={"tools": [REFUND]})
    yield made
    made.gate.close()


def refund(gate: Gate, payment: str = "p-1", **more: Any) -> Permit:
    found = gate.submit(act("data.read", parameters={"payment": payment, **more}))
    assert isinstance(found, Permit)
    return found


def test_the_same_effect_happens_once_whoever_asks_and_however(house: House) -> None:
    permit = refund(house.gate)
    with denied("effect"):
        refund(house.gate)
    with denied("effect"):
        refund(house.gate, note="a second try, with another amount", amount=7)
    house.gate.report(permit)
    with denied("effect"):
        refund(house.gate)
    assert refund(house.gate, "p-2").request != permit.request


def test_the_agent_does_not_name_the_effect(house: House) -> None:
    refund(house.gate)
    action = act("data.read", parameters={"payment": "p-1"}, tool={"name": "shop", "effect": "another"})
    with denied("effect"):
        house.gate.submit(action)
    with denied("tool"):
        house.gate.submit(act("data.read", parameters={"payment": "p-1"}, tool={"name": "another"}))


def test_of_eight_processes_one_wins(tmp_path: Path) -> None:
    place, signer, sealing = tmp_path / "ledger.db", Signer.generate("log.example/acme"), SealingKey.generate()
    keys = GateKeys.generate("log.example/acme")
    opening.create(place, "acme", signer)

    def race(say: Say) -> str:
        log = opening.open_log(place, signer, sealing=sealing)
        gate = Gate(policy(), ledger=log, directory=people(), keys=keys, caller=AGENT, tools=[REFUND])
        try:
            return refund(gate).nonce
        except Denied as lost:
            return lost.code
        finally:
            gate.close()
            log.close()

    results = [child.result() for child in [fork(race) for _ in range(8)]]
    assert results.count("effect") == 7


def test_an_outcome_that_nobody_knows_blocks_a_blind_retry_until_a_person_resolves_it(house: House) -> None:
    permit = refund(house.gate)
    house.gate.report(permit, "timed_out")
    assert house.gate.view(permit.request).status == "unknown"
    with denied("effect"):
        refund(house.gate)
    with rejected("excluded"):
        house.gate.resolve(permit.request, voter("eve"), "failed", "her own agent")
    assert house.gate.resolve(permit.request, voter("fay"), "failed", "looked at the ledger of the bank") == "failed"
    assert refund(house.gate).nonce


def test_an_exception_that_the_tool_does_not_declare_leaves_the_outcome_unknown(house: House) -> None:
    @house.gate.guard("data.read", resource=TABLE, tool=REFUND)
    def pay(payment: str) -> None:
        raise KeyError(payment)

    with pytest.raises(KeyError):
        pay("p-1")
    with denied("effect"):
        pay("p-1")


def test_a_declared_harmless_error_frees_the_effect(house: House) -> None:
    tries: list[str] = []

    @house.gate.guard("data.read", resource=TABLE, tool=REFUND)
    def pay(payment: str) -> str:
        tries.append(payment)
        if len(tries) == 1:
            raise ConnectionRefusedError
        return "paid"

    with pytest.raises(ConnectionRefusedError):
        pay("p-1")
    assert pay("p-1") == "paid"


def test_once_a_byte_was_written_the_outcome_is_unknown(house: House) -> None:
    """A real server that reads the request and hangs up: the client cannot know what it did."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        received.append(connection.recv(100))
        connection.close()

    server = threading.Thread(target=serve)
    server.start()

    @house.gate.guard("data.read", resource=TABLE, tool=REFUND)
    def pay(payment: str) -> bytes:
        with socket.create_connection(listener.getsockname()) as connection:
            connection.sendall(f"PAY {payment}\r\n".encode())
            answer = connection.recv(100)
        if not answer:
            raise ConnectionResetError("no answer")
        return answer

    with pytest.raises(ConnectionResetError):
        pay("p-1")
    server.join()
    listener.close()
    assert received == [b"PAY p-1\r\n"]
    with denied("effect"):
        pay("p-1")


def test_each_attempt_has_a_token_of_its_own_for_the_other_side(house: House) -> None:
    """The permit's nonce: the same for one attempt as often as it is asked for, another for the next."""
    first = refund(house.gate)
    house.gate.report(first, "raised", "ConnectionRefusedError")
    second = refund(house.gate)
    assert first.nonce != second.nonce
    assert len(second.nonce) >= 16
    request = house.ask()
    house.approve(request, "bob", "cyd")
    grant = house.gate.wait(request)
    assert house.gate.redeem(grant, "n" * 32).nonce == house.gate.redeem(grant, "n" * 32).nonce == "n" * 32


def test_attempts_at_one_effect_have_a_ceiling() -> None:
    house = House(settings=Settings(attempts=2), options={"tools": [REFUND]})
    for _ in range(2):
        house.gate.report(refund(house.gate), "raised", "ConnectionRefusedError")
    with denied("attempts"):
        refund(house.gate)
    assert refund(house.gate, "p-2").nonce
