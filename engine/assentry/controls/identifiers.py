"""Control identifiers: how they are written, and the order in which they are listed. No data is loaded here.

An identifier without prefix is of ISO/IEC 27001:2022 Annex A; others carry their framework: `iso42001:A.8.2`,
`soc2:CC6.1`, `nist:AC-2(1)`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

FRAMEWORKS = ("iso27001", "iso42001", "soc2", "nist")
"""The frameworks whose controls a rule may cite, in the order in which they are listed."""

FRAMEWORK_NAMES = {
    "iso27001": "ISO/IEC 27001:2022 Annex A",
    "iso42001": "ISO/IEC 42001:2023 Annex A",
    "soc2": "SOC 2 trust services criteria",
    "nist": "NIST SP 800-53 revision 5",
}

# The series of the trust services criteria in their own order, with how many criteria each group has.
SOC2_SERIES: dict[str, tuple[int, ...]] = {
    "CC": (5, 3, 4, 2, 3, 8, 5, 1, 2),
    "A": (3,),
    "C": (2,),
    "PI": (5,),
    "P": (1, 1, 2, 3, 2, 7, 1, 1),
}

_WORDS = re.compile(r"[A-Za-z]+|\d+")

Order = tuple[int, int, str, tuple[int, ...]]


class Identifier(NamedTuple):
    """A control as its framework's key (`soc2`) and its number there (`CC6.1`)."""

    framework: str
    number: str

    @property
    def printed(self) -> str:
        """As rules and verdicts write it."""
        return self.number if self.framework == FRAMEWORKS[0] else f"{self.framework}:{self.number}"


def split(text: str) -> Identifier:
    """The parts of an identifier as written, whether such a control exists or not."""
    prefix, colon, number = text.partition(":")
    return Identifier(prefix, number) if colon else Identifier(FRAMEWORKS[0], text)


@lru_cache(maxsize=4096)
def order(text: str) -> Order:
    """The sort key of an identifier: catalogue order, so that `A.8.2` comes before `A.8.12`.

    Identifiers of no known framework come last, by their text.
    """
    framework, number = split(text)
    if framework not in FRAMEWORKS:
        return (len(FRAMEWORKS), 0, text, ())
    words = _WORDS.findall(number)
    letters = "".join(word for word in words if not word.isdigit())
    series = list(SOC2_SERIES).index(letters) if framework == "soc2" and letters in SOC2_SERIES else 0
    return (FRAMEWORKS.index(framework), series, letters, tuple(int(word) for word in words if word.isdigit()))
