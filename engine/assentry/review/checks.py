"""What makes a match sure: check digits, the look of randomness, and words that are no secrets.

A check gets a match and gives the range within it that is meant, or None when it is not what its pattern is for.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping

Range = tuple[int, int]

# ISO 13616, the registry of SWIFT: how long the IBANs of a country are.
_IBANS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 "
    "EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 "
    "KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 "
    "PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 "
    "VA22 VG24 XK20 YE30"
)
_IBAN_LENGTHS: Mapping[str, int] = {entry[:2]: int(entry[2:]) for entry in _IBANS.split()}
# ISO/IEC 7812: the first digits of the card schemes, and how many digits their numbers have.
_CARDS = re.compile(
    rb"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    rb"|6(?:011|5\d\d|4[4-9]\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
    rb"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"
)
_SIGNS = re.compile(rb"[^0-9A-Za-z]")
_PLACEHOLDER = re.compile(
    rb"(?i)(?:true|false|null|none|nil|yes|no|required|redacted|hidden|changeme|x+|\*+|\.+|-+"
    rb"|\$\{?\w+\}?|\$\{\{.*|\{\{.*|<[^<>]*>|%\w+%|env\..*|vault:.*|\[.*)"
)


def card_number(match: bytes) -> Range | None:
    """A number of a known scheme with a right check digit (Luhn, ISO/IEC 7812-1), and nobody's phone number."""
    digits = _SIGNS.sub(b"", match)
    if match.startswith(b"+") or _CARDS.fullmatch(digits) is None:
        return None
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = (digit - 48) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return (0, len(match)) if total % 10 == 0 else None


def iban(match: bytes) -> Range | None:
    """The country's number of letters, with right check digits (mod 97, ISO 7064)."""
    places = [at for at, byte in enumerate(match) if not _SIGNS.match(match, at) and byte < 128]
    wanted = _IBAN_LENGTHS.get(bytes(match[at] for at in places[:2]).decode("ascii").upper())
    if wanted is None or len(places) < wanted:
        return None
    letters = bytes(match[at] for at in places[:wanted]).decode("ascii").upper()
    number = int("".join(str(int(char, 36)) for char in letters[4:] + letters[:4]))
    return (0, places[wanted - 1] + 1) if number % 97 == 1 else None


def access_key(match: bytes) -> Range | None:
    """In another case than its issuer's it may be a word, which has no digits."""
    return (0, len(match)) if match.isupper() or re.search(rb"[0-9]", match) else None


def random_looking(match: bytes) -> Range | None:
    """Letters of both cases and digits, spread as chance spreads them, and no words with signs between them."""
    kinds = (re.search(kind, match) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
    if not all(kinds) or entropy(match) < 4.2:
        return None
    if len(re.findall(rb"[/_-]", match)) > 3 and re.search(rb"[a-z]{5}", match):
        return None
    return 0, len(match)


def token(match: bytes) -> Range | None:
    """What may be a token after a word like `token`: no placeholder, and not a mere word."""
    if len(match) < 8 or is_placeholder(match):
        return None
    if re.search(rb"[0-9]", match) or (re.search(rb"[a-z]", match) and re.search(rb"[A-Z]", match[1:])):
        return 0, len(match)
    return (0, len(match)) if len(match) >= 16 and entropy(match) >= 3.0 else None


def password(match: bytes) -> Range | None:
    """Anything after a word like `password` but a placeholder."""
    return None if is_placeholder(match) else (0, len(match))


def address(match: bytes) -> Range | None:
    """An address of somebody: `git@host` names a service."""
    return None if match.startswith((b"git@", b"hg@", b"svn@")) else (0, len(match))


def password_in_url(match: bytes) -> Range | None:
    """What stands between a name and the host, unless it is a port and a path."""
    before, slash, _ = match.partition(b"/")
    return None if (slash and before.isdigit()) or is_placeholder(match) else (0, len(match))


def entropy(text: bytes) -> float:
    """Shannon's entropy of the text's bytes, in bits each."""
    counts = Counter(text).values()
    return math.log2(len(text)) - sum([count * math.log2(count) for count in counts]) / len(text)


def is_placeholder(match: bytes) -> bool:
    """What stands for a value or for none: `null`, `${NAME}`, `***`."""
    return _PLACEHOLDER.fullmatch(match) is not None
