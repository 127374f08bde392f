"""The policy digest: the same for the same rules, data, schema, catalogue and libraries, on every machine.

What it covers is what a decision can depend on; where the files lie and when they were read is not
part of it.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

from assentry import controls
from assentry.compiler.inputs import Inputs
from assentry.version import LANGUAGE


def digest(inputs: Inputs) -> str:
    """`sha256:` and 64 hex digits, over one canonical JSON document."""
    document = {
        "language": LANGUAGE,
        "rules": sorted([rule.key, _of(rule.source.text)] for rule in inputs.rules),
        "data": {key: _of(_canonical(data.value)) for key, data in inputs.data.items()},
        "schema": _of(_canonical(inputs.schema_document)),
        "catalogue": controls.digest(),
        "time_zones": version("tzdata"),
        "re2": version("google-re2"),
    }
    return f"sha256:{_of(_canonical(document))}"


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
