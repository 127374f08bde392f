"""Planted secrets: documents in which one stands in a given place, in a given encoding, and what gives it away.

A canary is made of random characters, in pieces of which none is long enough to be a finding by accident, so that a
test that looks for it finds nothing else. `leaks` looks for the canary and for any half of it, raw and in the
encodings that a reader would undo.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, quote_plus, unquote

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
LETTERS = UPPER + UPPER.lower() + DIGITS


@dataclass(frozen=True)
class Canary:
    """A secret and the kind of thing it is; `text` is how it comes, `secret` the part that nobody may see."""

    kind: str
    text: str
    secret: str


def _some(random: Random, alphabet: str, count: int) -> str:
    return "".join(random.choice(alphabet) for _ in range(count))


def _luhn(random: Random) -> str:
    digits = "4" + _some(random, DIGITS, 14)
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(digits))
    return digits + str(-total % 10)


def _iban(random: Random) -> str:
    account = _some(random, DIGITS, 18)
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def _json(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def canaries(random: Random) -> list[Canary]:
    """One of each kind, new for each random source."""
    some, token = _some, _some(random, LETTERS, 36)
    aws = "AKIA" + some(random, UPPER, 16)
    jwt = f"{_json({'alg': 'HS256'})}.{_json({'sub': some(random, LETTERS, 12)})}.{some(random, LETTERS, 43)}"
    body = "\n".join(some(random, LETTERS, 64) for _ in range(3))
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    password = some(random, UPPER.lower(), 5) + some(random, DIGITS, 4)
    mail = f"{some(random, UPPER.lower(), 9)}@{some(random, UPPER.lower(), 8)}.example"
    card, iban = _luhn(random), _iban(random)
    slack = f"xoxb-{some(random, DIGITS, 12)}-{some(random, LETTERS, 24)}"
    return [
        Canary("AWS access key", aws, aws),
        Canary("AWS secret key", f"aws_secret_access_key = {token}Ab1/", token),
        Canary("Google key", f"AIza{token[:35]}", token[:35]),
        Canary("Azure storage key", f"AccountKey={token}{token[::-1]}==;", token),
        Canary("GitHub token", f"ghp_{token}", token),
        Canary("GitLab token", f"glpat-{token[:20]}", token[:20]),
        Canary("Slack token", slack, slack),
        Canary("Stripe key", f"sk_live_{token[:24]}", token[:24]),
        Canary("model key", f"sk-proj-{token}", token),
        Canary("npm token", f"npm_{token}", token),
        Canary("PyPI token", f"pypi-{token}{token[::-1]}", token),
        Canary("JSON web token", jwt, jwt),
        Canary("bearer header", f"Authorization: Bearer {token}", token),
        Canary("password in a URL", f"postgresql://etl:{password}@db.internal/crm", password),
        Canary("password", f"password={password}", password),
        Canary("password in JSON", json.dumps({"db_password": password}), password),
        Canary("private key", pem, body.splitlines()[1]),
        Canary("card number", card, card),
        Canary("card number in groups", " ".join(card[at : at + 4] for at in range(0, 16, 4)), card[4:12]),
        Canary("IBAN", iban, iban),
        Canary("e-mail address", mail, mail.partition("@")[0]),
    ]


# ---- encodings ----


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "in a sentence": lambda text: f"please use {text} for this",
    "base64": _base64,
    "base64 without padding": lambda text: _base64(text).rstrip("="),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 twice": lambda text: _base64(_base64(text)),
    "base64 of more": lambda text: _base64(f"some words before {text} and after"),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode(),
    "base64 behind letters": lambda text: f"abc{_base64(text + ' ' * 12)}",
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent, where needed": lambda text: f"https://x.example/?q={quote(text, safe='')}",
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent of base64": lambda text: quote(_base64(text), safe=""),
    "base64 of percent": lambda text: _base64("".join(f"%{byte:02x}" for byte in text.encode())),
    "hex": lambda text: text.encode().hex(),
    "hex in pairs": lambda text: ":".join(f"{byte:02x}" for byte in text.encode()),
    "hex in capitals": lambda text: text.encode().hex(" ").upper(),
    "references": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "references by name": html.escape,
    "JSON in JSON": lambda text: json.dumps({"a": json.dumps({"b": json.dumps({"c": text})})}),
    "base64 with escaped line ends": lambda text: base64.encodebytes(text.encode()).decode().replace("\n", "\\n"),
    "marks over letters": "\u0301".join,
    "backslashes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "zero-width spaces": "\u200b".join,
    "soft hyphens": lambda text: text[:3] + "\u00ad" + text[3:],
    "in colours": lambda text: "\x1b[1;31m".join([text[:6], text[6:10], text[10:]]),
    "hex of UTF-16": lambda text: text.encode("utf-16-le").hex(),
    "percent of UTF-16": lambda text: "".join(f"%{byte:02x}" for byte in text.encode("utf-16-be")),
    "a form": lambda text: f"https://x.example/?a=1&b={quote_plus(text)}",
    "full width": lambda text: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text),
}

# ---- places ----

Place = tuple[str | int, ...]


def base() -> dict[str, Any]:
    """An action that needs approval by most rules, with room for everything."""
    return {
        "subject": {"type": "agent", "id": "etl-7", "owner": "dana", "on_behalf_of": [{"type": "user", "id": "omar"}]},
        "action": {
            "name": "data.export",
            "rows": 48210,
            "reason": "monthly list",
            "destination": {"kind": "bucket", "external": True, "host": "agency.example", "id": "inbox"},
            "message": {"subject": "list", "body": "see there"},
            "query": "select 1",
            "fields": ["name", "city"],
            "parameters": {"format": "csv", "nested": [{"a": ["x", {"b": "y"}]}]},
        },
        "resource": {"type": "table", "id": "crm.people", "labels": ["pii"], "tags": {"team": "crm"}},
        "context": {"time": "2026-11-20T12:00:00Z", "user_agent": "agent/1"},
    }


def places(value: object | None = None, path: Place = ()) -> Iterator[Place]:
    """Every place of `base()` at which a string stands."""
    value = base() if value is None else value
    if isinstance(value, dict):
        for name, below in value.items():
            yield from places(below, (*path, name))
    elif isinstance(value, list):
        for at, below in enumerate(value):
            yield from places(below, (*path, at))
    elif isinstance(value, str):
        yield path


def planted(place: Place, text: str) -> dict[str, Any]:
    """`base()` with a text in this place."""
    document = base()
    into: Any = document
    for step in place[:-1]:
        into = into[step]
    into[place[-1]] = text
    return document


def planted_elsewhere(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """`base()` with a text where no string stood: as a name, deep below, cut in pieces, twice."""
    shapes: dict[str, tuple[str, Any]] = {
        "a name": ("parameters", {text: 1}),
        "a name below": ("parameters", {"a": [{"b": {text: "x"}}]}),
        "deep": ("parameters", {"a": [[[[{"b": [text]}]]]]}),
        "cut in two": ("fields", [text[: len(text) // 2], text[len(text) // 2 :]]),
        "cut in five": ("parameters", {"argv": [text[at : at + len(text) // 5 + 1] for at in range(0, len(text), len(text) // 5 + 1)]}),
        "of the sample": ("sample", {"rows": [{"note": text}]}),
        "an unknown field": ("surprise", text),
        "a telling name": ("parameters", {"db-password": text}),
    }  # fmt: skip
    for name, (member, value) in shapes.items():
        document = base()
        document["action"][member] = value
        yield name, document
    twice = base()
    twice["action"]["parameters"]["note"] = text
    twice["action"]["reason"] = f"because of {text}"
    yield "twice", twice


_ESCAPE = re.compile(r"\\+u\{?([0-9a-f]{1,6})\}?")


def _unescaped(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16) % 0x110000)
    return chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char


def leaks(output: str, canary: Canary) -> list[str]:
    """The forms in which an output gives a canary away: itself, a half of it, or one of these encoded."""
    found = []
    half = max(6, len(canary.secret) // 2)
    parts = {canary.secret, canary.secret[:half], canary.secret[-half:]}
    readings = [output, "".join(output.split()), unquote(unquote(output)), _ESCAPE.sub(_unescaped, output)]
    readings.append("".join(char for char in readings[-1] if char.isprintable() and ord(char) != 0xAD))
    for part in parts:
        shapes = {"plain": part, "hex": part.encode().hex(), "base64": _base64(part)[: len(part) * 4 // 3 - 2]}
        for name, shape in shapes.items():
            if any(shape in reading or shape.lower() in reading.lower() for reading in readings):
                found.append(f"{name}: {shape}")
    return found
