"""Mistakes as edits of source text: a function's code is exchanged for that of its edited text, and put back.

The code object itself is exchanged, so that everybody who imported the function has the mistake.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any


@dataclass(frozen=True)
class Edit:
    """In the text of a function, `old` (which stands there once) becomes `new`."""

    function: Callable[..., Any]
    old: str
    new: str

    def __str__(self) -> str:
        return (
            f"{self.function.__qualname__}: {' '.join(self.old.split())} -> {' '.join(self.new.split()) or '(nothing)'}"
        )


@dataclass(frozen=True)
class Mutant:
    """A careless reading: what it reads, and the edits that read so. `laws` are the files that have to notice it."""

    reading: str
    edits: tuple[Edit, ...]
    laws: tuple[str, ...]

    def __str__(self) -> str:
        return self.reading


def mutant(reading: str, laws: str, *edits: Edit) -> Mutant:
    """`laws` are names of test files behind `test_`, or their beginnings, separated by blanks."""
    return Mutant(reading, edits, tuple(laws.split()))


@contextmanager
def applied(edits: Sequence[Edit]) -> Iterator[None]:
    """These mistakes are made as long as it lasts."""
    by_function: dict[FunctionType, list[Edit]] = {}
    for edit in edits:
        function = inspect.unwrap(edit.function)
        assert isinstance(function, FunctionType)
        by_function.setdefault(function, []).append(edit)
    right = {function: function.__code__ for function in by_function}
    wrong = {function: edited(function, of_one) for function, of_one in by_function.items()}
    try:
        for function, code in wrong.items():
            function.__code__ = code
        yield
    finally:
        for function, code in right.items():
            function.__code__ = code


def edited(function: FunctionType, edits: Sequence[Edit]) -> CodeType:
    """The code of a function with these mistakes."""
    text = textwrap.dedent(inspect.getsource(function))
    for edit in edits:
        assert text.count(edit.old) == 1, f"`{edit.old}` stands {text.count(edit.old)} times in {function.__qualname__}"
        text = text.replace(edit.old, edit.new)
    module = compile(f"from __future__ import annotations\n{text}", function.__code__.co_filename, "exec")
    names: dict[str, Any] = dict(function.__globals__)
    exec(module, names)
    made = names[function.__name__]
    made = made.fget if isinstance(made, property) else made
    assert isinstance(made, FunctionType)
    return made.__code__
