"""A real SCIM 2.0 server on a free port (RFC 7644: /Users, /Groups, paging, filters), that can be made to misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
TOKEN = "a-bearer-token-for-tests"

Resource = dict[str, Any]
Fault = Callable[["Handler", str], bool]
"""Answers a request wrongly, and says whether it did."""


def user(id: str, name: str, **more: Any) -> Resource:
    return {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": name, **more}


def group(id: str, name: str, members: list[str], **more: Any) -> Resource:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": id,
        "displayName": name,
        "members": [{"value": member} for member in members],
        **more,
    }


class ScimServer(ThreadingHTTPServer):
    """`users` and `groups` may be changed at any time; `page` is the most resources that a page holds."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.users: list[Resource] = []
        self.groups: list[Resource] = []
        self.page = 100
        self.fault: Fault | None = None
        self.requests: list[str] = []
        self.hangs = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/scim/v2"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are none of this server's concern."""


class Handler(BaseHTTPRequestHandler):
    server: ScimServer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        fault = self.server.fault
        if fault is not None and fault(self, self.path):
            return
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.send_json({"detail": "who are you"}, 401)
        elif parts.path == "/scim/v2/Users":
            self.send_json(self.listed(self.server.users, query, "userName"))
        elif parts.path == "/scim/v2/Groups":
            self.send_json(self.listed(self.server.groups, query, "displayName"))
        else:
            self.send_json({"detail": "nothing here"}, 404)

    def listed(self, resources: list[Resource], query: dict[str, str], name: str) -> Resource:
        if "filter" in query:  # `userName sw "a"` is all the grammar that these tests need
            attribute, operator, text = query["filter"].split(" ", 2)
            assert (attribute, operator) == (name, "sw")
            resources = [each for each in resources if each[name].startswith(text.strip('"'))]
        start = int(query.get("startIndex", "1"))
        count = min(int(query.get("count", "100")), self.server.page)
        page = resources[start - 1 : start - 1 + count]
        return {
            "schemas": [LIST],
            "totalResults": len(resources),
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": page,
        }

    def send_json(self, document: object, status: int = 200) -> None:
        self.send_bytes(json.dumps(document).encode(), status)

    def send_bytes(self, raw: bytes, status: int = 200, *, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/scim+json")
        self.send_header("Content-Length", str(len(raw) if length is None else length))
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Silence: pytest shows what failed."""


@contextmanager
def scim_server() -> Iterator[ScimServer]:
    """A server that runs while the context does."""
    server = ScimServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ---- how a server can fail, be slow, or lie ----


def status(code: int) -> Fault:
    def answer(handler: Handler, path: str) -> bool:
        handler.send_json({"detail": "no"}, code)
        return True

    return answer


def raw(body: bytes, encoding: str = "identity") -> Fault:
    def answer(handler: Handler, path: str) -> bool:
        handler.send_bytes(body, Content_Encoding=encoding)
        return True

    return answer


def redirect(to: str) -> Fault:
    def answer(handler: Handler, path: str) -> bool:
        handler.send_bytes(b"", 307, Location=to)
        return True

    return answer


def truncated(handler: Handler, path: str) -> bool:
    """Says that more comes than does, and hangs up."""
    handler.send_bytes(b'{"schemas": ["' + LIST.encode(), length=10_000)
    handler.close_connection = True
    return True


def hanging(handler: Handler, path: str) -> bool:
    """Never answers; `hangs` says that somebody waits."""
    handler.server.hangs.set()
    time.sleep(60)
    return True


def dribbling(handler: Handler, path: str) -> bool:
    """One byte of a header now and then: each read is quick, the whole is not."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(2000):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.03)
    return True


def endless(handler: Handler, path: str) -> bool:
    """A body without an end."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"schemas": ["')
    for _ in range(100_000):
        handler.wfile.write(b"a" * 65_536)
    return True


def listing(**changes: Any) -> Fault:
    """A list that says something wrong about itself."""

    def answer(handler: Handler, path: str) -> bool:
        page = {"schemas": [LIST], "totalResults": 1, "startIndex": 1, "Resources": [user("1", "ann")], **changes}
        handler.send_json({key: value for key, value in page.items() if value is not ...})
        return True

    return answer
