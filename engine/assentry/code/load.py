"""From checked `ast` to a function: no builtins, no names but those it is given."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from assentry.code.allow import check


def load(module: ast.Module, file: str, names: Mapping[str, object]) -> Callable[..., Any]:
    """The one function of a module, knowing `names` and nothing else.

    `file` is the rule file's name: what a traceback shows, and where Python looks for the line.
    Raises FormatError for a node that is not on the allow-list.
    """
    check(module, names)
    [function] = module.body
    assert isinstance(function, ast.FunctionDef)
    space: dict[str, object] = {**names, "__builtins__": {}}
    exec(compile(module, file, "exec", dont_inherit=True), space)  # noqa: S102  # an ast that passed the allow-list
    loaded = space.pop(function.name)
    assert callable(loaded)
    return loaded
