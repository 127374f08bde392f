"""docs/reference/laws.md: what stands for each of the eleven laws, counted: tests, properties, and mutants that die."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tests.approvals.fold_mutants import FOLD
from tests.approvals.invariants import LAWS
from tests.approvals.mutants import MORE, READINGS, UNCHECKED
from tests.approvals.mutation import Mutant, applied
from tests.approvals.test_mutants import killer
from tests.approvals.test_properties import TAKEN_AWAY
from tests.docs.generate import markdown
from tests.docs.generate.markdown import code, table
from tests.gate.test_mutants import MUTANTS as GATE
from tests.review.test_mutants import MUTANTS as REVIEW

TESTS = Path(__file__).parents[2]
UNWRITTEN = "what cannot be written runs"

STATED: dict[str, tuple[str, tuple[str, ...]]] = {
    "1": (
        "what was approved is what runs",
        ("approvals/test_law_01*", "gate/test_guard*", "gate/test_canonical*", "gate/test_digest*"),
    ),
    "2": (
        "once; only `failed` frees an effect",
        ("approvals/test_law_02*", "gate/test_races*", "gate/test_recovery*", "gate/test_cancellation*"),
    ),
    "3": ("seats are filled by distinct people, as of now", ("approvals/test_law_03*", "approvals/test_matching*")),
    "4": ("nobody approves their own; exclusion only grows", ("approvals/test_law_04*", "gate/test_disguises*")),
    "5": ("identity comes from a transport or a signature", ("approvals/test_law_05*", "gate/test_odd_values*")),
    "6": ("denial dominates", ("approvals/test_law_06*",)),
    "7": ("a counter-proposal is a new action", ("approvals/test_law_07*",)),
    "8": (
        "people see what the engine derived, and answer that",
        ("approvals/test_law_08*", "gate/test_cards*", "gate/test_canaries*"),
    ),
    "9": ("commit before verdict", ("gate/test_promises*", "gate/test_faults*", "gate/test_each_step_fails*")),
    "10": ("the same is asked once; budgets; a pause after a deny", ("approvals/test_law_10*",)),
    "11": ("escalation and break-glass are events", ("approvals/test_law_11*",)),
}


def page() -> str:
    return markdown.page(
        "The laws, counted",
        "What the [approvals](../guides/approvals.md) and the [gate](../guides/gate.md) promise, and what notices when a\n"
        "promise is not kept. Every law is a property over random lives, is played beside an oracle that shares no code\n"
        "with the machine, and is taken away, condition by condition: each of these mutants has to be noticed by a test.",
        f"## Eleven laws\n\n{_laws()}",
        f"The fold, which replays the laws over a log, has {len(FOLD)} mutants more; {_count(GATE, '')} of the gate's are of\n"
        f"grants, mandates, secrets and its start. Together {len(READINGS) + len(MORE) + len(FOLD) + len(GATE) + len(REVIEW)} mutants"
        " die.",
        "## Careless readings\n\nAn executable model of the laws survived ten million random steps; each of these readings broke it.\n\n"
        + table(("reading", "noticed by"), [*_killed(READINGS), ("an effect key named by the agent", _gate("effect"))]),
        "## Conditions of the machine\n\n" + table(("taken away", "noticed by"), _killed(MORE)),
        "## Conditions of the gate\n\n"
        + table(
            ("law", "reading", "noticed by"), ((law, _said(patch), noticed_by(check)) for law, patch, check in GATE)
        ),
    )


def _laws() -> str:
    rows = []
    by_number = {law.__name__.removeprefix("law_"): name for name, law in LAWS.items()}
    for number, (stated, globs) in STATED.items():
        taken = TAKEN_AWAY[by_number[number]] if number in by_number else UNWRITTEN
        lives = "`test_properties.py`" if number in by_number else "`gate/test_laws.py`"
        machine = sum(any(_of_law(number) == each for each in mutant.laws) for mutant in (*READINGS, *MORE))
        gate = _count(GATE, number)
        shown = [str(machine), str(gate), str(len(REVIEW)) if number == "8" else "0"]
        rows.append((number, stated, str(sum(_tests(globs))), f"{lives}: {taken}", " + ".join(shown)))
    heads = (
        "law",
        "in short",
        "tests",
        "random lives, and the mutant that they miss it by",
        "mutants: machine + gate + review",
    )
    return table(heads, rows)


def _of_law(number: str) -> str:
    return f"law_{int(number):02}"


def _tests(globs: Iterable[str]) -> Iterator[int]:
    """How many test functions stand in each of these files."""
    for pattern in globs:
        for path in sorted(TESTS.glob(f"{pattern}.py")):
            body = ast.parse(path.read_text(encoding="utf-8")).body
            yield sum(isinstance(each, ast.FunctionDef) and each.name.startswith("test_") for each in body)


def _count(mutants: Sequence[tuple[str, object, object]], number: str) -> int:
    """The mutants of a law; with none, those of what is no law."""
    return sum(law == number if number else not law.isdecimal() for law, _, _ in mutants)


def _killed(mutants: Iterable[Mutant]) -> Iterator[tuple[str, str]]:
    for mutant in mutants:
        with applied((*UNCHECKED, *mutant.edits)):
            yield mutant.reading, code(killer(mutant) or "nobody")


def _gate(word: str) -> str:
    return next(noticed_by(check) for _, patch, check in GATE if word in patch.__name__)


def _said(patch: Callable[..., object]) -> str:
    return patch.__name__.replace("_s_", "'s ").replace("_", " ")


def noticed_by(check: Callable[..., object]) -> str:
    """The test that a check runs, or else the check itself."""
    if check.__name__.startswith("test_"):
        return code(check.__name__)
    tests = [name for name in check.__code__.co_names if name.startswith("test_")]
    return code(next((name for name in tests if not list(TESTS.rglob(f"{name}.py"))), check.__name__))
