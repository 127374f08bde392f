"""Law 7: no text becomes code."""

from __future__ import annotations

import ast
import builtins
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assentry.code import allow, load
from assentry.compiler import load_sources
from assentry.errors import CompileError, FormatError
from tests.oracle.interpret import interpret
from tests.support.generate import World
from tests.support.laws import RULESETS, compiled, law, worlds
from tests.support.schemas import PLAIN

ROOT = Path(__file__).parents[2]

HOSTILE = (
    "__import__('os').system('touch pwned')",
    "');__import__('os').system('touch pwned')#",
    '"+__import__("os").system("touch pwned")+"',
    "\n__import__('os').system('touch pwned')\n",
    "{__class__.__mro__[1].__subclasses__()}",
    "{0.__class__}{action.__globals__}",
    "${jndi:ldap://x}%s%(x)s{{7*7}}",
    "lambda: open('/etc/passwd')",
    "\\x5f\\x5fimport\\x5f\\x5f",
    "cos\nsystem\n(S'touch pwned'\ntR.",
    "!!python/object/apply:os.system ['touch pwned']",
    "\ud7ff\uffff\U0010ffff",
)

NAMES = [
    "__import__",
    "__builtins__",
    "__class__",
    "__name__",
    "_",
    "__",
    "exec",
    "eval",
    "compile",
    "open",
    "print",
    "getattr",
    "globals",
    "type",
    "object",
    "os",
    "sys",
    "def",
    "class",
    "lambda",
    "import_",
    "None_",
    "True",
    "self",
    "cls",
    "action_",
    "memo",
    "risk_",
    "bindings",
    "key",
    "result",
    "UNFIT",
    "MISSING",
    "yield",
    "async",
    "await",
]

TOOLS = (eval, exec, compile, open, getattr, setattr, delattr, __import__, globals, locals, vars, dir, input, object)

FORBIDDEN = (
    ast.Import,
    ast.ImportFrom,
    ast.Lambda,
    ast.ClassDef,
    ast.AsyncFunctionDef,
    ast.Global,
    ast.Nonlocal,
    ast.With,
    ast.Delete,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.Await,
    ast.Yield,
    ast.YieldFrom,
    ast.Raise,
    ast.Starred,
)


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[ast.Module, dict[str, Any]]]]:
    """Every module that is emitted, with the names that it is given, as it passes the allow-list."""
    seen: list[tuple[ast.Module, dict[str, Any]]] = []
    check = allow.check

    def watched(module: ast.Module, names: Any) -> None:
        seen.append((module, dict(names)))
        check(module, names)

    monkeypatch.setattr(load, "check", watched)
    yield seen
    assert seen


def harmless(module: ast.Module, names: dict[str, Any]) -> None:
    """By a list of its own: nothing that could load, define, reach into or format."""
    for node in ast.walk(module):
        assert not isinstance(node, FORBIDDEN), ast.dump(node)
        if isinstance(node, ast.Attribute):
            assert node.attr.isalpha(), node.attr
            assert node.attr not in ("format", "mro", "gi_frame", "tb_frame"), node.attr
        if isinstance(node, ast.Name):
            assert "__" not in node.id
            assert not hasattr(builtins, node.id) or node.id in names, node.id
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and names.get(node.func.id) is type:
            assert len(node.args) == 1, "with three arguments `type` makes classes"
    for name, value in names.items():
        assert not isinstance(value, ModuleType), name
        assert not any(value is tool for tool in TOOLS), name


def test_only_allowed_nodes_are_emitted(emitted: list[tuple[ast.Module, dict[str, Any]]]) -> None:
    @law(RULESETS // 20)
    @given(worlds())
    def holds(world: World) -> None:
        emitted.clear()
        policy = compiled(world.texts, world)
        for case in world.cases:
            policy.decide(case.action)
        assert emitted
        for module, names in emitted:
            harmless(module, names)

    holds()


def test_functions_know_no_builtins(monkeypatch: pytest.MonkeyPatch) -> None:
    functions: list[Any] = []
    make = load.load

    def watched(*args: Any) -> Any:
        functions.append(make(*args))
        return functions[-1]

    for module in list(sys.modules.values()):
        if module.__name__.startswith("assentry.") and getattr(module, "load", None) is make:
            monkeypatch.setattr(module, "load", watched)
    policy = load_sources({"a.assent": 'package p\n\nallow x if action.name.startsWith("a")\n'}, schema=PLAIN)
    policy.decide({"action": {"name": "a"}})
    assert functions
    for function in functions:
        assert isinstance(function, FunctionType)
        assert function.__globals__["__builtins__"] == {}
        assert not function.__closure__


# ---- hostile texts ----


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_are_strings(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    literal = "".join(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}" for char in text)
    rules = f'''package p

const BAD := ["{literal}"]

deny x if {{
    action.name in BAD || action.name == "{literal}" || action.group.contains("{literal}")
}} with {{
    title: "{literal}"
    reason: "{{action.name}} and {{action.group}}"
    owner: "{literal}"
}}

require approval y if true with {{ approvers: 1 of group("{literal}") }}
'''
    action = {"action": {"name": text, "group": text * 2}}
    same(rules, action)
    same(rules, {"action": {"name": "a", "group": text}, text: text})
    same(rules, {text: {text: text}})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_are_names(name: str) -> None:
    places = (
        f"package {name}\n\nallow x if action.name == 'a'\n",
        f"package p\n\nallow {name} if action.name == 'a'\n",
        f"package p\n\n{name} if action.name == 'a'\nallow x if {name}\n",
        f"package p\n\n{name}(v) if v == 'a'\nallow x if {name}(action.name)\n",
        f"package p\n\nf({name}) if {name} == 'a'\nallow x if f(action.name)\n",
        f"package p\n\nconst {name} := ['a']\nallow x if action.name in {name}\n",
        f"package p\n\nallow x if ['a'].exists({name}, {name} == action.name)\n",
        f"package p\n\nallow x if cel.bind({name}, action.name + '', {name} == 'a' && {name} != 'b')\n",
        f"package p\n\nallow x if {{'a': 1}}.exists({name}, w, {name} == action.name && w == 1)\n",
    )
    for rules in places:
        try:
            load_sources({"a.assent": rules}, schema=PLAIN)
        except CompileError:
            continue  # a word of the language, or a name that it uses
        same(rules, {"action": {"name": "a"}}, "allow")
        same(rules, {"action": {"name": "b"}}, "deny")


@pytest.mark.parametrize("name", [*HOSTILE, "<string>", "../../etc/passwd", "", "con.assent", "a.assent\n"])
def test_hostile_file_names(name: str) -> None:
    rules = "package p\n\nallow x if action.name == 'a'\n"
    policy = load_sources({name: rules}, schema=PLAIN)
    assert policy.decide({"action": {"name": "a"}}).decision == "allow"


def same(rules: str, action: dict[str, Any], decision: str | None = None) -> None:
    """Compiled and oracle agree on an action."""
    policy = load_sources({"a.assent": rules}, schema=PLAIN)
    found = policy.decide(action).to_dict()
    assert found == {**interpret({"a.assent": rules}, action, PLAIN), "policy": policy.digest}
    assert decision in (None, found["decision"])


@law(RULESETS // 10)
@given(st.sampled_from(HOSTILE), st.sampled_from(["'", '"', "'''", '"""', "r'", 'b"', ""]))
def test_hostile_text_anywhere_in_a_rule_is_at_most_refused(text: str, quote: str) -> None:
    closing = quote.lstrip("rb")
    for rules in (f"package p\n\ndeny x if {quote}{text}{closing} == action.name\n", f"package p\n{text}\n", text):
        with suppress(CompileError):
            load_sources({"a.assent": rules}, schema=PLAIN).decide({"action": {"name": text}})
    assert not Path("pwned").exists()


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "def f(a):\n    import os",
        "def f(a):\n    return (lambda: 1)()",
        "def f(a):\n    return a.__class__",
        "def f(a):\n    return a.format",
        "def f(a):\n    return __import__",
        "def f(a):\n    return open",
        "def f(a=1):\n    return a",
        "def f(a):\n    return f'{a}'",
        "def f(a):\n    return g(**a)",
        "def f(a):\n    global b\n    b = a",
        "@g\ndef f(a):\n    return a",
        "class f:\n    pass",
        "def f(a):\n    a.x = 1",
        "def f(a):\n    del a",
        "async def f(a):\n    return a",
        "def f(a):\n    yield a",
        "def f(a):\n    with a:\n        return 1",
        "def f(a):\n    while a:\n        a = 1",
        "def f(a):\n    raise a",
        "def f(a):\n    return [*a]",
        "def f(a):\n    try:\n        return 1\n    except g as e:\n        return e",
    ],
)
def test_the_allow_list_refuses(source: str) -> None:
    with pytest.raises(FormatError):
        load.load(ast.parse(source), "a.assent", {"g": len})


# ---- what the interpreter itself sees ----

AUDIT = """
import ast, sys
from tests.laws.test_law_7_no_text import watched_run

watched_run()
watching, seen = True, []


def hook(event, args):
    if watching:
        seen.append((event, args))


sys.addaudithook(hook)
watched_run()
watching = False
HARMLESS = {"builtins.id", "object.__getattr__", "sys._getframe", "os.listdir", "tempfile.mkstemp", "os.rename"}
DATA = ("saved.policy", "zoneinfo", "tzdata", ".dist-info", ".zip")  # the last for the versions in the digest
for event, args in seen:
    if event == "compile":
        assert isinstance(args[0], ast.AST), (event, args)
    elif event == "exec":
        assert args[0].co_filename.endswith((".assent", "<index>")), (event, args)
    elif event == "open":
        assert isinstance(args[0], int) or any(part in str(args[0]) for part in DATA), (event, args)
    else:
        assert event in HARMLESS, (event, args)
assert any(event == "compile" for event, _ in seen)
print("watched", len(seen))
"""


def watched_run() -> None:
    """Loads, decides, saves and loads again: the second time nothing is left to import."""
    from assentry.evaluator.policy import load_saved
    from tests.support.generate import world
    from tests.support.laws import verdict

    for seed in range(12):
        of = world(seed)
        policy = compiled(of.texts, of)
        policy.save("saved.policy")
        again = load_saved("saved.policy")
        for case in of.cases:
            assert verdict(policy, case.action) == verdict(again, case.action)
    for text in HOSTILE:
        policy = load_sources({"h.assent": f"package p\n\ndeny x if action.name != {text!r}\n"}, schema=PLAIN)
        verdict(policy, {"action": {"name": text}})


def test_the_interpreter_compiles_no_text(tmp_path: Path) -> None:
    path = os.pathsep.join([str(ROOT), str(ROOT / "engine")])
    run = subprocess.run(
        [sys.executable, "-c", AUDIT],
        env={**os.environ, "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("watched")
