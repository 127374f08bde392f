"""The handful of action schemas that rule sets are generated over."""

from __future__ import annotations

import json
from typing import Any

from assentry import schemas

Schema = dict[str, Any]


def text(**more: Any) -> Schema:
    return {"type": "string", **more}


def integer(**more: Any) -> Schema:
    return {"type": "integer", **more}


def number(**more: Any) -> Schema:
    return {"type": "number", **more}


def many(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def entries(values: Schema, **more: Any) -> Schema:
    return {"type": "object", "additionalProperties": values, **more}


def thing(required: list[str] | None = None, **properties: Schema) -> Schema:
    """An object; every property is required unless `required` says which are."""
    names = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names}


FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = text(format="date-time")
ANYTHING: Schema = {}


def or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


# Everything is there, scalars only: bounds, enums, a const, words of the language as field names.
PLAIN = thing(
    action=thing(
        name=text(),
        rows=integer(minimum=0, maximum=1000),
        cost=number(exclusiveMinimum=0),
        share=number(minimum=0, exclusiveMaximum=1),
        level=text(enum=["low", "mid", "high"]),
        version={"const": 2},
        grade=integer(enum=[1, 2, 3]),
        at=MOMENT,
        force=FLAG,
        group=text(),
        default=FLAG,
    ),
    subject=thing(id=text(), kind=text(enum=["user", "agent"]), age=integer()),
)

# Optional and nullable at every depth.
NESTED = thing(
    action=thing(
        ["name"],
        name=text(),
        rows=integer(minimum=0),
        amount=number(),
        note=or_null(text()),
        force=or_null(FLAG),
        due=or_null(MOMENT),
        destination=thing(
            ["kind"],
            kind=text(),
            host=text(),
            external=FLAG,
            port=or_null(integer(minimum=1, maximum=65535)),
            owner=thing(["id"], id=text(), level=text(enum=["low", "high"]), since=MOMENT),
            route=or_null(thing(["via"], via=text(), hops=integer(minimum=0))),
        ),
    ),
    resource=thing(["id", "size"], id=text(), size=or_null(integer()), labels=many(text()), ratio=or_null(number())),
    context=thing(["time"], time=MOMENT, mfa=FLAG, score=number(minimum=0, maximum=100)),
)

# Lists and maps, of each other and of objects.
COLLECTIONS = thing(
    action=thing(
        ["name", "labels", "counts"],
        name=text(),
        labels=many(text()),
        counts=entries(integer()),
        sizes=many(integer(minimum=0)),
        tags=entries(text()),
        rates=many(number()),
        flags=entries(FLAG),
        grid=many(many(integer())),
        groups=entries(many(text())),
        times=many(MOMENT),
        words=many(or_null(text())),
        maybe=or_null(many(text())),
        perhaps=or_null(entries(integer())),
    ),
    resource=thing(
        ["parts"],
        parts=many(thing(["id"], id=text(), size=integer(), tags=many(text()))),
        index=entries(thing(["id"], id=text(), level=text(enum=["low", "high"]), public=FLAG)),
    ),
)

# Values of any type, objects with undeclared fields, and a document with names of its own.
OPEN = thing(
    request=thing(
        ["verb", "params"],
        verb=text(),
        params=ANYTHING,
        extra=ANYTHING,
        bag={"type": "object", "additionalProperties": True},
        items=many(ANYTHING),
        limits={**thing(["soft"], soft=integer(), hard=integer()), "additionalProperties": integer()},
    ),
    who=thing(["id"], id=text(), roles=many(text()), traits=entries(ANYTHING)),
)

# A document that contains itself.
RECURSIVE: Schema = {
    **thing(
        action=thing(["name"], name=text(), root={"$ref": "#/$defs/node"}),
        tree={"$ref": "#/$defs/node"},
    ),
    "$defs": {
        "node": thing(
            ["name", "children"],
            name=text(),
            weight=integer(minimum=0),
            children=many({"$ref": "#/$defs/node"}),
            parent={"$ref": "#/$defs/node"},
            by_name=entries({"$ref": "#/$defs/node"}),
        )
    },
}

SCHEMAS: dict[str, Schema] = {
    "default": json.loads(schemas.text("action")),
    "plain": PLAIN,
    "nested": NESTED,
    "collections": COLLECTIONS,
    "open": OPEN,
    "recursive": RECURSIVE,
}

DATA: dict[str, Any] = {
    "accounts": {"owned": ["a", "secret", "acct-1"], "limits": {"a": 3, "b": 100}, "threshold": 50, "ratio": 0.5},
    "eu/regions": ["eu-1", "eu-2", "b"],
}
