"""The mistakes that people make in rule files, each with its advice."""

from __future__ import annotations

import re

from assentry.cel.explain import HINTS, Finding, Place, Unexpected, quote
from assentry.cel.lexer import ENDS_OPERAND
from assentry.diagnostics import did_you_mean, one_of, suggest
from assentry.language.layout import HEAD_WORDS
from assentry.source import Span

_IF_WORDS = frozenset({"if", "iff", "when", "where", "unless", "while", "fi", "ff", "is"})
_RULE_WORDS = frozenset({"EFFECT", "REQUIRE", "RISK"})
_UNIT = re.compile(r"(?i)(s|sec|m|min|h|hr|d)[a-z]*")
_CONTROL_ID = re.compile(r"[A-Z]\.[0-9]+\.[0-9.]+")
_STATEMENTS = f"statements begin with {one_of(HEAD_WORDS)}, or are definitions: `name if ...`"
IMPORT_HELP = "data files are imported by name: `import data.accounts`"
_SEATS = 'seats are written `2 of group("security") and 1 of role("owner")`'


def _begins(seen: Unexpected) -> str | None:
    """What the language calls what may begin here."""
    if seen.at == 0:
        return "a statement"
    last = seen.kind(-1)
    if last in {"IF", "BODY_OPEN", "SEMI"} or (last == "NEWLINE" and _within(seen) == "BODY_OPEN"):
        return "a condition"
    if _within(seen) == "WITH_OPEN" and last in {"WITH_OPEN", "NEWLINE", "COMMA"}:
        return "a key of `with`"
    return None


def _within(seen: Unexpected) -> str:
    return seen.open[-1].type if seen.open else ""


def _in_with(seen: Unexpected) -> bool:
    return bool(seen.open) and seen.open[0].type == "WITH_OPEN"


# ---- how a statement begins ----


def _no_statement(seen: Unexpected) -> Finding | None:
    """The first word begins no statement, or nearly one."""
    if seen.at == 0:
        if seen.kind() == "RBRACE":
            return None
        advice = "`with { ... }` stands behind the rule that it belongs to" if seen.text() == "with" else _STATEMENTS
        return Finding("no-statement", f"{quote(seen.text())} begins no statement", advice, expected=("a statement",))
    if seen.at != 1 or seen.tokens[0].type not in {"NAME", "RESERVED"} or seen.kind() in {"LPAR", "IF", "$END"}:
        return None
    word = seen.text(-1)
    near = suggest(word, HEAD_WORDS)
    if near is None and seen.text() in _IF_WORDS:
        return None
    if near is None and seen.kind() not in {"NAME", "RESERVED", "INT"}:
        return _near_definition(seen, word)
    advice = f"did you mean `{near}`?" if near else _STATEMENTS
    return Finding("no-statement", f"`{word}` begins no statement", advice, seen.span(-1), ("a statement",))


def _near_definition(seen: Unexpected, word: str) -> Finding | None:
    """`name := ...`, `name = ...`, `name { ... }`, `name-rest if`."""
    if seen.kind() in {"ASSIGN", "STRAY", "COLON"} and seen.text() in {":=", "=", ":"}:
        advice = f"a constant is written `const {word} := ...`, a definition `{word} if ...`"
        return Finding("no-statement", f"`{word} {seen.text()}` begins no statement", advice, expected=("`if`",))
    return None


def _name_place(seen: Unexpected) -> str | None:
    """Whose name was expected here, or has just been read."""
    heads = {"EFFECT": "rule", "APPROVAL": "rule", "PACKAGE": "package", "CONST": "constant", "IMPORT": "data file"}
    if seen.kind(-1) in heads:
        return heads[seen.kind(-1)]
    if seen.kind(-1) == "INT" and seen.kind(-2) == "RISK":
        return "rule"
    return None


def _bad_name(seen: Unexpected) -> Finding | None:
    """A name that is missing, reserved or quoted."""
    whose = _name_place(seen)
    if whose is None or "NAME" not in seen.accepts:
        return None
    if seen.kind() == "RESERVED":
        message = f"`{seen.text()}` is a reserved word and cannot be a {whose}'s name"
        return Finding("reserved-name", message, "choose another name", expected=("a name",))
    if seen.kind() == "STRING":
        return Finding(
            "quoted-name", f"a {whose}'s name is not quoted", "write it without quotes", expected=("a name",)
        )
    if seen.kind() in {"IF", "LBRACE", "COLON", "LSQB", "LPAR"} and whose == "rule":
        example = {"APPROVAL": "require approval ", "INT": "risk 30 "}.get(seen.kind(-1), f"{seen.text(-1)} ")
        advice = f"a name stands before `if`: `{example}some_name if ...`"
        return Finding("nameless-rule", "the rule has no name", advice, expected=("a name",))
    return None


def _split_name(seen: Unexpected) -> Finding | None:
    """A dash or a dot within a name of our own."""
    own = seen.at == 1 or seen.kind(-2) in {"EFFECT", "APPROVAL", "PACKAGE", "CONST"} or seen.kind(-3) == "RISK"
    if not own or seen.kind(-1) != "NAME" or seen.kind() not in {"MINUS", "DOT"}:
        return None
    end = seen.at
    while end + 1 < len(seen.tokens) and seen.touches(end + 1 - seen.at):
        end += 1
    span = Span(seen.span(-1).start, seen.tokens[end].end)
    written = seen.source.slice(span)
    better = re.sub(r"[^A-Za-z0-9_]+", "_", written)
    what = "a dash" if seen.kind() == "MINUS" else "a dot"
    return Finding("bad-name", f"{quote(written)} is no name: it has {what}", f"write `{better}`", span, ())


def _second_word(seen: Unexpected) -> Finding | None:
    """What follows `require`, `default`, `risk`, `const` and `import`."""
    if seen.kind() == "$END" and seen.kind(-1) != "NAME":
        return None
    match seen.kind(-1):
        case "DECISION":
            advice = f"the default is one word: `default {seen.text(-1)}`"
            return Finding("syntax", f"unexpected {quote(seen.text())}", advice)
        case "REQUIRE":
            advice = did_you_mean(seen.text(), ["approval"]) or "write `require approval some_name if ...`"
            return Finding("syntax", f"unexpected {quote(seen.text())} after `require`", advice)
        case "DEFAULT":
            near = did_you_mean(seen.text(), ["allow", "deny"])
            return Finding("syntax", f"the default cannot be {quote(seen.text())}", near)
        case "RISK":
            advice = "a risk rule begins with its weight: `risk 30 some_name if ...`"
            negative = seen.kind() == "MINUS" and seen.touches(1)
            span = Span(seen.span().start, seen.span(1 if negative else 0).end)
            return Finding("bad-weight", f"{quote(seen.source.slice(span))} is no weight", advice, span)
        case "IMPORT":
            return Finding("bad-import", f"{quote(seen.text())} cannot be imported", IMPORT_HELP, expected=())
    if seen.kind(-2) == "IMPORT":
        advice = IMPORT_HELP if seen.text(-1) == "data" else f"did you mean `data.{seen.text(-1)}`?"
        return Finding("bad-import", f"`{seen.text(-1)}` cannot be imported", advice, seen.span(-1), ())
    if seen.kind(-2) == "CONST" and seen.text() in {"=", "==", ":"}:
        message = f"`{seen.text()}` gives a constant no value"
        return Finding("no-operator", message, "write `:=`", expected=("`:=`",))
    return None


def _missing_if(seen: Unexpected) -> Finding | None:
    if "IF" not in seen.accepts:
        return None
    if seen.text() in _IF_WORDS:
        return Finding("syntax", f"unexpected `{seen.text()}`", "did you mean `if`?")
    if seen.kind() in {"LBRACE", "COLON", "$END", "BINOP", "WITH"}:
        return Finding("syntax", "`if` and the conditions are missing", "write `if` behind the name")
    return None


# ---- bodies ----


def _body(seen: Unexpected) -> Finding | None:
    kind = seen.kind()
    if kind == "BODY_CLOSE" and seen.kind(-1) == "BODY_OPEN":
        span = Span(seen.span(-1).start, seen.span().end)
        advice = "what always applies is written `if true`"
        return Finding("empty-body", "the body is empty", advice, span, ("a condition",))
    if kind == "NESTED" or (kind == "BODY_OPEN" and seen.open):
        advice = "a condition that begins with a map stands in parentheses: `({...})`"
        return Finding("nested-body", "a body cannot stand within a body", advice, expected=("a condition",))
    if kind == "COMMA" and (_within(seen) == "BODY_OPEN" or (not seen.open and "BINOP" in seen.accepts)):
        advice = "each condition has a line of its own; on one line `;` separates them"
        return Finding("comma", "a comma does not separate conditions", advice, expected=())
    if kind == "SEMI" and not seen.open:
        advice = "write `if { first; second }`, or join them with `&&`"
        return Finding("syntax", "`;` separates conditions within braces only", advice, expected=())
    if kind == "WITH" and "WITH" not in seen.accepts and seen.at > 1:
        return _no_with(seen)
    if kind == "RESERVED" and seen.text() == "else":
        advice = "write a second rule or definition, or `condition ? a : b`"
        return Finding("syntax", "the language has no `else`", advice, expected=())
    return None


def _no_with(seen: Unexpected) -> Finding | None:
    """A `with` behind what takes none."""
    if "BINOP" not in seen.accepts and seen.kind(-1) not in {"BODY_CLOSE", "WITH_CLOSE", "DECISION", "NAME"}:
        return None
    if any(token.type == "WITH" for token in seen.tokens[: seen.at]):
        return Finding("unexpected-with", "a second `with`", "put all entries into the first one", expected=())
    kinds = {"CONST": "a constant", "IMPORT": "an import", "DEFAULT": "the default"}
    owner = kinds.get(seen.tokens[0].type, "a definition")
    return Finding("unexpected-with", f"{owner} takes no `with`", "only rules and the package do", expected=())


def _outside_with(seen: Unexpected) -> Finding | None:
    """Durations and control ids in a condition."""
    if _in_with(seen):
        return None
    if seen.kind() == "DURATION":
        advice = f'write `duration("{seen.text()}")`'
        return Finding("misplaced-token", f"`{seen.text()}` stands in `with` only", advice, expected=())
    if seen.kind() == "FLOAT" and seen.kind(-1) == "NAME" and seen.touches():
        match = _CONTROL_ID.match(seen.source.text, seen.span(-1).start)
        if match is not None:
            message = f"the control id `{match[0]}` stands in `with` only"
            advice = f"write `with {{ controls: [{match[0]}] }}` behind the rule"
            return Finding("misplaced-token", message, advice, Span(match.start(), match.end()), ())
    return None


def _joined(seen: Unexpected) -> Finding | None:
    """Two conditions on one line."""
    begins = {"NAME", "STRING", "NOT", "TRUE", "FALSE", "INT"}
    if _within(seen) == "BODY_OPEN" and seen.kind() in begins and seen.kind(-1) in ENDS_OPERAND:
        advice = "put each condition on a line of its own, or join them with `&&`"
        return Finding("syntax", f"unexpected {quote(seen.text())}", advice)
    return None


# ---- with ----


def _with(seen: Unexpected) -> Finding | None:
    kind = seen.kind()
    if seen.kind(-1) == "WITH":
        message = f"unexpected {quote(seen.text())}" if seen.text() else "the statement ends too early"
        return Finding("syntax", message, "write `with { key: value }`")
    if not _in_with(seen):
        return None
    if kind == "WITH_CLOSE" and seen.kind(-1) == "WITH_OPEN":
        span = Span(seen.span(-2).start, seen.span().end)
        return Finding("empty-with", "the `with` is empty", "remove it", span, ("a key of `with`",))
    if kind == "SEMI":
        advice = "entries are separated by new lines or commas"
        return Finding("syntax", "`;` does not separate the entries of `with`", advice, expected=())
    if "COLON" in seen.accepts and seen.text() in {"=", ":=", "=="}:
        return Finding("syntax", f"`{seen.text()}` gives a key no value", "write `key: value`", expected=("`:`",))
    if kind == "STRING" and seen.kind(1) == "COLON" and _within(seen) == "WITH_OPEN":
        return Finding(
            "quoted-key", "keys of `with` are not quoted", "write the key without quotes", expected=("a key",)
        )
    if kind == "NAME" and _within(seen) == "LBRACE" and "STRING" in seen.accepts:
        return Finding("syntax", f"unexpected `{seen.text()}`", f'keys of a map are quoted: `"{seen.text()}"`')
    if kind == "MINUS" and "COLON" in seen.accepts and seen.touches():
        advice = "names have no dash: write `_`"
        return Finding("bad-name", f"`{seen.text(-1)}-` is no key", advice, expected=("`:`",))
    return _with_value(seen) or _with_seats(seen)


def _with_value(seen: Unexpected) -> Finding | None:
    """Dates, lists without brackets, seats and durations that are nearly ones."""
    kind, last = seen.kind(), seen.kind(-1)
    if kind == "MINUS" and last == "INT" and re.match(r"[0-9]{4}-", seen.text(-1) + "-"):
        date = re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", seen.source.text[seen.span(-1).start :])
        if date is not None:
            start = seen.span(-1).start
            span = Span(start, start + 10)
            return Finding("unquoted-date", "a date is written as text", f'write `"{date[0]}"`', span, ())
    if kind == "FLOAT" and last in {"NAME", "INT"} and seen.kind(-2) == "COMMA":
        return Finding("syntax", "several values need brackets", "write a list: `[A.8.12, A.5.14]`", seen.span(-1), ())
    if seen.kind(-2) == "INT" and last == "NAME" and _UNIT.fullmatch(seen.text(-1)) and seen.text(-1) != "of":
        number, unit = seen.text(-2), seen.text(-1)
        span = Span(seen.span(-2).start, seen.span(-1).end)
        advice = f"write `{number}{unit[0].lower()}`; the units are `s`, `m`, `h` and `d`"
        return Finding("bad-duration", f"{quote(seen.source.slice(span))} is no duration", advice, span, ())
    return None


def _with_seats(seen: Unexpected) -> Finding | None:
    kind, last = seen.kind(), seen.kind(-1)
    if kind == "LPAR" and seen.text(-1) in {"group", "role"} and seen.kind(-2) == "INT":
        return Finding("bad-seat", "`of` is missing", _SEATS, seen.span(-1), ("`of`",))
    if kind == "INT" and last == "COMMA" and seen.kind(-2) == "RPAR":
        return Finding("syntax", "a comma does not join seats", "write `and`", seen.span(-1), ("`and`",))
    if kind == "LPAR" and seen.text(-1) in {"group", "role"}:
        name = seen.text(1) if seen.kind(1) == "STRING" else '"..."'
        advice = f"say how many: `1 of {seen.text(-1)}({name})`"
        return Finding("bad-seat", "the number of people is missing", advice, seen.span(-1), ())
    if last == "LPAR" and seen.kind(-2) == "NAME" and kind == "NAME":
        return Finding("bad-seat", "the name of a group or role is a string", f'write `"{seen.text()}"`', expected=())
    if seen.kind(-2) == "INT" and last == "NAME":
        return Finding("bad-seat", f"`{seen.text(-2)} {seen.text(-1)}` is no seat", _SEATS, seen.span(-1))
    return None


HINTS_OF_STATEMENTS = (
    _with,
    _no_statement,
    _bad_name,
    _split_name,
    _second_word,
    _missing_if,
    _body,
    _outside_with,
    *HINTS,
    _joined,
)

STATEMENT = Place("the statement", "the end of the statement", HINTS_OF_STATEMENTS, _begins)
