"""Parse: rule texts to syntax trees. All syntax errors of all files are reported together."""

from __future__ import annotations

from dataclasses import dataclass

from assentry.compiler.inputs import Inputs
from assentry.compiler.report import Report
from assentry.language import nodes
from assentry.language.parse import parse as parse_file


@dataclass(frozen=True, slots=True)
class Parsed:
    """The rule set as trees, in the order of the inputs' keys."""

    inputs: Inputs
    files: tuple[nodes.File, ...]


def parse(inputs: Inputs, report: Report) -> Parsed:
    """Reads every rule file; raises CompileError when one of them has a syntax error."""
    files = [parse_file(rule.source, report.findings) for rule in inputs.rules]
    report.stop_if_failed()
    return Parsed(inputs, tuple(file for file in files if file is not None))
