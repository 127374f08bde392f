"""The database dies while everybody works: nothing ran that the log does not know, and nothing twice."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from pathlib import Path

from assentry.cli.ledger.laws import replay
from assentry.errors import Denied
from assentry.gate import Gate, GateKeys
from assentry.ledger.verify.run import verify
from assentry.ledger.verify.stored import Stored
from tests.gate.house import AGENT, people, policy
from tests.support.ledgers import Ledgers
from tests.support.postgres import Server

CRASHES = 3


def test_a_server_that_crashes_while_agents_work(postgres: Server, tmp_path: Path) -> None:
    place = Ledgers("postgres", tmp_path, postgres).place()
    place.create()
    ran: Counter[int] = Counter()
    codes: Counter[str] = Counter()
    numbers, over = itertools.count(), threading.Event()
    with place.open() as log:
        keys = GateKeys.generate("log.example/acme")
        gate = Gate(policy(), ledger=log, directory=people(), keys=keys, caller=AGENT)

        @gate.guard("ticket.write", resource={"type": "t", "id": "1"}, effect=("number",))
        def write(number: int) -> None:
            ran[number] += 1

        def work() -> None:
            while not over.is_set():
                number = next(numbers)
                for _ in range(2):  # a blind retry
                    try:
                        write(number)
                        codes["done"] += 1
                    except Denied as denied:
                        codes[denied.code] += 1

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for _ in range(CRASHES):
            time.sleep(0.5)
            postgres.stop("immediate")
            time.sleep(0.2)
            postgres.start()
        time.sleep(0.5)
        over.set()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
    assert codes["done"]
    assert codes["ledger"]
    assert set(codes) <= {"done", "effect", "ledger"}
    assert set(ran.values()) == {1}
    with place.open() as log:
        recorded = [entry for entry in log.entries() if entry.type == "allowed"]
        assert len(recorded) >= len(ran)
        assert list(replay(log.entries())) == []
        assert verify(Stored(log), [place.signer.verifier]).findings == []
