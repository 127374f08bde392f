"""One program, many threads, no wrong answer.

cel-python's CompiledRunner keeps an evaluation's state in the program: threads that share one read each
other's variables and get wrong verdicts. The same work is given to it here, so that it is known that
this test would notice.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import celpy
import pytest
from celpy import celtypes
from celpy.celparser import CELParser

from assentry.cel.program import compile

THREADS = 8
EVALUATIONS = 100_000

EXPRESSION = "xs.exists(x, x == wanted) && wanted * 2 == twice"

Judge = Callable[[list[int], int], bool]


@contextmanager
def impatient() -> Iterator[None]:
    """Threads take turns after almost every step."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def wrong_answers(judge: Judge, each: int) -> list[str]:
    """The answers of all threads that are not what plain Python says, and exceptions."""
    wrong: list[str] = []
    together = threading.Barrier(THREADS)

    def work(thread: int) -> None:
        together.wait()
        for turn in range(each):
            wanted = 100_000 * (thread + 1) + turn
            xs = [wanted, 1] if turn % 2 else [1, 2]
            try:
                answer = judge(xs, wanted)
            except Exception as error:  # noqa: BLE001  # a thread's exception would be lost
                wrong.append(repr(error))
            else:
                if answer is not bool(turn % 2):
                    wrong.append(f"{xs}, {wanted}: {answer}")

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


# Besides the one above: conditions that the exact tier has to decide, that bind names, that keep
# results in caches, that loop within loops. Each is true of the same bindings.
CONDITIONS = [
    EXPRESSION,
    "(1 / (wanted - wanted) > 0 || twice == wanted * 2) && xs.exists(x, x == wanted)",
    "xs.exists(x, 10 / (x - 1) == 0 && x == wanted)",
    "cel.bind(half, twice / 2, xs.map(x, x - half).exists(d, d == 0))",
    "string(wanted) in xs.map(x, string(x)) && string(wanted).matches('^[0-9]+$')",
    "xs.all(x, xs.exists(y, x == y)) && timestamp(xs[0]).getSeconds('Europe/Berlin') == wanted % 60 && xs[0] == wanted",
    "dyn(xs)[0] == dyn(wanted) && optional.of(xs).optMap(l, l[0] == wanted).orValue(false)",
]


@pytest.mark.parametrize("checked", [True, False])
def test_threads_share_a_program(checked: bool) -> None:
    each = EVALUATIONS // len(CONDITIONS) // THREADS // 2
    types = {"xs": "list(int)", "wanted": "int", "twice": "int"} if checked else None
    with impatient():
        for condition in CONDITIONS:
            program = compile(condition, types)

            def judge(xs: list[int], wanted: int) -> bool:
                return program.evaluate({"xs": xs, "wanted": wanted, "twice": wanted * 2}) is True  # noqa: B023

            assert wrong_answers(judge, each + 1) == [], condition


def test_the_work_is_noticed_to_go_wrong_in_cel_python() -> None:
    logging.getLogger("celpy").setLevel(logging.CRITICAL)
    CELParser.CEL_PARSER = None  # kept on the class, with the tree nodes of whichever runner came first
    environment = celpy.Environment(runner_class=celpy.CompiledRunner)
    program = environment.program(environment.compile(EXPRESSION))

    def judge(xs: list[int], wanted: int) -> bool:
        bound = {
            "xs": celtypes.ListType([celtypes.IntType(x) for x in xs]),
            "wanted": celtypes.IntType(wanted),
            "twice": celtypes.IntType(wanted * 2),
        }
        return bool(program.evaluate(bound))  # type: ignore[arg-type]

    with impatient():
        assert any(wrong_answers(judge, 50) for _ in range(1000))  # stops at the first
