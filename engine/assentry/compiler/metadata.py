"""What a rule says about itself: the entries of `with`, checked one by one.

One table (`KEYS`) holds each key with the effects it belongs to and the reader of its value, so that
an unknown, misplaced or mistyped key is always an error: a mistyped `aprovers` must not drop them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assentry import controls
from assentry.code.form import Raw, SeatForm
from assentry.compiler.bind import Placed
from assentry.compiler.paths import resolve, template
from assentry.compiler.report import Report
from assentry.compiler.schema import Schema
from assentry.diagnostics import did_you_mean, one_of
from assentry.language import nodes
from assentry.source import Source, Span

SEVERITIES = ("low", "medium", "high", "critical")
DEFAULT_WITHIN = 3600
LONGEST_WITHIN = 366 * 24 * 3600
MOST_SEATS = 100

EVERY = frozenset({"allow", "deny", "require_approval", "risk"})
APPROVAL = frozenset({"require_approval"})


@dataclass(slots=True)
class Metadata:
    """The `with` of one rule, as the compiled form holds it (units: `within` in seconds)."""

    title: str = ""
    reason: tuple[str | Raw, ...] = ()
    controls: tuple[str, ...] = ()
    seats: tuple[SeatForm, ...] = ()
    within: int = DEFAULT_WITHIN
    redact: tuple[str, ...] = ()
    shadow: bool = False
    meta: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader of a value needs: the file for its findings, the schema for its paths."""

    source: Source
    schema: Schema
    report: Report

    def refuse(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        self.report.error(code, message, self.source, span, help=help)

    def text(self, value: nodes.Value, key: str) -> str | None:
        if isinstance(value, nodes.Text):
            return value.text
        self.refuse("wrong-value", f"`{key}` takes a text", value.span, 'write it in double quotes: `"..."`')
        return None

    def items(self, value: nodes.Value, key: str) -> tuple[nodes.Value, ...]:
        if isinstance(value, nodes.Items):
            return value.items
        self.refuse("wrong-value", f"`{key}` takes a list", value.span, f"write `{key}: [...]`")
        return ()


def read_metadata(
    rule: nodes.Rule,
    source: Source,
    defaults: Mapping[str, Placed[nodes.Entry]],
    files: tuple[nodes.File, ...],
    schema: Schema,
    report: Report,
) -> Metadata:
    """A rule's metadata: its own entries, then the package's defaults for the keys it does not give."""
    result = Metadata()
    own = set()
    for entry in rule.with_.entries if rule.with_ else ():
        if entry.key.text in own:
            report.error("duplicate-key", f"`{entry.key.text}` is given twice", source, entry.key.span)
        elif _known(entry, source, report) and _belongs(entry, rule, source, report):
            _read(entry, Reader(source, schema, report), result)
        own.add(entry.key.text)
    for key, placed in defaults.items():
        if key not in own and rule.effect in KEYS.get(key, _EXTRA).effects:
            _read(placed.node, Reader(files[placed.file].source, schema, report), result)
            own.add(key)
    if rule.effect == "require_approval" and "approvers" not in own:
        report.error(
            "seats-missing",
            f"`{rule.name.text}` requires approval but does not say whose",
            source,
            rule.name.span,
            help='add `with { approvers: 1 of role("...") }`',
        )
    return result


def check_defaults(defaults: Mapping[str, Placed[nodes.Entry]], files: tuple[nodes.File, ...], report: Report) -> None:
    """Refuses unknown keys in a package's `with`."""
    for placed in defaults.values():
        _known(placed.node, files[placed.file].source, report)


def _known(entry: nodes.Entry, source: Source, report: Report) -> bool:
    key = entry.key.text
    if key in KEYS or key.startswith("x_"):
        return True
    report.error(
        "unknown-key",
        f"`with` has no key `{key}`",
        source,
        entry.key.span,
        help=did_you_mean(key, KEYS) or f"the keys are {one_of(list(KEYS))}; keys of your own begin with `x_`",
    )
    return False


def _belongs(entry: nodes.Entry, rule: nodes.Rule, source: Source, report: Report) -> bool:
    allowed = KEYS.get(entry.key.text, _EXTRA).effects
    if rule.effect in allowed:
        return True
    report.error(
        "misplaced-key",
        f"`{entry.key.text}` has no meaning for `{rule.effect.replace('_', ' ')}`",
        source,
        entry.key.span,
        help="it belongs to `require approval` rules",
    )
    return False


def _read(entry: nodes.Entry, reader: Reader, result: Metadata) -> None:
    key = entry.key.text
    if key.startswith("x_"):
        result.meta[key] = plain(entry.value)
    else:
        KEYS[key].read(entry.value, reader, result)


def plain(value: nodes.Value) -> object:
    """A value of `with` as plain data; controls, durations, paths and seats as they are written."""
    match value:
        case nodes.Text(text=text) | nodes.Control(text=text) | nodes.Duration(text=text):
            return text
        case nodes.Number(number=number):
            return number
        case nodes.Flag(flag=flag):
            return flag
        case nodes.Word(word=word):
            return word
        case nodes.Path(names=names):
            return ".".join(names)
        case nodes.Items(items=items):
            return [plain(item) for item in items]
        case nodes.Mapping(entries=entries):
            return {key.text: plain(item) for key, item in entries}
        case nodes.Seats(seats=seats):
            return [{"count": seat.count, seat.selector: seat.name} for seat in seats]
        case _:
            raise AssertionError(value)


# ---- one reader a key ----


def _title(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    result.title = reader.text(value, "title") or ""


def _reason(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    text = reader.text(value, "reason")
    if text is not None:
        result.reason = template(text, value.span, reader.source, reader.schema, reader.report)


def _controls(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    found = []
    for item in reader.items(value, "controls"):
        if not isinstance(item, nodes.Control):
            reader.refuse("wrong-value", "`controls` lists control ids", item.span, "write `controls: [A.8.12]`")
        elif (control := controls.resolve(item.text)) is None:
            near = controls.suggest(item.text)
            help = f"did you mean `{near}`?" if near else "`assentry controls` lists the catalogue"
            reader.refuse("unknown-control", f"there is no control `{item.text}`", item.span, help)
        else:
            found.append(control.id)
    result.controls = tuple(found) if len(found) == 1 else tuple(sorted(set(found), key=controls.order))


def _approvers(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    if not isinstance(value, nodes.Seats):
        reader.refuse(
            "wrong-value",
            "`approvers` takes seats",
            value.span,
            'write `approvers: 2 of group("...") and 1 of role("...")`',
        )
        return
    seats: dict[tuple[str, str], SeatForm] = {}
    for seat in value.seats:
        if not 1 <= seat.count <= MOST_SEATS:
            reader.refuse("wrong-value", f"a seat is for 1 to {MOST_SEATS} people, not {seat.count}", seat.span)
        elif not seat.name.strip():
            reader.refuse("wrong-value", f"a {seat.selector} needs a name", seat.span)
        elif (seat.selector, seat.name) in seats:
            reader.refuse(
                "duplicate-seat", f'`{seat.selector}("{seat.name}")` stands twice', seat.span, "add the counts up"
            )
        else:
            seats[seat.selector, seat.name] = SeatForm(seat.count, seat.selector, seat.name)
    result.seats = tuple(seats[key] for key in sorted(seats))


def _within(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    if not isinstance(value, nodes.Duration):
        reader.refuse("wrong-value", "`within` takes a duration", value.span, "write `within: 30m`")
    elif not 0 < value.seconds <= LONGEST_WITHIN:
        reader.refuse(
            "wrong-value", f"`within` is more than nothing and at most a year, not `{value.text}`", value.span
        )
    else:
        result.within = value.seconds


def _redact(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    found = []
    for item in reader.items(value, "redact"):
        if not isinstance(item, nodes.Path):
            reader.refuse("wrong-value", "`redact` lists paths", item.span, "write `redact: [action.sample]`")
        elif resolve(item.names, item.span, reader.source, reader.schema, reader.report) is not None:
            found.append(".".join(item.names))
    result.redact = tuple(sorted(set(found)))


def _mode(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    word = value.word if isinstance(value, nodes.Word) else None
    if word != "shadow":
        help = did_you_mean(word, ["shadow"]) if word else None
        reader.refuse(
            "wrong-value", "`mode` can only be `shadow`", value.span, help or "leave it out to enforce the rule"
        )
    else:
        result.shadow = True


def _until(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    text = reader.text(value, "until")
    if text is None:
        return
    try:
        result.meta["until"] = dt.date.fromisoformat(text).isoformat()
    except ValueError:
        reader.refuse("wrong-value", f"`{text}` is not a date", value.span, 'write it as in `until: "2026-12-31"`')


def _severity(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    word = value.word if isinstance(value, nodes.Word) else value.text if isinstance(value, nodes.Text) else None
    if word not in SEVERITIES:
        help = did_you_mean(word, SEVERITIES) if word else None
        reader.refuse("wrong-value", f"`severity` is {one_of(SEVERITIES)}", value.span, help)
    else:
        result.meta["severity"] = word


def _owner(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    text = reader.text(value, "owner")
    if text is not None:
        result.meta["owner"] = text


def _links(value: nodes.Value, reader: Reader, result: Metadata) -> None:
    links = [reader.text(item, "links") for item in reader.items(value, "links")]
    result.meta["links"] = [link for link in links if link is not None]


@dataclass(frozen=True, slots=True)
class Key:
    effects: frozenset[str]
    read: Callable[[nodes.Value, Reader, Metadata], None]


KEYS: Mapping[str, Key] = {
    "title": Key(EVERY, _title),
    "reason": Key(EVERY, _reason),
    "controls": Key(EVERY, _controls),
    "approvers": Key(APPROVAL, _approvers),
    "within": Key(APPROVAL, _within),
    "redact": Key(EVERY, _redact),
    "mode": Key(EVERY, _mode),
    "until": Key(EVERY, _until),
    "severity": Key(EVERY, _severity),
    "owner": Key(EVERY, _owner),
    "links": Key(EVERY, _links),
}
_EXTRA = Key(EVERY, lambda value, reader, result: None)
