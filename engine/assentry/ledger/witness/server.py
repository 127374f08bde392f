"""A witness over HTTP (tlog-witness): `POST /add-checkpoint` and `GET /<hash of the origin>/checkpoint`."""

from __future__ import annotations

import logging
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from assentry.errors import LedgerError
from assentry.ledger.witness.judge import Declined, Witness
from assentry.ledger.witness.wire import MAX_REQUEST, origin_hash

_TEXT = "text/plain; charset=utf-8"
_LOGGER = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """Serves one witness. `server_address` tells the port when 0 was asked for."""

    daemon_threads = True

    def __init__(self, host: str, port: int, witness: Witness) -> None:
        """Raises OSError when the address cannot be had."""
        self.witness = witness
        super().__init__((host, port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke, or a fault of ours: one line in the log."""
        _LOGGER.error("a request was not answered: %s", sys.exc_info()[1])


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "assentry-witness"
    sys_version = ""
    timeout = 20

    def do_POST(self) -> None:
        if self.path != "/add-checkpoint":
            self._answer(404, b"not found\n")
            return
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            self._answer(411, b"the length of the request is missing\n")
            return
        if not 0 <= length <= MAX_REQUEST:
            self._answer(413, b"the request is too large\n")
            return
        try:
            line = self.server.witness.add_checkpoint(self.rfile.read(length))
        except Declined as declined:
            self._answer(declined.status, f"{str(declined).rstrip()}\n".encode(), declined.content_type)
        except LedgerError as error:
            _LOGGER.error("cannot cosign: %s", error)
            self._answer(503, b"the witness cannot remember the checkpoint now\n")
        else:
            self._answer(200, str(line).encode())

    def do_GET(self) -> None:
        for key in self.server.witness.logs:
            if self.path == f"/{origin_hash(key.name)}/checkpoint":
                try:
                    newest = self.server.witness.store.newest(key.name)
                except LedgerError as error:
                    _LOGGER.error("cannot tell what was cosigned: %s", error)
                    self._answer(503, b"the witness cannot remember the checkpoint now\n")
                    return
                if newest is not None:
                    self._answer(200, str(newest).encode())
                    return
        self._answer(404, b"not found\n")

    def _answer(self, status: int, data: bytes, content_type: str = _TEXT) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        if status >= 400 and status not in (404, 409, 422):
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        _LOGGER.info(format, *args)
