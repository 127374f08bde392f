"""The condition language (CEL): text to typed tree and back, and a CEL library of its own.

    from assentry import cel

    program = cel.compile("size > 1024 && owner in admins", {"size": "int", "owner": "string", ...})
    program.evaluate({"size": 2048, "owner": "ann", "admins": ["ann"]})

Names are loaded when first used: a rule file's parser needs none of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assentry.cel.program import Program, compile, function
    from assentry.cel.typenames import parse_type, type_text

__all__ = ["Program", "compile", "function", "parse_type", "type_text"]

_HOMES = {
    "Program": "program",
    "compile": "program",
    "function": "program",
    "parse_type": "typenames",
    "type_text": "typenames",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
