"""The scan: files in, findings out. It finds; it proves nothing: a clean scan means that nothing was found where it looked."""

from __future__ import annotations

import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assentry.diagnostics import Diagnostic, Related, sort_key
from assentry.errors import ConfigError
from assentry.scanner import comments, files
from assentry.scanner.cover import Cover
from assentry.scanner.judge import judge, sounds
from assentry.scanner.module import Call, Module, read_module
from assentry.scanner.table import VERB, kinds
from assentry.source import Source, Span

CODES = (*(dict.fromkeys(kind.code for kind in kinds())), "unguarded-tool", "guard-outside-tool", "unclear-call")
"""What can be ignored by a comment."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A finding that a comment ignores, and why."""

    finding: Diagnostic
    reason: str


@dataclass(slots=True)
class Report:
    """What a scan found, in order of places; `files` and `calls` say how much it looked at, `covered` what guards hold."""

    findings: list[Diagnostic] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    files: int = 0
    calls: int = 0
    covered: int = 0


def scan(paths: Sequence[Path], exclude: Sequence[str] = (), shown: Callable[[Path], str] = str) -> Report:
    """Scan the Python files below some paths. Raises ConfigError for a path that is not there."""
    report = Report()
    modules: list[Module] = []
    found: list[Diagnostic] = []
    for file in files.python_files(paths, exclude):
        report.files += 1
        try:
            source = files.read(file, shown(file))
        except ConfigError as error:
            found.append(Diagnostic("python-file", str(error), Source(shown(file), ""), Span(0, 0)))
            continue
        module, trouble = _module(files.module_name(file, _root(file, paths)), source)
        if module is not None:
            modules.append(module)
        else:
            found.append(trouble)
    found += _judged(modules, report)
    _set_aside(found, modules, report)
    report.findings.sort(key=sort_key)
    return report


def _root(file: Path, paths: Sequence[Path]) -> Path:
    return next((path for path in paths if path.is_dir() and file.is_relative_to(path)), file.parent)


def _module(name: str, source: Source) -> tuple[Module | None, Diagnostic]:
    nothing = Diagnostic(
        "python-syntax", "this is not Python", source, Span(0, 0), "scan it with the Python that runs it"
    )
    try:
        return read_module(name, source), nothing
    except SyntaxError as error:
        at = _offset(source, error.lineno or 1, error.offset or 1)
        return None, Diagnostic("python-syntax", f"this is not Python: {error.msg}", source, Span(at, at), nothing.help)
    except (ValueError, RecursionError, MemoryError) as error:
        return None, Diagnostic("python-syntax", f"this cannot be parsed: {type(error).__name__}", source, Span(0, 0))


def _offset(source: Source, line: int, column: int) -> int:
    lines = source.text.split("\n")
    return sum(len(each) + 1 for each in lines[: line - 1]) + column - 1


def _judged(modules: Sequence[Module], report: Report) -> Iterator[Diagnostic]:
    cover = Cover(modules)
    for number, module in enumerate(modules):
        consequential: set[str] = set()
        for call in module.calls:
            report.calls += 1
            finding = _of_call(call, module, cover)
            if finding is None:
                continue
            if call.covered or (call.function is not None and (number, call.function) in cover.covered):
                report.covered += 1
                continue
            consequential.add(call.function or "")
            yield finding
        yield from _of_tools(number, module, cover, consequential)


def _of_call(call: Call, module: Module, cover: Cover) -> Diagnostic | None:
    """What would be said of a call if nothing guarded it."""
    found = judge(call)
    if found is not None:
        name, kind = found
        message = f"`{_shown(name)}` {kind.does}, and no guard covers it"
        return Diagnostic(kind.code, message, module.source, call.span, _advice(call), severity=kind.severity)
    if call.is_lookup:
        message = "what is called here has a name that is worked out at run time"
        help = "call it by its name, or guard the function around"
        return Diagnostic("unclear-call", message, module.source, call.span, help, severity="warning")
    name_ = sounds(call)
    if name_ is not None and not cover.find(call.names):
        message = f"`{_shown(name_)}` {VERB.does}, and no guard covers it"
        return Diagnostic(VERB.code, message, module.source, call.span, _advice(call), severity=VERB.severity)
    return None


def _of_tools(number: int, module: Module, cover: Cover, consequential: set[str]) -> Iterator[Diagnostic]:
    for name, function in module.functions.items():
        if function.outside is not None:
            place = Related("this hands the function to a model", module.source, function.outside)
            message = f"the guard of `{name}` stands outside the tool: the model is handed the function without it"
            help = "swap the decorators: the tool first, the guard below it"
            yield Diagnostic("guard-outside-tool", message, module.source, function.span, help, related=(place,))
        elif cover.is_open_tool((number, name)) and name not in consequential:
            message = f"a model can call `{name}`, and no guard decides whether it may"
            help = "write `@gate.guard(...)` below the tool's decorator; a guard allows what policy allows"
            yield Diagnostic("unguarded-tool", message, module.source, function.span, help, severity="warning")


def _advice(call: Call) -> str:
    if call.function is None:
        return "move it into a function with `@gate.guard(...)`"
    return f"decorate `{call.function}` with `@gate.guard(...)`, or write `with gate.hold(...)` around the call"


def _shown(name: str) -> str:
    return name.replace("~", "").replace("()", "")


def _set_aside(found: Sequence[Diagnostic], modules: Sequence[Module], report: Report) -> None:
    """Sort findings into those that stand and those that a comment ignores."""
    ignores: dict[str, list[comments.Ignore]] = {}
    for module in modules:
        try:
            ignores[module.source.name] = comments.read_ignores(module.source)
        except (tokenize.TokenError, SyntaxError):
            ignores[module.source.name] = []  # it parsed, so no comment is hidden here that a person wrote
    for finding in found:
        line = finding.position.line
        match = next(
            (
                each
                for each in ignores.get(finding.source.name, ())
                if each.line == line and finding.code in each.codes and each.reason
            ),
            None,
        )
        if match is None:
            report.findings.append(finding)
        else:
            match.used = True
            report.ignored.append(Ignored(finding, match.reason))
    for module in modules:
        report.findings += comments.refuse(ignores[module.source.name], module.source, CODES)
