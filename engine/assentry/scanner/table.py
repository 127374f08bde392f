"""Which calls have consequences: a table of names as they are imported, and of words that say so.

A name is written as it was come by: `shutil.rmtree`, `requests.Session().post` for a method of something that
`requests.Session(...)` gave, `~client.delete_user` for a method of something unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from assentry.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Kind:
    """A family of consequences: the code of its findings, and what a call does, to stand after its name."""

    code: str
    does: str
    severity: Severity = "error"


PROCESS = Kind("unguarded-process", "runs a program or ends one")
CODE = Kind("unguarded-code", "runs code that is made at run time")
DELETE = Kind("unguarded-delete", "deletes files")
WRITE = Kind("unguarded-write", "writes or moves files", "warning")
REQUEST = Kind("unguarded-request", "changes something on another machine")
CLOUD = Kind("unguarded-cloud", "changes something in a cloud account or a cluster")
DATABASE = Kind("unguarded-database", "writes to a database")
MESSAGE = Kind("unguarded-message", "sends a message to people")
PAYMENT = Kind("unguarded-payment", "moves money")
VERB = Kind("unguarded-verb", "sounds like something that cannot be undone", "warning")

HTTP = r"(requests|httpx2?|aiohttp|urllib3)(\.sessions?|\.api)?(\.(Session|session|Client|AsyncClient|ClientSession|PoolManager)\(\))?"
_PATH = r"pathlib\.(Path|PosixPath|WindowsPath)(\(\)|\.home\(\)|\.cwd\(\))+"
_BOTO = r"(aio)?boto3(\.[sS]ession)?(\.Session\(\))?\.(client|resource)\(\)(\..+)?"
_KUBE = r"kubernetes(_asyncio)?\.client\.([a-z_0-9]+\.)*\w+Api\(\)"
_CHANGES = r"(create|delete|put|update|modify|terminate|stop|start|reboot|run|invoke|publish|send|attach|detach|authorize|revoke|restore|upload|copy|add|remove|set|enable|disable|reset|deregister|register|replace|patch|connect|execute|batch_write|transact_write|purge)"

_TABLE: tuple[tuple[str, Kind], ...] = (
    (r"subprocess\.(run|call|check_call|check_output|Popen|getoutput|getstatusoutput)", PROCESS),
    (r"os\.(system|popen|startfile|posix_spawnp?|exec[lv]p?e?|spawn[lv]p?e?|kill|killpg)", PROCESS),
    (r"(asyncio|anyio|trio)\.(create_subprocess_(exec|shell)|run_process|open_process)", PROCESS),
    (r"pty\.spawn|invoke\.run|sh\.\w+|fabric\.Connection\(\)\.(run|sudo|put)", PROCESS),
    (r"paramiko\.(client\.)?SSHClient\(\)\.exec_command", PROCESS),
    (r"docker\.(from_env|DockerClient)\(\)\..*\.(run|exec_run|remove|kill|stop|prune|push)", PROCESS),
    (r"(builtins\.)?(eval|exec)|runpy\.run_(path|module)|code\.InteractiveInterpreter\(\)\.runcode", CODE),
    (r"os\.(remove|unlink|rmdir|removedirs|truncate)|shutil\.rmtree|send2trash\.send2trash", DELETE),
    (_PATH + r".*\.(unlink|rmdir)", DELETE),
    (r"os\.(rename|renames|replace|chmod|chown|link|symlink)|shutil\.(move|copy|copy2|copyfile|copytree|chown)", WRITE),
    (_PATH + r".*\.(write_text|write_bytes|rename|replace|chmod|symlink_to|hardlink_to)", WRITE),
    (HTTP + r"\.(post|put|patch|delete)", REQUEST),
    (r"urllib\.request\.urlretrieve|ftplib\.FTP(_TLS)?\(\)\.(stor\w+|delete|rename|rmd)", REQUEST),
    (_BOTO + r"\.?" + _CHANGES + r"(_\w+)?", CLOUD),
    (_KUBE + r"\.(create|delete|patch|replace|connect)_\w+", CLOUD),
    (
        r"google\.cloud\.\w+\.\w*Client\(\)(\..+)?\.(create|delete|update|upload|insert|set|publish|rewrite)(_\w+)?",
        CLOUD,
    ),
    (r"azure\..+Client\(\)(\..+)?\.(begin_)?(create|delete|update|upload|set|restart|start|power_off)(_\w+)?", CLOUD),
    (r"smtplib\.(SMTP|SMTP_SSL|LMTP)\(\)\.(sendmail|send_message)|aiosmtplib\.send", MESSAGE),
    (r"(sendgrid\.SendGridAPIClient|twilio\.rest\.Client)\(\)\.(send|.+\.create)", MESSAGE),
    (r"slack_sdk\.(web\.)?(async_client\.)?(Async)?WebClient\(\)\.(chat|files|conversations|users)_\w+", MESSAGE),
    (
        r"stripe(\.StripeClient\(\))?\.([\w.]+\.)?(create|modify|update|cancel|capture|confirm|refund|pay|delete|reverse)",
        PAYMENT,
    ),
    (r"(braintree|paypalrestsdk|adyen|square)\..+\.(create|sale|refund|submit_for_settlement|execute|pay)", PAYMENT),
    (r"redis\.(asyncio\.)?(Redis|StrictRedis|from_url)\(\)\.(flushall|flushdb|delete|unlink)", DATABASE),
    (
        r"pymongo\.(mongo_client\.)?MongoClient\(\).*\.(insert|update|replace|delete|drop|bulk_write|rename)(_\w+)?",
        DATABASE,
    ),
    (r".+\.objects(\.\w+\(\))+\.(delete|update|bulk_create|bulk_update)", DATABASE),
)
_COMPILED = tuple((re.compile(pattern), kind) for pattern, kind in _TABLE)

# Alone they say enough; the others only with what they are done to: `delete_user`, `send_invoice`.
_STRONG = re.compile(r"refund|charge|payout|deploy|terminate|destroy|purge|wipe|withdraw")
_VERBS = re.compile(
    r"approve|cancel|delete|disable|drop|erase|grant|issue|merge|overwrite|pay|publish|purchase|push|remove|revoke"
    r"|rotate|send|submit|transfer|truncate|uninstall|wire"
)
_HARMLESS = frozenset({"send_response", "send_header", "send_error"})
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

SQL_WRITES = re.compile(
    r"\s*(with\b.*?\)\s*)?(insert|update|delete|merge|replace|drop|alter|truncate|create|grant|revoke|call|copy|vacuum|reindex)\b",
    re.IGNORECASE | re.DOTALL,
)
"""How a statement begins that is no question."""

SQL_METHODS = frozenset({"execute", "executemany", "executescript", "fetch", "fetchval", "fetchrow", "exec_driver_sql"})
SQL_BUILDERS = re.compile(r"sqlalchemy(\.\w+)*\.(insert|update|delete)\(\)(\..+)?")
SQL_TEXT = re.compile(r"sqlalchemy(\.\w+)*\.text")

WRITERS = frozenset({"open", "io.open", "builtins.open", "codecs.open", "gzip.open", "aiofiles.open"})
"""Functions whose mode says whether they write."""

METHODS = re.compile(HTTP + r"\.(request|stream|urlopen)|http\.client\.HTTPS?Connection\(\)\.(request|putrequest)")
"""Functions whose first argument is the method of a request."""

OPENERS = frozenset({"urllib.request.urlopen", "urllib.request.Request"})
"""Functions that send what they are given as `data`."""

TOOLS = re.compile(
    r"(langchain(_core|_community)?|crewai|crewai_tools|smolagents|strands|llama_index|haystack|autogen_core)(\.\w+)*\.(tool|Tool)"
    r"|agents\.(tool\.)?function_tool|semantic_kernel\.functions\.(\w+\.)?kernel_function|agent_framework\.ai_function"
    r"|(mcp|fastmcp)(\.\w+)*\.(FastMCP|Server|MCPServer)\(\)\.(tool|call_tool|resource)"
    r"|pydantic_ai(\.\w+)*\.(Agent|FunctionToolset)\(\)\.(tool|tool_plain)"
    r"|~?([\w.()~]+\.)?(mcp|server|agent)\.(tool|tool_plain|call_tool)"
)
"""Decorators that hand a function to a model."""

TOOL_MAKERS = re.compile(
    r"(langchain(_core|_community)?|crewai|llama_index|haystack|autogen_core)(\.\w+)*\.(StructuredTool\.from_function|Tool|Tool\.from_function|FunctionTool|FunctionTool\.from_defaults)"
    r"|(mcp|fastmcp)(\.\w+)*\.FastMCP\(\)\.add_tool|pydantic_ai(\.\w+)*\.Tool"
)
"""Calls that hand the functions among their arguments to a model."""


@lru_cache(maxsize=65_536)
def kind_of(name: str) -> Kind | None:
    """What a call of this name does, by the name alone."""
    for pattern, kind in _COMPILED:
        if pattern.fullmatch(name):
            return kind
    return None


def sounds_consequential(word: str) -> bool:
    """Whether a function's name begins with a word for what cannot be undone."""
    words = _WORDS.findall(word)
    if not words or words[0][0].isupper() or word in _HARMLESS:  # a class is no verb
        return False
    is_strong = _STRONG.fullmatch(words[0]) is not None
    return is_strong or (len(words) > 1 and _VERBS.fullmatch(words[0]) is not None)


def kinds() -> Iterator[Kind]:
    """All kinds, each once, in the order of the table."""
    yield from dict.fromkeys((*(kind for _, kind in _TABLE), VERB))
