"""What the scan finds, what guards cover, and what it must not take for covered: small programs, one idea each."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from assentry.errors import ConfigError
from assentry.scanner.scan import CODES, Report, scan


def look(tmp_path: Path, *texts: str, **files: str) -> Report:
    for name, text in ({"app": texts[0]} if texts else {}).items() | files.items():
        path = tmp_path / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return scan([tmp_path], shown=lambda path: path.relative_to(tmp_path).as_posix())


def found(tmp_path: Path, *texts: str, **files: str) -> list[str]:
    return [
        f"{each.code} {each.position.line}:{each.position.column}" for each in look(tmp_path, *texts, **files).findings
    ]


# ---- which calls have consequences ----

CALLS = {
    "import subprocess\nsubprocess.run(x)": "unguarded-process",
    "import subprocess as sp\nsp.Popen(x)": "unguarded-process",
    "from subprocess import check_output as co\nco(x)": "unguarded-process",
    "import os\nrun = os.system\nrun(x)": "unguarded-process",
    "import asyncio\nasync def f():\n    await asyncio.create_subprocess_shell(x)": "unguarded-process",
    "eval(x)": "unguarded-code",
    "import shutil\nshutil.rmtree(x)": "unguarded-delete",
    "import os.path\nos.remove(x)": "unguarded-delete",
    "from pathlib import Path\n(Path(x) / 'a').unlink()": "unguarded-delete",
    "from pathlib import Path\ndef f(p: Path):\n    p.unlink()": "unguarded-delete",
    "from pathlib import Path\ndef f(p: 'Path | None'):\n    p.rmdir()": "unguarded-delete",
    "import pathlib\nfor p in x:\n    pathlib.Path(p).parent.joinpath('a').write_text('b')": "unguarded-write",
    "open(x, 'w')": "unguarded-write",
    "open(x, mode=y)": "unguarded-write",
    "with open(x, 'r+b') as f:\n    pass": "unguarded-write",
    "import requests\nrequests.post(x)": "unguarded-request",
    "import requests\nrequests.request('DELETE', x)": "unguarded-request",
    "import requests\ns = requests.Session()\ns.put(x)": "unguarded-request",
    "import httpx\nwith httpx.Client() as c:\n    c.delete(x)": "unguarded-request",
    "import httpx\nasync def f(c: httpx.AsyncClient):\n    await c.patch(x)": "unguarded-request",
    "import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as s:\n        await s.post(x)": "unguarded-request",
    "from urllib.request import urlopen\nurlopen(x, data=y)": "unguarded-request",
    "from urllib.request import Request\nRequest(x, method='DELETE')": "unguarded-request",
    "import boto3\nboto3.client('s3').delete_object(x)": "unguarded-cloud",
    "import boto3\nclass A:\n    def __init__(self):\n        self.ec2 = boto3.client('ec2')\n    def f(self):\n"
    "        self.ec2.terminate_instances()": "unguarded-cloud",
    "import boto3\nboto3.resource('s3').Bucket('b').objects.all().delete()": "unguarded-cloud",
    "from kubernetes import client\napi = client.CoreV1Api()\napi.delete_namespace('x')": "unguarded-cloud",
    "def f(cur):\n    cur.execute('DELETE FROM t')": "unguarded-database",
    "def f(cur):\n    cur.execute(f'  drop table {x}')": "unguarded-database",
    "def f(cur):\n    q = 'UPDATE t SET a = 1'\n    cur.execute(q)": "unguarded-database",
    "def f(cur):\n    cur.execute('WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a')": "unguarded-database",
    "import sqlalchemy as sa\ndef f(s):\n    s.execute(sa.text('truncate t'))": "unguarded-database",
    "from sqlalchemy import delete\ndef f(s):\n    s.execute(delete(T).where(T.a == 1))": "unguarded-database",
    "User.objects.filter(a=1).delete()": "unguarded-database",
    "import smtplib\nwith smtplib.SMTP('h') as s:\n    s.send_message(m)": "unguarded-message",
    "from slack_sdk import WebClient\nWebClient(t).chat_postMessage(text=x)": "unguarded-message",
    "import stripe\nstripe.Refund.create(amount=1)": "unguarded-payment",
    "from shop import *\nstripe.Refund.create(amount=1)": "unguarded-payment",
    "def f(client):\n    client.delete_user(1)": "unguarded-verb",
    "from payments import refund_payment\nrefund_payment(1)": "unguarded-verb",
    "def f(client):\n    client.refund(1)": "unguarded-verb",
    "def f(client, name):\n    getattr(client, name)()": "unclear-call",
    "import os\nlist(map(os.remove, x))": "unguarded-delete",
    "import subprocess as sp\npool.submit(sp.run, ['ls'])": "unguarded-process",
    "import atexit, shutil\natexit.register(shutil.rmtree, path=x)": "unguarded-delete",
}


@pytest.mark.parametrize("text", CALLS)
def test_calls_with_consequences_are_found(tmp_path: Path, text: str) -> None:
    assert [each.code for each in look(tmp_path, text).findings] == [CALLS[text]]


@pytest.mark.parametrize(
    "text",
    [
        "import subprocess\nprint(subprocess.PIPE)",
        "def run(x):\n    return x\nrun(1)",
        "import os\nos.path.join('a')\nos.getcwd()",
        "open(x)\nopen(x, 'rb')\nopen(x, mode='r')",
        "import requests\nrequests.get(x)\nrequests.request('get', x)\nrequests.Session().head(x)",
        "from urllib.request import urlopen\nurlopen(x)",
        "import boto3\nboto3.client('s3').list_objects(x)\nboto3.client('s3').get_object(x)",
        "def f(cur):\n    cur.execute('SELECT 1')\n    cur.execute(x)",
        "items = []\nitems.remove(1)\nsock.send(b'')\nqueue.cancel()",
        "class PaymentError(Exception):\n    pass\nraise PaymentError('x')",
        "def f(o):\n    getattr(o, 'name')()",
        "from pathlib import Path\nPath('a').read_text()\nPath('a').open()",
        "def f(handler):\n    handler.send_header('a', 'b')",
    ],
)
def test_calls_without_consequences_are_not(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


def test_a_call_of_ones_own_is_judged_by_what_it_does(tmp_path: Path) -> None:
    assert found(tmp_path, "def delete_user(x):\n    return x\n\ndelete_user(1)") == []
    text = "import os\n\ndef delete_user(x):\n    os.remove(x)\n\ndelete_user(1)"
    assert found(tmp_path, text) == ["unguarded-delete 4:5"]


# ---- what a guard covers ----

GATE = "import os\nfrom assentry.gate import Gate\n\ngate = Gate(policy)\n\n"


@pytest.mark.parametrize(
    "text",
    [
        GATE + "@gate.guard('files.delete')\ndef wipe(path):\n    os.remove(path)",
        GATE + "@gate.guard('files.delete')\nasync def wipe(path):\n    os.remove(path)",
        GATE + "def wipe(path):\n    with gate.hold(action) as run:\n        os.remove(run.parameters['path'])",
        GATE
        + "async def wipe(path):\n    async with gate.hold(action):\n        for p in path:\n            os.remove(p)",
        GATE + "def wipe(grant):\n    permit = gate.redeem(grant, nonce)\n    os.remove(permit.parameters['path'])",
        GATE + "def _do(p):\n    os.remove(p)\n\n@gate.guard('x')\ndef wipe(p):\n    _do(p)",
        GATE
        + "def _c(p):\n    os.remove(p)\n\ndef _b(p):\n    _c(p)\n    _b(p)\n\n@gate.guard('x')\ndef a(p):\n    _b(p)",
        GATE + "def do(p):\n    os.remove(p)\n\nwipe = gate.guard('x')(do)",
        GATE + "@gate.guard('x')\ndef wipe(paths):\n    list(map(os.remove, paths))",
        GATE + "def do(p):\n    os.remove(p)\n\ndef f(p):\n    with gate.hold(a):\n        do(p)",
        GATE
        + "class A:\n    def _do(self, p):\n        os.remove(p)\n    @gate.guard('x')\n    def wipe(self, p):\n        self._do(p)",
        "import os\nfrom app.policy import gate\n\n@gate.guard('x')\ndef wipe(p):\n    os.remove(p)",
        "import os\n\nclass A:\n    def __init__(self, gate):\n        self.gate = gate\n    def f(self, p):\n"
        "        with self.gate.hold(a):\n            os.remove(p)",
        "import os\nfrom mcp.server.fastmcp import FastMCP\nfrom app import gate\n\nmcp = FastMCP('x')\n\n@mcp.tool()\n"
        "@gate.guard('x')\ndef wipe(p):\n    os.remove(p)",
    ],
)
def test_what_a_guard_covers(tmp_path: Path, text: str) -> None:
    report = look(tmp_path, text)
    assert [each.message for each in report.findings] == []
    assert report.covered == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (GATE + "@gate.sweep\ndef wipe(p):\n    os.remove(p)", "unguarded-delete 8:5"),
        (GATE + "@other.guard('x')\ndef wipe(p):\n    os.remove(p)", "unguarded-delete 8:5"),
        (GATE + "def wipe(p):\n    with gate.hold(a):\n        pass\n    os.remove(p)", "unguarded-delete 9:5"),
        (GATE + "def wipe(p):\n    os.remove(p)\n    gate.redeem(g, n)", "unguarded-delete 7:5"),
        (GATE + "def wipe(p):\n    if p:\n        gate.redeem(g, n)\n    os.remove(p)", "unguarded-delete 9:5"),
        (GATE + "def wipe(p):\n    gate.submit(a)\n    os.remove(p)", "unguarded-delete 8:5"),
        (GATE + "def do(p):\n    os.remove(p)\n\n@gate.guard('x')\ndef a(p):\n    do(p)\n\ndo(1)", "unguarded-delete 7:5"),
        (GATE + "def do(p):\n    os.remove(p)\n\n@gate.guard('x')\ndef a(p):\n    do(p)\n\nf = do", "unguarded-delete 7:5"),
        (GATE + "def do(p):\n    os.remove(p)\n\n@gate.guard('x')\ndef a(p):\n    return do", "unguarded-delete 7:5"),
        (GATE + "def do(p):\n    os.remove(p)\n\n@gate.guard('x')\ndef a(p):\n    T(target=do)", "unguarded-delete 7:5"),
        (GATE + "def b(p):\n    c(p)\n    os.remove(p)\n\ndef c(p):\n    b(p)", "unguarded-delete 8:5"),
        (GATE + "@gate.guard('x')\ndef a():\n    def inner(p):\n        os.remove(p)\n    return inner", "unguarded-delete 9:9"),
        (GATE + "if x:\n    @gate.guard('x')\n    def a(p):\n        os.remove(p)\nelse:\n    def a(p):\n        os.remove(p)",
         "unguarded-delete 9:9"),
    ],
)  # fmt: skip
def test_what_it_does_not_cover(tmp_path: Path, text: str, place: str) -> None:
    assert place in found(tmp_path, text)


def test_callers_in_other_files_count(tmp_path: Path) -> None:
    helpers = "import os\n\ndef wipe(p):\n    os.remove(p)\n"
    guarded = "from .helpers import wipe\nfrom .gates import gate\n\n@gate.guard('x')\ndef a(p):\n    wipe(p)\n"
    assert found(tmp_path, pkg__helpers=helpers, pkg__one=guarded, pkg__gates="gate = 1") == []
    elsewhere = "from pkg import helpers as h\n\ndef b(p):\n    h.wipe(p)\n"
    assert found(tmp_path, two=elsewhere) == ["unguarded-delete 4:5"]


# ---- tools of models ----

TOOL = "from langchain_core.tools import tool\nfrom app import gate\nimport os\n\n"


def test_a_tool_without_a_guard_is_reported_once(tmp_path: Path) -> None:
    assert found(tmp_path, TOOL + "@tool\ndef look(x):\n    return x") == ["unguarded-tool 6:1"]
    assert found(tmp_path, TOOL + "@tool\ndef wipe(x):\n    os.remove(x)") == ["unguarded-delete 7:5"]
    assert found(tmp_path, TOOL + "@tool('name')\n@gate.guard('x')\ndef look(x):\n    return x") == []


@pytest.mark.parametrize(
    "text",
    [
        "from agents import function_tool\n@function_tool\ndef f(x):\n    return x",
        "from fastmcp import FastMCP\nmcp = FastMCP('a')\n@mcp.tool\ndef f(x):\n    return x",
        "from pydantic_ai import Agent\nhelper = Agent('m')\n@helper.tool_plain\ndef f(x):\n    return x",
        "from app import mcp\n@mcp.tool()\nasync def f(x):\n    return x",
        "from langchain.tools import StructuredTool\ndef f(x):\n    return x\ntools = [StructuredTool.from_function(f)]",
        "from llama_index.core.tools import FunctionTool\ndef f(x):\n    return x\nt = FunctionTool.from_defaults(fn=f)",
    ],
)
def test_tools_of_many_makers(tmp_path: Path, text: str) -> None:
    assert [each.code for each in look(tmp_path, text).findings] == ["unguarded-tool"]


def test_a_guard_outside_the_tool_is_none(tmp_path: Path) -> None:
    text = TOOL + "@gate.guard('x')\n@tool\ndef wipe(x):\n    os.remove(x)"
    assert found(tmp_path, text) == ["guard-outside-tool 7:1", "unguarded-delete 8:5"]


# ---- comments ----


def test_a_comment_with_a_reason_ignores(tmp_path: Path) -> None:
    text = """\
        import os

        os.remove(x)  # assentry: ignore[unguarded-delete] its own scratch file
        # assentry: ignore[unguarded-delete, unguarded-write] likewise
        os.remove(y)
    """
    report = look(tmp_path, text)
    assert report.findings == []
    assert [(each.finding.position.line, each.reason) for each in report.ignored] == [
        (3, "its own scratch file"),
        (5, "likewise"),
    ]


@pytest.mark.parametrize(
    ("comment", "codes"),
    [
        ("# assentry: ignore", ["ignore-code 2:15", "unguarded-delete 2:1"]),
        ("# assentry: ignore[]", ["ignore-code 2:15", "unguarded-delete 2:1"]),
        ("# assentry: ignore[unguarded-delete]", ["ignore-reason 2:15", "unguarded-delete 2:1"]),
        ("# assentry: ignore[unguarded-delet] x", ["ignore-code 2:15", "unguarded-delete 2:1"]),
        ("# assentry: ignore[unguarded-write] x", ["ignore-unused 2:15", "unguarded-delete 2:1"]),
        ("; s = '# assentry: ignore[unguarded-delete] x'", ["unguarded-delete 2:1"]),
    ],
)
def test_a_comment_that_says_too_little_ignores_nothing(tmp_path: Path, comment: str, codes: list[str]) -> None:
    assert sorted(found(tmp_path, f"import os\nos.remove(x)  {comment}")) == sorted(codes)


# ---- files ----


@pytest.mark.parametrize(
    "raw",
    [
        b"def f(:\n",
        b"\x00",
        b"# coding: klingon\n",
        b"\xff\xfe",
        b"(" * 5000,
        b"-" * 200_000 + b"1",
        b"x" * 3_000_000,
        b"'\n",
    ],
)
def test_what_is_no_python_is_said_and_the_rest_is_scanned(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "bad.py").write_bytes(raw)
    codes = found(tmp_path, "import os\nos.remove(x)")
    assert "unguarded-delete 2:1" in codes
    assert any(code.startswith("python-") for code in codes)


def test_places_count_code_points(tmp_path: Path) -> None:
    assert found(tmp_path, "import os\ns = 'äöü𐍈'; os.remove(s)") == ["unguarded-delete 2:13"]
    assert found(tmp_path, "# coding: latin-1\r\nimport os\r\nos.remove(1)\r\n") == ["unguarded-delete 3:1"]


def test_installed_packages_and_excluded_files_are_left_out(tmp_path: Path) -> None:
    bad = "import os\nos.remove(x)"
    for place in (
        ".venv/a.py",
        "venv/lib/site-packages/b.py",
        "node_modules/c.py",
        "__pycache__/d.py",
        "skip/e.py",
        "f_test.py",
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(bad)
    (tmp_path / "seen.txt").write_text(bad)
    assert scan([tmp_path], ["skip", "*_test.py"]).files == 0
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "twin.py").symlink_to(tmp_path / "skip/e.py")
    assert scan([tmp_path, tmp_path / "skip", tmp_path / "skip/e.py"], ["*_test.py"]).files == 1
    with pytest.raises(ConfigError, match="no such file or directory"):
        scan([tmp_path / "nothing"])


def test_codes_are_known() -> None:
    assert len(set(CODES)) == len(CODES)
    assert set(CALLS.values()) <= set(CODES)


def test_names_that_stand_for_each_other_end(tmp_path: Path) -> None:
    """Sixty names, each of which may be any of the others: looked up once each."""
    lines = [f"n{one} = n{other}.x" for one in range(60) for other in range(60)]
    text = "\n".join([*lines, "n7.delete_user(1)", "a = b\nb = a\na.delete_user(1)"])
    assert found(tmp_path, text) == ["unguarded-verb 3601:1", "unguarded-verb 3604:1"]
