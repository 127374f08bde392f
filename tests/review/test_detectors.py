"""What the table finds, where, and what it leaves alone."""

from __future__ import annotations

import re
from random import Random

import pytest
import re2

from assentry.review import detectors
from assentry.review.detectors import DETECTORS, RANDOM, UNREAD, Needles, scan
from tests.support.canaries import canaries

FOUND = {
    "postgresql://etl:hunter2@crm.internal/crm": ("hunter2", "password"),
    "redis://:p%40ss@cache:6379/0": ("p%40ss", "password"),
    "https://ghost_token_1234567890@git.example/x": ("ghost_token_1234567890", "token in a URL"),
    "export PGPASSWORD=abcd;": ("abcd", "password"),
    '{"password": "two words"}': ("two words", "password"),
    '{\\"password\\": \\"hunter2\\"}': ("hunter2", "password"),
    "the pin is 4711": ("4711", "password"),
    "mysql --password=hunter2 shop": ("hunter2", "password"),
    "curl --token abcdefgh1 x": ("abcdefgh1", "password"),
    "api-key: abcdefgh12": ("abcdefgh12", "credential"),
    "client_secret = 'abcdefgh12'": ("abcdefgh12", "credential"),
    "Cookie: sid=31d4d96e407aad42": ("sid=31d4d96e407aad42", "cookie"),
    "Authorization: Basic ZXRsOmh1bnRlcjI=": ("ZXRsOmh1bnRlcjI=", "authorization"),
    "bearer abcdef123456": ("abcdef123456", "bearer token"),
    "https://x.blob.core.example/c?sv=1&sig=abcdefgh%2B12": ("abcdefgh%2B12", "signature in a URL"),
    "hooks.slack.com/services/T00000000/B00000000/abcdefgh": ("T00000000/B00000000/abcdefgh", "webhook"),
    "123456789:AAabcdefghijklmnopqrstuvwxyz-ABCDEF": ("123456789:AAabcdefghijklmnopqrstuvwxyz-ABCDEF", "bot token"),
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3": ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3", "private key"),
    "abcdefghijklmnopQRSTUVWXYZ0123456789+/": ("abcdefghijklmnopQRSTUVWXYZ0123456789+/", RANDOM),
    "key_AKIAIOSFODNN7EXAMPLE_old": ("_AKIAIOSFODNN7EXAMPLE_", "AWS access key"),
    "akiaiosfodnn7example": ("akiaiosfodnn7example", "AWS access key"),
    "GHP_" + "AB12" * 9: ("GHP_" + "AB12" * 9, "GitHub token"),
    "SK-PROJ-" + "AB12" * 6: ("SK-PROJ-" + "AB12" * 6, "model key"),
    "-----begin private key-----\nb3": ("-----begin private key-----\nb3", "private key"),
    "card_4111111111111111": ("_4111111111111111", "card number"),
    "iban_DE89370400440532013000": ("_DE89370400440532013000", "IBAN"),
    "kim.müller+x@post.example, and": ("kim.müller+x@post.example", "e-mail address"),
}
LEFT = [
    "compass: north; passage: text; design: Layout2024x; spin: 3",
    "max_tokens: 4096, token_count=12",
    "bearer certificates, basic training, token: none, password: ${PASSWORD}",
    "http://host:8080/path@x and https://example.com/a?b=c",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "550e8400-e29b-41d4-a716-446655440000",
    "2026-11-20T12:00:00Z 1795176000000 +49 30 1234567",
    "arn:aws:s3:::my-bucket/reports/2026/november/customers-by-region.parquet",
    "SELECT customer_id, first_name FROM crm.people WHERE region = 'eu-central-1' LIMIT 100",
    "the quick brown fox jumps over the lazy dog, AKIA, ghp_, xoxb- and eyJ",
    "secretary: Johnson; secretion: hormone",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:nightly-16-ZgthLn",
    "GetAccountAuthorizationDetails",
    "asiapacificdivisions and accademianazionalexx",
    "order SK-20261120-000123-4567, sg.internal-company-name.very-long-domainname",
    "+49 180 8288 5160, 4758981653313",
    "git@code.example:team/service.git and lodash@4.17.21, image@sha256:0011",
    "s3://exports/2026/Q4/CustomerListFinal/PartB1 and docs/Release_Notes_2026_Version_7_final",
]


@pytest.mark.parametrize("text", FOUND)
def test_what_is_found(text: str) -> None:
    where, name = FOUND[text]
    assert (where, name) in {(text[each.start : each.end], each.name) for each in scan(text)}


@pytest.mark.parametrize("text", LEFT)
def test_what_is_left_alone(text: str) -> None:
    assert scan(text) == ()


def test_every_kind_is_found_by_its_own_line_of_the_table() -> None:
    random = Random(3)
    names = {each.name for seed in range(5) for canary in canaries(Random(seed)) for each in scan(canary.text)}
    names |= {name for _, name in FOUND.values()}
    tokens = {
        "do" + "p_v1_" + "0af9" * 16, "dapi" + "0af9" * 8, "hvs." + "aB3-" * 6, "dckr_pat_" + "aB3-" * 7, "ATATT3" + "aB3_" * 8,
        "EAAA" + "aB3_" * 15, "SG." + "aB3_" * 5 + "." + "aB3_" * 8, "SK" + "0af9" * 8, "shpat_" + "0af9" * 8,
        "A3-" + "AB12CD-" * 5, "abc8Q~" + "aB3." * 8, "ya29." + "aB3_" * 8,
    }  # fmt: skip
    names |= {each.name for token in tokens for each in scan(f"x {token} y {random.random()}")}
    assert names == {detector.name for detector in DETECTORS}


def test_patterns_name_their_groups_by_place_alone_and_need_no_backtracking() -> None:
    for detector in DETECTORS:
        assert b"(?P<" not in detector.pattern
        re2.compile(detector.pattern)


def test_a_set_without_memory_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Exhausted:
        def Match(self, _: bytes) -> list[int]:  # noqa: N802
            return []

    _, patterns = detectors._compiled()
    monkeypatch.setattr(detectors, "_compiled", lambda: (Exhausted(), patterns))
    assert {each.name for each in scan("AKIAIOSFODNN7EXAMPLE")} == {"AWS access key"}


def test_what_could_not_be_read_is_found_whole() -> None:
    text = "some words in here"
    import base64

    for _ in range(7):
        text = base64.b64encode(text.encode()).decode()
    assert [(each.start, each.name) for each in scan(text) if each.name == UNREAD][:1] == [(0, UNREAD)]


def test_needles_are_found_in_every_encoding() -> None:
    needles = Needles([b"hunter2", b"long-secret-value"])
    for text in ("use hunter2 here", "use %68unter2", "aHVudGVyMg== is it", "xlong-secret-valuey"):
        assert list(needles.scan(text)), text
    assert not list(needles.scan("hunter22 is another"))
    assert not list(Needles([]).scan("hunter2"))
    assert [found[2] for found in needles.scan("HUNTER2, long-SECRET-value")] == [b"hunter2", b"long-secret-value"]
    assert [found[2] for found in Needles([b"Kim", b"kim", b"KIM"]).scan("kIM")] == [b"KIM"]


def test_names_are_words_for_people() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 -]+", detector.name) for detector in DETECTORS)
