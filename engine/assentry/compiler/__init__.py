"""The compiler: rule files become a policy. `pipeline` names the stages in order."""

from assentry.compiler.pipeline import check, load, load_sources

__all__ = ["check", "load", "load_sources"]
