"""The loop of an LALR parser over the tables that lark makes of a grammar.

lark's own loop looks rules up by objects that hash and compare in Python, which is most of what a parse took. Here
the tables are plain: for each state what a symbol leads to, either the next state or a reduction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from sys import intern
from typing import Any, Final

from lark import Lark
from lark.exceptions import UnexpectedToken
from lark.parse_tree_builder import ExpandSingleChild
from lark.parsers.lalr_analysis import Shift

from assentry.cel.lexer import Token

END: Final = "$END"

Reduction = tuple[int, str, Callable[[list[Any]], Any] | None]
"""How many symbols become which one, and what makes their value; None when the one value just stays."""


class Parser:
    """Parses lists of tokens; `lark` is the parser whose tables these are, for whoever asks what could have stood."""

    def __init__(self, lark: Lark) -> None:
        self.lark = lark
        found = lark.parse_interactive().parser_state.parse_conf
        self._start: int = found.start_state
        self._steps: dict[int, dict[str, int | Reduction]] = {}
        self._after: dict[int, dict[str, int]] = {}
        for state, actions in found.states.items():
            steps, after = self._steps.setdefault(state, {}), self._after.setdefault(state, {})
            for symbol, (action, target) in actions.items():
                name = intern(str(symbol))
                steps[name] = target if action is Shift else _reduction(target, found.callbacks)
                if action is Shift:
                    after[name] = target
        self._steps[found.end_state][END] = found.end_state

    def parse(self, tokens: Sequence[Token]) -> Any:
        """What the builder made of the tokens. Raises UnexpectedToken at the first that cannot stand where it stands."""
        table, after = self._steps, self._after
        states: list[int] = [self._start]
        values: list[Any] = []
        steps = table[self._start]
        for token in chain(tokens, (Token(END, "", 0, 0),)):
            kind = token.type
            while True:
                step = steps.get(kind)
                if isinstance(step, int):
                    states.append(step)
                    values.append(token)
                    steps = table[step]
                    break
                if step is None:
                    raise UnexpectedToken(token, set())  # type: ignore[no-untyped-call]
                size, name, build = step
                if build is None:
                    states.pop()
                elif size == 1:
                    states.pop()
                    values[-1] = build(values[-1:])
                else:
                    del states[-size:]
                    value = build(values[-size:])
                    del values[-size:]
                    values.append(value)
                state = after[states[-1]][name]
                states.append(state)
                steps = table[state]
        return values[0]


def _reduction(rule: Any, callbacks: Any) -> Reduction:
    build = callbacks[rule]
    size = len(rule.expansion)
    assert size, "no production is empty"
    return size, intern(str(rule.origin.name)), None if size == 1 and isinstance(build, ExpandSingleChild) else build
