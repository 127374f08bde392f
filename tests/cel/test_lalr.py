"""The loop over lark's tables does what lark's own loop does."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from lark.exceptions import UnexpectedToken

from assentry.cel.build import ExpressionBuilder, Refused
from assentry.cel.lalr import END, Parser
from assentry.cel.lexer import CEL, Token, scan
from assentry.cel.parse import build_parser, grammar_text
from assentry.source import Source

TEXTS = [
    "a.b == 1 && has(c.d) || !(x in [1, 2, ?y, ])",
    "f(a, -1, {b: 2u}).?g[?0].h(1)[2] ? T{x: 1} : .root.f('s', b'b')",
    "a + b * c - d % 2.5 < 1 && null != true",
]


@pytest.fixture(scope="module")
def parser() -> Parser:
    return build_parser(grammar_text(), "expression", ExpressionBuilder())


def outcome(parse: Any, tokens: Sequence[Token]) -> object:
    """The tree, or which token was refused and why."""
    try:
        return parse(tokens)
    except UnexpectedToken as unexpected:
        found: Any = unexpected.token
        return END if found.type == END else (found.start, found.end)
    except Refused as refused:
        return refused.code, refused.span


def test_same_trees_and_same_refusals(parser: Parser) -> None:
    random = Random(5)
    trees = 0
    for _ in range(600):
        tokens = [token for text in TEXTS for token in scan(Source("e", text), CEL, []).tokens]
        begin = random.randrange(len(tokens))
        tokens = tokens[begin : begin + random.randrange(12)]
        if tokens and random.random() < 0.5:
            tokens[random.randrange(len(tokens))] = random.choice(tokens)
        found = outcome(parser.parse, tokens)
        assert found == outcome(parser.lark.parse, tokens)
        trees += not isinstance(found, tuple | str)
    assert trees > 20


def test_whole_texts(parser: Parser) -> None:
    for text in TEXTS:
        tokens = scan(Source("e", text), CEL, []).tokens
        assert parser.parse(tokens) == parser.lark.parse(tokens)
