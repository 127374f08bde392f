"""A compiled rule set as a file: this project's own versioned JSON, nothing that runs.

    {"format": "assentry-policy", "version": 1, "language": "1", "checksum": "sha256:...", "form": {...}}

The checksum tells damage, not forgery: who may write the file may write any policy. Whatever the file
holds, reading it executes nothing; every node and field is checked against an allow-list.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, NoReturn

from assentry.code import checks, form
from assentry.code.codec import Bounds, Reader, write
from assentry.code.save_shapes import read_shapes, write_shape
from assentry.errors import FormatError
from assentry.source import Span
from assentry.version import LANGUAGE

FORMAT: Final = "assentry-policy"
VERSION: Final = 1

Data = dict[str, object]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HEADER = ("format", "version", "language", "checksum", "form")
_FORM = ("files", "shapes", "default", "definitions", "rules", "index", "digest")
_RULE = (
    "id",
    "effect",
    "file",
    "span",
    "conditions",
    "title",
    "reason",
    "controls",
    "seats",
    "within",
    "redact",
    "weight",
    "shadow",
    "reads_risk",
    "meta",
)
_EFFECTS: tuple[Literal["allow", "deny", "require_approval", "risk"], ...] = (
    "allow",
    "deny",
    "require_approval",
    "risk",
)
_DEFAULTS: tuple[Literal["allow", "deny"], ...] = ("allow", "deny")
_SELECTORS: tuple[Literal["group", "role"], ...] = ("group", "role")


# ---- files ----


def save_form(compiled: form.Form, path: str | Path) -> None:
    """Writes a form to a file, in one step: a reader sees the old file or the whole new one.

    Raises FormatError for a form that cannot be saved, OSError when the file cannot be written.
    """
    text = json.dumps(to_data(compiled), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    target = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None  # the name that the caller knows
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_form(path: str | Path) -> form.Form:
    """The form in a file. Raises FormatError, naming the file, for anything that is no saved policy of this version."""
    try:
        return from_data(_parsed(Path(path).read_bytes()))
    except OSError as error:
        raise FormatError(f"`{path}` cannot be read: {error.strerror or error}") from error
    except FormatError as error:
        raise FormatError(f"`{path}` is not a saved policy that can be used: {error}") from error


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_without_repeats, parse_constant=_no_constant)
    except RecursionError:
        checks.refuse("it is nested too deep")
    except ValueError as error:
        raise FormatError("it is not JSON, or not all of it") from error


def _without_repeats(pairs: list[tuple[str, object]]) -> Data:
    found = dict(pairs)
    return found if len(found) == len(pairs) else checks.refuse("a key stands twice")


def _no_constant(name: str) -> NoReturn:
    raise FormatError(f"`{name}` is no number")


# ---- the whole ----


def to_data(compiled: form.Form) -> Data:
    """A form as plain JSON data. Raises FormatError when it is nested too deep, or holds what is no CEL value."""
    body: Data = {
        "files": [[file.name, file.text] for file in compiled.files],
        "shapes": [write_shape(shape) for shape in compiled.shapes],
        "default": compiled.default,
        "definitions": [_definition_data(definition) for definition in compiled.definitions],
        "rules": [_rule_data(rule) for rule in compiled.rules],
        "index": {
            "read": None if compiled.index.read is None else write(compiled.index.read),
            "always": list(compiled.index.always),
            "buckets": [[name, list(rules)] for name, rules in compiled.index.buckets],
        },
        "digest": compiled.digest,
    }
    return {
        "format": FORMAT,
        "version": VERSION,
        "language": compiled.language,
        "checksum": checksum(body),
        "form": body,
    }


def from_data(data: object) -> form.Form:
    """The form that `to_data` wrote. Raises FormatError for anything else."""
    try:
        header = checks.record(data, _HEADER)
        if header["format"] != FORMAT:
            checks.refuse("it is of another format")
        if header["version"] != VERSION or isinstance(header["version"], bool):
            checks.refuse(f"it is not of version {VERSION} of the format: compile the rules again")
        if header["language"] != LANGUAGE:
            checks.refuse(f"it is not of version {LANGUAGE} of the language: compile the rules again")
        if header["checksum"] != checksum(header["form"]):
            checks.refuse("its checksum does not fit: it is damaged")
        return _read_form(checks.record(header["form"], _FORM))
    except RecursionError:
        checks.refuse("it is nested too deep")


def checksum(body: object) -> str:
    """`sha256:...` over a form's data as written. Raises FormatError for what is no JSON data."""
    try:
        text = json.dumps(body, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise FormatError("it holds what is no JSON") from error
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"


def _read_form(data: Mapping[str, object]) -> form.Form:
    files = tuple([_read_file(each) for each in checks.items(data["files"])])
    shapes = read_shapes(data["shapes"])
    definitions: list[form.DefinitionForm] = []
    for each in checks.items(data["definitions"]):
        definitions.append(_read_definition(each, Bounds(shapes, len(files), len(definitions))))
    bounds = Bounds(shapes, len(files), len(definitions))
    rules = tuple([_read_rule(each, bounds) for each in checks.items(data["rules"])])
    if len({rule.id for rule in rules}) != len(rules) or list(rules) != sorted(rules, key=lambda rule: rule.id):
        checks.refuse("its rules are not in order")
    return form.Form(
        files=files,
        shapes=shapes,
        default=checks.one_of(data["default"], _DEFAULTS),
        definitions=tuple(definitions),
        rules=rules,
        index=_read_index(data["index"], bounds, len(rules)),
        digest=_read_digest(data["digest"]),
        language=LANGUAGE,
    )


def _read_digest(data: object) -> str:
    text = checks.text(data)
    return text if _DIGEST.fullmatch(text) else checks.refuse("its digest is none")


# ---- parts ----


def _read_file(data: object) -> form.FileForm:
    name, text = map(checks.text, checks.items(data, 2))
    if "\0" in name or not name.isprintable():
        checks.refuse("a file's name is not printable")
    return form.FileForm(name, text)


def _definition_data(definition: form.DefinitionForm) -> list[object]:
    heads = [[head.file, list(head.span), [write(each) for each in head.conditions]] for head in definition.heads]
    return [definition.id, heads]


def _read_definition(data: object, bounds: Bounds) -> form.DefinitionForm:
    id, heads = checks.items(data, 2)
    read = tuple([_read_head(each, bounds) for each in checks.items(heads)])
    return form.DefinitionForm(checks.text(id), read) if read else checks.refuse("a definition without a head")


def _read_head(data: object, bounds: Bounds) -> form.HeadForm:
    file, span, conditions = checks.items(data, 3)
    return form.HeadForm(
        checks.position(file, bounds.files), _read_span(span), tuple(_read_conditions(conditions, bounds))
    )


def _read_span(data: object) -> Span:
    start, end = checks.items(data, 2)
    first = checks.whole(start)
    return Span(first, checks.whole(end, first))


def _read_conditions(data: object, bounds: Bounds) -> list[form.Expr]:
    return [Reader(bounds).value(each) for each in checks.items(data)]


def _rule_data(rule: form.RuleForm) -> Data:
    return {
        "id": rule.id,
        "effect": rule.effect,
        "file": rule.file,
        "span": list(rule.span),
        "conditions": [write(condition) for condition in rule.conditions],
        "title": rule.title,
        "reason": [part if isinstance(part, str) else write(part) for part in rule.reason],
        "controls": list(rule.controls),
        "seats": [[seat.count, seat.selector, seat.name] for seat in rule.seats],
        "within": rule.within,
        "redact": list(rule.redact),
        "weight": rule.weight,
        "shadow": rule.shadow,
        "reads_risk": rule.reads_risk,
        "meta": [[name, value] for name, value in rule.meta],
    }


def _read_rule(data: object, bounds: Bounds) -> form.RuleForm:
    rule = checks.record(data, _RULE)
    effect = checks.one_of(rule["effect"], _EFFECTS)
    seats = tuple([_read_seat(each) for each in checks.items(rule["seats"])])
    if effect == "require_approval" and not seats:
        checks.refuse("a require approval rule without seats")
    return form.RuleForm(
        id=checks.text(rule["id"]),
        effect=effect,
        file=checks.position(rule["file"], bounds.files),
        span=_read_span(rule["span"]),
        conditions=tuple(_read_conditions(rule["conditions"], bounds)),
        title=checks.text(rule["title"]),
        reason=tuple([_read_reason(each, bounds) for each in checks.items(rule["reason"])]),
        controls=tuple(map(checks.text, checks.items(rule["controls"]))),
        seats=seats,
        within=checks.whole(rule["within"], 1),
        redact=tuple(map(checks.text, checks.items(rule["redact"]))),
        weight=checks.whole(rule["weight"]),
        shadow=checks.flag(rule["shadow"]),
        reads_risk=checks.flag(rule["reads_risk"]),
        meta=tuple([_read_meta(each) for each in checks.items(rule["meta"])]),
    )


def _read_seat(data: object) -> form.SeatForm:
    count, selector, name = checks.items(data, 3)
    return form.SeatForm(checks.whole(count, 1), checks.one_of(selector, _SELECTORS), checks.text(name))


def _read_reason(data: object, bounds: Bounds) -> str | form.Raw:
    """A text, or a place that only names lead to."""
    if isinstance(data, str):
        return data
    place = raw = Reader(bounds).raw(data)
    while isinstance(raw, form.Field):
        raw = raw.base
    return place if isinstance(raw, form.Root) else checks.refuse("a reason prints only places that names lead to")


def _read_meta(data: object) -> tuple[str, object]:
    name, value = checks.items(data, 2)
    return checks.text(name), checks.plain(value)


def _read_index(data: object, bounds: Bounds, rules: int) -> form.IndexForm:
    index = checks.record(data, ("read", "always", "buckets"))
    read = None if index["read"] is None else Reader(bounds).value(index["read"])
    if read is not None and not isinstance(read, form.Fit):
        checks.refuse("an index reads a place")
    pairs = [checks.items(each, 2) for each in checks.items(index["buckets"])]
    buckets = tuple([(checks.text(name), checks.ascending(members, rules)) for name, members in pairs])
    return form.IndexForm(read, checks.ascending(index["always"], rules), buckets)
