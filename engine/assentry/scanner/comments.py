"""`# assentry: ignore[unguarded-delete] why`: a person looked at a finding and says why it may stand."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assentry.diagnostics import Diagnostic, did_you_mean
from assentry.source import Source, Span

_COMMENT = re.compile(r"#\s*assentry:\s*ignore(?:\[([^\]]*)\])?\s*(.*)")


@dataclass(slots=True)
class Ignore:
    """A comment: the codes that it names, the line that it speaks of, why, and whether it was of use."""

    codes: tuple[str, ...]
    line: int
    reason: str
    span: Span
    used: bool = False


def read_ignores(source: Source) -> list[Ignore]:
    """The comments of a Python text, in order. One that stands alone speaks of the line after it."""
    return list(_ignores(source)) if "assentry" in source.text else []


def _ignores(source: Source) -> Iterator[Ignore]:
    starts = [0]
    for text in source.text.split("\n"):
        starts.append(starts[-1] + len(text) + 1)
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        found = _COMMENT.match(token.string) if token.type == tokenize.COMMENT else None
        if found is None:
            continue
        line, column = token.start
        alone = not token.line[:column].strip()
        codes = tuple(code.strip() for code in (found[1] or "").split(",") if code.strip())
        start = starts[line - 1] + column
        yield Ignore(codes, line + alone, found[2].strip(" -:"), Span(start, start + len(token.string)))


def refuse(ignores: Sequence[Ignore], source: Source, known: Sequence[str]) -> Iterator[Diagnostic]:
    """What is wrong with comments: no code, an unknown one, no reason, or nothing that it speaks of."""
    for each in ignores:
        unknown = [code for code in each.codes if code not in known]
        if not each.codes:
            yield Diagnostic("ignore-code", "this comment does not say what is ignored", source, each.span,
                             "write `# assentry: ignore[unguarded-delete] reason`")  # fmt: skip
        elif unknown:
            advice = did_you_mean(unknown[0], known)
            yield Diagnostic("ignore-code", f"there is no finding `{unknown[0]}`", source, each.span, advice)
        elif not each.reason:
            yield Diagnostic("ignore-reason", "this comment does not say why", source, each.span,
                             "write the reason behind the bracket, for whoever reads it next")  # fmt: skip
        elif not each.used:
            yield Diagnostic("ignore-unused", "nothing is found here that could be ignored", source, each.span,
                             "remove the comment", severity="warning")  # fmt: skip
