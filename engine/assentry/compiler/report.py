"""Collecting the findings of a run, and stopping when there is an error among them."""

from __future__ import annotations

from dataclasses import dataclass, field

from assentry.diagnostics import Diagnostic, Related, sort_key
from assentry.errors import CompileError
from assentry.source import Source, Span


@dataclass(slots=True)
class Report:
    """The findings so far; one run of the pipeline shares one report."""

    findings: list[Diagnostic] = field(default_factory=list)

    def error(
        self,
        code: str,
        message: str,
        source: Source,
        span: Span,
        *,
        help: str | None = None,
        related: tuple[Related, ...] = (),
    ) -> None:
        self.findings.append(Diagnostic(code, message, source, span, help, (), related))

    @property
    def failed(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)

    def ordered(self) -> list[Diagnostic]:
        """The findings in order of place, each once (a function's body is read once per call of it)."""
        return sorted(dict.fromkeys(self.findings), key=sort_key)

    def stop_if_failed(self) -> None:
        """Raises CompileError with all findings when one of them is an error."""
        if self.failed:
            raise CompileError(self.ordered())
