"""Check digits, randomness, and words that are no secrets."""

from __future__ import annotations

import pytest

from assentry.review import checks


@pytest.mark.parametrize("number", ["4111111111111111", "5555 5555 5555 4444", "378282246310005", "2223003122003222", "6011111111111117", "30569309025904", "3530111333300000", "6200000000000005"])  # fmt: skip
def test_card_numbers(number: str) -> None:
    assert checks.card_number(number.encode()) == (0, len(number))
    digits = number.replace(" ", "")
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert checks.card_number(wrong.encode()) is None


@pytest.mark.parametrize("number", ["1795176000000", "0000000000000000", "9999999999999995", "411111111111111"])
def test_numbers_of_no_scheme(number: str) -> None:
    assert checks.card_number(number.encode()) is None


@pytest.mark.parametrize("number", ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "NO9386011117947", "MT84MALT011000012345MTLCAST001S", "fr1420041010050500013m02606"])  # fmt: skip
def test_ibans(number: str) -> None:
    assert checks.iban(number.encode()) == (0, len(number))
    assert checks.iban(f"{number} and so on".encode()) == (0, len(number))
    assert checks.iban(number.replace("1", "2", 1).encode()) is None


@pytest.mark.parametrize("number", ["XX89370400440532013000", "DE8937040044053201300", "DE00370400440532013000"])
def test_no_ibans(number: str) -> None:
    assert checks.iban(number.encode()) is None


def test_what_looks_random() -> None:
    assert checks.random_looking(b"wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12")
    for plain in (
        b"a" * 40,
        b"customer_identifier_and_other_words_of_it",
        b"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
    ):
        assert checks.random_looking(plain) is None
    assert checks.random_looking(b"Aa1Aa1Aa1Aa1Aa1Aa1Aa1Aa1Aa1Aa1Aa1Aa1Aa1A") is None


@pytest.mark.parametrize("text", [b"abc12345", b"abcdEfghij", b"correcthorsebattery"])
def test_tokens(text: bytes) -> None:
    assert checks.token(text) == (0, len(text))


@pytest.mark.parametrize("text", [b"valid", b"certificates", b"${TOKEN}", b"{{ secrets.token }}", b"<your-token-1>", b"xxxxxxxx", b"********", b"a" * 20])  # fmt: skip
def test_no_tokens(text: bytes) -> None:
    assert checks.token(text) is None


def test_passwords() -> None:
    assert checks.password(b"hunter2") == (0, 7)
    assert checks.password(b"${PASSWORD}") is None
    assert checks.password(b"null") is None
    assert checks.password_in_url(b"p/w") == (0, 3)
    assert checks.password_in_url(b"8080/path") is None
    assert checks.password_in_url(b"8080") == (0, 4)


def test_entropy() -> None:
    assert checks.entropy(b"aaaa") == 0
    assert checks.entropy(b"abcd") == 2
    assert checks.entropy(b"aabc") == 1.5
