"""The allow-list: what the emitter never builds is never compiled."""

from __future__ import annotations

import ast

import pytest

from assentry.code.load import load
from assentry.errors import FormatError

NAMES = {"len": len, "UNFIT": object()}


def compiled(body: str) -> object:
    module = ast.parse(f"def rule(action):\n    {body}\n")
    return load(module, "rules.assent", NAMES)


@pytest.mark.parametrize(
    "body",
    [
        "import os",
        "from os import system",
        "return action.__class__",
        "return action.keys",
        "return (lambda: 1)()",
        "return __import__('os')",
        "return eval('1')",
        "return open('x')",
        "return f'{action}'",
        "return len(action, key=1)",
        "return len(*action)",
        "return action[1:2]",
        "return [x async for x in action]",
        "return action @ action",
        "return action ** 9",
        "return action * 9",
        "return (yield)",
        "global len",
        "len = 1",
        "del action",
        "raise action",
        "assert action",
        "while action: return 1",
        "for x in action: return x",
        "\n    for x in action:\n        if x: return 1\n    else: return 2",
        "\n    for x in action:\n        if x: return 1\n        return 2",
        "return __builtins__",
        "return ...",
        "return 1j",
        "action.x = 1",
        "def inner(): return 1",
        "with action: return 1",
        "return {1, 2}",
        "return await_",
        "class X: pass",
        "\n    @len\n    def f(): return 1",
    ],
)
def test_what_is_not_on_the_list_is_refused(body: str) -> None:
    with pytest.raises(FormatError, match="emitted code"):
        compiled(body)


@pytest.mark.parametrize(
    "code",
    [
        "def rule(action=1):\n    return action\n",
        "@len\ndef rule(action):\n    return action\n",
        "def rule(__builtins__):\n    return 1\n",
        "def rule(action):\n    try:\n        return 1\n    except len as error:\n        return 2\n",
    ],
)
def test_functions_are_plain(code: str) -> None:
    with pytest.raises(FormatError, match="emitted code"):
        load(ast.parse(code), "rules.assent", NAMES)


@pytest.mark.parametrize("body", ["type('x', (), action)", "type", "len(type)", "type(*action)", "type()"])
def test_types_are_asked_for_and_never_made(body: str) -> None:
    with pytest.raises(FormatError, match="emitted code"):
        load(ast.parse(f"def rule(action):\n    return {body}\n"), "rules.assent", {"len": len, "type": type})


def test_a_loop_looks_for_an_element() -> None:
    code = "def rule(action):\n    for x in action:\n        if type(x) is int:\n            return True\n    return False\n"
    run = load(ast.parse(code), "rules.assent", {"type": type, "int": int})
    assert run(["a", 1]) is True
    assert run(["a"]) is False


def test_a_function_knows_its_names_and_no_builtins() -> None:
    run = load(ast.parse("def rule(action):\n    return len(action)\n"), "rules.assent", NAMES)
    assert run([1, 2]) == 2
    assert run.__globals__["__builtins__"] == {}
    assert run.__code__.co_filename == "rules.assent"
