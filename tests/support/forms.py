"""Compiled forms built by hand, for tests of the rooms below the compiler.

The action of `SHAPES`:

    subject  {id: string, owner?: string}
    action   {name: string, rows?: int >= 0, ratio?: double, kind?: "bucket" | "table" | null, at?: date-time,
              destination?: {kind: string, external: bool, account?: string}, params?: {*: any}, sample?: any}
    resource {labels: [string], sizes?: [int], parts?: [{id: string, secret?: bool}], secret?: string (x-class secret)}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from assentry.code import form
from assentry.compiler.index import index_form
from assentry.source import Span
from assentry.values.shapes import Property, Shape, Shapes
from assentry.version import LANGUAGE

Effect = Literal["allow", "deny", "require_approval", "risk"]
Default = Literal["allow", "deny"]

HERE = Span(0, 0)

ANY, BOOL, INT, DOUBLE, STRING, TIME = 0, 1, 2, 3, 4, 5
SUBJECT, ACTION, RESOURCE, DESTINATION, PARAMS, LABELS, SIZES, PARTS, PART, ROWS, KIND, SECRET = range(6, 18)

SHAPES: Shapes = (
    Shape("any"),
    Shape("bool"),
    Shape("int"),
    Shape("double"),
    Shape("string"),
    Shape("timestamp"),
    Shape("object", "subject", properties=(Property("id", STRING, True), Property("owner", STRING, False))),
    Shape(
        "object",
        "action",
        properties=(
            Property("name", STRING, True),
            Property("rows", ROWS, False),
            Property("ratio", DOUBLE, False),
            Property("kind", KIND, False),
            Property("at", TIME, False),
            Property("destination", DESTINATION, False),
            Property("params", PARAMS, False),
            Property("sample", ANY, False),
        ),
    ),
    Shape(
        "object",
        "resource",
        properties=(
            Property("labels", LABELS, True),
            Property("sizes", SIZES, False),
            Property("parts", PARTS, False),
            Property("secret", SECRET, False),
        ),
    ),
    Shape(
        "object",
        "action.destination",
        properties=(
            Property("kind", STRING, True),
            Property("external", BOOL, True),
            Property("account", STRING, False),
        ),
    ),
    Shape("map", "action.params", item=ANY),
    Shape("list", "resource.labels", item=STRING),
    Shape("list", "resource.sizes", item=INT),
    Shape("list", "resource.parts", item=PART),
    Shape("object", properties=(Property("id", STRING, True), Property("secret", BOOL, False))),
    Shape("int", "action.rows", minimum=0),
    Shape("string", "action.kind", nullable=True, allowed=("bucket", "table")),
    Shape("string", "resource.secret", marks=(("x-class", "secret"),)),
)

ROOTS = {"subject": SUBJECT, "action": ACTION, "resource": RESOURCE}


def raw(path: str) -> form.Raw:
    """The place of a dotted path: `raw("action.destination.kind")`."""
    names = path.split(".")
    place: form.Raw = form.Root(HERE, ROOTS[names[0]], names[0], True)
    for name in names[1:]:
        shape = SHAPES[place.shape]
        declared = shape.property(name)
        if declared is not None:
            place = form.Field(HERE, declared.shape, place, name, declared.required)
        else:
            place = form.Field(HERE, ANY if shape.item is None else shape.item, place, name, False)
    return place


def read(path: str) -> form.Fit:
    return form.Fit(HERE, raw(path))


def has(path: str) -> form.Has:
    place = raw(path)
    assert isinstance(place, form.Field)
    return form.Has(HERE, place)


def lit(value: object) -> form.Lit:
    return form.Lit(HERE, value)


def var(name: str) -> form.Var:
    return form.Var(HERE, name)


def item(name: str, shape: int) -> form.Fit:
    return form.Fit(HERE, form.Item(HERE, shape, name))


def call(function: str, *args: form.Expr, overload: str = "", member: bool = False) -> form.Call:
    return form.Call(HERE, function, overload, args, member)


def equals(left: form.Expr, right: form.Expr) -> form.Call:
    return call("_==_", left, right, overload="equals")


def named(name: str) -> form.Call:
    return equals(read("action.name"), lit(name))


def over(path: str) -> form.Call:
    """`rows > 100` of an integer path."""
    return call("_>_", read(path), lit(100), overload="greater_int64")


def labelled(label: str) -> form.Contains:
    return form.Contains(HERE, lit(label), raw("resource.labels"))


def loop(
    kind: form.LoopKind,
    first: str,
    over: form.Expr,
    body: form.Expr,
    *,
    second: str | None = None,
    where: form.Expr | None = None,
) -> form.Loop:
    return form.Loop(HERE, kind, first, second, over, where, body)


def rule(
    id: str,
    effect: Effect,
    *conditions: form.Expr,
    reads_risk: bool = False,
    shadow: bool = False,
    weight: int = 0,
    seats: Sequence[tuple[int, str]] = ((1, "security"),),
    within: int = 3600,
    controls: tuple[str, ...] = (),
    redact: tuple[str, ...] = (),
    reason: tuple[str | form.Raw, ...] = (),
) -> form.RuleForm:
    approvers = tuple(form.SeatForm(count, "group", name) for count, name in seats)
    return form.RuleForm(
        id=id,
        effect=effect,
        file=0,
        span=HERE,
        conditions=conditions,
        title=f"Title of {id}",
        reason=reason,
        controls=controls,
        seats=approvers if effect == "require_approval" else (),
        within=within,
        redact=redact,
        weight=weight,
        shadow=shadow,
        reads_risk=reads_risk,
    )


def definition(id: str, *heads: Sequence[form.Expr]) -> form.DefinitionForm:
    return form.DefinitionForm(id, tuple(form.HeadForm(0, HERE, tuple(head)) for head in heads))


def rule_set(
    *rules: form.RuleForm,
    definitions: Sequence[form.DefinitionForm] = (),
    default: Default = "deny",
    text: str = "",
) -> form.Form:
    """A form of these rules, indexed as the compiler does it."""
    ordered = tuple(sorted(rules, key=lambda each: each.id))
    return form.Form(
        files=(form.FileForm("rules.assent", text),),
        shapes=SHAPES,
        default=default,
        definitions=tuple(definitions),
        rules=ordered,
        index=index_form(SHAPES, definitions, ordered),
        digest="sha256:" + "0" * 64,
        language=LANGUAGE,
    )


def at(expr: form.Expr, start: int, end: int) -> form.Expr:
    """The same node at another place of the text."""
    return replace(expr, span=Span(start, end))


def action(**changes: object) -> dict[str, object]:
    """A fitting action; `rows=5` changes `action.rows`, `labels=[...]` changes `resource.labels`."""
    document: dict[str, dict[str, object]] = {
        "subject": {"id": "etl-7"},
        "action": {"name": "data.export"},
        "resource": {"labels": ["pii"]},
    }
    for name, value in changes.items():
        holder = "resource" if name in {"labels", "sizes", "parts", "secret"} else "action"
        document[holder][name] = value
    return dict(document)
