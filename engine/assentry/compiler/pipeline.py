"""From rule files to a policy: the stages, in order.

Each stage takes exactly the type that the one before returns, so the type checker refuses any other
order. `check` only refuses, `fold` only rewrites, `index` only derives.

    gather   files, data, schema                            Inputs
    parse    texts to syntax trees                          Parsed
    bind     names to things                                Bound
    infer    types; syntax trees to the compiled form       Inferred
    check    guards, risk, cost                             Checked
    fold     constants                                      Folded
    index    rules by the action's name                     Form
    load     emit Python `ast`, make functions of it        Policy
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from assentry.code.form import Form
from assentry.code.pause import collector_paused
from assentry.compiler.bind import bind
from assentry.compiler.check import check as check_stage
from assentry.compiler.fold import fold
from assentry.compiler.index import index
from assentry.compiler.infer import infer
from assentry.compiler.inputs import Inputs, from_memory, gather
from assentry.compiler.parse import parse
from assentry.compiler.report import Report
from assentry.compiler.unindexed import unindexed
from assentry.config import Config
from assentry.diagnostics import Diagnostic
from assentry.errors import CompileError
from assentry.evaluator.policy import Policy


def compile_form(inputs: Inputs, report: Report) -> Form:
    """The compiled form of some inputs. Raises CompileError with all findings."""
    with collector_paused():
        parsed = parse(inputs, report)
        bound = bind(parsed, report)
        inferred = infer(bound, report)
        checked = check_stage(inferred, report)
        folded = fold(checked)
        return index(folded)


def load(paths: str | Path | Sequence[str | Path], config: Config | None = None) -> Policy:
    """The policy of rule files and folders.

    Raises CompileError for rules that do not compile, ConfigError for a configuration, schema or data
    file that cannot be used.
    """
    report = Report()
    inputs = gather([paths] if isinstance(paths, (str, Path)) else paths, report, config)
    return Policy(compile_form(inputs, report))


def load_sources(
    files: Mapping[str, str],
    *,
    schema: Mapping[str, object] | None = None,
    data: Mapping[str, object] | None = None,
) -> Policy:
    """The policy of rule texts by file name; `data` by its name under `data.`, `schema` a JSON Schema."""
    return Policy(compile_form(from_memory(files, schema=schema, data=data), Report()))


def check(
    paths: str | Path | Sequence[str | Path], config: Config | None = None, *, with_index: bool = False
) -> list[Diagnostic]:
    """All findings of rule files, in order of place; empty when they compile. Raises ConfigError.

    `with_index`: of rules that compile also a warning for each that the index cannot help.
    """
    report = Report()
    try:
        compiled = compile_form(gather([paths] if isinstance(paths, (str, Path)) else paths, report, config), report)
    except CompileError as error:
        return list(error.diagnostics)
    if with_index:
        report.findings += unindexed(compiled)
    return report.ordered()
