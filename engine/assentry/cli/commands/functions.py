"""`assentry functions`: what a condition can compute with, from the declarations themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from assentry.cli.exit import Exit
from assentry.cli.rules import format_option

if TYPE_CHECKING:
    from assentry.values.declare import Declaration, Overload

_WRITTEN = {"_[_]": "[ ]", "_[?_]": "[? ]", "-_": "-", "_?._": ".?", "@in": "in"}


class Entry(NamedTuple):
    """One function, operator or macro, as people write it."""

    family: str
    name: str
    doc: str
    signatures: list[str]
    examples: list[tuple[str, str]]


@click.command(name="functions", short_help="list the functions, operators and macros of conditions")
@click.argument("word", required=False)
@click.option("--family", metavar="NAME", help="Only one family: strings, lists, time, network, ...")
@format_option
def command(word: str | None, family: str | None, form: str) -> Exit:
    """List what a condition can compute with; with a WORD, what has it in its name, family or description, in full.

    \b
    Example:
      assentry functions
      assentry functions --family network
      assentry functions startsWith
    """
    entries = list(_entries())
    families = list(dict.fromkeys(entry.family for entry in entries))
    if family is not None and family not in families:
        raise click.UsageError(f"there is no family `{family}`; the families are {', '.join(families)}")
    wanted = [entry for entry in entries if family in {None, entry.family} and _has(entry, word)]
    if not wanted:
        raise click.UsageError(_nothing(word or "", [entry.name for entry in entries]))
    if form == "json":
        rows = [
            {**entry._asdict(), "examples": [{"expression": left, "result": right} for left, right in entry.examples]}
            for entry in wanted
        ]
        click.echo(json.dumps({"version": 1, "functions": rows}, indent=2, ensure_ascii=False))
    else:
        _print(wanted, families, in_full=word is not None)
    return Exit.FINE


def _has(entry: Entry, word: str | None) -> bool:
    return word is None or word.lower() in f"{entry.family} {entry.name} {entry.doc}".lower()


def _nothing(word: str, names: Sequence[str]) -> str:
    from assentry.diagnostics import did_you_mean

    return f"nothing has `{word}` in its name or description; {did_you_mean(word, names) or 'without a word, all are listed'}"


# ---- what there is ----


def _entries() -> Iterator[Entry]:
    """Every declaration, family by family, and the macros."""
    from assentry.values.registry import FAMILIES

    for family in FAMILIES:
        for declared in family.declarations:
            if not declared.name.startswith("@") or declared.name in _WRITTEN:
                yield _entry(family.name, declared)
    yield from _macros()


def _entry(family: str, declared: Declaration) -> Entry:
    signatures = list(dict.fromkeys(map(_signature, declared.overloads)))
    examples = [(example.expression, example.result) for example in declared.examples]
    return Entry(family, _written(declared.name), declared.doc, signatures, examples)


def _signature(overload: Overload) -> str:
    from assentry.cel.messages import short, signature

    return f"{signature(overload)} -> {short(overload.result)}"


def _written(name: str) -> str:
    """A name as one writes it: `+` for `_+_`."""
    return _WRITTEN.get(name) or (name.strip("_") if name.startswith("_") else name)


def _macros() -> Iterator[Entry]:
    """The macros decide what is evaluated at all, so they are no declarations: each with how it is written."""
    from assentry.cel.calls import MACROS

    for name, written in MACROS.items():
        yield Entry("macros", "cel.bind" if name == "bind" else name, "", re.findall("`([^`]+)`", written), [])


# ---- what people read ----


def _print(entries: Sequence[Entry], families: Sequence[str], *, in_full: bool) -> None:
    from assentry.cli.page import Page, Styled

    page = Page()
    for number, family in enumerate(family for family in families if any(entry.family == family for entry in entries)):
        if number:
            page.line()
        page.line(Styled(family, "strong"))
        members = [entry for entry in entries if entry.family == family]
        if not in_full:
            page.table([(Styled(each.name, "accent"), each.doc or each.signatures[0]) for each in members], indent=2)
            continue
        for each in members:
            page.line("  ", Styled(each.name, "accent"), f"  {each.doc}".rstrip())
            for signature in each.signatures:
                page.line("      ", signature)
            page.table([(Styled(left, "dim"), f"// {right}") for left, right in each.examples], indent=6)
