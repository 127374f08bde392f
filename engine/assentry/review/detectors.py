"""What must not be shown wherever it stands: one table of patterns, and the scan of a text for them.

The patterns of one reading of a text are looked for at once (`re2.Set`, in linear time); each that is there is then
located and checked. The forms of keys and tokens are facts from their issuers' documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import re2

from assentry.review import checks
from assentry.review.checks import Range
from assentry.review.layers import Layer, layers

Class = Literal["secret", "personal"]
Check = Callable[[bytes], Range | None]

UNREAD = "not looked through"
RANDOM = "random-looking value"

# Words after which a secret stands; the short ones only as words of their own.
_WORDS = (
    rb"(?i)(?:(?:api|access|secret|private|signing|encryption|account|shared[ _-]?access|master|auth)[ _-]?key(?:[ _-]?id)?"
    rb"|(?:access|refresh|id|auth|session|bearer)[ _-]?token|session[ _-]?(?:id|key)|client[ _-]?secret|credential"
    rb"|(?:^|[^:])secret|token|signature|(?:^|[^A-Za-z])sig)"
)
_PASS = (
    rb"(?i)(?:(?:pass[ _-]?word|passwd|pass[ _-]?phrase|pass[ _-]?code|pwd)[A-Za-z0-9_]{0,24}"
    rb"|(?:^|[^A-Za-z])(?:pass|pin|otp|cvv|cvc))"
)
_IS = rb"""\\?["'\]]{0,2}[ \t+]{0,4}(?:=>|:=|==?|:|[ \t+]is[ \t+])[ \t+]{0,4}\\?"""
_VALUE = (
    rb"""(?:"((?:[^"\\]|\\.)+)"|"((?:[^"\\]|\\[^"])+)|'((?:[^'\\]|\\.)+)'"""
    rb"""|(\$\{\w+\}|[^\s"'&,;<>(){}\x00\\][^\s"'&,;<>(){}\x00]*))"""
)


@dataclass(frozen=True, slots=True)
class Detector:
    """One kind of thing that is hidden. The groups of the pattern, if it has any, are what is meant of a match."""

    name: str
    pattern: bytes
    check: Check | None = None
    cls: Class = "secret"


DETECTORS: tuple[Detector, ...] = (
    # ---- keys ----
    Detector(
        "private key",
        rb"(?is)-----BEGIN[A-Z0-9 ]{0,40} PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END[A-Z0-9 ]{0,40} PRIVATE KEY(?: BLOCK)?-----|\z)",
    ),
    Detector("private key", rb"(?is)PuTTY-User-Key-File-[23]:.*|AGE-SECRET-KEY-1[0-9A-Z]{20,}"),
    # ---- clouds ----
    Detector("AWS access key", rb"(?i)(?:\b|_)(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?:\b|_)", checks.access_key),
    Detector("Google key", rb"(?i)\bAIza[0-9A-Za-z_-]{35}|\bya29\.[0-9A-Za-z_-]{20,}|\bGOCSPX-[0-9A-Za-z_-]{20,}"),
    Detector("Azure secret", rb"(?i)[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    Detector("Azure key", rb"(?i)(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{40,}={0,2})"),
    Detector("signature in a URL", rb"(?i)[?&](?:sig|signature|x-amz-signature|x-goog-signature)=([^&\s\"'\x00]{8,})"),
    Detector("DigitalOcean token", rb"(?i)\bdo[opr]_v1_[a-f0-9]{64}"),
    Detector("Databricks token", rb"(?i)\bdapi[a-f0-9]{32}(?:-[0-9])?\b"),
    Detector("Vault token", rb"(?i)\bhv[sbr]\.[A-Za-z0-9_-]{20,}"),
    # ---- code and packages ----
    Detector("GitHub token", rb"(?i)\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{22,}"),
    Detector("GitLab token", rb"(?i)(?:\b|_)gl(?:pat|dt|rt|rtr|ptt|cbt|ft|soat|agent|imt|oas|ffct)-[A-Za-z0-9_.-]{20,}"),
    Detector("npm token", rb"(?i)\bnpm_[A-Za-z0-9]{36}"),
    Detector("PyPI token", rb"(?i)\bpypi-[A-Za-z0-9_-]{50,}"),
    Detector("Docker token", rb"(?i)\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    Detector("Atlassian token", rb"(?i)\bAT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{20,}"),
    # ---- services ----
    Detector("Slack token", rb"(?i)\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{10,}"),
    Detector("webhook", rb"(?i)hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{16,})"),
    Detector("webhook", rb"(?i)discord(?:app)?\.com/api/webhooks/([0-9]+/[A-Za-z0-9_-]{16,})"),
    Detector("Stripe key", rb"(?i)\b[rsp]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9+/=]{24,}"),
    Detector("Square token", rb"(?i)\bEAAA[A-Za-z0-9_-]{56,}|\bsq0[a-z]{3}-[A-Za-z0-9_-]{22,}"),
    Detector("model key", rb"\bsk-[A-Za-z0-9_-]{20,}|(?i:\bsk-(?:ant|or|proj|admin|svcacct)-[A-Za-z0-9_-]{20,}|\bhf_[A-Za-z0-9]{30,}|\bgsk_[A-Za-z0-9]{40,}|\bxai-[A-Za-z0-9]{40,})"),
    Detector("SendGrid key", rb"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    Detector("Twilio key", rb"(?i)\bSK[0-9a-f]{32}\b"),
    Detector("Shopify token", rb"(?i)\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    Detector("bot token", rb"(?i)\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
    Detector("1Password token", rb"\bops_eyJ[A-Za-z0-9+/=]{100,}|\bA3-[A-Z0-9]{6}-[A-Z0-9-]{20,}"),
    # ---- bearers of any kind ----
    Detector("JSON web token", rb"(?i)(?:\b|_)eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){2,4}"),
    Detector("bearer token", rb"(?i)\b(?:bearer|basic|negotiate)[ \t]+([A-Za-z0-9._~+/=-]{8,})", checks.token),
    Detector("authorization", rb"""(?i)\bauthorization\\?["']?[ \t]*[:=][ \t]*\\?["']?(?:[a-z]+[ \t]+)?([^\s"',;\x00]{6,})"""),
    Detector("cookie", rb"(?i)\b(?:set-)?cookie\\?[\"']?[ \t]*:[ \t]*([^\r\n\x00]{4,})"),
    Detector(
        "password",
        rb"""(?i)\b[a-z][a-z0-9+.-]{1,30}://[^\s/:@"'\x00]*:([^\s"'<>\x00]+)@[a-z0-9.\[\x80-\xff_-]""",
        checks.password_in_url,
    ),
    Detector("token in a URL", rb"(?i)\b[a-z][a-z0-9+.-]{1,30}://([A-Za-z0-9_.-]{16,})(?::[^\s/@\x00]*)?@", checks.token),
    Detector("password", _PASS + _IS + _VALUE, checks.password),
    Detector("password", rb"""(?i)(?:^|[\s"'\x00])(?:--?(?:password|passwd|pass|pwd|secret|token|api-?key))[= ]+([^\s"'\x00-]\S*)""", checks.password),
    Detector("credential", _WORDS + rb"[A-Za-z0-9_]{0,24}" + _IS + _VALUE, checks.token),
    Detector(RANDOM, rb"[A-Za-z0-9+/_-]{32,}={0,2}", checks.random_looking),
    # ---- people and money ----
    Detector("card number", rb"(?:\+|\b|_)[0-9](?:[ .+-]?[0-9]){11,18}(?:\b|_)", checks.card_number),
    Detector("IBAN", rb"(?i)(?:\b|_)[A-Z]{2}[0-9]{2}(?:[ +-]?[A-Z0-9]){11,40}", checks.iban, "personal"),
    Detector(
        "e-mail address",
        rb"[A-Za-z0-9._%+'\x80-\xff-]+@(?:[A-Za-z0-9\x80-\xff-]+\.)+[A-Za-z\x80-\xff][A-Za-z0-9\x80-\xff-]+",
        checks.address,
        "personal",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """Something in a text, from code point `start` to `end`; `value` is what it says, without its encoding."""

    start: int
    end: int
    name: str
    cls: Class
    value: bytes


def scan(text: str) -> tuple[Found, ...]:
    """All that the table finds in a text, in every encoding, in no order; ranges may overlap.

    A text that takes too much work to look through is found whole, as `not looked through`.
    """
    return tuple(found for layer in layers(text) for found in _scan_layer(layer))


class Needles:
    """Values that are looked for wherever they stand, in any case of their letters, in every encoding as well.

    Long values are found within words, shorter ones as words of their own.
    """

    def __init__(self, values: Iterable[bytes]) -> None:
        self._values = {value.lower(): value for value in sorted(values, reverse=True)}
        self._pattern: Any = None
        if parts := [_needle(value) for value in sorted(self._values, key=lambda each: (-len(each), each))]:
            self._pattern = re2.compile(b"(?i:" + b"|".join(parts) + b")", _options())

    def scan(self, text: str) -> Iterator[tuple[int, int, bytes]]:
        """Where the values stand in a text, and which; ranges may overlap."""
        if self._pattern is not None:
            for layer in layers(text):
                for match in () if layer.unread else self._pattern.finditer(layer.data):
                    yield (*layer.way(*match.span()), self._values[match.group(0).lower()])


LONG = 8
"""From this length on a value is looked for within words too."""


def _needle(value: bytes) -> bytes:
    escaped: bytes = re2.escape(value)
    if len(value) >= LONG:
        return escaped
    edges = (rb"\b" if _is_word(value[:1]) else b"", rb"\b" if _is_word(value[-1:]) else b"")
    return edges[0] + escaped + edges[1]


def _is_word(char: bytes) -> bool:
    return char.isalnum() or char == b"_"


def _scan_layer(layer: Layer) -> Iterator[Found]:
    if layer.unread:
        yield Found(*layer.way(0, 1), UNREAD, "secret", b"")
        return
    table, patterns = _compiled()
    hits = table.Match(layer.data)
    # The first pattern is empty and matches always: without it the set ran out of memory, and each is tried alone.
    wanted = [at - 1 for at in hits if at] if 0 in hits else range(len(DETECTORS))
    for at in wanted:
        for match in patterns[at].finditer(layer.data):
            found = _meant(DETECTORS[at], match)
            # What was never encoded decodes to noise, in which an `@` is soon an address.
            noise = layer.depth > 0 and DETECTORS[at].cls == "personal" and not match.group(0).isascii()
            if found is not None and not noise:
                yield Found(*layer.way(*found), DETECTORS[at].name, DETECTORS[at].cls, layer.data[slice(*found)])


def _meant(detector: Detector, match: Any) -> Range | None:
    """The range of the layer that a match is about."""
    group = next((number for number in range(1, match.re.groups + 1) if match.group(number) is not None), 0)
    start, end = match.span(group)
    if detector.check is None:
        return start, end
    within = detector.check(match.group(group))
    return None if within is None else (start + within[0], start + within[1])


@cache
def _compiled() -> tuple[Any, tuple[Any, ...]]:
    """The set of all patterns behind an empty one, and each alone."""
    table = re2.Set.SearchSet(_options())
    table.Add(b"")
    for detector in DETECTORS:
        table.Add(detector.pattern)
    table.Compile()
    return table, tuple(re2.compile(detector.pattern, _options()) for detector in DETECTORS)


def _options() -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 1 << 28
    return options
