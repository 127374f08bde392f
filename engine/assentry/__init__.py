"""Assentry decides actions by policy: rules in, a verdict with its reasons and controls out.

    import assentry

    policy = assentry.load("rules/")
    verdict = policy.decide(action)
    verdict.decision, verdict.rules, verdict.controls

Names are loaded when they are first used, so that importing this package costs nothing, and deciding by a
saved policy (`load_saved`) needs no parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from assentry.version import __version__

if TYPE_CHECKING:
    from assentry.compiler.pipeline import check, load, load_sources
    from assentry.config import Config, find_config
    from assentry.diagnostics import Diagnostic
    from assentry.errors import AssentryError, CompileError, ConfigError, EvaluationError, FormatError, InputError
    from assentry.evaluator.live import LivePolicy
    from assentry.evaluator.policy import Policy, load_saved
    from assentry.evaluator.verdict import Verdict

__all__ = [
    "AssentryError",
    "CompileError",
    "Config",
    "ConfigError",
    "Diagnostic",
    "EvaluationError",
    "FormatError",
    "InputError",
    "LivePolicy",
    "Policy",
    "Verdict",
    "__version__",
    "check",
    "find_config",
    "load",
    "load_saved",
    "load_sources",
]

_PLACES = {
    "check": "assentry.compiler.pipeline",
    "load": "assentry.compiler.pipeline",
    "load_sources": "assentry.compiler.pipeline",
    "Config": "assentry.config",
    "find_config": "assentry.config",
    "Diagnostic": "assentry.diagnostics",
    "AssentryError": "assentry.errors",
    "CompileError": "assentry.errors",
    "ConfigError": "assentry.errors",
    "EvaluationError": "assentry.errors",
    "FormatError": "assentry.errors",
    "InputError": "assentry.errors",
    "LivePolicy": "assentry.evaluator.live",
    "Policy": "assentry.evaluator.policy",
    "load_saved": "assentry.evaluator.policy",
    "Verdict": "assentry.evaluator.verdict",
}


def __getattr__(name: str) -> object:
    place = _PLACES.get(name)
    if place is None:
        raise AttributeError(f"module `assentry` has no attribute `{name}`")
    value = globals()[name] = getattr(import_module(place), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
