"""Doubles as text, with the fewest digits that give them back.

Python's `repr` finds those digits; where the point goes is Go's way, as CEL's implementations have it.
"""

from __future__ import annotations

import math


def _digits(value: float) -> tuple[str, int]:
    """The significant digits of a finite double, and after how many of them the point stands."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or "0") - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return (digits, point) if digits else ("0", 1)


def _sign(value: float) -> str:
    return "-" if math.copysign(1.0, value) < 0 else ""


def fixed(value: float) -> str:
    """A finite double without an exponent: `1500`, `0.001`."""
    digits, point = _digits(value)
    if point <= 0:
        text = f"0.{'0' * -point}{digits}"
    elif point >= len(digits):
        text = digits.ljust(point, "0")
    else:
        text = f"{digits[:point]}.{digits[point:]}"
    return _sign(value) + text


def general(value: float) -> str:
    """Any double: scientific below 1e-4 and from 1e6 on, else fixed; `NaN`, `+Inf`, `-Inf`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    digits, point = _digits(value)
    exponent = point - 1
    if -4 <= exponent < 6:
        return fixed(value)
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{_sign(value)}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
