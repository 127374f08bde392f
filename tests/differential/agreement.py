"""What it means that all ways agree about one expression."""

from __future__ import annotations

import re
from collections import Counter

from assentry.cel.program import Program
from tests.differential.celpython import by_celpython
from tests.differential.expressions import Drawn
from tests.differential.google import agrees, by_google, is_known
from tests.differential.ours import (
    Errs,
    Gives,
    Outcome,
    Refused,
    agree,
    by_counted_code,
    by_emitted_code,
    by_exact_tier,
    by_oracle,
    by_program,
    compiled,
)

Tally = Counter[str]

# A list or map without elements leaves its types open, and what is made of it may then be refused.
_OPEN = ("[]", "{}", "none()")
# What only we refuse: the static cost, patterns that RE2 cannot take, keys that are no keys, no numbers.
_IS_STRICTER = re.compile("too-costly|bad-regex|bad-map-key|no-overload: `math.(least|greatest)`")
WHOLE = (("program", by_program), ("with a budget", by_counted_code))


def disagreement(drawn: Drawn, tally: Tally) -> str | None:
    """What two ways say differently about an expression, or None. An exception from inside is a disagreement too."""
    try:
        program = compiled(drawn.text)
        theirs = by_google(drawn.text, drawn.bindings) if drawn.for_google else None
        if isinstance(program, Refused):
            tally["refused"] += 1
            return _refused(drawn, program, theirs)
        return _ours(drawn, program, tally) or _theirs(program, drawn, theirs, tally)
    except Exception as error:  # noqa: BLE001  # nothing may come out of an evaluation but its own errors
        return f"crash: {type(error).__name__}: {error}"


def _refused(drawn: Drawn, refused: Refused, theirs: Outcome | None) -> str | None:
    if any(part in drawn.text for part in _OPEN) or all(map(_IS_STRICTER.match, refused.findings)):
        return None
    if theirs is not None and not isinstance(theirs, Refused):
        return None if is_known(drawn, refused, theirs) else _differ("checker", refused, "Google", theirs)
    return None if drawn.ill else f"what is well-typed is refused: {refused}"


def _ours(drawn: Drawn, program: Program, tally: Tally) -> str | None:
    exact = by_exact_tier(program, drawn.bindings)
    tally["values" if isinstance(exact, Gives) else "errors"] += 1
    emitted = by_emitted_code(program, drawn.bindings)
    if emitted is None and isinstance(exact, Gives):
        tally["left to the exact tier"] += 1
    if emitted is not None and not agree(emitted, exact):
        return _differ("emitted code", emitted, "exact tier", exact)
    # What users call is put together from these two ways: a part of the expressions is enough for it.
    for name, way in WHOLE if len(drawn.text) % 8 == 0 else ():
        given = way(program, drawn.bindings)
        if not agree(given, exact):
            return _differ(name, given, "exact tier", exact)
    oracle = by_oracle(drawn.text, drawn.bindings)
    if not agree(exact, oracle) or (isinstance(exact, Errs) and exact != oracle):
        return _differ("exact tier", exact, "oracle", oracle)
    return None


def _theirs(program: Program, drawn: Drawn, theirs: Outcome | None, tally: Tally) -> str | None:
    if theirs is None:
        return None
    tally["google"] += 1
    exact = by_exact_tier(program, drawn.bindings)
    if agrees(exact, theirs):
        return None
    if is_known(drawn, exact, theirs):
        tally["known differences"] += 1
        return None
    return _differ("ours", exact, "Google", theirs)


def with_celpython(drawn: Drawn, tally: Tally) -> str | None:
    """What cel-python says differently about an expression of the part in which it conforms, or None."""
    program = compiled(drawn.text)
    if isinstance(program, Refused) or not drawn.for_celpython:
        return None
    tally["cel-python"] += 1
    exact, theirs = by_exact_tier(program, drawn.bindings), by_celpython(drawn.text, drawn.bindings)
    return None if agree(exact, theirs) else _differ("ours", exact, "cel-python", theirs)


def _differ(one: str, said: object, other: str, says: object) -> str:
    return f"{one}: {said}\n    {other}: {says}"
