"""How accounts are compared: what is folded, and that nothing else is.

Unicode NFC, since the same text can be encoded in two ways; and the case of ASCII letters in e-mail addresses, since
no mail provider tells them apart. Everything else stays as it is: another case, another script, full-width letters or
a ligature make another account. Two accounts that look alike are never merged; they are reported.
"""

from __future__ import annotations

import re
import unicodedata

MAX_NAME = 1024
"""Code points of an account's or a group's name."""

_EMAIL = re.compile(r"[^\s@#/:]+@[^\s@#/:]+")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

# Letters of other scripts that most fonts draw as an ASCII letter.
_DRAWN_AS = str.maketrans(
    "авеѕіјкмнорстухһԁԛԝɡαεικνορτυχ0",  # Cyrillic, IPA, Greek, and the digit
    "abesijkmhopctyxhdqwgaeiknoptuxo",
)


def normal(account: str) -> str:
    """The form in which accounts are compared."""
    text = account if account.isascii() else unicodedata.normalize("NFC", account)
    return text.translate(_LOWER) if _EMAIL.fullmatch(text) else text


def usable(name: str) -> bool:
    """Whether a text can name somebody: not blank, not too long, no blanks around it, nothing invisible in it."""
    if not name or len(name) > MAX_NAME or name != name.strip():
        return False
    return all(char == " " or unicodedata.category(char) not in _INVISIBLE for char in name)


_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})


def drawn(account: str) -> str:
    """What an account looks like: equal for two that people cannot tell apart. For reports, never for identity."""
    return unicodedata.normalize("NFKC", account).casefold().translate(_DRAWN_AS)


def of_issuer(issuer: str, subject: str) -> str:
    """The account of an OpenID Connect subject: only both together name somebody."""
    return f"{issuer}#{subject}"
