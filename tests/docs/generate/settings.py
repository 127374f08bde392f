"""docs/reference/settings.md: the keys of assentry.toml, and the formats that the program reads and prints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from assentry import schemas
from tests.docs.generate import markdown
from tests.docs.generate.markdown import code, table

_TYPES = {
    "string": "text",
    "boolean": "`true` or `false`",
    "number": "number",
    "array": "list of texts",
    "object": "table of texts",
}


def page() -> str:
    document = json.loads(schemas.text("config"))
    return markdown.page(
        "Settings and formats",
        f"{document['description']}\nThe closest file upward from the rules wins; an unknown key is an error.",
        table(("key", "type", "default", "meaning"), _rows("", document)),
        "## Formats\n\nEvery format that the program reads or prints has a JSON Schema, in `schemas/` and in the package.\n"
        "Outputs of `--format json` carry `version`; a change that could break a reader raises it.",
        table(("schema", "describes"), (_format(name) for name in schemas.names())),
    )


def _rows(prefix: str, node: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for name, field in node["properties"].items():
        if "properties" in field:
            yield from _rows(f"{prefix}{name}.", field)
            continue
        default = code(json.dumps(field["default"])) if "default" in field else ""
        yield code(f"{prefix}{name}"), _TYPES[field["type"]], default, field["description"]


def _format(name: str) -> tuple[str, str]:
    document = json.loads(schemas.text(name))
    description = " ".join(str(document.get("description", document.get("title", ""))).split())
    return f"[{name}.schema.json](../../schemas/{name}.schema.json)", description
